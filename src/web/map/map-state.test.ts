import { AVAILABLE, BOOKED, LOCKED, Seating } from 'seat-map/map';
import { describe, expect, test } from 'vitest';
import { MapState, type SeatUpdate } from './map-state.js';

const seating = new Seating(
  [
    { name: 'Stalls', firstSeatNumber: 1, rows: 2, seatsPerRow: 3 },
    { name: 'Circle', firstSeatNumber: 7, rows: 1, seatsPerRow: 4 },
  ],
  10,
);
const mapAt = (version: number, statuses: string) => new MapState(seating, { version, statuses });
const lettersOf = (map: MapState) =>
  Array.from({ length: 10 }, (_, index) => 'ALB'[map.statusOf(index + 1)]).join('');

function update(
  kind: SeatUpdate['kind'],
  previousVersion: number | null,
  version: number,
  seats: SeatUpdate['seats'],
): SeatUpdate {
  const availability = { totalSeats: 10, availableSeats: 0, lockedSeats: 0, bookedSeats: 0 };
  return { kind, previousVersion, version, seats, availability, serverTime: '2026-11-22T10:00:00.000Z' };
}

describe('a map', () => {
  test('counts the free seats with a feature', () => {
    const [first, ...others] = seating.plan.sections;
    if (first === undefined) throw new Error('There is a section.');
    const rows = first.rows.map((row) => ({
      ...row,
      features: [{ seat: 2, feature: 'wheelchair' as const }],
    }));
    const plan = { ...seating.plan, sections: [{ ...first, rows }, ...others] };
    const map = new MapState(new Seating(seating.shapes, 10, plan), { version: 4, statuses: 'ALAAAAAAAA' });
    expect([map.freeWith('wheelchair'), map.freeWith('companion')]).toEqual([1, 0]);
    const seats = [
      { seatNumber: 1, status: 'BOOKED' as const },
      { seatNumber: 2, status: 'AVAILABLE' as const },
    ];
    map.apply(update('CHANGES', 4, 5, seats));
    expect(map.freeWith('wheelchair')).toBe(2);
  });

  test('starts with the letters of the query, and counts the free seats of each section', () => {
    const map = mapAt(4, 'ALBAAAAABB');
    expect([map.statusOf(1), map.statusOf(2), map.statusOf(3)]).toEqual([AVAILABLE, LOCKED, BOOKED]);
    expect([map.freeInSection(0), map.freeInSection(1)]).toEqual([4, 2]);
  });

  test('CHANGES on top of its version move it to the next one and return the changed seats', () => {
    const map = mapAt(4, 'AAAAAAAAAA');
    const seats = [
      { seatNumber: 2, status: 'LOCKED' as const },
      { seatNumber: 3, status: 'AVAILABLE' as const },
      { seatNumber: 10, status: 'BOOKED' as const },
    ];
    expect(map.apply(update('CHANGES', 4, 6, seats))).toEqual({ kind: 'applied', changed: [2, 10] });
    expect([map.version, lettersOf(map)]).toEqual([6, 'ALAAAAAAAB']);
    expect([map.freeInSection(0), map.freeInSection(1)]).toEqual([5, 3]);
  });

  test('a gap in the versions: nothing of the message is applied', () => {
    const map = mapAt(4, 'AAAAAAAAAA');
    const seats = [{ seatNumber: 1, status: 'BOOKED' as const }];
    expect(map.apply(update('CHANGES', 5, 6, seats))).toEqual({ kind: 'gap' });
    expect([map.version, lettersOf(map)]).toEqual([4, 'AAAAAAAAAA']);
  });

  test('a message with known versions changes nothing', () => {
    const map = mapAt(4, 'LAAAAAAAAA');
    const seats = [{ seatNumber: 1, status: 'AVAILABLE' as const }];
    expect(map.apply(update('CHANGES', 2, 3, seats))).toEqual({ kind: 'known' });
    expect(lettersOf(map)).toBe('LAAAAAAAAA');
  });

  test('an empty CHANGES after a reconnect means that nothing was missed', () => {
    const map = mapAt(4, 'LAAAAAAAAA');
    expect(map.apply(update('CHANGES', 4, 4, []))).toEqual({ kind: 'applied', changed: [] });
  });

  test('a SNAPSHOT replaces everything, including seats that are free again, even with a lower version', () => {
    const map = mapAt(9, 'LLAAAAAAAB');
    const seats = [{ seatNumber: 2, status: 'BOOKED' as const }];
    expect(map.apply(update('SNAPSHOT', null, 7, seats))).toEqual({ kind: 'applied', changed: [1, 2, 10] });
    expect([map.version, lettersOf(map)]).toEqual([7, 'ABAAAAAAAA']);
  });

  test('a seat with an unknown or missing letter or status is not available', () => {
    const unknown = { seatNumber: 5, status: 'OFF_SALE' as never };
    const map = mapAt(4, 'AXAAAAAAA');
    expect([lettersOf(map), map.freeInSection(0), map.freeInSection(1)]).toEqual(['ABAAAAAAAB', 5, 3]);
    map.apply(update('CHANGES', 4, 5, [unknown]));
    expect(lettersOf(map)).toBe('ABAABAAAAB');
    map.apply(update('SNAPSHOT', null, 6, [unknown]));
    expect(lettersOf(map)).toBe('AAAABAAAAA');
  });
});
