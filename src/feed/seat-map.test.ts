import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeatState } from '../booking/seat-state.js';
import { available, booked, locked, offSale } from '../test/support/fake-feed-source.js';
import { SeatMap } from './seat-map.js';

const at = (seconds: number) => new Date(seconds * 1000);
const empty = (totalSeats: number) => new SeatMap({ totalSeats, version: 0, taken: [] });

describe('a seat map', () => {
  test('shows one letter per seat, its taken seats in order, and counters that add up', () => {
    const map = new SeatMap({ totalSeats: 5, version: 7, taken: [booked(4), locked(2, at(10))] });
    expect(map.version).toBe(7);
    expect(map.statuses()).toBe('ALABA');
    expect(map.takenSeats()).toEqual([locked(2, at(10)), booked(4)]);
    expect(map.availability()).toEqual({
      totalSeats: 5,
      availableSeats: 3,
      lockedSeats: 1,
      bookedSeats: 1,
      offSaleSeats: 0,
    });
    expect([1, 2, 4].map((seat) => map.isAvailable(seat))).toEqual([true, false, false]);
  });

  test('a held-back seat has its own letter and counter, and is free from its end on', () => {
    const map = new SeatMap({ totalSeats: 6, version: 1, taken: [offSale(1), offSale(2, at(10))] });
    map.apply(2, [booked(3), locked(4, at(20)), offSale(6)]);
    expect(map.statuses()).toBe('XXBLAX');
    expect(map.nextExpiry).toEqual(at(10));
    expect(map.seat(2)).toEqual(offSale(2, at(10)));
    expect(map.availability()).toEqual({
      totalSeats: 6,
      availableSeats: 1,
      lockedSeats: 1,
      bookedSeats: 1,
      offSaleSeats: 3,
    });
    expect(map.expire(at(10))).toBe(true);
    map.apply(3, [available(6)]);
    expect(map.statuses()).toBe('XABLAA');
    expect(map.availabilityOf(1, 3)).toEqual({
      totalSeats: 3,
      availableSeats: 1,
      lockedSeats: 0,
      bookedSeats: 1,
      offSaleSeats: 1,
    });
    expect(map.digest()).toBe(new SeatMap({ totalSeats: 6, version: 3, taken: map.takenSeats() }).digest());
    // The batch that records the end.
    expect(map.apply(4, [available(2)])).toBe(1);
    expect(map.expire(at(1_000_000))).toBe(true);
    expect(map.statuses()).toBe('XABAAA');
  });

  test('moves with a change to its version, in statuses, seats and counters', () => {
    const map = empty(3);
    expect(map.statuses()).toBe('AAA');
    map.apply(1, [locked(1, at(10)), booked(3)]);
    expect([map.version, map.statuses()]).toEqual([1, 'LAB']);
    map.apply(2, [booked(1), available(3)]);
    expect([map.version, map.statuses()]).toEqual([2, 'BAA']);
    expect(map.availability()).toEqual({
      totalSeats: 3,
      availableSeats: 2,
      lockedSeats: 0,
      bookedSeats: 1,
      offSaleSeats: 0,
    });
  });

  test('a seat is locked until the millisecond before its lock expires, and free from then on without a change', () => {
    const map = new SeatMap({ totalSeats: 2, version: 1, taken: [locked(1, at(10))] });
    expect(map.expire(new Date(9_999))).toBe(false);
    expect(map.statuses()).toBe('LA');
    expect(map.expire(at(10))).toBe(true);
    expect(map.statuses()).toBe('AA');
    expect(map.seat(1)).toEqual(available(1));
    expect(map.takenSeats()).toEqual([]);
    expect(map.availability()).toEqual({
      totalSeats: 2,
      availableSeats: 2,
      lockedSeats: 0,
      bookedSeats: 0,
      offSaleSeats: 0,
    });
    expect(map.version).toBe(1);
  });

  test('an expiry is unrecorded until a change of the seat', () => {
    const map = new SeatMap({ totalSeats: 3, version: 1, taken: [1, 2].map((seat) => locked(seat, at(10))) });
    expect(map.hasUnrecordedExpiry).toBe(false);
    map.expire(at(10));
    expect(map.hasUnrecordedExpiry).toBe(true);
    map.apply(2, [available(1)]);
    expect(map.hasUnrecordedExpiry).toBe(true);
    map.apply(3, [locked(2, at(20))]);
    expect(map.hasUnrecordedExpiry).toBe(false);
    expect(map.statuses()).toBe('ALA');
  });

  test('a change returns how many expiries it records, without other changes and without seats that were locked again', () => {
    const map = new SeatMap({
      totalSeats: 5,
      version: 1,
      taken: [locked(1, at(10)), locked(2, at(10)), locked(3, at(10)), locked(4, at(20))],
    });
    map.expire(at(10));
    expect(map.apply(2, [locked(1, at(30)), available(4), locked(5, at(30))])).toBe(0);
    expect(map.apply(3, [available(2), available(3), available(5)])).toBe(2);
    expect(map.apply(4, [available(2)])).toBe(0);
  });

  test('an extension that arrives after its lock seemed to expire locks the seat again', () => {
    const map = new SeatMap({ totalSeats: 1, version: 1, taken: [locked(1, at(10))] });
    map.expire(at(11));
    map.apply(2, [locked(1, at(30))]);
    expect(map.expire(at(11))).toBe(false);
    expect([map.statuses(), map.nextExpiry]).toEqual(['L', at(30)]);
  });

  test('knows the next expiry, and none if no seat is locked', () => {
    const map = new SeatMap({ totalSeats: 3, version: 1, taken: [locked(1, at(20)), locked(2, at(10))] });
    expect(map.nextExpiry).toEqual(at(10));
    map.expire(at(10));
    expect(map.nextExpiry).toEqual(at(20));
    map.expire(at(20));
    expect(map.nextExpiry).toBeNull();
  });

  test('after any changes and expiries it equals a map built from the newest states', () => {
    const seat = fc.record({
      seatNumber: fc.integer({ min: 1, max: 8 }),
      status: fc.constantFrom('available', 'locked', 'booked') satisfies fc.Arbitrary<SeatState['status']>,
      untilSeconds: fc.integer({ min: 1, max: 20 }),
    });
    const step = fc.record({
      seats: fc.array(seat, { maxLength: 5 }),
      laterSeconds: fc.integer({ max: 4, min: 0 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const map = empty(8);
        const newest = new Map<number, SeatState>();
        let version = 0;
        let nowSeconds = 0;
        for (const { seats, laterSeconds } of steps) {
          nowSeconds += laterSeconds;
          map.expire(at(nowSeconds));
          const states = seats.map(({ seatNumber, status, untilSeconds }) =>
            status === 'locked'
              ? locked(seatNumber, at(untilSeconds))
              : { seatNumber, status, lockedUntil: null },
          );
          map.apply(++version, states);
          for (const state of states) newest.set(state.seatNumber, state);
          map.expire(at(nowSeconds));

          const expected = [...newest.values()]
            .filter(
              ({ status, lockedUntil }) =>
                status === 'booked' || (lockedUntil !== null && lockedUntil > at(nowSeconds)),
            )
            .sort((a, b) => a.seatNumber - b.seatNumber);
          expect(map.takenSeats()).toEqual(expected);
          const letters = Array.from({ length: 8 }, (_, index) => {
            const state = expected.find(({ seatNumber }) => seatNumber === index + 1);
            return state === undefined ? 'A' : state.status === 'booked' ? 'B' : 'L';
          });
          expect(map.statuses()).toBe(letters.join(''));
          const { availableSeats, lockedSeats, bookedSeats } = map.availability();
          const count = (letter: string) => letters.filter((each) => each === letter).length;
          expect([availableSeats, lockedSeats, bookedSeats]).toEqual(['A', 'L', 'B'].map(count));
        }
      }),
    );
  });
});
