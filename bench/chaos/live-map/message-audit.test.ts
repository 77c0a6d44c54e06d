import { describe, expect, test } from 'vitest';
import { MapHistory } from './history.js';
import { auditMessages, type Check } from './message-audit.js';
import type { ReceivedUpdate, RecordedWatcher, Subscription } from './recorded-subscriptions.js';

const START_MS = Date.parse('2026-11-22T20:00:00Z');
const at = (seconds: number) => new Date(START_MS + seconds * 1000);
const FIELDS = ['kind', 'version', 'previousVersion', 'seats', 'serverTime'];

type Seat = ReceivedUpdate['seats'][number];
const free = (seatNumber: number): Seat => ({ seatNumber, status: 'AVAILABLE', lockedUntil: null });
const booked = (seatNumber: number): Seat => ({ seatNumber, status: 'BOOKED', lockedUntil: null });
const locked = (seatNumber: number, seconds: number): Seat => ({
  seatNumber,
  status: 'LOCKED',
  lockedUntil: at(seconds).toISOString(),
});

/** Seat 1 is locked, then seat 2. Seat 1 is booked. Seats 2 and 3 are locked; seat 2's lock expires at 10 s. */
const COMMITTED: readonly (readonly Seat[])[] = [
  [locked(1, 60)],
  [locked(2, 60)],
  [booked(1)],
  [locked(2, 10), locked(3, 60)],
];

function history(): MapHistory {
  const history = new MapHistory(4);
  // Changes may be added in any order.
  for (const index of [1, 0, 2, 3]) {
    const seats = COMMITTED[index] as readonly Seat[];
    history.add({
      version: index + 1,
      seats: seats.map(({ seatNumber, status, lockedUntil }) => ({
        seatNumber,
        status: status.toLowerCase(),
        lockedUntil: lockedUntil === null ? null : new Date(lockedUntil),
      })),
    });
  }
  return history;
}

function message(
  previousVersion: number | null,
  version: number,
  seats: readonly Seat[],
  seconds = 1,
): ReceivedUpdate {
  const kind = previousVersion === null ? 'SNAPSHOT' : 'CHANGES';
  return { kind, version, previousVersion, seats, serverTime: at(seconds).toISOString() };
}

const withoutVersion = (...all: ReceivedUpdate[]): Subscription => ({
  server: 0,
  knownState: 'no version',
  since: null,
  fields: FIELDS,
  received: all,
});
const withVersion = (
  knownState: Subscription['knownState'],
  since: number,
  ...all: ReceivedUpdate[]
): Subscription => ({
  ...withoutVersion(...all),
  knownState,
  since,
});

/** Number of findings by check. */
function found(subscriptions: readonly Subscription[], hasAllChanges = true): Partial<Record<Check, number>> {
  const watched: RecordedWatcher = { watcher: 'watcher', eventId: 'event', subscriptions };
  const { findings } = auditMessages(history(), [watched], { hasAllChanges });
  const counts: Partial<Record<Check, number>> = {};
  for (const { check } of findings) counts[check] = (counts[check] ?? 0) + 1;
  return counts;
}

const FIRST = message(null, 2, [locked(1, 60), locked(2, 60)]);

describe('right messages', () => {
  test.each<[string, Subscription[]]>([
    [
      'one by one',
      [withoutVersion(FIRST, message(2, 3, [booked(1)]), message(3, 4, [locked(2, 10), locked(3, 60)]))],
    ],
    ['merged', [withoutVersion(FIRST, message(2, 4, [booked(1), locked(2, 10), locked(3, 60)]))]],
    [
      'an expiry that is not recorded',
      [withoutVersion(FIRST, message(2, 4, [booked(1), free(2), locked(3, 60)], 10))],
    ],
    ['a snapshot without expired locks', [withoutVersion(message(null, 4, [booked(1), locked(3, 60)], 11))]],
    [
      'no changes, because none were missed',
      [withoutVersion(FIRST), withVersion('latest map', 2, message(2, 2, []))],
    ],
    [
      'the changes after an older map',
      [
        withoutVersion(FIRST, message(2, 3, [booked(1)])),
        withVersion('older map', 2, message(2, 3, [booked(1)])),
      ],
    ],
    [
      'the true version for a made-up one',
      [
        withoutVersion(FIRST),
        withVersion('made-up version', 99, message(null, 2, [locked(1, 60), locked(2, 60)])),
      ],
    ],
    ['no message', [withoutVersion()]],
  ])('%s: nothing is found', (_what, subscriptions) => {
    expect(found(subscriptions)).toEqual({});
  });

  test('lead to the map of the database, without expired locks', () => {
    const watched = {
      watcher: 'watcher',
      eventId: 'event',
      subscriptions: [withoutVersion(FIRST, message(2, 4, [booked(1), locked(2, 10), locked(3, 60)]))],
    };
    const finalMap = auditMessages(history(), [watched], { hasAllChanges: true }).finalMaps.get('watcher');
    expect(finalMap?.version).toBe(4);
    expect(finalMap?.letters(at(9).getTime())).toBe('BLLA');
    expect(finalMap?.letters(at(10).getTime())).toBe('BALA');
  });
});

describe('a wrong message is found:', () => {
  test.each<[string, Subscription[], Partial<Record<Check, number>>]>([
    [
      'a version left out',
      [withoutVersion(FIRST, message(3, 4, [locked(2, 10), locked(3, 60)]))],
      { gap: 1 },
    ],
    ['changes for a watcher without a map', [withoutVersion(message(2, 3, [booked(1)]))], { gap: 1 }],
    [
      'changes after another version than requested',
      [withoutVersion(FIRST), withVersion('latest map', 2, message(1, 2, [locked(2, 60)]))],
      { gap: 1 },
    ],
    [
      'an older map',
      [withoutVersion(FIRST), withVersion('latest map', 2, message(null, 1, [locked(1, 60)]))],
      { backwards: 1, avoidableSnapshot: 1 },
    ],
    ['the same version twice', [withoutVersion(FIRST, message(2, 2, []))], { backwards: 1 }],
    [
      'an older map for a made-up version',
      [withoutVersion(FIRST), withVersion('made-up version', 99, message(null, 1, [locked(1, 60)]))],
      { backwards: 1 },
    ],
    ['a version that never existed', [withoutVersion(FIRST, message(2, 5, []))], { unknownVersion: 1 }],
    ['a seat in a wrong state', [withoutVersion(FIRST, message(2, 3, [locked(1, 60)]))], { wrongState: 1 }],
    ['the older status of a seat', [withoutVersion(message(1, 4, []))], { gap: 1, leftOut: 3 }],
    [
      'a lock with another end',
      [withoutVersion(FIRST, message(2, 4, [booked(1), locked(2, 60), locked(3, 60)]))],
      { wrongState: 1 },
    ],
    [
      'an expired lock',
      [withoutVersion(FIRST, message(2, 4, [booked(1), locked(2, 10), locked(3, 60)], 10))],
      { wrongState: 1 },
    ],
    [
      'an expiry before its time',
      [withoutVersion(FIRST, message(2, 4, [booked(1), free(2), locked(3, 60)], 9))],
      { wrongState: 1 },
    ],
    [
      'a changed seat left out',
      [withoutVersion(FIRST, message(2, 4, [booked(1), locked(3, 60)]))],
      { leftOut: 1 },
    ],
    [
      'a taken seat left out of a snapshot',
      [withoutVersion(message(null, 2, [locked(2, 60)]))],
      { leftOut: 1 },
    ],
    [
      'a seat that had not changed',
      [withoutVersion(FIRST, message(2, 3, [booked(1), locked(2, 60)]))],
      { extraSeat: 1 },
    ],
    ['a seat twice', [withoutVersion(FIRST, message(2, 3, [booked(1), booked(1)]))], { extraSeat: 1 }],
    [
      'a free seat in a snapshot',
      [withoutVersion(message(null, 1, [locked(1, 60), free(2)]))],
      { extraSeat: 1 },
    ],
    [
      'a snapshot although the missed changes are stored',
      [withoutVersion(FIRST), withVersion('latest map', 2, message(null, 3, [booked(1), locked(2, 60)]))],
      { avoidableSnapshot: 1 },
    ],
  ])('%s', (_what, subscriptions, counts) => {
    expect(found(subscriptions)).toEqual(counts);
  });

  test('an expiry that was shown and taken back by the same server', () => {
    const seen = [
      withoutVersion(FIRST, message(2, 4, [booked(1), free(2), locked(3, 60)], 10)),
      withoutVersion(message(null, 4, [booked(1), locked(2, 10), locked(3, 60)], 9)),
    ];
    expect(found(seen)).toEqual({ expiryReverted: 1 });
    const [first, second] = seen as [Subscription, Subscription];
    // Another server's clock may be behind.
    expect(found([first, { ...second, server: 1 }])).toEqual({});
  });

  test('text, counts and an event that are not the map’s', () => {
    const whole = (extra: Partial<ReceivedUpdate>): Subscription => {
      const changed = { ...FIRST, ...extra };
      return { ...withoutVersion(changed), fields: Object.keys(changed) };
    };
    const availability = {
      totalSeats: 4,
      availableSeats: 2,
      lockedSeats: 2,
      bookedSeats: 0,
      offSaleSeats: 0,
    };
    expect(found([whole({ statuses: 'LLAA', availability, eventId: 'event' })])).toEqual({});
    expect(found([whole({ statuses: 'LAAA' })])).toEqual({ wholeMap: 1 });
    expect(found([whole({ availability: { ...availability, availableSeats: 3 } })])).toEqual({ wholeMap: 1 });
    expect(found([whole({ eventId: 'another' })])).toEqual({ wrongState: 1 });
  });

  test('a message with other fields', () => {
    expect(found([{ ...withoutVersion(FIRST), fields: [...FIELDS, 'statuses'] }])).toEqual({ contract: 1 });
  });

  test('a snapshot, but not if the missed changes may have been deleted', () => {
    const seen = [
      withoutVersion(FIRST),
      withVersion('latest map', 2, message(null, 3, [booked(1), locked(2, 60)])),
    ];
    expect(found(seen, false)).toEqual({});
  });
});
