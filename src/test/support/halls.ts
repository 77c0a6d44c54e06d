import fc from 'fast-check';
import type { SeatState } from '../../booking/seat-state.js';
import type {
  PlannedSection,
  Row,
  RowFeature,
  SeatFeature,
  SeatingPlan,
} from '../../catalog/seating-plan.js';

/**
 * What a test says about a row: `o` is an ordinary seat, `w` one for a wheelchair, `c` one for a companion, `r` one with
 * restricted view, `|` an aisle. */
export type RowText = string;

/** A section is its rows, or the number of its standing places. */
export function hallOf(...sections: readonly (readonly RowText[] | number)[]): SeatingPlan {
  let next = 1;
  const planned = sections.map((shape, index): PlannedSection => {
    const firstSeatNumber = next;
    const rows: Row[] = [];
    if (typeof shape === 'number') next += shape;
    for (const text of typeof shape === 'number' ? [] : shape) {
      rows.push(rowOf(text, next, `${rows.length + 1}`));
      next += (rows.at(-1) as Row).seats;
    }
    const kind = typeof shape === 'number' ? 'standing' : 'seated';
    return {
      kind,
      name: `Section ${index + 1}`,
      firstSeatNumber,
      seats: next - firstSeatNumber,
      rows,
      area: null,
    };
  });
  return { totalSeats: next - 1, sections: planned };
}

function rowOf(text: RowText, firstSeatNumber: number, label: string): Row {
  const aislesAfter: number[] = [];
  const features: RowFeature[] = [];
  let seats = 0;
  for (const letter of text) {
    if (letter === '|') {
      aislesAfter.push(seats);
      continue;
    }
    seats += 1;
    const feature = ({ w: 'wheelchair', c: 'companion', r: 'restrictedView' } as Record<string, SeatFeature>)[
      letter
    ];
    if (feature !== undefined) features.push({ seat: seats, feature });
  }
  return { label, firstSeatNumber, seats, seatLabels: null, aislesAfter, features, position: null };
}

export const bookedSeat = (seatNumber: number): SeatState => ({
  seatNumber,
  status: 'booked',
  lockedUntil: null,
});
export const availableSeat = (seatNumber: number): SeatState => ({
  seatNumber,
  status: 'available',
  lockedUntil: null,
});
export const lockedSeat = (seatNumber: number, lockedUntil: Date): SeatState => ({
  seatNumber,
  status: 'locked',
  lockedUntil,
});

const rowText = fc
  .array(fc.constantFrom('o', 'o', 'o', 'o', 'o', 'o', 'o', 'r', 'w', 'c', '|'), {
    minLength: 3,
    maxLength: 8,
  })
  .map((letters) => letters.join('').replace(/\|(?=\||$)|^\|+/g, '') || 'o');

const sectionShape = fc.oneof(
  { weight: 6, arbitrary: fc.array(rowText, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
);

const position = fc.option(
  fc.record({
    x: fc.integer({ min: -4, max: 8 }),
    y: fc.integer({ min: 0, max: 8 }),
    angle: fc.constantFrom(0, 0, 15, -30, 90),
    curve: fc.constantFrom(0, 0, 1, 2.5, -1),
  }),
);

/** Small halls of every kind. In some the rows and sections have positions. */
export const smallHall: fc.Arbitrary<SeatingPlan> = fc
  .tuple(
    fc.array(sectionShape, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    fc.array(position, { minLength: 12, maxLength: 12 }),
  )
  .map(([shapes, isPlaced, positions]) => {
    const plan = hallOf(...shapes);
    if (!isPlaced) return plan;
    const sections = plan.sections.map((section, index) => ({
      ...section,
      area:
        positions[index] === null
          ? null
          : { x: 10 * index, y: positions[index]?.y ?? 0, width: 8, height: 5 },
      rows: section.rows.map((row, at) => ({ ...row, position: positions[(3 * index + at) % 12] ?? null })),
    }));
    return { ...plan, sections };
  });
