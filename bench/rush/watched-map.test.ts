import { beforeEach, describe, expect, test } from 'vitest';
import type { SeatUpdateAnswer } from './operations.js';
import { WatchedMap } from './watched-map.js';

const NOW_MS = Date.parse('2026-11-22T21:00:00Z');
const at = (ms: number) => new Date(NOW_MS + ms).toISOString();

type Seat = SeatUpdateAnswer['seats'][number];
const booked = (seatNumber: number): Seat => ({ seatNumber, status: 'BOOKED', lockedUntil: null });
const free = (seatNumber: number): Seat => ({ seatNumber, status: 'AVAILABLE', lockedUntil: null });
const locked = (seatNumber: number, expiresInMs: number): Seat => ({
  seatNumber,
  status: 'LOCKED',
  lockedUntil: at(expiresInMs),
});

const snapshot = (version: number, ...seats: Seat[]): SeatUpdateAnswer => ({
  kind: 'SNAPSHOT',
  version,
  previousVersion: null,
  seats,
  serverTime: at(0),
});
const changes = (previousVersion: number, version: number, ...seats: Seat[]): SeatUpdateAnswer => ({
  ...snapshot(version, ...seats),
  kind: 'CHANGES',
  previousVersion,
});

let map: WatchedMap;
beforeEach(() => {
  map = new WatchedMap();
});

describe('a followed map', () => {
  test('is the snapshot with the later changes', () => {
    expect(map.apply(snapshot(4, booked(1), locked(2, 60_000)), NOW_MS)).toBeNull();
    expect(map.statuses(5, NOW_MS)).toBe('BLAAA');
    expect(map.apply(changes(4, 7, free(1), booked(2), locked(5, 60_000)), NOW_MS)).toBeNull();
    expect(map.statuses(5, NOW_MS)).toBe('ABAAL');
    expect(map.version).toBe(7);
  });

  test('is replaced by a snapshot', () => {
    map.apply(snapshot(4, booked(1)), NOW_MS);
    map.apply(snapshot(6, booked(2)), NOW_MS);
    expect(map.statuses(3, NOW_MS)).toBe('ABA');
  });

  test('continues after a resume without missed changes', () => {
    map.apply(snapshot(4, booked(1)), NOW_MS);
    expect(map.apply(changes(4, 4), NOW_MS)).toBeNull();
    expect(map.statuses(2, NOW_MS)).toBe('BA');
  });

  test.each([
    ['changes that skip a version', changes(5, 6, booked(2))],
    ['repeated changes', changes(3, 4, booked(2))],
    ['changes that go back', changes(4, 3, booked(2))],
    ['an older snapshot', snapshot(3, booked(2))],
  ])('refuses %s, and stays unchanged', (_what, update) => {
    map.apply(snapshot(4, booked(1)), NOW_MS);
    expect(map.apply(update, NOW_MS)).not.toBeNull();
    expect(map.version).toBe(4);
    expect(map.statuses(2, NOW_MS)).toBe('BA');
  });

  test('refuses changes before the first snapshot', () => {
    expect(map.apply(changes(3, 4, booked(2)), NOW_MS)).not.toBeNull();
  });

  test('frees an expired lock by the server’s clock', () => {
    map.apply({ ...snapshot(1, locked(1, 10_000)), serverTime: at(4_000) }, NOW_MS);
    expect(map.statuses(1, NOW_MS + 5_999)).toBe('L');
    expect(map.statuses(1, NOW_MS + 6_000)).toBe('A');
  });

  test('lists the seats at which it is wrong', () => {
    map.apply(snapshot(1, booked(1), booked(3)), NOW_MS);
    expect(map.differences({ version: 1, statuses: 'BAB' }, NOW_MS)).toEqual([]);
    expect(map.differences({ version: 1, statuses: 'BBA' }, NOW_MS)).toEqual([2, 3]);
  });
});
