import { chooseBlock } from './block.js';
import { closestSeats, NearestRuns } from './nearest-runs.js';
import { runsNeeded } from './orphans.js';
import { aimIn, freePlaces, middleOf, middleOfSeats, type Search, squareOfDistance } from './search.js';

/** NEAR: so many neighbouring rows of one section. */
export const NEAR_ROWS_MAX = 3;
/** Groups of rows in which one search tries to find seats, the nearest ones. */
const ROW_GROUPS_TRIED_MAX = 500;
/** Runs that one group of rows offers, the nearest ones. Only groups of more than a hundred seats can have more. */
const RUNS_TRIED_MAX = 60;

/**
 * Seats in two neighbouring rows of a section or, if there are none, in three: in the group of rows whose middle is nearest.
 * There the seats are in as small a circle as possible, and in as few runs as possible.
 * @param leavesOrphans says for which sections a choice may leave a single free seat
 */
export function chooseNear(search: Search, leavesOrphans: (section: number) => boolean): number[] | null {
  for (let rows = 2; rows <= NEAR_ROWS_MAX; rows++) {
    for (const { section, first, last } of rowGroups(search, rows)) {
      const { runs } = new NearestRuns(search, aimIn(search, section), RUNS_TRIED_MAX).addRows(first, last);
      const seats = closestSeats(search, runs, runs, leavesOrphans(section));
      if (seats !== null) return seats;
    }
  }
  return null;
}

/**
 * Any free seats, in one section if it has enough of them. Otherwise whole sections are used up in their order, so that no
 * single seat is left in them.
 */
export function chooseAny(search: Search): number[] | null {
  const { free, quantity, sections } = search;
  const enough = sections.filter((section) => (free.inSection[section] as number) >= quantity);
  // A section that is left with orphans cannot avoid them: the first round finds every choice that does.
  for (const leavesOrphans of [false, true]) {
    for (const section of enough) {
      const seats = chooseInSection(search, section, leavesOrphans);
      if (seats !== null) return seats;
    }
  }
  const chosen: number[] = [];
  for (const section of sections) {
    const part = Math.min(quantity - chosen.length, free.inSection[section] as number);
    if (part === 0) continue;
    const rest = { ...search, quantity: part };
    const seats = chooseInSection(rest, section, false) ?? chooseInSection(rest, section, true);
    chosen.push(...(seats ?? []));
    if (chosen.length === quantity) return chosen.sort((a, b) => a - b);
  }
  return null;
}

/** Around the free run that is nearest to the aim. */
function chooseInSection(search: Search, section: number, leavesOrphans: boolean): number[] | null {
  const { free, quantity } = search;
  if (free.geometry.isStanding(section)) return freePlaces(search, section, quantity);
  const block = chooseBlock({ ...search, sections: [section] }, leavesOrphans);
  if (block !== null) return block;
  const aim = aimIn(search, section);
  // Longer runs would have had a block.
  const runs = Array.from({ length: quantity + 1 }, (_, index) =>
    new NearestRuns(search, aim, runsNeeded(quantity, index + 1)).addLength(section, index + 1),
  ).flatMap((found) => found.runs);
  const centre = runs.toSorted((a, b) => a.distance - b.distance || a.first - b.first).slice(0, 1);
  return closestSeats(search, centre, runs, leavesOrphans);
}

interface RowGroup {
  readonly section: number;
  readonly first: number;
  readonly last: number;
  readonly distance: number;
}

/** Neighbouring rows with enough free seats, nearest first. */
function rowGroups(search: Search, rows: number): RowGroup[] {
  const { free, quantity } = search;
  const { sectionFirstRow, rowFirst, rowLast } = free.geometry;
  const rowMiddle = (row: number) => {
    const first = rowFirst[row] as number;
    return middleOfSeats(search, first, (rowLast[row] as number) - first + 1);
  };
  const groups: RowGroup[] = [];
  for (const section of search.sections) {
    const aim = aimIn(search, section);
    const end = sectionFirstRow[section + 1] as number;
    for (let first = sectionFirstRow[section] as number; first + rows <= end; first++) {
      const last = first + rows - 1;
      let seats = 0;
      for (let row = first; row <= last; row++) seats += free.inRow[row] as number;
      if (seats < quantity) continue;
      const distance = squareOfDistance(middleOf(rowMiddle(first), rowMiddle(last)), aim);
      groups.push({ section, first, last, distance });
    }
  }
  return groups.sort((a, b) => a.distance - b.distance || a.first - b.first).slice(0, ROW_GROUPS_TRIED_MAX);
}
