/** Seats that the viewer has picked and does not hold yet, in the order they were picked. */
export interface Picks {
  readonly seats: readonly number[];
  /** Picked, and somebody else was faster. */
  readonly lost: readonly number[];
  /** Free seats near the first of the lost ones. */
  readonly suggested: readonly number[];
}

export const NO_PICKS: Picks = { seats: [], lost: [], suggested: [] };

/** Beyond this one call does not lock any more; how many one person may have, the server says. */
export const PICKS_MAX = 100;

export function toggle(picks: Picks, seat: number): Picks {
  if (picks.seats.includes(seat)) {
    return { ...picks, seats: picks.seats.filter((other) => other !== seat) };
  }
  if (picks.seats.length >= PICKS_MAX) return picks;
  return { ...picks, seats: [...picks.seats, seat] };
}

/** Takes the lost seats out of the picks, and looks anew for what is near. @param suggest free seats near lost ones */
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

/** With a suggested seat for each lost one, as far as there are any. */
export function replaceLost(picks: Picks, replacements: readonly number[]): Picks {
  const seats = [...new Set([...picks.seats, ...replacements])];
  return { seats, lost: [], suggested: [] };
}

/** Without the lost ones. */
export function forgetLost(picks: Picks): Picks {
  return { ...picks, lost: [], suggested: [] };
}

/** Without seats that are held by now; what was picked while they were asked for stays picked. */
export function without(picks: Picks, held: readonly number[]): Picks {
  return { seats: picks.seats.filter((seat) => !held.includes(seat)), lost: [], suggested: [] };
}

/** Without what the viewer has by now, held by another of their tabs or devices: that is not lost. */
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

/** What one tap offers: any one of them for one lost seat, as many as were lost together. */
export function offers({ lost, suggested }: Picks): number[][] {
  if (lost.length === 0 || suggested.length === 0) return [];
  if (lost.length === 1) return suggested.map((seat) => [seat]);
  return [suggested.slice(0, lost.length)];
}
