import { describe, expect, test } from 'vitest';
import { BoxOffice, EVENT_ID, later, MINUTE_MS, RULES } from '../test/support/booking-fixtures.js';
import type { Change } from './change.js';
import { changeOf } from './change.js';
import type { Command } from './commands.js';
import { decide } from './decide.js';
import { expireBookingsCommand } from './expire-bookings.js';
import { expireLocksCommand } from './expire-locks.js';
import { extendLockCommand } from './extend-lock.js';
import { lockSeatsCommand } from './lock-seats.js';
import { releaseLockCommand } from './release-lock.js';
import { settlePaymentCommand } from './settle-payment.js';

/** The change of a batch of several commands. */
function batch(box: BoxOffice, commands: readonly Command[]): Change | null {
  const set = box.store.load(commands, box.now);
  for (const command of commands) set.apply(decide(set, command, box.now, box.rules).changes);
  expect(changeOf(set, box.now)).toEqual(changeOf(set, box.now));
  return box.store.write(set, box.now);
}

const available = (seatNumber: number) => ({ seatNumber, status: 'available', lockedUntil: null });
const booked = (seatNumber: number) => ({ seatNumber, status: 'booked', lockedUntil: null });
const locked = (seatNumber: number, lockedUntil: Date) => ({ seatNumber, status: 'locked', lockedUntil });

describe('the change of a batch of one command', () => {
  test.each<[what: string, act: (box: BoxOffice) => unknown, seats: object[] | null, versioned: boolean]>([
    ['a lock with its end', (box) => box.lock('ann', [1]), [locked(1, later(RULES.lockTtlMs))], true],
    ['a release', (box) => box.release('ann', box.lockOne('ann', 1)), [available(1)], true],
    [
      'an extension with the new end',
      (box) => [box.lockOne('ann', 1)].map((lock) => [box.wait(MINUTE_MS), box.extend('ann', lock)]),
      [locked(1, later(6 * MINUTE_MS))],
      true,
    ],
    ['a booking', (box) => box.book('ann', [1]), [booked(1)], true],
    ['a PENDING booking', (box) => box.book('ann', [1], { cardStatus: 'processing' }), [booked(1)], true],
    ['a cancellation', (box) => box.cancel('ann', box.bookOne('ann', 1).booking), [available(1)], true],
    [
      'a settlement that confirms, to its user alone',
      (box) => box.settle('ann', box.bookOne('ann', 1, { cardStatus: 'processing' }).payment, 'completed'),
      [],
      false,
    ],
    [
      'a settlement that fails',
      (box) => box.settle('ann', box.bookOne('ann', 1, { cardStatus: 'processing' }).payment, 'failed'),
      [available(1)],
      true,
    ],
    [
      'an expired lock that is recorded',
      (box) => [box.lock('ann', [1]), box.wait(RULES.lockTtlMs), box.expireLocks()],
      [available(1)],
      true,
    ],
    [
      'a takeover, as the new lock',
      (box) => [box.lock('ann', [1]), box.wait(RULES.lockTtlMs), box.lock('bob', [1])],
      [locked(1, later(2 * RULES.lockTtlMs))],
      true,
    ],
    ['no payment', (box) => box.pay('ann', box.lock('ann', [1])), null, false],
    ['no lock that is held already', (box) => [box.lock('ann', [1]), box.lock('ann', [1])], null, false],
    [
      'nothing for expiry commands that found nothing',
      (box) => [box.expireLocks(), box.expireBookings()],
      null,
      false,
    ],
  ])('%s', (_, act, seats, versioned) => {
    const box = new BoxOffice();
    act(box);
    const change = box.announced.at(-1);
    expect(change?.seats ?? null).toEqual(seats);
    expect(change?.version ?? null).toBe(versioned ? box.store.event.version : null);
  });
});

describe('the change of a batch of several commands', () => {
  test('has one version, with every changed seat once, as it is after the batch', () => {
    const box = new BoxOffice();
    const [, second] = box.lock('ann', [1, 2]);
    box.wait(1);
    const change = batch(box, [
      lockSeatsCommand('bob', EVENT_ID, [3, 4]),
      releaseLockCommand('ann', second.id),
      lockSeatsCommand('cat', EVENT_ID, [2, 5]),
      lockSeatsCommand('dan', EVENT_ID, [1]),
    ]);
    const until = later(RULES.lockTtlMs, box.now);
    expect(change).toMatchObject({ eventId: EVENT_ID, version: 2, at: box.now });
    expect(change?.seats.toSorted((a, b) => a.seatNumber - b.seatNumber)).toEqual(
      [2, 3, 4, 5].map((seat) => locked(seat, until)),
    );
    expect(box.store.event.version).toBe(2);
  });

  test('names each user’s own locks and bookings that changed, and no others', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const { payment, booking } = box.bookOne('bob', 2, { cardStatus: 'processing' });
    box.lock('cat', [3]);
    const change = batch(box, [
      releaseLockCommand('ann', lock.id),
      settlePaymentCommand('bob', payment.id, 'completed'),
    ]);
    expect(change?.reservations).toEqual([
      { userId: 'ann', lockIds: [lock.id], bookingIds: [] },
      { userId: 'bob', lockIds: [], bookingIds: [booking.id] },
    ]);
  });

  test('names a taken-over lock for its former and for its new user', () => {
    const box = new BoxOffice();
    const expired = box.lockOne('ann', 1);
    box.wait(RULES.lockTtlMs);
    const taken = box.lockOne('bob', 1);
    expect(box.announced.at(-1)?.reservations).toEqual([
      { userId: 'ann', lockIds: [expired.id], bookingIds: [] },
      { userId: 'bob', lockIds: [taken.id], bookingIds: [] },
    ]);
  });

  test('has no seat that is the same before and after the batch', () => {
    const box = new BoxOffice();
    const { payment, booking } = box.bookOne('ann', 1, { cardStatus: 'processing' });
    box.wait(RULES.pendingBookingTtlMs);
    const change = batch(box, [
      expireBookingsCommand(EVENT_ID),
      settlePaymentCommand('ann', payment.id, 'completed'),
    ]);
    expect(change).toMatchObject({ version: null, seats: [] });
    expect(box.bookingNow(booking).status).toBe('confirmed');
    expect(box.store.event).toMatchObject({ version: 2, bookedSeats: 1 });
  });

  test('has an extension that changed no status', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 2]);
    box.wait(MINUTE_MS);
    const change = batch(box, [
      extendLockCommand('ann', first.id),
      extendLockCommand('ann', first.id),
      expireLocksCommand(EVENT_ID),
    ]);
    expect(change?.seats).toEqual([locked(1, later(6 * MINUTE_MS))]);
    expect(change?.reservations).toEqual([{ userId: 'ann', lockIds: [first.id], bookingIds: [] }]);
    expect(box.lockNow(second)).toEqual(second);
  });

  test('is null if every command was refused', () => {
    const box = new BoxOffice();
    box.lock('ann', [1]);
    const change = batch(box, [
      lockSeatsCommand('bob', EVENT_ID, [1]),
      lockSeatsCommand('cat', EVENT_ID, [1, 2]),
    ]);
    expect(change).toBeNull();
    expect(box.store.event.version).toBe(1);
  });
});

test('a refund alone is a change for the booking’s user', () => {
  const box = new BoxOffice();
  const { payment, booking } = box.bookOne('ann', 1, { cardStatus: 'processing' });
  box.cancel('ann', booking);
  box.settle('ann', payment, 'completed');
  expect(box.announced.at(-1)).toMatchObject({
    version: null,
    reservations: [{ userId: 'ann', lockIds: [], bookingIds: [booking.id] }],
  });
});

test('a used lock whose booking is cancelled is a fault and no change', () => {
  const box = new BoxOffice();
  const { lock, booking } = box.bookOne('ann', 1);
  const set = box.store.loadAll();
  set.apply({
    settings: null,
    locks: [{ ...box.lockNow(lock), expiresAt: later(MINUTE_MS) }],
    payments: [],
    bookings: [{ ...booking, status: 'cancelled' }],
    requests: [],
    removedRequestIds: [],
  });
  expect(() => changeOf(set, box.now)).toThrow(/which is cancelled/);
});
