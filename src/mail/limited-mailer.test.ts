import { expect, onTestFinished, test } from 'vitest';
import { RefusedForGood } from '../core/delivery.js';
import { MailLimits } from '../server/limits/mail-limits.js';
import { RateLimiter } from '../server/limits/rate-limiter.js';
import { captureLog } from '../test/support/captured-log.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { LimitedMailer } from './limited-mailer.js';
import type { Mail } from './mail.js';

const MAX = 3;
const DAY_MS = 24 * 60 * 60_000;

function make() {
  const clock = new ManualClock();
  const { log, lines } = captureLog();
  const alone = { add: () => Promise.reject(new Error('No database')), read: async () => null };
  const limiter = new RateLimiter({ ...alone, renew: async () => undefined }, clock, log);
  onTestFinished(() => limiter.close());
  const sent: string[] = [];
  const mailServer = {
    fault: undefined as Error | undefined,
    send: async ({ to }: Mail) => {
      if (mailServer.fault) throw mailServer.fault;
      sent.push(to);
    },
  };
  const senderOf = (kind?: 'cancelled-event-mail') => {
    const mailer = new LimitedMailer(mailServer, new MailLimits(limiter, MAX, log, kind));
    return (to: string) => mailer.send({ id: `to ${to}`, to, subject: '', text: '', html: '' });
  };
  const [send, sendCancelledEvent] = [senderOf(), senderOf('cancelled-event-mail')];
  const warnings = () => lines.filter(({ msg }) => String(msg).startsWith('Too many mails'));
  return { clock, sent, mailServer, send, sendCancelledEvent, warnings };
}

test('one mailbox gets so many mails a day, however it is named, and the log says so once', async () => {
  const { clock, sent, send, warnings } = make();
  const names = ['ann@example.com', 'ANN@example.com', 'ann+jazz@example.com'];
  for (const to of [...names, ...names, ...names]) await send(to);
  await send('ann@example.org');
  expect(sent).toEqual([...names, 'ann@example.org']);
  expect(warnings()).toMatchObject([{ level: 40, messageId: 'to ann@example.com', mailsPerDay: MAX }]);
  clock.advance(DAY_MS);
  await send('ann@example.com');
  expect(sent).toHaveLength(MAX + 2);
});

test('mails about cancelled events have a number of their own', async () => {
  const { sent, send, sendCancelledEvent } = make();
  for (let mails = 0; mails < 2 * MAX; mails++) await send('ann@example.com');
  expect(sent).toHaveLength(MAX);
  for (let mails = 0; mails < 2 * MAX; mails++) await sendCancelledEvent('ann@example.com');
  expect(sent).toHaveLength(2 * MAX);
});

test('a mail that is sent again counts once; one that was refused for good counts, too', async () => {
  const { sent, mailServer, send } = make();
  mailServer.fault = new Error('The mail server is away');
  for (let tries = 0; tries < 2 * MAX; tries++) await expect(send('ann@example.com')).rejects.toThrow('away');
  mailServer.fault = new RefusedForGood('No such mailbox');
  await expect(send('ann@example.com')).rejects.toThrow('No such mailbox');
  mailServer.fault = undefined;
  for (let tries = 0; tries < 2 * MAX; tries++) await send('ann@example.com');
  expect(sent).toHaveLength(MAX - 1);
});
