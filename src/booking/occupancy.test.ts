import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { geometryOf } from '../catalog/seating-geometry.js';
import { later, NOW } from '../test/support/booking-fixtures.js';
import { availableSeat, bookedSeat, hallOf, lockedSeat, smallHall } from '../test/support/halls.js';
import { Occupancy } from './occupancy.js';
import type { SeatState } from './seat-state.js';

const hall = hallOf(['ooooo', 'ooo|ooo'], 4);
const occupancyOf = (...taken: SeatState[]) => new Occupancy(geometryOf(hall), 7, taken);

describe('an occupancy', () => {
  test('frees a seat at the instant its lock expires, and knows that this is not recorded', () => {
    const occupancy = occupancyOf(lockedSeat(1, later(1_000)), bookedSeat(2));
    occupancy.advanceTo(later(999));
    expect(occupancy.isFree(1)).toBe(false);
    occupancy.advanceTo(later(1_000));
    expect([1, 2, 3].map((seat) => occupancy.isFree(seat))).toEqual([true, false, true]);
    expect([1, 2, 3].map((seat) => occupancy.isRecordedAsLocked(seat))).toEqual([true, false, false]);
    occupancy.set(availableSeat(1));
    expect(occupancy.isRecordedAsLocked(1)).toBe(false);
  });

  test('does not take a seat again when an earlier time arrives late', () => {
    const occupancy = occupancyOf(lockedSeat(1, later(1_000)));
    occupancy.advanceTo(later(1_000));
    occupancy.advanceTo(NOW);
    expect(occupancy.isFree(1)).toBe(true);
    occupancy.set(lockedSeat(1, later(500)));
    expect(occupancy.isFree(1)).toBe(true);
  });

  test('keeps an extended lock until its new end', () => {
    const occupancy = occupancyOf(lockedSeat(1, later(1_000)), lockedSeat(2, later(2_000)));
    occupancy.set(lockedSeat(1, later(3_000)));
    occupancy.advanceTo(later(2_000));
    expect([1, 2].map((seat) => occupancy.isFree(seat))).toEqual([false, true]);
  });

  test('frees the other locks in time when a seat whose lock ends first is booked', () => {
    const occupancy = occupancyOf(lockedSeat(1, later(1_000)), lockedSeat(2, later(2_000)));
    occupancy.set(bookedSeat(1));
    occupancy.advanceTo(later(2_000));
    expect([1, 2].map((seat) => occupancy.isFree(seat))).toEqual([false, true]);
  });

  test('counts the largest block between aisles, and all free places of a standing section', () => {
    const occupancy = occupancyOf();
    expect(occupancy.largestFreeBlock(null)).toBe(5);
    for (const seat of [2, 7, 12]) occupancy.set(bookedSeat(seat));
    expect([null, [0], [1], []].map((sections) => occupancy.largestFreeBlock(sections))).toEqual([
      3, 3, 3, 0,
    ]);
    for (const seat of [4, 10]) occupancy.set(bookedSeat(seat));
    expect([[0], [1]].map((sections) => occupancy.largestFreeBlock(sections))).toEqual([1, 3]);
  });

  test('does not go back without a checkpoint', () => {
    expect(() => occupancyOf().rollback()).toThrow('no checkpoint');
  });
});

const seat = (total: number) => fc.integer({ min: 1, max: total });
const step = (total: number) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ book: seat(total) }) },
    { weight: 8, arbitrary: fc.record({ lock: seat(total), seconds: fc.integer({ min: -5, max: 30 }) }) },
    { weight: 8, arbitrary: fc.record({ free: seat(total) }) },
    { weight: 3, arbitrary: fc.record({ advance: fc.integer({ min: -3, max: 10 }) }) },
    { weight: 2, arbitrary: fc.constant({ checkpoint: true as const }) },
    { weight: 2, arbitrary: fc.constant({ rollback: true as const }) },
  );
const history = smallHall.chain((plan) =>
  fc.record({
    plan: fc.constant(plan),
    steps: fc.array(step(plan.totalSeats), { minLength: 20, maxLength: 60 }),
  }),
);

test('an occupancy is the same as one that is built anew, whatever happened before', () => {
  let rollbacks = 0;
  fc.assert(
    fc.property(history, ({ plan, steps }) => {
      const geometry = geometryOf(plan);
      const occupancy = new Occupancy(geometry, 1, []);
      let states = new Map<number, SeatState>();
      let version = 1;
      let now = NOW;
      let saved: { states: Map<number, SeatState>; version: number } | null = null;
      const set = (state: SeatState) => {
        occupancy.set(state);
        states.set(state.seatNumber, state);
        occupancy.version = ++version;
      };
      occupancy.advanceTo(now);
      for (const each of steps) {
        if ('book' in each) set(bookedSeat(each.book));
        else if ('lock' in each) set(lockedSeat(each.lock, later(each.seconds * 1_000, now)));
        else if ('free' in each) set(availableSeat(each.free));
        else if ('advance' in each) {
          const to = later(each.advance * 1_000, now);
          occupancy.advanceTo(to);
          if (to > now) now = to;
        } else if ('checkpoint' in each) {
          occupancy.checkpoint();
          saved = { states: new Map(states), version };
        } else if (saved !== null) {
          occupancy.rollback();
          ({ states, version } = saved);
          saved = null;
          rollbacks += 1;
        }
      }
      const anew = new Occupancy(
        geometry,
        version,
        [...states.values()].filter(({ status }) => status !== 'available'),
      );
      anew.advanceTo(now);
      assert.deepEqual(contentOf(occupancy), contentOf(anew));
      for (let number = 1; number <= plan.totalSeats; number++) {
        const state = states.get(number) ?? availableSeat(number);
        const isFree =
          state.status === 'available' || (state.lockedUntil !== null && state.lockedUntil <= now);
        assert.equal(occupancy.isFree(number), isFree);
        assert.equal(occupancy.isRecordedAsLocked(number), isFree && state.status === 'locked');
      }
    }),
    { numRuns: 400, unbiased: true },
  );
  expect(rollbacks).toBeGreaterThan(50);
});

/** All that rules can read, in an order that does not depend on the past. */
function contentOf({ version, geometry, free }: Occupancy) {
  const sections = [...Array(geometry.sectionCount).keys()];
  const runs = sections.map((section) => {
    const found: string[] = [];
    for (
      let length = free.nextLength(section, 1);
      length !== 0;
      length = free.nextLength(section, length + 1)
    ) {
      for (let run = free.firstRun(section, length); run !== 0; run = free.runAfter(run)) {
        found.push(`${run} to ${free.endOfRun(run)}: ${length}`);
      }
    }
    return found.sort();
  });
  const seats = Array.from({ length: geometry.totalSeats }, (_, index) => free.has(index + 1));
  const blocks = sections.map((section) => free.largestBlock(section));
  return { version, seats, runs, blocks, inSection: [...free.inSection], inRow: [...free.inRow] };
}
