import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLAIM_MS, firstClaimOf } from '../booking/outbox.js';
import type { RefundShare } from '../booking/outbox-messages.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { dropTestDatabase, openTestDatabase } from '../test/support/test-database.js';
import type { Database } from './database.js';
import { Outbox, outboxDocument } from './outbox.js';
import { SENT_REFUNDS_KEPT_SECONDS } from './retention.js';

let database: Database;
let clock: ManualClock;
let outbox: Outbox;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => dropTestDatabase(database));
beforeEach(async () => {
  await database.outbox.deleteMany({});
  clock = new ManualClock();
  outbox = new Outbox(database, clock);
});

const message: RefundShare = {
  id: 'pay:refund:lock',
  kind: 'refundShare',
  paymentId: 'pay',
  provider: 'stripe',
  lockId: 'lock',
  amount: 1_500,
  currency: 'USD',
};
const write = () => database.outbox.collection.insertOne(outboxDocument(message, clock.now()) as never);
const stateNow = async () => (await database.outbox.findById(message.id).lean().exec())?.state;

describe('a message', () => {
  test('belongs to the process that wrote it; if that dies, it is due when the claim ends', async () => {
    await write();
    clock.advance(CLAIM_MS - 1);
    expect(await outbox.claimDue(['refundShare'], 10)).toEqual([]);
    clock.advance(1);
    expect(await outbox.claimDue(['refundShare'], 10)).toEqual([{ message, claims: 2, failures: 0 }]);
  });

  test('is claimed by one of many processes that ask at once', async () => {
    await write();
    clock.advance(CLAIM_MS);
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => new Outbox(database, clock).claimDue(['refundShare'], 10)),
    );
    expect(claims.flat()).toHaveLength(1);
  });

  test('that was claimed again is changed no more by its earlier, slow sender', async () => {
    await write();
    const slow = firstClaimOf(message);
    clock.advance(CLAIM_MS);
    const [newer] = await outbox.claimDue(['refundShare'], 10);
    await outbox.giveUp(slow, 'late');
    await outbox.postpone(slow, clock.now(), 1, 'late');
    expect(await stateNow()).toBe('waiting');
    expect(await outbox.claimDue(['refundShare'], 10)).toEqual([]);
    await outbox.giveUp(newer as never, 'refused');
    expect(await stateNow()).toBe('failed');
    expect([await outbox.countWaiting(), await outbox.countFailed()]).toEqual([0, 1]);
  });

  test('that was sent is done, whoever has claimed it meanwhile, and is not sent again', async () => {
    await write();
    clock.advance(CLAIM_MS);
    const [newer] = await outbox.claimDue(['refundShare'], 10);
    await outbox.done([message.id]);
    await outbox.postpone(newer as never, clock.now(), 1, 'no answer');
    expect(await stateNow()).toBe('done');
    expect(await outbox.isWaiting(message.id)).toBe(false);
  });

  test('whose refund fails before its sending is recorded, or weeks later, stays given up', async () => {
    await write();
    expect(await outbox.failSent(message.id, 'refused by the bank')).toBe(true);
    await outbox.done([message.id]);
    expect(await stateNow()).toBe('failed');

    await database.outbox.updateOne({ _id: message.id }, { $set: { state: 'waiting' } });
    await outbox.done([message.id]);
    const { deleteAt } = (await database.outbox.findById(message.id).lean().exec()) ?? {};
    expect(deleteAt).toEqual(new Date(clock.now().getTime() + SENT_REFUNDS_KEPT_SECONDS * 1_000));
    expect(await outbox.failSent(message.id, 'refused by the bank')).toBe(true);
    expect(await database.outbox.exists({ _id: message.id, deleteAt: { $exists: true } })).toBeNull();
  });
});
