import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { geometryOf } from '../catalog/seating-geometry.js';
import { availableSeat, bookedSeat, smallHall } from '../test/support/halls.js';
import { NEAR_ROWS, PlainSearch } from '../test/support/plain-seat-search.js';
import { ADJACENCIES, type BestWish, type Choice, chooseSeats } from './choose-seats.js';
import { companionsWithoutWheelchair } from './companion-seats.js';
import { Occupancy } from './occupancy.js';
import { orphansLeftBy } from './orphans.js';
import { offersNear, SEAT_OFFERS_MAX } from './seat-offers.js';

/**
 * Aim: for whatever hall, free seats and wish, the choice is the best one by the words of the rules. Method: a plain search
 * through all choices in small halls, which shares only the seats' positions with the rules.
 * SEAT_CHOICE_HALLS sets how many halls are tried, with 25 wishes and 10 picks each.
 */
const HALLS = Number(process.env.SEAT_CHOICE_HALLS ?? 100);
const WISHES = 25;
const PICKS = 10;

const wishOf = (total: number, sections: number): fc.Arbitrary<BestWish> =>
  fc
    .record({
      quantity: fc.integer({ min: 1, max: 4 }),
      sectionGroups: fc.option(
        fc
          .tuple(fc.uniqueArray(fc.nat(sections - 1), { minLength: 1 }), fc.nat(2))
          .map(([all, inFirst]) => [all.slice(0, inFirst), all.slice(inFirst)])
          .map((groups) =>
            groups.map((group) => group.toSorted((a, b) => a - b)).filter(({ length }) => length > 0),
          ),
        { freq: 3 },
      ),
      nearSeat: fc.option(fc.integer({ min: 1, max: total })),
      adjacency: fc.constantFrom(...ADJACENCIES, 'any' as const, 'any' as const),
      wheelchairs: fc.constantFrom(0, 0, 0, 0, 1, 2),
      avoidsOrphans: fc.boolean(),
    })
    .map((wish) => ({ ...wish, wheelchairs: Math.min(wish.wheelchairs, wish.quantity) }));

const exactly = (length: number) => ({ minLength: length, maxLength: length });

const situation = smallHall.chain((plan) => {
  const { totalSeats, sections } = plan;
  return fc.record({
    plan: fc.constant(plan),
    taken: fc
      .tuple(fc.constantFrom(0, 50, 70, 80, 90), fc.array(fc.nat(99), exactly(totalSeats)))
      .map(([percent, draws]) => draws.flatMap((draw, index) => (draw < percent ? [index + 1] : []))),
    wishes: fc.array(wishOf(totalSeats, sections.length), exactly(WISHES)),
    picks: fc.array(
      fc.uniqueArray(fc.integer({ min: 1, max: totalSeats }), { minLength: 1, maxLength: 4 }),
      exactly(PICKS),
    ),
  });
});

/** What all cases together must have reached. */
const REACHED = [
  ...['together', 'sameRow', 'near', 'any', 'none'].flatMap((each) => [each, `${each} with wheelchairs`]),
  'pick without orphans',
  'pick with orphans allowed',
  'pick with orphans refused',
];

test('the choice is the best one that a search through all choices finds', { timeout: 600_000 }, () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(situation, ({ plan, taken, wishes, picks }) => {
      const geometry = geometryOf(plan);
      const occupancy = new Occupancy(geometry, 1, taken.map(bookedSeat));
      const sameByOtherWay = builtByDetours(occupancy, taken);
      const plain = new PlainSearch(plan, geometry, taken);
      for (const wish of wishes) {
        const choice = chooseSeats(occupancy, wish);
        seen.add(`${choice?.adjacency ?? 'none'}${wish.wheelchairs > 0 ? ' with wheelchairs' : ''}`);
        assert.deepEqual(chooseSeats(sameByOtherWay, wish), choice, 'the past of the occupancy counts');
        if (choice !== null) checkAllowed(plain, wish, choice);
        checkBest(plain, wish, choice);
      }
      for (const pick of picks) {
        const refused = plain.refusedOrphans(pick);
        const left = plain.orphans(pick.filter((seat) => plain.isFree(seat)));
        const outcome = refused.length > 0 ? 'with orphans refused' : 'with orphans allowed';
        seen.add(`pick ${left.length === 0 ? 'without orphans' : outcome}`);
        assert.deepEqual(orphansLeftBy(occupancy, pick), refused);
        const [own, ...others] = pick;
        assert.deepEqual(
          companionsWithoutWheelchair(geometry, others, own === undefined ? [] : [own]),
          others.filter((seat) => plain.isCompanionAlone(seat, pick)),
        );
        checkOffers(plain, pick, offersNear(occupancy, pick, { sectionGroups: null, avoidsOrphans: true }));
      }
      assert.ok([...plain.seats.keys()].every((seat) => occupancy.isFree(seat) === plain.isFree(seat)));
    }),
    { numRuns: HALLS, unbiased: true },
  );
  // Without this, halls in which nothing can be chosen would pass.
  expect([...seen]).toEqual(expect.arrayContaining(REACHED));
});

/** Every second seat is taken and freed again, and the others are taken in another order. */
function builtByDetours({ geometry, version }: Occupancy, taken: readonly number[]): Occupancy {
  const occupancy = new Occupancy(geometry, version, taken.filter((seat) => seat % 3 === 0).map(bookedSeat));
  for (let seat = geometry.totalSeats; seat > 0; seat -= 2) occupancy.set(bookedSeat(seat));
  for (let seat = geometry.totalSeats; seat > 0; seat -= 2) occupancy.set(availableSeat(seat));
  for (const seat of taken.toReversed()) occupancy.set(bookedSeat(seat));
  return occupancy;
}

function checkAllowed(plain: PlainSearch, wish: BestWish, { seatNumbers, adjacency }: Choice): void {
  assert.equal(new Set(seatNumbers).size, wish.quantity);
  assert.deepEqual(
    seatNumbers,
    seatNumbers.toSorted((a, b) => a - b),
  );
  assert.ok(seatNumbers.every((seat) => plain.isFree(seat)));
  assert.ok(plain.isLegal(seatNumbers, wish.wheelchairs), 'somebody has a seat that is not theirs');
  if (wish.avoidsOrphans) assert.deepEqual(plain.refusedOrphans(seatNumbers), []);
  const sections = new Set(seatNumbers.map((seat) => plain.seats.get(seat)?.section as number));
  const rows = new Set(seatNumbers.map((seat) => plain.seats.get(seat)?.row as number));
  assert.ok([...sections].every((section) => plain.sections(wish).includes(section)));
  if (adjacency !== 'any') assert.equal(sections.size, 1);
  if (adjacency === 'sameRow') assert.equal(rows.size, 1);
  if (adjacency === 'near') assert.ok(Math.max(...rows) - Math.min(...rows) < NEAR_ROWS);
}

function checkBest(plain: PlainSearch, wish: BestWish, choice: Choice | null): void {
  const best = wish.wheelchairs > 0 ? plain.withWheelchairs(wish) : plain.ordinary(wish);
  const closest = ADJACENCIES.find((each) => best[each] !== null && best[each] !== false);
  const isAccepted =
    closest !== undefined && ADJACENCIES.indexOf(closest) <= ADJACENCIES.indexOf(wish.adjacency);
  // For several wheelchairs that are apart, the rules do not promise to find a choice.
  if (wish.wheelchairs > 1 && closest !== 'together') {
    assert.notEqual(choice?.adjacency, 'together');
    return;
  }
  assert.equal(choice?.adjacency, isAccepted ? closest : undefined);
  // Where the rules name the one best choice.
  if (isAccepted && Array.isArray(best[closest])) assert.deepEqual(choice?.seatNumbers, best[closest]);
}

function checkOffers(plain: PlainSearch, pick: readonly number[], offers: number[][]): void {
  assert.ok(offers.length <= SEAT_OFFERS_MAX);
  for (const offer of offers) {
    assert.equal(offer.length, pick.length);
    assert.ok(offer.every((seat) => plain.isFree(seat)));
    assert.deepEqual(plain.refusedOrphans(offer), []);
  }
  assert.equal(new Set(offers.flat()).size, offers.length * pick.length, 'two offers share a seat');
}
