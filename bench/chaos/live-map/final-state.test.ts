import { expect, test } from 'vitest';
import { auditFinalState, type FinalState } from './final-state.js';
import { MapHistory } from './history.js';

const READ_MS = Date.parse('2026-11-22T20:00:00Z');
const at = (seconds: number) => new Date(READ_MS + seconds * 1000);

/** Seat 1 is booked, seat 2 locked. Seat 3's lock has expired; the expiry is not recorded. */
function validState() {
  const history = new MapHistory(4);
  const seats = [
    { seatNumber: 1, status: 'booked', lockedUntil: null },
    { seatNumber: 2, status: 'locked', lockedUntil: at(60) },
    { seatNumber: 3, status: 'locked', lockedUntil: at(-1) },
  ];
  history.add({ version: 1, seats });
  const state: FinalState = {
    version: 1,
    locks: [
      { seatNumber: 1, status: 'used', expiresAt: at(-60) },
      { seatNumber: 2, status: 'active', expiresAt: at(60) },
      { seatNumber: 3, status: 'active', expiresAt: at(-1) },
    ],
    seatMaps: [{ version: 1, statuses: 'BLAA' }],
    readMs: READ_MS,
  };
  return { history, state, watcher: { version: 1 as number | null, letters: () => 'BLAA' } };
}

const checksOf = ({ history, state, watcher }: ReturnType<typeof validState>) =>
  auditFinalState(state, history, new Map([['watcher', watcher]])).map(({ check }) => check);

test('nothing is found if changes, locks, servers and watchers agree', () => {
  expect(checksOf(validState())).toEqual([]);
});

test.each<[string, (valid: ReturnType<typeof validState>) => object, string[]]>([
  [
    'a seat with two owners',
    ({ state }) => ({
      state: {
        ...state,
        locks: [...state.locks, { seatNumber: 2, status: 'active', expiresAt: at(9) }],
      },
    }),
    ['history'],
  ],
  [
    'a version without a change',
    ({ state, watcher }) => ({
      state: { ...state, version: 2, seatMaps: [{ version: 2, statuses: 'BLAA' }] },
      watcher: { ...watcher, version: 2 },
    }),
    ['history'],
  ],
  [
    'a lock without a change',
    ({ state, watcher }) => ({
      state: {
        ...state,
        locks: [...state.locks, { seatNumber: 4, status: 'used', expiresAt: at(9) }],
        seatMaps: [{ version: 1, statuses: 'BLAB' }],
      },
      watcher: { ...watcher, letters: () => 'BLAB' },
    }),
    ['history'],
  ],
  [
    'a watcher at an older version',
    ({ watcher }) => ({ watcher: { ...watcher, version: 0 } }),
    ['finalState'],
  ],
  [
    'a watcher without a version',
    ({ watcher }) => ({ watcher: { ...watcher, version: null } }),
    ['finalState'],
  ],
  [
    'a watcher with another map',
    ({ watcher }) => ({ watcher: { ...watcher, letters: () => 'BLLA' } }),
    ['finalState'],
  ],
  [
    'a server with another map',
    ({ state }) => ({
      state: { ...state, seatMaps: [{ version: 1, statuses: 'BLLA' }] },
    }),
    ['finalState'],
  ],
  [
    'a server at an older version',
    ({ state }) => ({
      state: { ...state, seatMaps: [{ version: 0, statuses: 'BLAA' }] },
    }),
    ['finalState'],
  ],
])('%s is found', (_what, wrong, checks) => {
  const right = validState();
  expect(checksOf({ ...right, ...wrong(right) })).toEqual(checks);
});
