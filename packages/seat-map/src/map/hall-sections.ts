import { positionsOf } from '../../../../src/catalog/seat-positions.js';
import { type Arrangement, SeatPositions } from './arrangement.js';
import { boxAround, moved } from './geometry.js';
import type { Seating } from './seating.js';

/** @returns whether any section or row says where it is */
export const hasPositions = ({ plan }: Seating): boolean =>
  plan.sections.some(({ area, rows }) => area !== null || rows.some(({ position }) => position !== null));

/** Arranges a plan by its own positions, in which the server also looks for the best seats. */
export function arrangeHall({ plan, sections, totalSeats }: Seating): Arrangement {
  const hall = positionsOf(plan);
  const all = boxAround(hall.boxes);
  const middle = (all.left + all.right) / 2;
  const seats = new SeatPositions(totalSeats);
  for (let seat = 1; seat <= totalSeats; seat++) {
    seats.put(seat, (hall.x[seat] as number) - middle, hall.y[seat] as number, hall.turn[seat] as number);
  }
  const nameSpots = hall.boxes.map((box) => moved(box, -middle, 0));
  const areas = new Map(
    nameSpots.flatMap((box, index) => (sections[index]?.kind === 'standing' ? [[index, box] as const] : [])),
  );
  return { seats, nameSpots, areas, bend: 0 };
}
