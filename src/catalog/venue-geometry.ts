import type { NewRowPosition } from './rows.js';
import type { SectionArea } from './seating-plan.js';

/** From the geometry of single seats to that of a plan: rows that are straight or arcs, and areas. In seat widths. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Two neighbours have an aisle between them if they are this many times as far apart as neighbours usually are. */
const AISLE_FROM = 1.5;
/** A row whose middle is less than this behind its ends is straight: files round their numbers. */
const CURVE_MIN = 0.05;
/** The distance of two neighbours in most cases; undefined if no row has two seats. */
export function usualStep(rows: readonly (readonly Point[])[]): number | undefined {
  const steps = rows.flatMap(stepsOf).sort((a, b) => a - b);
  return steps[Math.floor((steps.length - 1) / 2)];
}

/** After which seats of the row, counted from 1, there is an aisle. */
export const aislesOf = (row: readonly Point[], usual: number): number[] =>
  stepsOf(row).flatMap((step, index) => (step > usual * AISLE_FROM ? [index + 1] : []));

const stepsOf = (row: readonly Point[]): number[] =>
  row.slice(1).map(({ x, y }, index) => Math.hypot(x - (row[index] as Point).x, y - (row[index] as Point).y));

/**
 * The position whose row comes closest to the seats, by least squares. A row has its seats one seat width apart along the line
 * between its ends, two at an aisle, and lies behind that line by a parabola whose middle is `curve`.
 */
export function fitRow(seats: readonly Point[], aislesAfter: readonly number[]): Required<NewRowPosition> {
  const aisles = new Set(aislesAfter);
  let next = 0;
  const along = seats.map((_, index) => {
    const at = next;
    next += aisles.has(index + 1) ? 2 : 1;
    return at;
  });
  const length = along.at(-1) ?? 0;
  const behind = along.map((at) => (length === 0 ? 0 : 1 - (2 * (at / length) - 1) ** 2));
  const [x, y] = [seats.map((seat) => seat.x), seats.map((seat) => seat.y)];
  const [dx, bx] = slopes(x, along, behind);
  const [dy, by] = slopes(y, along, behind);
  const distance = Math.hypot(dx, dy);
  const [cos, sin] = distance === 0 ? [1, 0] : [dx / distance, dy / distance];
  const fitted = by * cos - bx * sin;
  const curve = Math.abs(fitted) < CURVE_MIN ? 0 : fitted;
  const [middleAlong, middleBehind] = [mean(along), mean(behind) * curve];
  return {
    x: rounded(mean(x) - middleAlong * cos + middleBehind * sin),
    y: rounded(mean(y) - middleAlong * sin - middleBehind * cos),
    angle: rounded((Math.atan2(sin, cos) * 180) / Math.PI),
    curve: rounded(curve),
  };
}

/** By how much a value grows with each of two others. */
function slopes(
  values: readonly number[],
  first: readonly number[],
  second: readonly number[],
): [number, number] {
  const [a, b, v] = [centred(first), centred(second), centred(values)];
  const [aa, ab, bb, av, bv] = [dot(a, a), dot(a, b), dot(b, b), dot(a, v), dot(b, v)];
  const determinant = aa * bb - ab * ab;
  // Two seats are on a line, and one has no direction.
  if (determinant < 1e-9) return [aa === 0 ? 0 : av / aa, 0];
  return [(av * bb - bv * ab) / determinant, (bv * aa - av * ab) / determinant];
}

/** The box around all seats of a section. */
export function areaAround(seats: readonly Point[]): SectionArea {
  const [left, right] = extent(seats.map(({ x }) => x));
  const [top, bottom] = extent(seats.map(({ y }) => y));
  return {
    x: rounded(left - 0.5),
    y: rounded(top - 0.5),
    width: rounded(right - left + 1),
    height: rounded(bottom - top + 1),
  };
}

function extent(values: readonly number[]): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);

/** To hundredths, so that a plan of many rows stays small. */
const rounded = (value: number): number => Math.round(value * 100) / 100 + 0;
