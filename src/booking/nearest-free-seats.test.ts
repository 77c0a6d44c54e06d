import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearestFreeSeats, SEATS_SEARCHED_MAX, type SeatedSection } from './nearest-free-seats.js';

const CHEAP = { amount: 1_000, currency: 'USD' };
const DEAR = { amount: 9_000, currency: 'USD' };

/** Sections by their rows, seats a row and price, one behind the other. */
function sectionsOf(...shapes: readonly (readonly [number, number, typeof CHEAP | null])[]): SeatedSection[] {
  let next = 1;
  return shapes.map(([rows, seatsPerRow, price]) => {
    const firstSeatNumber = next;
    next += rows * seatsPerRow;
    return { firstSeatNumber, rows, seatsPerRow, price };
  });
}

const sizeOf = (sections: readonly SeatedSection[]) =>
  sections.reduce((sum, { rows, seatsPerRow }) => sum + rows * seatsPerRow, 0);

function near(
  sections: readonly SeatedSection[],
  taken: number[],
  isFree: (seat: number) => boolean = () => true,
  count = 5,
): number[] {
  return nearestFreeSeats({ sections, totalSeats: sizeOf(sections), isFree }, taken, count);
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

  test('do not include numbers behind the last seat of a short row', () => {
    expect(
      nearestFreeSeats(
        { sections: [{ ...sections50[0], rows: 5 } as SeatedSection], totalSeats: 43, isFree: (s) => s > 40 },
        [39],
      ),
    ).toEqual([43, 42, 41]);
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
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(CHEAP, DEAR, null),
    );
    fc.assert(
      fc.property(
        fc.array(shape, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 96 })),
        (shapes, picks, held) => {
          const sections = sectionsOf(...shapes);
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
function distance(sections: readonly SeatedSection[], one: number, other: number): number {
  const [a, b] = [one, other].map((seat) => {
    const index = sections.findLastIndex(({ firstSeatNumber }) => firstSeatNumber <= seat);
    const section = sections[index] as SeatedSection;
    const before = sections.slice(0, index).reduce((sum, { rows }) => sum + rows + 3, 0);
    const offset = seat - section.firstSeatNumber;
    const x = (offset % section.seatsPerRow) - (section.seatsPerRow - 1) / 2;
    return { section, x, y: before + Math.floor(offset / section.seatsPerRow) };
  });
  if (a === undefined || b === undefined) throw new Error('There are two seats.');
  const elsewhere = a.section === b.section ? 0 : 6;
  const otherPrice = a.section.price === b.section.price ? 0 : 30;
  return Math.abs(a.x - b.x) + 6 * Math.abs(a.y - b.y) + elsewhere + otherPrice;
}
