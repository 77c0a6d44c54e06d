import { AVAILABLE, LOCKED, type MapState } from './map-state.js';

/** What a seat looks like to this viewer: what it is to everybody, and what it is to them. */
export type Appearance = 'available' | 'locked' | 'booked' | 'picked' | 'held' | 'pending' | 'yours';

/** In words, for the seat's name and the legend. */
export const APPEARANCE_WORDS: Readonly<Record<Appearance, string>> = {
  available: 'available',
  locked: 'held by somebody',
  booked: 'booked',
  picked: 'picked by you',
  held: 'held for you',
  pending: 'yours, payment pending',
  yours: 'booked by you',
};

/** Seats that are something else to the viewer than to everybody. */
export type OwnSeats = ReadonlyMap<number, Appearance>;

export function appearanceOf(seatNumber: number, state: MapState, own: OwnSeats): Appearance {
  const mine = own.get(seatNumber);
  if (mine !== undefined) return mine;
  const status = state.statusOf(seatNumber);
  return status === AVAILABLE ? 'available' : status === LOCKED ? 'locked' : 'booked';
}
