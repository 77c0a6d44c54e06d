import { AVAILABLE, type SeatStates } from './seat-states.js';
import type { Section } from './seating.js';

/**
 * Free places of a standing section. They start at a random place, so that people who choose at the same time do not choose the
 * same ones.
 *
 * @returns fewer than `count` if there are not so many
 */
export function freePlaces(
  state: Pick<SeatStates, 'statusOf'>,
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
