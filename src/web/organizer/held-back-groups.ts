import type { HeldBackQuery } from '../graphql/generated/graphql.js';

export type HeldBackSeat = NonNullable<NonNullable<HeldBackQuery['event']>['heldBack']>[number];

/** Seats that were held back with the same words and until the same time. */
export interface HeldBackGroup {
  readonly label: string;
  readonly until: string | null;
  readonly seats: readonly number[];
}

/** In the order of their first seats. */
export function heldBackGroups(seats: readonly HeldBackSeat[]): HeldBackGroup[] {
  const groups = new Map<string, HeldBackGroup & { seats: number[] }>();
  for (const { place, label, until = null } of seats) {
    const key = JSON.stringify([label, until]);
    const group = groups.get(key) ?? { label, until, seats: [] };
    group.seats.push(place.seatNumber);
    groups.set(key, group);
  }
  return [...groups.values()];
}
