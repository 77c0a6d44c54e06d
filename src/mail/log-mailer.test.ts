import { expect, test } from 'vitest';
import { captureLog } from '../test/support/captured-log.js';
import { BURST_MAX, LogMailer, PAUSE_MS } from './log-mailer.js';

test('without a mail server a sale composes few mails: a burst, and then one a second', () => {
  let nowMs = 5_000;
  const mailer = new LogMailer(captureLog().log, () => nowMs);
  const taken = (offered: number) =>
    Array.from({ length: offered }, () => mailer.takesBookingMail()).filter(Boolean).length;
  expect(taken(100)).toBe(BURST_MAX);
  nowMs += 2 * PAUSE_MS;
  expect(taken(100)).toBe(2);
  nowMs += 1_000 * PAUSE_MS;
  expect(taken(100)).toBe(BURST_MAX);
});
