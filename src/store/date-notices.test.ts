import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVENT_ORGANIZER } from '../booking/lock.js';
import { bookingIdOfLock, newEventId, newLockId } from '../core/ids.js';
import { TestApp } from '../test/support/test-app.js';
import { StoredDateNotices } from './date-notices.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

test('each buyer and the guest of each invitation get one mail, in steps, also if a step is interrupted and two servers continue', async () => {
  const { bookings, events, outbox } = app.database;
  const eventId = await app.event(await app.user());
  const seats = Array.from({ length: 450 }, (_, index) => index + 1);
  const userOf = (seat: number) => `user${String(Math.ceil(seat / 3)).padStart(4, '0')}`;
  const booking = (seatNumber: number, status: string) => {
    const lockId = newLockId(eventId);
    return { _id: bookingIdOfLock(lockId), eventId, lockId, seatNumber, userId: userOf(seatNumber), status };
  };
  const invitation = (seatNumber: number, paymentId: string, status = 'confirmed') => ({
    ...booking(seatNumber, status),
    ...{ userId: EVENT_ORGANIZER, isInvitation: true, paymentId },
  });
  const invitations = ['pay_a', 'pay_a', 'pay_b'].map((id, index) => invitation(451 + index, id));
  const documents = [...seats.map((seat) => booking(seat, 'confirmed')), ...invitations];
  const others = [
    { ...booking(1, 'cancelled'), userId: 'userx' },
    { ...booking(2, 'confirmed'), eventId: newEventId() },
    invitation(454, 'pay_c', 'cancelled'),
  ];
  await bookings.collection.insertMany([...documents, ...others] as never[]);
  const dateNotice = { revision: 2, afterUserId: null };
  await events.updateOne({ _id: eventId }, { $set: { dateNotice } }).exec();

  const [one, two] = [0, 1].map(() => new StoredDateNotices(app.database, app.clock, true)) as [
    StoredDateNotices,
    StoredDateNotices,
  ];
  const first = await one.next(eventId);
  expect(first).toMatchObject({ hasMore: true });
  // As if it had died before it noted how far it was.
  await events.updateOne({ _id: eventId }, { $set: { dateNotice } }).exec();
  const sent = [...first.mails];
  for (let hasMore = true; hasMore; ) {
    const steps = await Promise.all([one.next(eventId), two.next(eventId)]);
    sent.push(...steps.flatMap(({ mails }) => mails));
    hasMore = steps.some((step) => step.hasMore);
  }
  const ids = sent.map(({ message }) => message.id);
  const told = new Set(['pay_a', 'pay_b', ...seats.map(userOf)]);
  expect(ids.sort()).toEqual([...told].map((id) => `${eventId}:date:2:${id}`).sort());
  expect(await outbox.countDocuments({ kind: 'mailNewDate' }).exec()).toBe(152);
  expect((await events.findById(eventId).lean().exec())?.dateNotice).toBeNull();
});
