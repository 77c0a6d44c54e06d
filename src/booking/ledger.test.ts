import { describe, expect, test } from 'vitest';
import { BoxOffice, DAY_MS, eventOf, RULES } from '../test/support/booking-fixtures.js';

const processing = { cardStatus: 'processing' } as const;

/** Each entry in short: seat, kind, statuses, actor. */
const story = ({ history }: BoxOffice) =>
  history.map(
    ({ seatNumber, kind, before, after, actor }) => `${seatNumber} ${kind} ${before}>${after} ${actor}`,
  );

describe('the ledger says who did what to which seat', () => {
  test('from the lock to the cancelled booking', () => {
    const box = new BoxOffice();
    const { lock, booking } = box.bookOne('ann', 1);
    box.cancel('ann', booking);
    expect(story(box)).toEqual([
      '1 locked available>locked buyer',
      '1 booked locked>booked buyer',
      '1 cancelled booked>available buyer',
    ]);
    expect(box.history).toMatchObject([
      { lockId: lock.id, bookingId: null, lockedUntil: lock.expiresAt },
      { lockId: lock.id, bookingId: booking.id, lockedUntil: null },
      { lockId: lock.id, bookingId: booking.id, lockedUntil: null },
    ]);
  });

  test('why a seat was lost: its lock expired before somebody else took it', () => {
    const box = new BoxOffice();
    const lost = box.lockOne('ann', 1);
    box.wait(1_000);
    box.extend('ann', lost);
    box.wait(RULES.lockTtlMs);
    const taken = box.lockOne('ben', 1);
    box.release('ben', taken);
    expect(story(box)).toEqual([
      '1 locked available>locked buyer',
      '1 extended locked>locked buyer',
      // By time, although Ben's call recorded it.
      '1 expired locked>available job',
      '1 locked available>locked buyer',
      '1 released locked>available buyer',
    ]);
    expect(box.history.map(({ lockId }) => lockId)).toEqual(
      [lost, lost, lost, taken, taken].map(({ id }) => id),
    );
  });

  test('what became of pending bookings', () => {
    const box = new BoxOffice(eventOf({ organizerId: 'olga' }));
    const settled = box.bookOne('ann', 1, processing);
    box.settle('olga', settled.payment, 'completed');
    const late = box.bookOne('ben', 2, processing);
    box.wait(RULES.pendingBookingTtlMs);
    box.expireBookings();
    box.settle('ben', late.payment, 'completed');
    expect(story(box).filter((entry) => !entry.includes('locked'))).toEqual([
      '1 confirmed booked>booked organizer',
      '2 timedOut booked>available job',
      '2 confirmed available>booked buyer',
    ]);
    expect(story(box)).toContain('1 pending locked>booked buyer');
  });

  test('that a seat changed hands when a guest logged in', () => {
    const box = new BoxOffice();
    box.lockOne('guest', 1);
    box.transfer('guest', 'ann');
    expect(story(box).at(-1)).toBe('1 transferred locked>locked buyer');
  });

  test('nothing for what concerns no seat: a payment, and a repetition', () => {
    const box = new BoxOffice(eventOf({ eventDate: new Date(Date.now() + 400 * DAY_MS) }));
    const lock = box.lockOne('ann', 1);
    const entries = box.history.length;
    box.pay('ann', [lock]);
    box.lockOne('ann', 1);
    expect(box.history).toHaveLength(entries);
  });
});
