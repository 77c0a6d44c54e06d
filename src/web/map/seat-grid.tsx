import { isolated } from '../text/isolated.js';
import { spokenMoney } from '../text/money.js';
import type { LiveMap } from './live-map.js';
import { APPEARANCE_LABELS, appearanceOf, type OwnSeats } from './seat-appearance.js';
import { rowName, type Seating, type Section } from './seating.js';
import { useRevision } from './use-live-map.js';

/** How much of the map around the focused seat the grid holds for screen readers. */
const ROWS_AROUND = 2;
const COLUMNS_AROUND = 12;

export const cellId = (seatNumber: number) => `seat-${seatNumber}`;

/** The rows around the focused seat, for screen readers. */
export function SeatGrid({
  map,
  seating,
  own,
  focused,
}: {
  map: LiveMap | undefined;
  seating: Seating;
  own: OwnSeats;
  focused: number;
}) {
  useRevision(map);
  const { section, row, column } = seating.placeOf(focused);
  const rowsBefore = seating.sections
    .slice(0, section.index)
    .reduce((rows, { rows: ofSection }) => rows + ofSection, 0);
  const rows: number[] = [];
  for (let near = row - ROWS_AROUND; near <= row + ROWS_AROUND; near++) {
    if (near >= 0 && seating.rowLength(section, near) > 0 && near < section.rows) rows.push(near);
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: as for the grid that it is in.
    <div className="visually-hidden" role="rowgroup" aria-label={section.name}>
      {rows.map((near) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, and names its active cell.
        // biome-ignore lint/a11y/useSemanticElements: as for the grid.
        <div
          key={near}
          role="row"
          aria-rowindex={rowsBefore + near + 1}
          aria-label={`${isolated(section.name)}, row ${rowName(near)}`}
        >
          {seatsNear(seating, section, near, column).map((seat) => (
            // biome-ignore lint/a11y/useFocusableInteractive: as for the row.
            // biome-ignore lint/a11y/useSemanticElements: as for the grid.
            <div
              key={seat}
              role="gridcell"
              id={cellId(seat)}
              aria-colindex={seating.placeOf(seat).column + 1}
              aria-selected={own.has(seat)}
            >
              {nameOf(seat, seating, map, own)}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

/** "Stalls, row C, seat 12, 45 US dollars, available" */
function nameOf(seat: number, seating: Seating, map: LiveMap | undefined, own: OwnSeats): string {
  const parts = [seating.nameOf(seat)];
  const price = seating.priceOf(seat);
  if (price) parts.push(spokenMoney(price));
  if (map?.state !== undefined) {
    parts.push(APPEARANCE_LABELS[appearanceOf(seat, map.state, own)]);
    if (!map.isLive) parts.push('not up to date');
  }
  return parts.join(', ');
}

function seatsNear(seating: Seating, section: Section, row: number, column: number): number[] {
  const seats: number[] = [];
  for (let near = column - COLUMNS_AROUND; near <= column + COLUMNS_AROUND; near++) {
    const seat = seating.seatAt(section, row, near);
    if (seat !== null) seats.push(seat);
  }
  return seats;
}
