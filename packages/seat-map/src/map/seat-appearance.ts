import type { Counts, SeatStates, Status } from './seat-states.js';

/** How a seat looks to this viewer: its status, or what the viewer has of it. */
export type Appearance =
  | 'available'
  | 'locked'
  | 'booked'
  | 'offSale'
  | 'picked'
  | 'held'
  | 'pending'
  | 'yours';

/** For the seat's name and the legend. */
export const APPEARANCE_LABELS: Readonly<Record<Appearance, string>> = {
  available: 'available',
  locked: 'held by somebody',
  booked: 'booked',
  offSale: 'not on sale',
  picked: 'picked by you',
  held: 'held for you',
  pending: 'yours, payment pending',
  yours: 'booked by you',
};

export const APPEARANCES = Object.keys(APPEARANCE_LABELS) as Appearance[];

/** The viewer's own seats: picked, held or booked. */
export type OwnSeats = ReadonlyMap<number, Appearance>;

export function appearanceOf(seatNumber: number, state: SeatStates, own: OwnSeats): Appearance {
  const mine = own.get(seatNumber);
  if (mine !== undefined) return mine;
  return toEverybody(state.statusOf(seatNumber));
}

/** By status. A seat with an unknown one looks booked: nobody can have it. */
const TO_EVERYBODY = ['available', 'locked', 'booked', 'offSale', 'booked'] as const;

export const toEverybody = (status: Status): (typeof TO_EVERYBODY)[number] => TO_EVERYBODY[status];

/** The number of seats of each appearance. Each seat is counted once. */
export function countsByAppearance(
  counts: Counts,
  state: Pick<SeatStates, 'statusOf'>,
  own: OwnSeats,
): Record<Appearance, number> {
  const result: Record<Appearance, number> = {
    available: counts.availableSeats,
    locked: counts.lockedSeats,
    booked: counts.bookedSeats,
    offSale: counts.offSaleSeats,
    picked: 0,
    held: 0,
    pending: 0,
    yours: 0,
  };
  for (const [seat, appearance] of own) {
    result[appearance] += 1;
    result[toEverybody(state.statusOf(seat))] -= 1;
  }
  return result;
}
