import type { Point } from '../../catalog/seat-positions.js';
import { middleOfSeats, type Search, squareOfDistance } from './search.js';
import { type Run, Split } from './split.js';

interface PlacedRun extends Run {
  readonly middle: Point;
  readonly distance: number;
}

/** Collects the free runs that are nearest to a point, nearest first; at the same distance the lower number first. */
export class NearestRuns {
  readonly runs: PlacedRun[] = [];

  constructor(
    private readonly search: Search,
    private readonly aim: Point,
    private readonly max: number,
  ) {}

  addRows(firstRow: number, lastRow: number): this {
    const { free } = this.search;
    const last = free.geometry.rowLast[lastRow] as number;
    let seat = free.nextFree(free.geometry.rowFirst[firstRow] as number, last);
    while (seat !== -1) {
      const end = free.geometry.isOrdinary(seat) ? free.endOfRun(seat) : seat;
      if (free.geometry.isOrdinary(seat)) this.#add(seat, end - seat + 1);
      seat = free.nextFree(end + 1, last);
    }
    return this;
  }

  addLength(section: number, length: number): this {
    const { free } = this.search;
    if (length > free.largestBlock(section)) return this;
    for (let first = free.firstRun(section, length); first !== 0; first = free.runAfter(first)) {
      this.#add(first, length);
    }
    return this;
  }

  #add(first: number, length: number): void {
    const { runs, max } = this;
    const middle = middleOfSeats(this.search, first, length);
    const distance = squareOfDistance(middle, this.aim);
    const isBefore = (other: PlacedRun | undefined) =>
      other !== undefined &&
      (distance < other.distance || (distance === other.distance && first < other.first));
    if (runs.length === max && !isBefore(runs[max - 1])) return;
    let place = Math.min(runs.length, max - 1);
    for (; place > 0 && isBefore(runs[place - 1]); place--) runs[place] = runs[place - 1] as PlacedRun;
    runs[place] = { first, length, middle, distance };
  }
}

/**
 * Seats of some runs, in as small a circle around one of the centres as possible, and there in as few runs as possible.
 * @param centres in the order of preference
 */
export function closestSeats(
  { quantity }: Search,
  centres: readonly PlacedRun[],
  runs: readonly PlacedRun[],
  leavesOrphans: boolean,
): number[] | null {
  const all = new Split(quantity, leavesOrphans);
  for (const run of runs) all.add(run);
  if (!all.isPossible) return null;
  let best: { centre: PlacedRun; radius: number; split: Split<PlacedRun> } | null = null;
  for (const centre of centres) {
    const split = new Split<PlacedRun>(quantity, leavesOrphans);
    const around = runs
      .map((run) => ({ run, radius: squareOfDistance(run.middle, centre.middle) }))
      .sort((a, b) => a.radius - b.radius || a.run.first - b.run.first);
    for (const { run, radius } of around) {
      if (best !== null && radius >= best.radius) break;
      split.add(run);
      if (!split.isPossible) continue;
      best = { centre, radius, split };
      break;
    }
  }
  if (best === null) return null;
  const { centre, split } = best;
  return split
    .parts()
    .flatMap(({ run, seats }) => {
      const isLeftEndNearer = centre.first <= run.first;
      const first = isLeftEndNearer ? run.first : run.first + run.length - seats;
      return Array.from({ length: seats }, (_, index) => first + index);
    })
    .sort((a, b) => a - b);
}
