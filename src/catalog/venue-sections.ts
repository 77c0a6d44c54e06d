import type { NewRow } from './rows.js';
import type { NewSection } from './seating.js';
import type { SeatFeature, SectionArea } from './seating-plan.js';
import { aislesOf, areaAround, fitRow, type Point, usualStep } from './venue-geometry.js';

/** From the lines of a venue file to sections of a new event, with positions if the file has x and y. */

export interface Seat {
  readonly line: number;
  readonly label: string;
  readonly point: Point | undefined;
  readonly features: readonly SeatFeature[];
}

export interface ReadRow {
  readonly label: string;
  /** Its first. */
  readonly line: number;
  /** By the key of the label, from one end of the row to the other. */
  readonly seats: Map<string, Seat>;
}

export interface ReadSection {
  readonly name: string;
  /** Its first. */
  readonly line: number;
  price: { readonly amount: number; readonly line: number } | undefined;
  /** Of a standing section. */
  capacity: number | undefined;
  /** Of a standing section, if the file says so. */
  area: SectionArea | undefined;
  /** By the key of the label, from the front to the back. */
  readonly rows: Map<string, ReadRow>;
}

/** Why a file is refused. */
export interface VenueFault {
  /** Counted from 1, with the header. */
  readonly line: number;
  /** Null if it is about the whole line. */
  readonly column: string | null;
  readonly message: string;
}

export type Venue = { readonly sections: readonly NewSection[] } | { readonly faults: readonly VenueFault[] };

/** How far apart neighbours may usually be, in seat widths; otherwise x and y are in another unit. */
const STEP_MIN = 0.6;
const STEP_MAX = 1.7;

export function sectionsFrom(sections: readonly ReadSection[], currency: string): Venue {
  const faults = [...missingPoints(sections), ...sharedPoints(sections), ...otherUnit(sections)];
  if (faults.length > 0) return { faults };
  return {
    sections: sections.map((section) => ({
      name: section.name,
      ...(section.price && { price: { amount: section.price.amount, currency } }),
      ...(section.capacity === undefined
        ? seatedSection(section)
        : { kind: 'standing', capacity: section.capacity, ...(section.area && { area: section.area }) }),
    })),
  };
}

type SectionShape = Omit<NewSection, 'name' | 'price'>;

function seatedSection(section: ReadSection): SectionShape {
  const points = pointsOf(section);
  const rows = [...section.rows.values()];
  const usual = usualStep(points) ?? 1;
  if (points.length === 0) return { rowList: rows.map(rowWithoutPosition) };
  const area = areaAround(points.flat());
  const rowList = rows.map((row, index) => {
    const inSection = (points[index] as readonly Point[]).map(({ x, y }) => ({
      x: x - area.x,
      y: y - area.y,
    }));
    const aislesAfter = aislesOf(inSection, usual);
    return {
      ...rowWithoutPosition(row),
      ...(aislesAfter.length > 0 && { aislesAfter }),
      position: fitRow(inSection, aislesAfter),
    };
  });
  return { rowList, area };
}

function rowWithoutPosition({ label, seats }: ReadRow): NewRow {
  const all = [...seats.values()];
  const features = all.flatMap((seat, index) =>
    seat.features.map((feature) => ({ seat: index + 1, feature })),
  );
  return {
    label,
    seats: all.length,
    ...(all.some((seat, index) => seat.label !== String(index + 1)) && {
      seatLabels: all.map((seat) => seat.label),
    }),
    ...(features.length > 0 && { features }),
  };
}

/** By row; empty if the section has no positions. */
const pointsOf = ({ rows }: ReadSection): Point[][] =>
  [...rows.values()]
    .map(({ seats }) => [...seats.values()].flatMap(({ point }) => point ?? []))
    .filter((points) => points.length > 0);

const seatsOf = ({ rows }: ReadSection): Seat[] =>
  [...rows.values()].flatMap(({ seats }) => [...seats.values()]);

function missingPoints(sections: readonly ReadSection[]): VenueFault[] {
  return sections.flatMap((section) => {
    const seats = seatsOf(section);
    const without = seats.filter(({ point }) => point === undefined);
    const [first] = without;
    if (first === undefined || without.length === seats.length) return [];
    const message = `${section.name} has x and y for some of its seats. Give them for all, or for none.`;
    return [{ line: first.line, column: 'x', message }];
  });
}

function sharedPoints(sections: readonly ReadSection[]): VenueFault[] {
  const lines = new Map<number, number>();
  const faults: VenueFault[] = [];
  for (const { point, line } of sections.flatMap(seatsOf)) {
    if (point === undefined) continue;
    // One number for each point, to the hundredth: texts would take four times as long.
    const key = Math.round(point.x * 100) * 1e7 + Math.round(point.y * 100);
    const earlier = lines.get(key);
    if (earlier === undefined) lines.set(key, line);
    else faults.push({ line, column: 'x', message: `The seat of line ${earlier} is at the same place.` });
  }
  return faults;
}

function otherUnit(sections: readonly ReadSection[]): VenueFault[] {
  const usual = usualStep(sections.flatMap(pointsOf));
  if (usual === undefined || (usual >= STEP_MIN && usual <= STEP_MAX)) return [];
  const apart = Number(usual.toPrecision(3));
  const message = `x and y are in seat widths, but neighbours are ${apart} apart in this file: divide all by ${apart}.`;
  return [{ line: 1, column: 'x', message }];
}
