import type { MapState } from 'seat-map/map';
import { AVAILABLE, type Seating, type Section } from 'seat-map/map';
import type { Picks } from './picks.js';

/**
 * Free places of a standing section. They start at a random place, so that people who choose at the same time do not choose the
 * same ones.
 *
 * @returns fewer than `count` if there are not so many
 */
export function freePlaces(
  state: Pick<MapState, 'statusOf'>,
  { firstSeatNumber, seats }: Pick<Section, 'firstSeatNumber' | 'seats'>,
  count: number,
  isExcluded: (place: number) => boolean,
  random = Math.random,
): number[] {
  const start = Math.floor(random() * seats);
  const found: number[] = [];
  for (let offset = 0; offset < seats && found.length < count; offset++) {
    const place = firstSeatNumber + ((start + offset) % seats);
    if (state.statusOf(place) === AVAILABLE && !isExcluded(place)) found.push(place);
  }
  return found;
}

/**
 * Replaces picked places of standing sections that somebody has taken: any other place is as good.
 *
 * @returns the picks, and the taken seats that nothing can replace
 */
export function replacePlaces(
  picks: Picks,
  taken: readonly number[],
  seating: Pick<Seating, 'sectionOf' | 'isStanding'>,
  free: (section: Section, count: number, isExcluded: (place: number) => boolean) => readonly number[],
): { readonly picks: Picks; readonly lost: readonly number[] } {
  const lost = taken.filter((seat) => !seating.isStanding(seat));
  let seats = picks.seats;
  const sections = new Set(
    taken.filter((seat) => seating.isStanding(seat)).map((seat) => seating.sectionOf(seat)),
  );
  for (const section of sections) {
    const takenHere = taken.filter((seat) => seating.sectionOf(seat) === section);
    const others = free(section, takenHere.length, (place) => taken.includes(place) || seats.includes(place));
    lost.push(...takenHere.slice(others.length));
    const replaced = takenHere.slice(0, others.length);
    seats = [...seats.filter((seat) => !replaced.includes(seat)), ...others];
  }
  return { picks: seats === picks.seats ? picks : { ...picks, seats }, lost };
}
