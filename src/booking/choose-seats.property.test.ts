import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { geometryOf, type SeatingGeometry } from '../catalog/seating-geometry.js';
import type { SeatingPlan } from '../catalog/seating-plan.js';
import { bookedSeat, smallHall } from '../test/support/halls.js';
import { NEAR_ROWS, PlainSearch } from '../test/support/plain-seat-search.js';
import { ADJACENCIES, type Adjacency, type BestWish, chooseSeats } from './choose-seats.js';
import { companionsWithoutWheelchair } from './companion-seats.js';
import { Occupancy } from './occupancy.js';
import { orphansLeftBy } from './orphans.js';
import { offersFor, offersNear } from './seat-offers.js';

/**
 * Aim: for whatever hall, free seats and wish, the choice is the best one by the words of the rules. Method: a plain search
 * through all choices in small halls, which shares only the seats' positions with the rules.
 * SEAT_CHOICE_HALLS sets how many halls are tried, with 25 wishes each.
 */
const HALLS = Number(process.env.SEAT_CHOICE_HALLS ?? 200);
const WISHES = 25;

const wishOf = (total: number, sections: number): fc.Arbitrary<BestWish> =>
  fc.record({
    quantity: fc.integer({ min: 1, max: 4 }),
    sections: fc.option(
      fc.uniqueArray(fc.nat(sections - 1), { minLength: 1 }).map((each) => new Set(each)),
      { freq: 3 },
    ),
    nearSeat: fc.option(fc.integer({ min: 1, max: total })),
    adjacency: fc.constantFrom(...ADJACENCIES, 'any' as const, 'any' as const),
    wheelchairs: fc.constantFrom(0, 0, 0, 1, 2),
    avoidsOrphans: fc.boolean(),
  });

const situation = smallHall.chain((plan) =>
  fc.record({
    plan: fc.constant(plan),
    taken: fc
      .tuple(
        fc.constantFrom(0, 50, 70, 80, 90),
        fc.array(fc.nat(99), {
          minLength: plan.totalSeats,
          maxLength: plan.totalSeats,
        }),
      )
      .map(([share, draws]) => draws.flatMap((draw, index) => (draw < share ? [index + 1] : []))),
    wishes: fc.array(
      wishOf(plan.totalSeats, plan.sections.length).map((wish) => ({
        ...wish,
        wheelchairs: Math.min(wish.wheelchairs, wish.quantity),
      })),
      { minLength: WISHES, maxLength: WISHES },
    ),
    picks: fc.array(
      fc.uniqueArray(fc.integer({ min: 1, max: plan.totalSeats }), { minLength: 1, maxLength: 4 }),
      {
        minLength: 10,
        maxLength: 10,
      },
    ),
  }),
);

const seen = new Map<string, number>();
const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);

function checkWish(plain: PlainSearch, occupancy: Occupancy, wish: BestWish): void {
  const choice = chooseSeats(occupancy, wish);
  const accepts = (adjacency: BestWish['adjacency']) =>
    ADJACENCIES.indexOf(adjacency) <= ADJACENCIES.indexOf(wish.adjacency);
  count(`${wish.wheelchairs > 0 ? 'wheelchair ' : ''}${choice?.adjacency ?? 'none'}`);

  if (choice !== null) {
    const { seatNumbers } = choice;
    assert.equal(new Set(seatNumbers).size, wish.quantity);
    assert.deepEqual(
      seatNumbers,
      seatNumbers.toSorted((a, b) => a - b),
    );
    const sections = plain.sections(wish);
    for (const seat of seatNumbers) {
      assert.ok(plain.isFree(seat) && sections.includes(plain.seats.get(seat)?.section as number));
    }
    assert.ok(plain.isLegal(seatNumbers, wish.wheelchairs), 'somebody has a seat that is not theirs');
    if (wish.avoidsOrphans) assert.deepEqual(plain.refusedOrphans(seatNumbers), []);
    const rows = seatNumbers.map((seat) => plain.seats.get(seat)?.row as number);
    const sectionOfEach = new Set(seatNumbers.map((seat) => plain.seats.get(seat)?.section));
    if (choice.adjacency !== 'any') assert.equal(sectionOfEach.size, 1);
    if (choice.adjacency === 'sameRow') assert.equal(new Set(rows).size, 1);
    if (choice.adjacency === 'near') assert.ok(Math.max(...rows) - Math.min(...rows) < NEAR_ROWS);
  }

  if (wish.wheelchairs > 1) {
    const { together } = plain.withWheelchairs(wish);
    if (together === null) assert.notEqual(choice?.adjacency, 'together');
    else assert.deepEqual(choice, { seatNumbers: together, adjacency: 'together' });
    return;
  }
  const best = wish.wheelchairs > 0 ? plain.withWheelchairs(wish) : plain.ordinary(wish);
  const adjacency = ADJACENCIES.find((each) => best[each] !== null && best[each] !== false);
  const expected = adjacency === undefined || !accepts(adjacency) ? null : adjacency;
  assert.equal(choice?.adjacency ?? null, expected);
  // Where the rules name the one best choice.
  if (expected !== null && Array.isArray(best[expected])) {
    assert.deepEqual(choice?.seatNumbers, best[expected]);
  }
}

test('the choice is the best one that a search through all choices finds', () => {
  fc.assert(
    fc.property(situation, ({ plan, taken, wishes, picks }) => {
      const geometry = geometryOf(plan);
      const occupancy = new Occupancy(geometry, 1, taken.map(bookedSeat));
      const plain = new PlainSearch(plan, geometry, taken);
      for (const wish of wishes) checkWish(plain, occupancy, wish);
      for (const pick of picks) {
        assert.deepEqual(orphansLeftBy(occupancy, pick), plain.refusedOrphans(pick));
        count(
          `pick ${plain.orphans(pick.filter((seat) => plain.isFree(seat))).length > 0 ? (plain.refusedOrphans(pick).length > 0 ? 'refused' : 'excused') : 'clean'}`,
        );
        const alone = companionsWithoutWheelchair(geometry, pick.slice(1), pick.slice(0, 1));
        assert.deepEqual(
          alone,
          pick
            .slice(1)
            .filter(
              (seat) =>
                plain.is(seat, 'companion') &&
                !plain.isLegal(
                  [seat, ...pick.filter((each) => plain.is(each, 'wheelchair'))],
                  pick.filter((each) => plain.is(each, 'wheelchair')).length,
                ),
            ),
        );
      }
    }),
    { numRuns: HALLS, unbiased: true },
  );
  console.log(seen);
}, 600_000);
void expect;
void offersFor;
void offersNear;
