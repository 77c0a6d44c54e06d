import type { Section } from 'seat-map/map';

/** Seats that the viewer has picked and does not hold yet, in the order they were picked. */
export interface Picks {
  readonly seats: readonly number[];
  /** Picked seats that another user has taken. */
  readonly lost: readonly number[];
  /** Free seats near the first of the lost ones. */
  readonly suggested: readonly number[];
}

export const NO_PICKS: Picks = { seats: [], lost: [], suggested: [] };

/** The maximum of seats that one call locks. The limit per user comes from the server. */
export const PICKS_MAX = 100;

export function toggle(picks: Picks, seat: number): Picks {
  if (picks.seats.includes(seat)) {
    return { ...picks, seats: picks.seats.filter((other) => other !== seat) };
  }
  if (picks.seats.length >= PICKS_MAX) return picks;
  return { ...picks, seats: [...picks.seats, seat] };
}

/** Replaces the picked places of one standing section. */
export function withPlaces(
  picks: Picks,
  { firstSeatNumber, lastSeatNumber }: Pick<Section, 'firstSeatNumber' | 'lastSeatNumber'>,
  places: readonly number[],
): Picks {
  const others = picks.seats.filter((seat) => seat < firstSeatNumber || seat > lastSeatNumber);
  return { ...picks, seats: [...others, ...places] };
}

/** Moves lost seats out of the picks, and suggests seats near them. @param suggest returns free seats near lost ones */
export function lose(
  picks: Picks,
  lostSeats: readonly number[],
  suggest: (lost: readonly number[], isExcluded: (seat: number) => boolean) => readonly number[],
): Picks {
  const seats = picks.seats.filter((seat) => !lostSeats.includes(seat));
  const lost = [...new Set([...picks.lost, ...lostSeats])].sort((a, b) => a - b);
  if (lost.length === 0) return picks;
  return {
    seats,
    lost,
    suggested: suggest(lost, (seat) => seats.includes(seat) || lost.includes(seat)),
  };
}

/** Replaces lost seats. */
export function replaceLost(picks: Picks, replacements: readonly number[]): Picks {
  const seats = [...new Set([...picks.seats, ...replacements])];
  return { seats, lost: [], suggested: [] };
}

/** Drops the lost seats. */
export function forgetLost(picks: Picks): Picks {
  return { ...picks, lost: [], suggested: [] };
}

/** Removes seats that are held now. Seats that were picked during the call stay. */
export function without(picks: Picks, held: readonly number[]): Picks {
  return { seats: picks.seats.filter((seat) => !held.includes(seat)), lost: [], suggested: [] };
}

/** Removes seats that the viewer has meanwhile, e.g. from another device. They are not lost. */
export function keepOthers(picks: Picks, isOwn: (seat: number) => boolean): Picks {
  const { seats, lost } = picks;
  if (!seats.some(isOwn) && !lost.some(isOwn)) return picks;
  const stillLost = lost.filter((seat) => !isOwn(seat));
  return {
    seats: seats.filter((seat) => !isOwn(seat)),
    lost: stillLost,
    suggested: stillLost.length === 0 ? [] : picks.suggested,
  };
}

/** The replacements that one tap can choose: single seats for one lost seat, or one set for several. */
export function offers({ lost, suggested }: Picks): number[][] {
  if (lost.length === 0 || suggested.length === 0) return [];
  if (lost.length === 1) return suggested.map((seat) => [seat]);
  return [suggested.slice(0, lost.length)];
}
