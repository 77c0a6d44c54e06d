import { describe, expect, test } from 'vitest';
import type { PlannedSection, Row, RowPosition, SectionArea } from '../../../../src/catalog/seating-plan.js';
import { contains } from './geometry.js';
import { Layout } from './layout.js';
import { Seating, type SectionShape } from './seating.js';

type NewRow = Partial<Omit<Row, 'firstSeatNumber'>> & { readonly seats: number };
type NewSection =
  | { readonly rows: readonly NewRow[]; readonly area?: SectionArea }
  | { readonly standing: number; readonly area?: SectionArea };

function layoutOf(...shapes: readonly [rows: number, seatsPerRow: number][]): Layout {
  let next = 1;
  const sections: SectionShape[] = shapes.map(([rows, seatsPerRow], index) => {
    const firstSeatNumber = next;
    next += rows * seatsPerRow;
    return { name: `S${index}`, firstSeatNumber, rows, seatsPerRow };
  });
  return new Layout(new Seating(sections, next - 1));
}

function planned(...given: readonly NewSection[]): Layout {
  let next = 1;
  const sections = given.map((section, index): PlannedSection => {
    const firstSeatNumber = next;
    const common = { name: `S${index}`, firstSeatNumber, area: section.area ?? null };
    if ('standing' in section) {
      next += section.standing;
      return { ...common, kind: 'standing', seats: section.standing, rows: [] };
    }
    const rows = section.rows.map((row, at) => {
      const label = String(at + 1);
      const defaults = { label, seatLabels: null, aislesAfter: [], features: [], position: null };
      const whole = { ...defaults, ...row, firstSeatNumber: next };
      next += row.seats;
      return whole;
    });
    return { ...common, kind: 'seated', seats: next - firstSeatNumber, rows };
  });
  const totalSeats = next - 1;
  const shapes = sections.map(({ name, firstSeatNumber }) => ({
    name,
    firstSeatNumber,
    rows: 1,
    seatsPerRow: 1,
  }));
  return new Layout(new Seating(shapes, totalSeats, { totalSeats, sections }));
}

const position = (x: number, y: number, angle = 0, curve = 0): RowPosition => ({ x, y, angle, curve });

/** Seats around a floor: to its left and right, behind it, and turned by 45 degrees in its corner. */
const ARENA = planned(
  { standing: 500, area: { x: 12, y: 4, width: 30, height: 20 } },
  {
    area: { x: 0, y: 4, width: 10, height: 20 },
    rows: [9, 8, 7].map((x) => ({ seats: 18, position: position(x, 19, -90) })),
  },
  {
    area: { x: 44, y: 4, width: 10, height: 20 },
    rows: [1, 2, 3].map((x) => ({ seats: 18, position: position(x, 1, 90) })),
  },
  {
    area: { x: 0, y: 26, width: 12, height: 12 },
    rows: [0, 1, 2].map((at) => ({ seats: 5 + at, position: position(4 + at * 0.7, 2 + at * 0.7, 45) })),
  },
  {
    area: { x: 14, y: 30, width: 26, height: 8 },
    rows: [{ seats: 20 }, { seats: 24, aislesAfter: [12] }, { seats: 21 }],
  },
);
const THEATRE = planned(
  {
    area: { x: 0, y: 0, width: 30, height: 14 },
    rows: Array.from({ length: 10 }, (_, at) => ({
      seats: 20 + (at % 3),
      aislesAfter: [5, 10],
      position: position(1, 1 + at * 1.1, 0, 3),
    })),
  },
  // Without an area it comes behind.
  { rows: [{ seats: 8 }, { seats: 11 }, { seats: 1 }] },
);
const LONG = new Layout(new Seating([{ name: 'S', firstSeatNumber: 1, rows: 3, seatsPerRow: 1_001 }], 2_100));

const HALLS: readonly [string, Layout][] = [
  ['three sections', layoutOf([8, 20], [6, 18], [4, 16])],
  ['one row of 500', layoutOf([1, 500])],
  ['rows of 1,001, the last one short', LONG],
  ['500 rows of 2', layoutOf([500, 2])],
  [
    'twenty sections',
    layoutOf(...Array.from({ length: 20 }, () => [10, 50] as [rows: number, seatsPerRow: number])),
  ],
  ['one seat', layoutOf([1, 1])],
  [
    'rows of different lengths with aisles',
    planned({ rows: [{ seats: 3 }, { seats: 9, aislesAfter: [2, 7] }, { seats: 4 }] }),
  ],
  ['an arena', ARENA],
  ['a curved theatre', THEATRE],
  [
    'two seats far from each other',
    planned(
      { area: { x: 0, y: 0, width: 1, height: 1 }, rows: [{ seats: 1 }] },
      { area: { x: 9_000, y: 9_000, width: 1, height: 1 }, rows: [{ seats: 1 }] },
    ),
  ],
];

describe.each(HALLS)('the layout of %s', (_name, layout) => {
  const { seating } = layout;
  const seats = Array.from({ length: seating.totalSeats }, (_, index) => index + 1);
  const inRows = seats.filter((seat) => !seating.isStanding(seat));

  test('has every seat at its own place, where a tap finds it', () => {
    for (const seat of inRows) expect(layout.seatAt(layout.positionOf(seat))).toBe(seat);
  });

  test('has every seat within its bounds and within its section’s', () => {
    for (const seat of seats) {
      const { x, y } = layout.positionOf(seat);
      for (const box of [layout.bounds, layout.boundsOfSection(seating.sectionOf(seat))]) {
        expect(x > box.left && x < box.right && y > box.top && y < box.bottom).toBe(true);
      }
    }
  });

  test('has no seat at its edges or on its stage', () => {
    const { left, top, right, bottom } = layout.bounds;
    const { stage } = layout;
    for (const point of [
      { x: left, y: top },
      { x: right, y: bottom },
      { x: 0, y: top },
      { x: 0, y: stage.bottom - stage.depth / 2 },
    ]) {
      expect(layout.seatAt(point)).toBeNull();
    }
  });

  test('finds the seats in a part of it, among few others', () => {
    const [first] = inRows;
    const { x, y } = layout.positionOf(first as number);
    const part = { left: x - 2, right: x + 2, top: y - 1, bottom: y + 1 };
    const found = new Set<number>();
    layout.visitSeats(part, (seat) => found.add(seat));
    const wanted = inRows.filter((seat) => contains(part, layout.positionOf(seat)));
    expect(wanted.filter((seat) => !found.has(seat))).toEqual([]);
    if (inRows.length > 500) expect(found.size).toBeLessThan(inRows.length / 4);
  });
});

test('rows stay whole and in order, also where a deep section is split', () => {
  const layout = layoutOf([500, 20]);
  for (let row = 0; row < 500; row++) {
    const [first, last] = [layout.positionOf(row * 20 + 1), layout.positionOf(row * 20 + 20)];
    expect(last.x - first.x).toBeCloseTo(19, 3);
  }
  const { left, right, top, bottom } = layout.bounds;
  expect((right - left) / (bottom - top)).toBeGreaterThan(0.5);
});

test('a row of 100,000 seats is continued below, so that seats are large enough to be seen', () => {
  const { bounds } = layoutOf([1, 100_000]);
  const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
  // On a screen of 800 pixels, at least 1.5 pixels per seat.
  expect(800 / width).toBeGreaterThan(1.5);
  expect(width / height).toBeGreaterThan(0.8);
});

test('a row’s labels are beside its ends, in its direction; those of bent rows are level with the seat beside them', () => {
  const bent = layoutOf([5, 10]);
  const [section] = bent.seating.sections;
  const spot = section && bent.rowLabelSpot(section, 2, 'last');
  expect(spot?.y).toBeCloseTo(bent.positionOf(30).y);
  expect((spot?.x ?? 0) - bent.positionOf(30).x).toBeCloseTo(1.2);
  const left = ARENA.seating.sections[1];
  const below = left && ARENA.rowLabelSpot(left, 0, 'first');
  const first = ARENA.positionOf(left?.firstSeatNumber ?? 0);
  expect([below?.x, below?.y]).toEqual([expect.closeTo(first.x), expect.closeTo(first.y + 1.2)]);
});

test('the nearest seat to a point is the seat at the point, or the seat beside the gap', () => {
  const layout = layoutOf([5, 10], [3, 8]);
  for (const seat of [1, 34, 50, 51, 74]) expect(layout.nearestSeat(layout.positionOf(seat))).toBe(seat);
  const { x, y } = layout.positionOf(45);
  expect(layout.nearestSeat({ x, y: y + 1 })).toBe(45);
  expect(layout.nearestSeat({ x: -100, y: layout.positionOf(1).y })).toBe(1);
});

test('the ends of a row are nearer to the stage than its middle, and a short row is centred', () => {
  const layout = layoutOf([4, 21]);
  expect(layout.positionOf(1).y).toBeLessThan(layout.positionOf(11).y);
  const short = new Layout(new Seating([{ name: 'S', firstSeatNumber: 1, rows: 2, seatsPerRow: 4 }], 6));
  expect([short.positionOf(5).x, short.positionOf(6).x]).toEqual([-0.5, 0.5]);
  const { x, y } = short.positionOf(6);
  expect(short.seatAt({ x: x + 1, y })).toBeNull();
});

test('an aisle is as wide as a seat, and a curve says how far the middle lies behind the ends', () => {
  const layout = planned({
    area: { x: 0, y: 0, width: 20, height: 10 },
    rows: [{ seats: 5, aislesAfter: [3], position: position(4, 2, 0, 1.5) }],
  });
  const along = [1, 2, 3, 4, 5].map((seat) => layout.positionOf(seat).x - layout.positionOf(1).x);
  expect(along).toEqual([0, 1, 2, 4, 5]);
  const curved = planned({
    area: { x: 0, y: 0, width: 20, height: 10 },
    rows: [{ seats: 5, position: position(0, 0, 90, 2) }],
  });
  // The row runs away from the stage, so behind it is to the left.
  const [first, middle, last] = [1, 3, 5].map((seat) => curved.positionOf(seat));
  expect(last?.y).toBeCloseTo((first?.y ?? 0) + 4);
  expect(middle?.x).toBeCloseTo((first?.x ?? 0) - 2);
});

test('seats are turned with their rows, but never so far that a square looks like the diamond of a held seat', () => {
  const tilts = (section: number) => {
    const { firstSeatNumber = 0, lastSeatNumber = 0 } = ARENA.seating.sections[section] ?? {};
    return [firstSeatNumber, lastSeatNumber].map((seat) => Math.abs(ARENA.tiltOf(seat)));
  };
  expect([tilts(1), tilts(3), tilts(4)]).toEqual([
    [0, 0],
    [30, 30],
    [0, 0],
  ]);
  const ends = [1, 20].map((seat) => THEATRE.tiltOf(seat));
  expect(ends[0]).toBe(-(ends[1] as number));
  expect(ends[0]).toBeGreaterThan(10);
});

test('a tap on a standing area finds its first place, and one beside it nothing', () => {
  const area = ARENA.standingAreas.get(0);
  const { left, top } = area ?? { left: 0, top: 0 };
  expect(ARENA.seatAt({ x: left + 1, y: top + 1 })).toBe(1);
  expect(ARENA.seatAt({ x: left - 1, y: top + 1 })).toBeNull();
});
