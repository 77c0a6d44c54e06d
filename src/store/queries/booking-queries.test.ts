import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bookingIdOfLock, newLockId, newPaymentId } from '../../core/ids.js';
import { encodeCursor } from '../../core/page.js';
import { Scene } from '../../test/support/event-fixture.js';
import type { HistoryQuery } from '../../test/support/gql/graphql.js';
import { HISTORY, LOCK_SEATS, MY_RESERVATIONS_CHANGED } from '../../test/support/operations.js';
import { TestApp } from '../../test/support/test-app.js';
import { BookingQueries } from './booking-queries.js';

/** How many ended records are returned. */
const ENDED_MAX = 1_000;

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

/** An event in which a user has one booked and one locked seat, and has cancelled and released so many others. */
async function manyEnded(count: number) {
  const user = await app.user();
  const eventId = await app.event(await app.user(), { totalSeats: 5_000 });
  const now = app.clock.now().getTime();
  const at = (ms: number) => new Date(now + ms);
  const record = (index: number) => {
    const [lockId, bookingId, paymentId] = [
      newLockId(eventId),
      bookingIdOfLock(newLockId(eventId)),
      newPaymentId(eventId, at(0)),
    ];
    const seat = { eventId, userId: user.id, seatNumber: index + 1, createdAt: at(index - count), paymentId };
    const lock = { _id: lockId, ...seat, bookingId, endedAt: at(index - count), expiresAt: at(300_000) };
    const booking = { _id: bookingId, ...seat, lockId, requestId: `request-${index}`, expiresAt: null };
    return { lock, booking };
  };
  const [booked, ...ended] = Array.from({ length: count + 1 }, (_, index) => record(index));
  const { lock, booking } = booked as ReturnType<typeof record>;
  const held = {
    ...record(count + 1).lock,
    status: 'active',
    endedAt: null,
    bookingId: null,
    paymentId: null,
  };
  await app.database.locks.collection.insertMany([
    { ...lock, status: 'used' },
    held,
    ...ended.map((each) => ({ ...each.lock, status: 'released' })),
  ] as never[]);
  await app.database.bookings.collection.insertMany([
    { ...booking, status: 'confirmed', paymentStatus: 'completed' },
    ...ended.map((each) => ({ ...each.booking, status: 'cancelled', paymentStatus: 'refunded' })),
  ] as never[]);
  const reservations = app.subscribe(MY_RESERVATIONS_CHANGED, { eventId }, user);
  const { locks, bookings } = (await reservations.next()).myReservationsChanged;
  const countOf = (all: readonly { status: string }[]) => (status: string) =>
    all.filter((each) => each.status === status).length;
  return { locks: countOf(locks), bookings: countOf(bookings) };
}

test.each([3, ENDED_MAX, ENDED_MAX + 200])(
  'a confirmed booking and a held seat are shown however many (%i) were cancelled and released since',
  async (count) => {
    const { locks, bookings } = await manyEnded(count);
    expect([bookings('CONFIRMED'), locks('USED'), locks('ACTIVE')]).toEqual([1, 1, 1]);
    expect(bookings('CANCELLED')).toBe(Math.min(count, ENDED_MAX));
    expect(locks('RELEASED')).toBe(Math.min(count, ENDED_MAX));
  },
);

test('a booking that is confirmed again between the two reads is returned once, as confirmed', async () => {
  const { bookings } = app.database;
  const scene = await Scene.make(app);
  const { bookingId } = await scene.book();
  await bookings.updateOne({ _id: bookingId }, { status: 'cancelled' });

  const find = bookings.find.bind(bookings);
  let firstRead: Promise<unknown> | undefined;
  const spy = vi.spyOn(bookings, 'find').mockImplementation(((filter: object) => {
    const query = find(filter);
    const exec = query.exec.bind(query);
    query.exec = async () => {
      if (firstRead === undefined) {
        firstRead = exec();
        return firstRead as never;
      }
      await firstRead;
      await bookings.updateOne({ _id: bookingId }, { status: 'confirmed' });
      return exec();
    };
    return query;
  }) as never);
  const read = await new BookingQueries(app.database).bookingsOf(scene.user.id, scene.eventId);
  spy.mockRestore();
  expect(read.map(({ id, status }) => [id, status])).toEqual([[bookingId, 'confirmed']]);
});

test('the history of an event or of one seat comes newest first, on pages of any size', async () => {
  // Whoever made the event is its organizer.
  const { eventId, user } = await Scene.make(app);
  for (const seatNumbers of [[1, 2, 3], [4], [2, 5]]) {
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
  }
  const seatsOf = async (seatNumber: number | null, first: number) => {
    const seats: (number | null)[] = [];
    let after: string | null = null;
    do {
      const page: HistoryQuery = await app.ok(HISTORY, { id: eventId, seatNumber, first, after }, user);
      const { nodes = [], pageInfo } = page.event?.history ?? {};
      seats.push(...nodes.map((node) => node.seatNumber));
      after = pageInfo?.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    return seats;
  };
  for (const first of [1, 2, 100]) {
    expect(await seatsOf(null, first), `pages of ${first}`).toEqual([5, 4, 3, 2, 1]);
    expect(await seatsOf(2, first)).toEqual([2]);
  }
  const after = encodeCursor({ at: new Date(0), id: 'x' });
  expect((await app.refused(HISTORY, { id: eventId, after }, user)).code).toBe('BAD_USER_INPUT');
});
