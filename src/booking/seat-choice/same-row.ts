import { leavesOrphan } from './orphans.js';
import { aimIn, middleOf, type Search, squareOfDistance } from './search.js';

/**
 * Seats of one row that follow one another among its free ordinary seats; taken ones and aisles may be between them. Best is
 * the choice with the fewest seat numbers from its first to its last seat, then the nearest one, then the lowest number.
 * @param leavesOrphans says for which sections a choice may leave a single free seat
 */
export function chooseSameRow(search: Search, leavesOrphans: (section: number) => boolean): number[] | null {
  const { free, quantity } = search;
  const { geometry } = free;
  let best: { seats: number[]; span: number; distance: number } | null = null;
  for (const section of search.sections) {
    const end = geometry.sectionFirstRow[section + 1] as number;
    for (let row = geometry.sectionFirstRow[section] as number; row < end; row++) {
      if ((free.inRow[row] as number) < quantity) continue;
      const seats = freeSeatsOfRow(search, row);
      for (let from = 0; from + quantity <= seats.length; from++) {
        const first = seats[from] as number;
        const last = seats[from + quantity - 1] as number;
        const span = last - first;
        if (best !== null && span > best.span) continue;
        const distance = squareOfDistance(
          middleOf(geometry.positionOf(first), geometry.positionOf(last)),
          aimIn(search, section),
        );
        if (best !== null && span === best.span && distance >= best.distance) continue;
        if (!leavesOrphans(section) && leavesOrphan(free, seats, from, from + quantity)) continue;
        best = { seats: seats.slice(from, from + quantity), span, distance };
      }
    }
  }
  return best?.seats ?? null;
}

function freeSeatsOfRow({ free }: Search, row: number): number[] {
  const { geometry } = free;
  const last = geometry.rowLast[row] as number;
  const seats: number[] = [];
  for (
    let seat = free.nextFree(geometry.rowFirst[row] as number, last);
    seat !== -1;
    seat = free.nextFree(seat + 1, last)
  ) {
    if (geometry.isOrdinary(seat)) seats.push(seat);
  }
  return seats;
}
