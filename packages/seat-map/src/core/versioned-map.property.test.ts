import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeatState } from '../../../../src/booking/seat-state.js';
import { SeatMap } from '../../../../src/feed/seat-map.js';
import { type MapStart, type SeatUpdate, VersionedMap } from './versioned-map.js';

const SEATS = 6;
const START_MS = 1_900_000_000_000;

interface Change {
  readonly seatNumber: number;
  readonly status: SeatState['status'];
  readonly lockedForMs: number;
  /** Of a hold-back. */
  readonly hasEnd: boolean;
}

/** What happens between two messages: seats change, and time passes. */
const step = fc.record({
  changes: fc.uniqueArray(
    fc.record({
      seatNumber: fc.integer({ min: 1, max: SEATS }),
      status: fc.constantFrom('available' as const, 'locked' as const, 'booked' as const, 'offSale' as const),
      lockedForMs: fc.integer({ min: 1, max: 20 }),
      hasEnd: fc.boolean(),
    }),
    { minLength: 1, selector: ({ seatNumber }) => seatNumber },
  ),
  laterMs: fc.integer({ min: 0, max: 15 }),
});

/** What the way to the client does to a message, and whether the client shows a hold of its own before it. */
const fate = fc.record({
  kind: fc.constantFrom('arrives', 'is lost', 'waits', 'arrives twice', 'is merged', 'old one arrives'),
  assumes: fc.option(fc.integer({ min: 1, max: SEATS }), { nil: undefined }),
  undoes: fc.boolean(),
});

const asSent = ({ seatNumber, status, lockedUntil }: SeatState) => ({
  seatNumber,
  status: (status === 'offSale' ? 'OFF_SALE' : status.toUpperCase()) as 'LOCKED',
  lockedUntil: lockedUntil?.toISOString() ?? null,
});

/** The server's own map, and what it sends of it. */
class Server {
  readonly map = new SeatMap({ totalSeats: SEATS, version: 0, taken: [] });
  nowMs = START_MS;
  /** Seats by the version that changed them last. */
  readonly #changedAt = new Map<number, number>();

  commit(changes: readonly Change[]): void {
    const version = this.map.version + 1;
    const states = changes.map(({ seatNumber, status, lockedForMs, hasEnd }) => {
      const ends = status === 'locked' || (status === 'offSale' && hasEnd);
      const lockedUntil = ends ? new Date(this.nowMs + lockedForMs) : null;
      return { seatNumber, status, lockedUntil };
    });
    this.map.apply(version, states);
    for (const { seatNumber } of changes) this.#changedAt.set(seatNumber, version);
  }

  start(): MapStart {
    this.map.expire(new Date(this.nowMs));
    const lockedSeats = this.map.takenSeats().filter(({ lockedUntil }) => lockedUntil !== null);
    return { version: this.map.version, statuses: this.map.statuses(), lockedSeats: lockedSeats.map(asSent) };
  }

  snapshot(): SeatUpdate {
    return this.#update('SNAPSHOT', null, this.map.takenSeats.bind(this.map));
  }

  changesSince(version: number): SeatUpdate {
    return this.#update('CHANGES', version, () => {
      const seats = [...this.#changedAt].filter(([, changedAt]) => changedAt > version);
      return seats.map(([seatNumber]) => this.map.seat(seatNumber));
    });
  }

  #update(kind: SeatUpdate['kind'], previousVersion: number | null, seats: () => SeatState[]): SeatUpdate {
    this.map.expire(new Date(this.nowMs));
    return {
      ...{ kind, previousVersion, version: this.map.version, seats: seats().map(asSent) },
      ...{ availability: this.map.availability(), digest: this.map.digest() },
      serverTime: new Date(this.nowMs).toISOString(),
    };
  }
}

const lettersOf = ({ statuses }: VersionedMap) => [...statuses].map((status) => 'ALBX'[status]).join('');

test('a map equals the server’s after every message, or it knows that it does not; no right map is called wrong', () => {
  const kinds = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fate), { maxLength: 25 }), fc.boolean(), (steps, startsWithQuery) => {
      const server = new Server();
      server.commit([{ seatNumber: 1, status: 'locked', lockedForMs: 10, hasEnd: true }]);
      const client = new VersionedMap();
      if (startsWithQuery) client.start(server.start());
      else client.apply(server.snapshot());
      let sent = server.map.version;
      let waiting: SeatUpdate | undefined;
      let old: SeatUpdate | undefined;
      const receive = (update: SeatUpdate) => {
        const { kind } = client.apply(update);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        expect(kind, 'no message was changed on the way').not.toBe('wrong');
        const isNow = Date.parse(update.serverTime) === server.nowMs && client.version === server.map.version;
        if (kind === 'applied' && isNow && client.assumedLocks === 0) {
          expect(lettersOf(client)).toBe(server.start().statuses);
        }
        if (kind !== 'gap') return;
        // It subscribes again, from its version.
        const missed = server.changesSince(client.version as number);
        sent = missed.version;
        expect(client.apply(missed).kind).toBe('applied');
      };
      for (const [{ changes, laterMs }, { kind, assumes, undoes }] of steps) {
        server.commit(changes);
        server.nowMs += laterMs;
        const assumption = assumes === undefined ? undefined : client.assumeLocked([assumes]);
        if (kind === 'is merged') {
          if (undoes) assumption?.undo();
          continue;
        }
        const update = server.changesSince(sent);
        sent = update.version;
        if (kind === 'waits') waiting ??= update;
        else if (kind !== 'is lost') {
          receive(update);
          if (kind === 'arrives twice') receive(update);
          if (kind === 'old one arrives' && old !== undefined) receive(old);
          if (waiting !== undefined) {
            receive(waiting);
            waiting = undefined;
          }
        }
        old ??= update;
        if (undoes) assumption?.undo();
      }
      receive(server.changesSince(client.version as number));
      // The seats that the client assumes to be its own are told by no version yet.
      receive(server.snapshot());
      expect(lettersOf(client)).toBe(server.start().statuses);
      expect(client.version).toBe(server.map.version);
    }),
    { numRuns: 500 },
  );
  expect([...kinds.keys()].sort()).toEqual(['applied', 'gap', 'known']);
});

test('one changed seat, status or end of a lock in a message is noticed with that message', () => {
  const fault = fc.record({
    seatNumber: fc.integer({ min: 1, max: SEATS }),
    kind: fc.constantFrom('left out', 'another status', 'another end', 'another seat'),
  });
  let noticed = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), fault, (steps, { seatNumber, kind }) => {
      const server = new Server();
      const client = new VersionedMap();
      client.start(server.start());
      const right = new VersionedMap();
      right.start(server.start());
      for (const [index, { changes, laterMs }] of steps.entries()) {
        server.commit(changes);
        server.nowMs += laterMs;
        const update = server.changesSince(client.version as number);
        right.apply(update);
        if (index < steps.length - 1) {
          client.apply(update);
          continue;
        }
        const seats = update.seats.flatMap((seat): object[] => {
          if (seat.seatNumber !== seatNumber) return [seat];
          if (kind === 'left out') return [];
          if (kind === 'another status')
            return [
              { ...seat, status: seat.status === 'BOOKED' ? 'AVAILABLE' : 'BOOKED', lockedUntil: null },
            ];
          if (kind === 'another end')
            return [seat.lockedUntil === null ? seat : { ...seat, lockedUntil: '2040-01-01T00:00:00.000Z' }];
          return [{ ...seat, seatNumber: (seatNumber % SEATS) + 1 }];
        });
        const applied = client.apply({ ...update, seats: seats as typeof update.seats });
        if (lettersOf(client) !== lettersOf(right)) {
          noticed += 1;
          expect(applied.kind).toBe('wrong');
          expect(client.version).toBeNull();
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(noticed).toBeGreaterThan(50);
});
