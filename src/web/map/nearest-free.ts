import type { Bay, Layout } from './layout.js';

/** A row farther is as far as so many seats farther: who wants to sit there sits in a row. */
const ROW_AS_SEATS = 2;
/** What it costs, in seats, to be sent to another section, and to pay another price. */
const OTHER_SECTION = 6;
const OTHER_PRICE = 30;

/**
 * Free seats nearest to a lost one, nearest first: by how many rows and seats they are away on the map, in the same
 * section and for the same price before others. Of two as near, the one with the lower number.
 */
export function nearestFree(
  layout: Layout,
  lost: number,
  count: number,
  isFree: (seat: number) => boolean,
): number[] {
  const { seating } = layout;
  const { section, row, column } = seating.placeOf(lost);
  const home = layout.bayOf(section, row, column);
  const x = home.left + column - home.firstColumn;
  const y = home.top + row - home.firstRow;
  const priceOf = (bay: Bay) => JSON.stringify(bay.section.price ?? null);
  const found: { seat: number; cost: number }[] = [];
  const worst = () => (found.length < count ? Number.POSITIVE_INFINITY : (found.at(-1)?.cost ?? 0));
  const consider = (seat: number, cost: number) => {
    if (cost > worst() || seat === lost || !isFree(seat)) return;
    const at = found.findIndex((other) => cost < other.cost || (cost === other.cost && seat < other.seat));
    if (at === -1 && found.length >= count) return;
    found.splice(at === -1 ? found.length : at, 0, { seat, cost });
    if (found.length > count) found.pop();
  };
  // The home bay first: what it has keeps most of the others from being looked at.
  for (const bay of [home, ...layout.bays.filter((other) => other !== home)]) {
    const elsewhere =
      (bay.section === section ? 0 : OTHER_SECTION) + (priceOf(bay) === priceOf(home) ? 0 : OTHER_PRICE);
    for (let rowOfBay = 0; rowOfBay < bay.rows; rowOfBay++) {
      const base = elsewhere + Math.abs(bay.top + rowOfBay - y) * ROW_AS_SEATS;
      if (base > worst()) continue;
      const rowStart = bay.section.firstSeatNumber + (bay.firstRow + rowOfBay) * bay.section.seatsPerRow;
      const first = rowStart + bay.firstColumn;
      const seatsOfRow = seating.rowLength(bay.section, bay.firstRow + rowOfBay) - bay.firstColumn;
      for (let columnOfBay = 0; columnOfBay < Math.min(bay.columns, seatsOfRow); columnOfBay++) {
        consider(first + columnOfBay, base + Math.abs(bay.left + columnOfBay - x));
      }
    }
  }
  return found.map(({ seat }) => seat);
}
