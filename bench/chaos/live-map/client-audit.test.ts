import { expect, test } from 'vitest';
import { auditClient } from './client-audit.js';
import { MapHistory } from './history.js';
import type { ReceivedUpdate, Subscription } from './recorded-subscriptions.js';

/** The digests of a map with seat 1 booked, and of one without taken seats. docs/api.md has the first one. */
const BOOKED_1 = 'a59457766c3f1e5c';
const EMPTY = '0'.repeat(16);

/** Seat 1 is booked, becomes available, and is booked again. */
function auditOf(change: Partial<ReceivedUpdate> = {}, since: number | null = null) {
  const history = new MapHistory(4);
  for (const [index, status] of ['booked', 'available', 'booked'].entries())
    history.add({ version: index + 1, seats: [{ seatNumber: 1, status, lockedUntil: null }] });
  const booked = { seatNumber: 1, status: 'BOOKED', lockedUntil: null } as const;
  const changes = { kind: 'CHANGES', serverTime: '2026-11-22T20:00:00.000Z' } as const;
  const received: ReceivedUpdate[] = [
    { ...changes, kind: 'SNAPSHOT', version: 1, previousVersion: null, seats: [booked], digest: BOOKED_1 },
    {
      ...{ ...changes, version: 2, previousVersion: 1, seats: [{ ...booked, status: 'AVAILABLE' }] },
      ...{ digest: EMPTY, ...change },
    },
    { ...changes, version: 3, previousVersion: 2, seats: [booked], digest: BOOKED_1 },
  ];
  const subscription: Subscription = {
    ...{ server: 0, knownState: since === null ? 'no version' : 'latest map', since },
    ...{ fields: ['digest'], received: since === null ? received : received.slice(since) },
  };
  const audit = auditClient(history, [{ watcher: 'it', eventId: '', subscriptions: [subscription] }]);
  return { ...audit, findings: audit.findings.map(({ check, what }) => `${check}: ${what}`) };
}

test('the client takes right messages, and notices lost, changed and old ones', () => {
  // Two lost messages, one seat in each, and before the last one each of the two old ones.
  expect(auditOf()).toEqual({ findings: [], rightMessages: 3, plantedFaults: 2 + 3 + 1 });
  expect(auditOf({}, 1)).toEqual({ findings: [], rightMessages: 2, plantedFaults: 1 + 2 });
});

test('a right map with a wrong digest is accused, and a wrong one with its digest is not noticed', () => {
  expect(auditOf({ digest: '0123456789abcdef' }).findings).toEqual([
    'accused: it, CHANGES to 2: the client at 1 subscribed again with since: null',
  ]);
  // As a server whose hashes of AVAILABLE and BOOKED are the same.
  const { findings } = auditOf({ seats: [{ seatNumber: 1, status: 'BOOKED', lockedUntil: null }] });
  expect(findings).toEqual(['accused: it, CHANGES to 2: the client at 1 subscribed again with since: null']);
});
