import type { Seating, Section } from 'seat-map/map';

import type { Picks } from './picks.js';

export { freePlaces } from 'seat-map/map';

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
