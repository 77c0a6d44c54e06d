import { expect, test } from 'vitest';
import { hallOf } from '../test/support/halls.js';
import { geometryOf } from './seating-geometry.js';
import type { RowPosition, SeatingPlan, SectionArea } from './seating-plan.js';

const pointsOf = (plan: SeatingPlan) => {
  const geometry = geometryOf(plan);
  return Array.from({ length: plan.totalSeats }, (_, index) => {
    const { x, y } = geometry.positionOf(index + 1);
    return [Number(x.toFixed(3)), Number(y.toFixed(3))];
  });
};

/** A hall of one section with these rows. */
function placed(
  rows: readonly (readonly [string, RowPosition | null])[],
  area: SectionArea | null,
): SeatingPlan {
  const plan = hallOf(rows.map(([text]) => text));
  return {
    ...plan,
    sections: plan.sections.map((section) => ({
      ...section,
      area,
      rows: section.rows.map((row, index) => ({ ...row, position: rows[index]?.[1] ?? null })),
    })),
  };
}

test('rows without positions are straight and centred, and sections without areas are one behind the other', () => {
  expect(pointsOf(hallOf(['ooo', 'oo'], ['oooo']))).toEqual([
    [-1, 0.5],
    [0, 0.5],
    [1, 0.5],
    [-0.5, 1.5],
    [0.5, 1.5],
    // The gap of three rows.
    [-1.5, 5.5],
    [-0.5, 5.5],
    [0.5, 5.5],
    [1.5, 5.5],
  ]);
});

test('an aisle is as wide as a seat', () => {
  expect(pointsOf(hallOf(['oo|o', 'oo'])).map(([x]) => x)).toEqual([-1.5, -0.5, 1.5, -0.5, 0.5]);
});

test('a section without an area comes behind those that have one, in their middle', () => {
  const plan = hallOf(['oo'], ['o']);
  const area = { x: 10, y: 20, width: 2, height: 1 };
  const sections = plan.sections.map((section, index) => ({ ...section, area: index === 1 ? area : null }));
  expect(pointsOf({ ...plan, sections })).toEqual([
    [10.5, 24.5],
    [11.5, 24.5],
    [11, 20.5],
  ]);
});

test('a row begins at its position in the section’s area, is turned clockwise, and has its middle behind its ends', () => {
  const turned = { x: 1, y: 2, angle: 90, curve: 0 };
  const curved = { x: 0, y: 0, angle: 0, curve: 2 };
  const area = { x: 10, y: 20, width: 4, height: 9 };
  expect(pointsOf(placed([['ooo', turned]], area))).toEqual([
    [11, 22],
    [11, 23],
    [11, 24],
  ]);
  expect(pointsOf(placed([['ooo', curved]], area))).toEqual([
    [10, 20],
    [11, 22],
    [12, 20],
  ]);
  // A row without a position is one seat width behind the row before it, in the middle of the area.
  expect(
    pointsOf(
      placed(
        [
          ['o', turned],
          ['ooo', null],
        ],
        area,
      ),
    ).slice(1),
  ).toEqual([
    [11, 23],
    [12, 23],
    [13, 23],
  ]);
});

test('a section’s focus is the middle of its first row, or of its standing area', () => {
  const geometry = geometryOf(hallOf(['oooo', 'oo'], 9));
  expect([0, 1].map((section) => geometry.focusOf(section))).toEqual([
    { x: 0, y: 0.5 },
    { x: 0, y: 6.5 },
  ]);
});

test('seats are neighbours in their row on one side of an aisle only', () => {
  const geometry = geometryOf(hallOf(['oo|wc', 'o'], 2));
  const seats = [0, 1, 2, 3, 4, 5, 6, 7];
  expect(seats.filter((seat) => geometry.isBesideNext(seat))).toEqual([1, 3]);
  expect(seats.filter((seat) => geometry.joinsNext(seat))).toEqual([1]);
  expect([geometry.wheelchairSeats, geometry.companionSeats]).toEqual([[3], [4]]);
});

test('the geometry of a plan is built once', () => {
  const plan = hallOf(['oo']);
  expect(geometryOf(plan)).toBe(geometryOf(plan));
});
