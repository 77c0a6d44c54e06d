import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeatState } from '../booking/seat-state.js';
import { codeBlocks, documentText } from '../test/support/documents.js';
import { available, booked, locked, offSale } from '../test/support/fake-feed-source.js';
import { SeatMap } from './seat-map.js';

/** The code for clients in docs/api.md. */
const digestOf = clientCode();

function clientCode(): (seats: Iterable<object>, serverTime: string) => string {
  const code = codeBlocks('docs/api.md', 'js').find((block) => block.includes('function digestOf'));
  return new Function(`${code?.replaceAll('export ', '')}; return digestOf;`)();
}

const asSent = ({ seatNumber, status, lockedUntil }: SeatState) => ({
  seatNumber,
  status: status === 'offSale' ? 'OFF_SALE' : status.toUpperCase(),
  lockedUntil: lockedUntil?.toISOString() ?? null,
});

const stateOf = (seatNumber: number, status: string, until: Date): SeatState => {
  if (status === 'locked') return locked(seatNumber, until);
  if (status === 'booked') return booked(seatNumber);
  if (status === 'available') return available(seatNumber);
  return offSale(seatNumber, status === 'offSale' ? null : until);
};

describe('the digest of a seat map', () => {
  test('is the one that the API documentation shows', () => {
    const NEW_YEAR = new Date('2030-01-01T00:00:00.000Z');
    const examples = [
      [],
      [booked(1)],
      [booked(100_000)],
      [locked(7, NEW_YEAR)],
      [offSale(8)],
      [offSale(9, NEW_YEAR)],
    ];
    const documented = [...documentText('docs/api.md').matchAll(/^\| .* \| `([0-9a-f]{16})` \|$/gm)];
    const shown = documented.map(([, digest]) => digest);
    expect(
      [...examples, examples.flat()].map((taken) =>
        new SeatMap({ totalSeats: 100_000, version: 1, taken }).digest(),
      ),
    ).toEqual(shown);
  });

  test('agrees with every right client, whether or not it has seen locks that expired, and with no wrong one', () => {
    const SEATS = 6;
    const step = fc.record({
      seats: fc.uniqueArray(
        fc.record({
          seatNumber: fc.integer({ min: 1, max: SEATS }),
          status: fc.constantFrom('available', 'locked', 'booked', 'offSale', 'offSaleUntil'),
          lockedForMs: fc.integer({ min: 1, max: 20 }),
        }),
        { minLength: 1, selector: ({ seatNumber }) => seatNumber },
      ),
      laterMs: fc.integer({ min: 0, max: 15 }),
      joins: fc.boolean(),
      fault: fc.record({ client: fc.nat(), seatNumber: fc.integer({ min: 1, max: SEATS }) }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now = 1_900_000_000_000;
        const map = new SeatMap({ totalSeats: SEATS, version: 0, taken: [] });
        // Each has what it was sent, and never removes an expired lock.
        const clients = [new Map<number, SeatState>()];
        steps.forEach(({ seats, laterMs, joins, fault }, index) => {
          const states = seats.map(({ seatNumber, status, lockedForMs }) =>
            stateOf(seatNumber, status, new Date(now + lockedForMs)),
          );
          map.apply(index + 1, states);
          for (const client of clients) for (const state of states) client.set(state.seatNumber, state);
          now += laterMs;
          map.expire(new Date(now));
          if (joins) clients.push(new Map(map.takenSeats().map((seat) => [seat.seatNumber, seat])));
          const serverTime = new Date(now).toISOString();
          for (const client of clients) {
            expect(digestOf([...client.values()].map(asSent), serverTime)).toBe(map.digest());
          }
          const wrong = new Map(clients[fault.client % clients.length]);
          const right = map.seat(fault.seatNumber);
          wrong.set(
            fault.seatNumber,
            right.status === 'booked' ? available(fault.seatNumber) : booked(fault.seatNumber),
          );
          expect(digestOf([...wrong.values()].map(asSent), serverTime)).not.toBe(map.digest());
        });
      }),
      { numRuns: 300 },
    );
  });
});
