import { expect, test } from 'vitest';
import { AVAILABLE, BOOKED, LOCKED, OFF_SALE, UNKNOWN } from './seat-status.js';
import { type SeatUpdate, VersionedMap } from './versioned-map.js';

type Seat = [seatNumber: number, status: string, lockedUntil?: string];

/** @param at minutes and seconds of the server's time @param digest by default one that is certainly another */
function update(version: number, seats: Seat[], { kind = 'CHANGES', at = '00:00', digest = 'f' } = {}) {
  return {
    ...{ kind, version, previousVersion: kind === 'CHANGES' ? version - 1 : null, digest },
    seats: seats.map(([seatNumber, status, until]) => ({
      ...{ seatNumber, status },
      lockedUntil: until === undefined ? null : `2030-01-01T00:${until}.000Z`,
    })),
    availability: { totalSeats: 7, availableSeats: 0, lockedSeats: 0, bookedSeats: 0, offSaleSeats: 0 },
    serverTime: `2030-01-01T00:${at}.000Z`,
  } as SeatUpdate;
}

/** docs/api.md has these digests. */
const EMPTY = '0'.repeat(16);
const BOOKED_1 = 'a59457766c3f1e5c';
/** Seat 7, locked until 2030-01-01T00:00:00.000Z. */
const LOCKED_7 = '10bd97b88a566385';

test('letters and statuses that are not known mean that nobody can have the seat', () => {
  const map = new VersionedMap();
  map.start({ version: 1, statuses: 'ALBX?AA', lockedSeats: [{ seatNumber: 2, lockedUntil: null }] });
  expect([...map.statuses]).toEqual([AVAILABLE, LOCKED, BOOKED, OFF_SALE, UNKNOWN, AVAILABLE, AVAILABLE]);
  map.apply(
    update(2, [
      [1, 'PAINTED'],
      [4, 'AVAILABLE'],
      [6, 'OFF_SALE'],
    ]),
  );
  expect([...map.statuses]).toEqual([UNKNOWN, LOCKED, BOOKED, AVAILABLE, UNKNOWN, OFF_SALE, AVAILABLE]);
});

test('a map with such a seat, or a lock without an end, is not compared; it is once the seat is known again', () => {
  const map = new VersionedMap();
  map.start({ version: 1, statuses: 'ALAAAAA', lockedSeats: [] });
  expect(map.isVerifiable).toBe(false);
  expect(map.apply(update(2, [[1, 'PAINTED']])).kind).toBe('applied');
  expect(map.apply(update(3, [[2, 'AVAILABLE']])).kind).toBe('applied');
  expect(map.apply(update(4, [[1, 'BOOKED']], { digest: BOOKED_1 })).kind).toBe('applied');
  expect(map.apply(update(5, [[1, 'AVAILABLE']])).kind).toBe('wrong');
});

test('a lock counts until its end by the time of the messages, also if that time goes back', () => {
  const map = new VersionedMap();
  map.start({ version: 1, statuses: 'AAAAAAA', lockedSeats: [] });
  const at = (version: number, time: string, digest: string, seats: Seat[] = []) => {
    const applied = map.apply({
      ...update(version, seats, { digest }),
      serverTime: time,
      previousVersion: Math.max(1, version - 1),
    });
    return [applied.kind, map.statuses[6]];
  };
  expect(at(2, '2029-12-31T23:59:59.999Z', LOCKED_7, [[7, 'LOCKED', '00:00']])).toEqual(['applied', LOCKED]);
  expect(at(3, '2030-01-01T00:00:00.000Z', EMPTY)).toEqual(['applied', AVAILABLE]);
  expect(at(4, '2029-12-31T23:59:59.000Z', LOCKED_7)).toEqual(['applied', LOCKED]);
  expect(at(5, '2030-01-01T00:00:00.000Z', EMPTY)).toEqual(['applied', AVAILABLE]);
  expect(at(6, '2030-01-01T00:00:01.000Z', EMPTY, [[7, 'AVAILABLE']])).toEqual(['applied', AVAILABLE]);
});

test('a seat that the map does not have is left out', () => {
  const map = new VersionedMap();
  map.start({ version: 1, statuses: 'AA', lockedSeats: [] });
  const seats: Seat[] = [
    [0, 'BOOKED'],
    [3, 'BOOKED'],
    [1.5, 'BOOKED'],
    [1, 'BOOKED'],
  ];
  expect(map.apply(update(2, seats, { digest: BOOKED_1 }))).toEqual({ kind: 'applied', changed: [1] });
});

test('an assumed lock is undone unless a version has told of the seat, or somebody else has it', () => {
  const map = new VersionedMap();
  map.start({ version: 1, statuses: 'AAAABAA', lockedSeats: [] });
  const { changed, undo } = map.assumeLocked([1, 2, 3, 5]);
  expect([changed, map.assumedLocks, [...map.statuses]]).toEqual([[1, 2, 3], 3, [1, 1, 1, 0, 2, 0, 0]]);
  map.apply(
    update(
      2,
      [
        [1, 'BOOKED'],
        [5, 'AVAILABLE'],
      ],
      { digest: BOOKED_1 },
    ),
  );
  expect([undo([2]), [...map.statuses]]).toEqual([[3], [2, 1, 0, 0, 0, 0, 0]]);
  // The version that tells of it comes later.
  expect(map.apply(update(3, [[2, 'AVAILABLE']], { digest: BOOKED_1 }))).toEqual({
    kind: 'applied',
    changed: [2],
  });
});

test('a snapshot replaces everything, even with a lower version, and says what has changed', () => {
  const map = new VersionedMap();
  map.start({ version: 9, statuses: 'ALAAAAB', lockedSeats: [] });
  map.assumeLocked([3]);
  const { statuses } = map;
  const snapshot = update(7, [[1, 'BOOKED']], { kind: 'SNAPSHOT', digest: BOOKED_1 });
  expect(map.apply(snapshot)).toEqual({ kind: 'applied', changed: [1, 2, 3, 7] });
  expect([map.version, map.statuses === statuses, [...statuses]]).toEqual([7, true, [2, 0, 0, 0, 0, 0, 0]]);
});
