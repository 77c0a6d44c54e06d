import { describe, expect, test } from 'vitest';
import { type ClaimedMessage, firstClaimOf, type OutboxStore } from '../booking/outbox.js';
import type { OutboxMessage, RefundShare } from '../booking/outbox-messages.js';
import { RefusedForGood, WaitsForEarlier } from '../core/delivery.js';
import { captureLog } from '../test/support/captured-log.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { ATTEMPTS_MAX, OutboxSender, type SendOutcome, waitMs } from './outbox-sender.js';

const HOUR_MS = 60 * 60 * 1_000;

const refund = (id: string): RefundShare => ({
  id,
  kind: 'refundShare',
  paymentId: 'p',
  provider: 'simulated',
  lockId: 'l',
  amount: 1,
  currency: 'USD',
});

/** What became of each message, in place of the database. */
class Recorder implements OutboxStore {
  readonly fates: string[] = [];
  readonly dueAt: Date[] = [];
  statements = 0;
  due: ClaimedMessage[] = [];
  claimDue = async (_kinds: readonly string[], limit: number) => this.due.splice(0, limit);
  add = async (message: OutboxMessage) => firstClaimOf(message);
  isWaiting = async () => false;
  count = async () => 0;
  async done(ids: readonly string[]) {
    this.statements += 1;
    for (const id of ids) this.fates.push(`${id} done`);
  }
  async postpone({ message }: ClaimedMessage, dueAt: Date) {
    this.fates.push(`${message.id} postponed`);
    this.dueAt.push(dueAt);
  }
  async giveUp({ message }: ClaimedMessage) {
    this.fates.push(`${message.id} failed`);
  }
}

function setUp(send: (message: OutboxMessage, isRepeated: boolean) => Promise<void>) {
  const outbox = new Recorder();
  const clock = new ManualClock();
  const outcomes: SendOutcome[] = [];
  const { log, lines } = captureLog();
  const senders = { startPayment: send, cancelPayment: send, refundShare: send };
  const sender = new OutboxSender(outbox, senders, clock, log, {
    attempted: (_kind, outcome) => void outcomes.push(outcome),
  });
  const dueFor = (ms: number) => new Date(clock.now().getTime() + ms);
  return { outbox, sender, outcomes, lines, dueFor };
}

const claimed = (id: string, failures = 0): ClaimedMessage => ({
  message: refund(id),
  claims: failures + 1,
  failures,
});

describe('a message', () => {
  test('that is sent is done, and many at once are recorded by one statement', async () => {
    const { outbox, sender } = setUp(async () => undefined);
    sender.send(['a', 'b', 'c'].map((id) => claimed(id)));
    await sender.close();
    expect(outbox.fates).toEqual(['a done', 'b done', 'c done']);
    expect(outbox.statements).toBe(1);
  });

  test('that fails is tried again after a wait that grows, up to an hour, and within a day', async () => {
    const { outbox, sender, outcomes, dueFor } = setUp(() => Promise.reject(new Error('no answer')));
    outbox.due = [claimed('a', 0), claimed('b', 1), claimed('c', ATTEMPTS_MAX - 2)];
    await sender.sendDue();
    expect(outbox.dueAt).toEqual([dueFor(5_000), dueFor(10_000), dueFor(HOUR_MS)]);
    expect(outcomes).toEqual(['postponed', 'postponed', 'postponed']);
    const total = Array.from({ length: ATTEMPTS_MAX }, (_, index) => waitMs(index + 1));
    expect(total.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(23 * HOUR_MS);
  });

  test('is given up after its last attempt, or when it is refused for good: an error in the log and a metric', async () => {
    const refuses = setUp(() => Promise.reject(new RefusedForGood('charge_disputed')));
    refuses.sender.send([claimed('a')]);
    await refuses.sender.close();
    const fails = setUp(() => Promise.reject(new Error('no answer')));
    fails.sender.send([claimed('a', ATTEMPTS_MAX - 1)]);
    await fails.sender.close();
    for (const { outbox, outcomes, lines } of [refuses, fails]) {
      expect(outbox.fates).toEqual(['a failed']);
      expect(outcomes).toEqual(['given_up']);
      expect(lines).toMatchObject([{ level: 50, messageId: 'a', msg: /given up/ }]);
    }
  });

  test('that must wait for an earlier one is tried again soon, and is never given up for that', async () => {
    const { outbox, sender, dueFor } = setUp(() => Promise.reject(new WaitsForEarlier('start')));
    outbox.due = [claimed('a', ATTEMPTS_MAX + 5)];
    await sender.sendDue();
    expect(outbox.fates).toEqual(['a postponed']);
    expect(outbox.dueAt).toEqual([dueFor(2_000)]);
  });
});

test('at most 16 messages are sent at a time', async () => {
  let sending = 0;
  let most = 0;
  const { outbox, sender } = setUp(async () => {
    sending += 1;
    most = Math.max(most, sending);
    await new Promise((resolve) => setImmediate(resolve));
    sending -= 1;
  });
  outbox.due = Array.from({ length: 150 }, (_, index) => claimed(String(index)));
  expect(await sender.sendDue()).toBe(150);
  expect(most).toBe(16);
  expect(outbox.fates).toHaveLength(150);
});
