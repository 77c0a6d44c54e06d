import { APPEARANCE_LABELS, appearanceOf, type OwnSeats } from '../map/seat-appearance.js';
import { FEATURE_LABELS } from '../map/seat-features.js';
import type { ShownMap } from '../map/seat-states.js';
import type { Seating, Section } from '../map/seating.js';
import { placesLeftText } from '../map/standing-text.js';
import { spokenMoney } from '../text/money.js';
import { useMapValue } from './use-map-value.js';

/** How much of the map around the focused seat the grid holds for screen readers. */
const ROWS_AROUND = 2;
const COLUMNS_AROUND = 12;

/** The rows around the focused seat, for screen readers. A standing section is one row with one cell. */
export function SeatGrid({
  idPrefix,
  map,
  seating,
  own,
  focused,
}: {
  /** Of the cells' ids, which end with their seat numbers. */
  idPrefix: string;
  map: ShownMap | undefined;
  seating: Seating;
  own: OwnSeats;
  focused: number;
}) {
  const { section, row, column } = seating.placeOf(focused);
  const rowsBefore = seating.sections
    .slice(0, section.index)
    .reduce((rows, before) => rows + seating.rowCount(before), 0);
  const rows: { readonly near: number; readonly seats: readonly number[] }[] = [];
  for (let near = row - ROWS_AROUND; near <= row + ROWS_AROUND; near++) {
    if (seating.rowLength(section, near) > 0) {
      rows.push({ near, seats: seatsNear(seating, section, near, column) });
    }
  }
  // All that the names tell of the map.
  useMapValue(map, ({ state, isLive }) => {
    if (state === undefined) return '';
    const statuses = rows.flatMap(({ seats }) => seats.map((seat) => state.statusOf(seat)));
    const status = section.kind === 'standing' ? state.freeInSection(section.index) : statuses.join('');
    return `${isLive} ${status}`;
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: as for the grid that it is in.
    <div className="seat-map-hidden" role="rowgroup" aria-label={section.name}>
      {rows.map(({ near, seats }) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, and names its active cell.
        // biome-ignore lint/a11y/useSemanticElements: as for the grid.
        <div
          key={near}
          role="row"
          aria-rowindex={rowsBefore + near + 1}
          aria-label={seating.rowNameOf(section, near)}
        >
          {seats.map((seat) => (
            // biome-ignore lint/a11y/useFocusableInteractive: as for the row.
            // biome-ignore lint/a11y/useSemanticElements: as for the grid.
            <div
              key={seat}
              role="gridcell"
              id={`${idPrefix}-${seat}`}
              aria-colindex={seating.placeOf(seat).column + 1}
              aria-selected={section.kind === 'standing' ? ownPlaces(section, own) > 0 : own.has(seat)}
            >
              {section.kind === 'standing'
                ? nameOfArea(section, seating, map, own)
                : nameOf(seat, seating, map, own)}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

/** "Stalls, row C, seat 12, wheelchair space, 45 US dollars, available" */
function nameOf(seat: number, seating: Seating, map: ShownMap | undefined, own: OwnSeats): string {
  const parts = [
    seating.nameOf(seat),
    ...seating.featuresOf(seat).map((feature) => FEATURE_LABELS[feature]),
    ...priceOf(seating.sectionOf(seat)),
  ];
  if (map?.state !== undefined) {
    parts.push(APPEARANCE_LABELS[appearanceOf(seat, map.state, own)], ...ageOf(map));
  }
  return parts.join(', ');
}

/** "Floor, standing, 45 US dollars, 312 places left, 2 places are yours" */
function nameOfArea(section: Section, seating: Seating, map: ShownMap | undefined, own: OwnSeats): string {
  const parts = [seating.rowNameOf(section, 0), ...priceOf(section)];
  const yours = ownPlaces(section, own);
  if (map?.state !== undefined) parts.push(placesLeftText(map.state.freeInSection(section.index)));
  if (yours > 0) parts.push(`${yours} ${yours === 1 ? 'place is' : 'places are'} yours`);
  if (map?.state !== undefined) parts.push(...ageOf(map));
  return parts.join(', ');
}

const priceOf = ({ price }: Section): string[] => (price === null ? [] : [spokenMoney(price)]);
const ageOf = ({ isLive }: ShownMap): string[] => (isLive ? [] : ['not up to date']);

/** How many places of a standing section the viewer has picked, holds or has booked. */
const ownPlaces = ({ firstSeatNumber, lastSeatNumber }: Section, own: OwnSeats): number =>
  [...own.keys()].filter((seat) => seat >= firstSeatNumber && seat <= lastSeatNumber).length;

function seatsNear(seating: Seating, section: Section, row: number, column: number): number[] {
  const seats: number[] = [];
  for (let near = column - COLUMNS_AROUND; near <= column + COLUMNS_AROUND; near++) {
    const seat = seating.seatAt(section, row, near);
    if (seat !== null) seats.push(seat);
  }
  return seats;
}
