import { describe, expect, test } from 'vitest';
import { geometryOf } from '../catalog/seating-geometry.js';
import { bookedSeat, hallOf } from '../test/support/halls.js';
import { type BestWish, chooseSeats } from './choose-seats.js';
import { companionsWithoutWheelchair } from './companion-seats.js';
import { Occupancy } from './occupancy.js';
import { orphansLeftBy } from './orphans.js';
import { offersNear } from './seat-offers.js';

/** Sections as in `hallOf`; `x` is an ordinary seat that is taken. */
function occupancyOf(...sections: readonly (readonly string[] | number)[]): Occupancy {
  const taken: number[] = [];
  let seat = 0;
  const letters = sections.map((each) => (typeof each === 'number' ? '.'.repeat(each) : each.join('')));
  for (const letter of letters.join('')) {
    if (letter !== '|') seat += 1;
    if (letter === 'x') taken.push(seat);
  }
  const shapes = sections.map((each) =>
    typeof each === 'number' ? each : each.map((row) => row.replaceAll('x', 'o')),
  );
  return new Occupancy(geometryOf(hallOf(...shapes)), 1, taken.map(bookedSeat));
}

const wish = (quantity: number, changed: Partial<BestWish> = {}): BestWish => ({
  quantity,
  sectionGroups: null,
  nearSeat: null,
  adjacency: 'together',
  wheelchairs: 0,
  avoidsOrphans: true,
  ...changed,
});
const choose = (occupancy: Occupancy, quantity: number, changed?: Partial<BestWish>) =>
  chooseSeats(occupancy, wish(quantity, changed));
const together = (...seatNumbers: number[]) => ({ seatNumbers, adjacency: 'together' });

describe('the best seats', () => {
  test('are in the middle of the first row, or near to the wished seat', () => {
    const hall = occupancyOf(['ooooooooooo', 'ooooooooooo']);
    expect(choose(hall, 3)).toEqual(together(5, 6, 7));
    expect(choose(hall, 3, { nearSeat: 21 })).toEqual(together(20, 21, 22));
  });

  test('are in the tightest run, though another one is nearer', () => {
    expect(choose(occupancyOf(['oooooo', 'xxooxx']), 2)).toEqual(together(9, 10));
  });

  test('leave no single seat, unless every block does', () => {
    for (const avoidsOrphans of [true, false]) {
      expect(choose(occupancyOf(['ooox', 'oooo']), 2, { avoidsOrphans })).toEqual(together(5, 6));
      expect(choose(occupancyOf(['ooox', 'xxxx']), 2, { avoidsOrphans })).toEqual(together(2, 3));
    }
  });

  test('do not leave two odd parts of a run, unless they are near to the wished seat', () => {
    const hall = occupancyOf(['oooooooooooo']);
    expect(choose(hall, 2)).toEqual(together(5, 6));
    expect(choose(hall, 2, { nearSeat: 7 })).toEqual(together(6, 7));
  });

  test('leave no part of a run with less than four seats where they can avoid it, even in a longer run', () => {
    expect(choose(occupancyOf(['ooooo', 'ooooooo']), 3)).toEqual(together(6, 7, 8));
    expect(choose(occupancyOf(['ooooo', 'oooooo']), 3)).toEqual(together(1, 2, 3));
    expect(choose(occupancyOf(['ooooo', 'xxxxooo']), 3)).toEqual(together(10, 11, 12));
  });

  test('are not among those with restricted view where others are together, though nearer or in a tighter run', () => {
    expect(choose(occupancyOf(['rr', 'oooo']), 2)).toEqual(together(3, 4));
    expect(choose(occupancyOf(['orro', 'oooo']), 2, { nearSeat: 2 })).toEqual(together(5, 6));
    expect(choose(occupancyOf(['rr', 'xoxo']), 2)).toEqual(together(1, 2));
  });

  test('are not on both sides of an aisle', () => {
    expect(choose(occupancyOf(['o|ox', 'xoo']), 2)).toEqual(together(5, 6));
    expect(choose(occupancyOf(['o|ox', 'xox']), 2)).toBeNull();
    expect(choose(occupancyOf(['o|ox', 'xox']), 2, { adjacency: 'sameRow' })).toEqual({
      seatNumbers: [1, 2],
      adjacency: 'sameRow',
    });
  });

  test('are as close together as the wish accepts: in a row, then in three rows of a section, then anywhere', () => {
    const apart = occupancyOf(['oxx', 'xxx', 'xxo', 'xxx', 'xxx', 'xox'], ['o']);
    expect(choose(apart, 2, { adjacency: 'sameRow' })).toBeNull();
    expect(choose(apart, 2, { adjacency: 'near' })).toEqual({ seatNumbers: [1, 9], adjacency: 'near' });
    expect(choose(apart, 3, { adjacency: 'near' })).toBeNull();
    expect(choose(apart, 3, { adjacency: 'any' })).toEqual({ seatNumbers: [1, 9, 17], adjacency: 'any' });
    expect(choose(apart, 4, { adjacency: 'any' })?.seatNumbers).toEqual([1, 9, 17, 19]);
    expect(choose(apart, 5, { adjacency: 'any' })).toBeNull();
  });

  test('are only in the sections that the wish allows', () => {
    const hall = occupancyOf(['ooo'], ['ooo'], 5);
    expect(choose(hall, 3, { sectionGroups: [[1]] })).toEqual(together(4, 5, 6));
    expect(choose(hall, 3, { sectionGroups: [[2]] })).toEqual(together(7, 8, 9));
    expect(choose(hall, 1, { sectionGroups: [] })).toBeNull();
  });

  test('include wheelchair seats only if wished for, with their own companion seats', () => {
    const hall = occupancyOf(['owco', 'cwoo']);
    expect(choose(hall, 2)).toEqual(together(7, 8));
    expect(choose(hall, 1, { wheelchairs: 1, nearSeat: 1 })).toEqual(together(6));
    expect(choose(hall, 2, { wheelchairs: 1, nearSeat: 1 })).toEqual(together(5, 6));
    expect(choose(occupancyOf(['xwco', 'xwoo']), 2, { wheelchairs: 1 })).toEqual(together(2, 3));
    expect(choose(hall, 2, { wheelchairs: 2 })).toBeNull();
    expect(choose(hall, 4, { wheelchairs: 2, adjacency: 'near' })).toEqual({
      seatNumbers: [2, 3, 5, 6],
      adjacency: 'near',
    });
  });
});

describe('the orphan rule', () => {
  test('names the single seats that a pick newly leaves', () => {
    const hall = occupancyOf(['oooooo']);
    expect(orphansLeftBy(hall, [2, 3])).toEqual([1]);
    expect(orphansLeftBy(hall, [2, 5])).toEqual([1, 6]);
    expect(orphansLeftBy(hall, [1, 2])).toEqual([]);
  });

  test('allows singles that were there before, that nobody can avoid, and seats for wheelchairs', () => {
    expect(orphansLeftBy(occupancyOf(['oxoooo']), [3, 4])).toEqual([]);
    expect(orphansLeftBy(occupancyOf(['ooo']), [1, 2])).toEqual([]);
    expect(orphansLeftBy(occupancyOf(['ooo', 'oo']), [1, 2])).toEqual([3]);
    expect(orphansLeftBy(occupancyOf(['ooo'], ['oo']), [1, 2]), 'another section does not count').toEqual([]);
    expect(orphansLeftBy(occupancyOf(['oow', 'oo']), [1, 2])).toEqual([]);
  });

  test('ignores seats of the pick that are not free', () => {
    expect(orphansLeftBy(occupancyOf(['oxoooo']), [2, 3, 4])).toEqual([]);
  });
});

test('a companion seat goes with a wheelchair seat beside it, which the user may have already', () => {
  const { geometry } = occupancyOf(['wcco|ccw']);
  expect(companionsWithoutWheelchair(geometry, [2, 3, 4], [])).toEqual([2, 3]);
  expect(companionsWithoutWheelchair(geometry, [1, 3], [])).toEqual([]);
  expect(companionsWithoutWheelchair(geometry, [3, 5], [1])).toEqual([5]);
});

describe('offers', () => {
  test('that cannot be searched for leave the free seats as they were', () => {
    const hall = occupancyOf(['oooooo']);
    let searches = 0;
    const sectionGroups = Object.assign([[0]], {
      flat: () => {
        searches += 1;
        if (searches > 1) throw new Error('fault');
        return [0];
      },
    });
    expect(() => offersNear(hall, [1, 2], { sectionGroups, avoidsOrphans: false })).toThrow('fault');
    expect([1, 2, 3, 4, 5, 6].every((seat) => hall.isFree(seat))).toBe(true);
  });

  test('for a lost pick are the nearest blocks, though others are in tighter runs', () => {
    const hall = occupancyOf(['oooxxoo', 'xxxxxxx', 'xoooooo'], ['oo']);
    expect(offersNear(hall, [4, 5], { sectionGroups: null, avoidsOrphans: true })).toEqual([
      [6, 7],
      [18, 19],
      [16, 17],
      [20, 21],
      [22, 23],
    ]);
    expect(offersNear(hall, [4, 5], { sectionGroups: [[1]], avoidsOrphans: true })).toEqual([[22, 23]]);
  });
});
