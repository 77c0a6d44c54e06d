import { describe, expect, test } from 'vitest';
import { Layout } from './layout.js';
import { Seating, type SectionShape } from './seating.js';

function section(rows: number, seatsPerRow: number): SectionShape {
  return { name: 'S', firstSeatNumber: 1, rows, seatsPerRow };
}

function layoutOf(...shapes: readonly [rows: number, seatsPerRow: number][]): Layout {
  let next = 1;
  const sections: SectionShape[] = shapes.map(([rows, seatsPerRow], index) => {
    const firstSeatNumber = next;
    next += rows * seatsPerRow;
    return { name: `S${index}`, firstSeatNumber, rows, seatsPerRow };
  });
  return new Layout(new Seating(sections, next - 1));
}

const HALLS: readonly [string, Layout][] = [
  ['three sections', layoutOf([8, 20], [6, 18], [4, 16])],
  ['one row of 500', layoutOf([1, 500])],
  ['rows of 1,001, the last one short', new Layout(new Seating([section(3, 1_001)], 2_100))],
  ['500 rows of 2', layoutOf([500, 2])],
  [
    'twenty sections',
    layoutOf(...Array.from({ length: 20 }, () => [10, 50] as [rows: number, seatsPerRow: number])),
  ],
  ['one seat', layoutOf([1, 1])],
];

describe.each(HALLS)('the layout of %s', (_name, layout) => {
  const seats = Array.from({ length: layout.seating.totalSeats }, (_, index) => index + 1);

  test('has every seat at its own place, where a tap finds it', () => {
    for (const seat of seats) expect(layout.seatAt(layout.positionOf(seat))).toBe(seat);
  });

  test('has every seat within its bounds and within its section’s', () => {
    for (const seat of seats) {
      const { x, y } = layout.positionOf(seat);
      for (const box of [layout.bounds, layout.boundsOfSection(layout.seating.sectionOf(seat))]) {
        expect(x > box.left && x < box.right && y > box.top && y < box.bottom).toBe(true);
      }
    }
  });

  test('has no seat outside of its bays', () => {
    const { left, top, right, bottom } = layout.bounds;
    for (const point of [
      { x: left, y: top },
      { x: right, y: bottom },
      { x: 0, y: top },
    ]) {
      expect(layout.seatAt(point)).toBeNull();
    }
  });
});

test('rows stay whole and in order, also where a deep section is split', () => {
  const layout = layoutOf([500, 20]);
  expect(layout.bays.length).toBeGreaterThan(1);
  expect(layout.bays.every(({ columns }) => columns === 20)).toBe(true);
  expect(layout.bays.reduce((rows, bay) => rows + bay.rows, 0)).toBe(500);
  const { left, right, top, bottom } = layout.bounds;
  expect((right - left) / (bottom - top)).toBeGreaterThan(0.5);
});

test('a row of 100,000 seats is continued below, so that seats are large enough to be seen', () => {
  const { bounds, bays } = layoutOf([1, 100_000]);
  const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
  // On a screen of 800 pixels, at least 1.5 pixels per seat.
  expect(800 / width).toBeGreaterThan(1.5);
  expect(width / height).toBeGreaterThan(0.8);
  expect(bays.map(({ firstColumn }) => firstColumn)).toEqual(
    bays.map((_, index) => index * (bays[0]?.columns ?? 0)),
  );
});

test('a row’s name is level with the seat beside it', () => {
  const layout = layoutOf([5, 10], [3, 8]);
  for (const bay of layout.bays) {
    for (let row = 0; row < bay.rows; row++) {
      for (const [x, column] of [
        [bay.left - 0.7, 0],
        [bay.left + 2.4, 2],
        [bay.left + bay.columns + 0.7, bay.columns - 1],
      ] as const) {
        const seat = layout.seating.seatAt(bay.section, bay.firstRow + row, column) as number;
        expect(layout.rowNameHeight(bay, row, x)).toBeCloseTo(layout.positionOf(seat).y);
      }
    }
  }
});

test('the nearest seat to a point is the seat at the point, or the seat beside the gap', () => {
  const layout = layoutOf([5, 10], [3, 8]);
  for (const seat of [1, 34, 50, 51, 74]) expect(layout.nearestSeat(layout.positionOf(seat))).toBe(seat);
  const { x, y } = layout.positionOf(45);
  expect(layout.nearestSeat({ x, y: y + 1 })).toBe(45);
  expect(layout.nearestSeat({ x: -100, y: layout.positionOf(1).y })).toBe(1);
});

test('the ends of a row are nearer to the stage than its middle, and a short last row ends with its last seat', () => {
  const layout = layoutOf([4, 21]);
  expect(layout.positionOf(1).y).toBeLessThan(layout.positionOf(11).y);
  const short = new Layout(new Seating([{ name: 'S', firstSeatNumber: 1, rows: 2, seatsPerRow: 4 }], 6));
  const { x, y } = short.positionOf(6);
  expect(short.seatAt({ x: x + 1, y })).toBeNull();
});
