import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PlannedSection, type Row, rowLabel, type SeatingPlan } from '../catalog/seating-plan.js';
import { nearestFreeSeats, SEATS_SEARCHED_MAX } from './nearest-free-seats.js';

const CHEAP = { amount: 1_000, currency: 'USD' };
const DEAR = { amount: 9_000, currency: 'USD' };

interface TestSection {
  readonly firstSeatNumber: number;
  readonly rowLengths: readonly number[];
  readonly price: typeof CHEAP | null;
}

/** Sections by the lengths of their rows and their price, one behind the other. */
function sectionsWith(
  ...shapes: readonly (readonly [readonly number[], typeof CHEAP | null])[]
): TestSection[] {
  let next = 1;
  return shapes.map(([rowLengths, price]) => {
    const firstSeatNumber = next;
    next += sum(rowLengths);
    return { firstSeatNumber, rowLengths, price };
  });
}

/** Sections by their rows, seats a row and price. */
const sectionsOf = (...shapes: readonly (readonly [number, number, typeof CHEAP | null])[]): TestSection[] =>
  sectionsWith(...shapes.map(([rows, seats, price]) => [Array<number>(rows).fill(seats), price] as const));

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const sizeOf = (sections: readonly TestSection[]) => sum(sections.map(({ rowLengths }) => sum(rowLengths)));

function planOf(sections: readonly TestSection[]): SeatingPlan {
  const rowsOf = ({ firstSeatNumber, rowLengths }: TestSection): Row[] =>
    rowLengths.map((seats, row) => ({
      label: rowLabel(row),
      firstSeatNumber: firstSeatNumber + sum(rowLengths.slice(0, row)),
      seats,
      seatLabels: null,
      aislesAfter: [],
      features: [],
      position: null,
    }));
  return {
    totalSeats: sizeOf(sections),
    sections: sections.map((section, index) => ({
      kind: 'seated',
      name: `Section ${index}`,
      firstSeatNumber: section.firstSeatNumber,
      seats: sum(section.rowLengths),
      rows: rowsOf(section),
      area: null,
    })),
  };
}

function near(
  sections: readonly TestSection[],
  taken: number[],
  isFree: (seat: number) => boolean = () => true,
  count = 5,
): number[] {
  const priceOf = (section: number) => sections[section]?.price ?? null;
  return nearestFreeSeats({ plan: planOf(sections), priceOf, isFree }, taken, count);
}
const only =
  (...free: number[]) =>
  (seat: number) =>
    free.includes(seat);
const but =
  (...taken: number[]) =>
  (seat: number) =>
    !taken.includes(seat);

describe('the nearest free seats', () => {
  const sections50 = sectionsOf([5, 10, CHEAP]);

  test('are beside the taken one, then in front of it or behind, and not at the other end of the next row', () => {
    // The last seat of the second row: the next number is the first seat of the third, the farthest there is.
    expect(near(sections50, [20])).toEqual([19, 18, 17, 16, 15]);
    expect(near(sections50, [25])).toEqual([24, 26, 23, 27, 22]);
    expect(near(sections50, [20], only(10, 21, 30))).toEqual([10, 30, 21]);
  });

  test('are free, are not taken, and are no more than there are', () => {
    const row = sectionsOf([1, 4, CHEAP]);
    expect(near(row, [2], but(3))).toEqual([1, 4]);
    expect(near(row, [2], () => false)).toEqual([]);
    expect(near(row, [2, 3])).toEqual([1, 4]);
    expect(near(sectionsOf([1, 1, null]), [1])).toEqual([]);
  });

  test('are near any of the taken ones, each once', () => {
    expect(near(sections50, [1, 50])).toEqual([2, 49, 3, 48, 4]);
    expect(near(sections50, [24, 26])).toEqual([23, 25, 27, 22, 28]);
    expect(near(sections50, [26, 24])).toEqual([23, 25, 27, 22, 28]);
  });

  test('are in the same section before another one, and for the same price before another one', () => {
    const three = sectionsOf([2, 20, DEAR], [2, 20, CHEAP], [2, 20, CHEAP]);
    // Two seats along in its own row, or right behind it in the next section.
    expect(near(three, [70], only(72, 90))).toEqual([72, 90]);
    // Behind it for the same price rather than in front of it for nine times as much.
    expect(near(three, [70], only(30, 110))).toEqual([110, 30]);
  });

  test('are found in a section of another width by the middle of its rows', () => {
    const two = sectionsOf([1, 5, CHEAP], [1, 11, CHEAP]);
    expect(near(two, [3], (seat) => seat > 5, 3)).toEqual([11, 10, 12]);
    // Wider than the other section: its outermost seat has none right in front of it.
    expect(near(two, [6], (seat) => seat <= 5, 2)).toEqual([1, 2]);
  });

  test('are found in rows of other lengths, by the middle of each row', () => {
    const rows = sectionsWith([[4, 10, 3], CHEAP]);
    // Seat 9 is as far from seat 15 as from seat 16, the middle of the third row.
    expect(near(rows, [9], (seat) => seat > 14)).toEqual([15, 16, 17]);
    expect(near(rows, [17], (seat) => seat < 15, 3)).toEqual([10, 11, 9]);
  });

  test('are places of a standing section, and no seats for wheelchairs or companions', () => {
    const [section] = planOf(sectionsOf([1, 5, CHEAP])).sections;
    const features = [
      { seat: 2, feature: 'wheelchair' as const },
      { seat: 3, feature: 'companion' as const },
      { seat: 4, feature: 'restrictedView' as const },
    ];
    const rows = section?.rows.map((row) => ({ ...row, features })) as Row[];
    const floor = {
      kind: 'standing',
      name: 'Floor',
      firstSeatNumber: 6,
      seats: 3,
      rows: [],
      area: null,
    } as const;
    const plan = { totalSeats: 8, sections: [{ ...(section as PlannedSection), rows }, floor] };
    const seats = { plan, priceOf: () => null, isFree: () => true };
    expect(nearestFreeSeats(seats, [1])).toEqual([4, 5, 6, 7, 8]);
    expect(nearestFreeSeats(seats, [6], 2)).toEqual([7, 8]);
  });

  test('are found without a search of more than a named number of seats', () => {
    const large = sectionsOf([250, 400, CHEAP]);
    let checked = 0;
    const none = () => {
      checked += 1;
      return false;
    };
    expect(near(large, [50_000], none)).toEqual([]);
    expect(checked).toBeGreaterThan(SEATS_SEARCHED_MAX / 2);
    expect(checked).toBeLessThanOrEqual(SEATS_SEARCHED_MAX);
  });

  test('are those that a comparison of all seats finds', () => {
    const shape = fc.tuple(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(CHEAP, DEAR, null),
    );
    fc.assert(
      fc.property(
        fc.array(shape, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 96 })),
        (shapes, picks, held) => {
          const sections = sectionsWith(...shapes);
          const total = sizeOf(sections);
          const taken = [...new Set(picks.map((pick) => (pick % total) + 1))];
          const all = Array.from({ length: total }, (_, index) => index + 1);
          const distanceTo = (seat: number) =>
            Math.min(...taken.map((each) => distance(sections, each, seat)));
          const isFree = but(...held);
          const nearest = all
            .filter((seat) => isFree(seat) && !taken.includes(seat))
            .sort((a, b) => distanceTo(a) - distanceTo(b) || a - b)
            .slice(0, 5);
          expect(near(sections, taken, isFree)).toEqual(nearest);
        },
      ),
    );
  });
});

/** In seats, by the plain words of the rule. */
function distance(sections: readonly TestSection[], one: number, other: number): number {
  const [a, b] = [one, other].map((seat) => {
    const index = sections.findLastIndex(({ firstSeatNumber }) => firstSeatNumber <= seat);
    const section = sections[index] as TestSection;
    const before = sections.slice(0, index).reduce((rows, { rowLengths }) => rows + rowLengths.length + 3, 0);
    let column = seat - section.firstSeatNumber;
    let row = 0;
    for (; column >= (section.rowLengths[row] as number); row++) column -= section.rowLengths[row] as number;
    return { section, x: column - ((section.rowLengths[row] as number) - 1) / 2, y: before + row };
  });
  if (a === undefined || b === undefined) throw new Error('There are two seats.');
  const elsewhere = a.section === b.section ? 0 : 6;
  const otherPrice = a.section.price === b.section.price ? 0 : 30;
  return Math.abs(a.x - b.x) + 6 * Math.abs(a.y - b.y) + elsewhere + otherPrice;
}
