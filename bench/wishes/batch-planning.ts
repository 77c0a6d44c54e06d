import { chooseSeats } from '../../src/booking/choose-seats.js';
import { Occupancy } from '../../src/booking/occupancy.js';
import { geometryOf } from '../../src/catalog/seating-geometry.js';
import { equalRows } from '../../src/catalog/seating-plan.js';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { markdownTable } from '../lib/table.js';
import { seatsFrom } from './plain-hall.js';

/**
 * Whether planning the wishes of a batch together gains anything (decision 37), by the rules alone:
 *
 *     npx tsc -p bench/tsconfig.json && node .cache/bench/bench/wishes/batch-planning.js
 *
 * Parties of 1 to 6 ask for 400 of the 300 seats that random picks have left in rows of 20; the seats of a fifth of them are
 * free again with the next batch. *Planned* serves a batch largest party first, unless that would refuse a party that is
 * served in order of arrival.
 */
const HALLS = 60;
const SEATS = 600;
const SEATS_PER_ROW = 20;
const TAKEN = 300;
const WISHED = 400;
const PARTY_MAX = 6;
const SMALL_PARTY_MAX = 4;
const LAPSE_PERCENT = 20;

interface Party {
  readonly quantity: number;
  readonly lapses: boolean;
}
type Served = ReadonlyMap<Party, readonly number[]>;

const set = (hall: Occupancy, seats: readonly number[], status: 'booked' | 'available') => {
  for (const seatNumber of seats) hall.set({ seatNumber, status, lockedUntil: null });
};

function serve(hall: Occupancy, parties: readonly Party[]): Served {
  const served = new Map<Party, readonly number[]>();
  const wish = { sectionGroups: null, nearSeat: null, adjacency: 'together', wheelchairs: 0 } as const;
  for (const party of parties) {
    const choice = chooseSeats(hall, { ...wish, quantity: party.quantity, avoidsOrphans: true });
    if (choice === null) continue;
    set(hall, choice.seatNumbers, 'booked');
    served.set(party, choice.seatNumbers);
  }
  return served;
}

function servePlanned(hall: Occupancy, parties: readonly Party[]): Served {
  const inOrder = serve(hall, parties);
  set(hall, [...inOrder.values()].flat(), 'available');
  const planned = serve(
    hall,
    parties.toSorted((a, b) => b.quantity - a.quantity),
  );
  if ([...inOrder.keys()].every((party) => planned.has(party))) return planned;
  set(hall, [...planned.values()].flat(), 'available');
  return serve(hall, parties);
}

function sell(batch: number, serveBatch: typeof serve, seed: number) {
  const random = new SeededRandom(seed);
  const rows = equalRows(1, SEATS, SEATS / SEATS_PER_ROW, SEATS_PER_ROW);
  const section = {
    kind: 'seated' as const,
    name: 'Stalls',
    firstSeatNumber: 1,
    seats: SEATS,
    rows,
    area: null,
  };
  const hall = new Occupancy(geometryOf({ totalSeats: SEATS, sections: [section] }), 1, []);
  while ((hall.free.inSection[0] as number) > SEATS - TAKEN) {
    const quantity = 1 + random.below(PARTY_MAX);
    const row = random.below(SEATS / SEATS_PER_ROW);
    const first = row * SEATS_PER_ROW + 1 + random.below(SEATS_PER_ROW - quantity + 1);
    const block = seatsFrom(first, quantity);
    if (block.every((seat) => hall.isFree(seat))) set(hall, block, 'booked');
  }
  let refused = 0;
  let refusedSmall = 0;
  let lapsed: number[] = [];
  let wished = 0;
  while (wished < WISHED) {
    const parties: Party[] = [];
    while (parties.length < batch && wished < WISHED) {
      const quantity = 1 + random.below(PARTY_MAX);
      parties.push({ quantity, lapses: random.chance(LAPSE_PERCENT) });
      wished += quantity;
    }
    set(hall, lapsed, 'available');
    const served = serveBatch(hall, parties);
    lapsed = [...served].flatMap(([{ lapses }, seats]) => (lapses ? seats : []));
    const others = parties.filter((party) => !served.has(party));
    refused += others.length;
    refusedSmall += others.filter(({ quantity }) => quantity <= SMALL_PARTY_MAX).length;
  }
  return { sold: 100 * (1 - (hall.free.inSection[0] as number) / SEATS), refused, refusedSmall };
}

const figures = [8, 16, 32, 64].flatMap((batch) =>
  Object.entries({ arrival: serve, planned: servePlanned }).map(([order, serveBatch]) => {
    const sales = Array.from({ length: HALLS }, (_, seed) => sell(batch, serveBatch, seed + 1));
    const mean = (of: 'sold' | 'refused' | 'refusedSmall') =>
      (sales.reduce((sum, sale) => sum + sale[of], 0) / HALLS).toFixed(2);
    return [String(batch), order, mean('sold'), mean('refused'), mean('refusedSmall')];
  }),
);
const columns = ['wishes in a batch', 'order', '% sold', 'refused', `refused, up to ${SMALL_PARTY_MAX}`];
process.stdout.write(markdownTable(columns, figures));
