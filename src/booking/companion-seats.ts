import type { SeatingGeometry } from '../catalog/seating-geometry.js';

/**
 * The companion seats among these whose wheelchair seat is neither among them nor among the user's own seats. A companion
 * seat belongs to the wheelchair seats next to it; other companion seats may be between them.
 */
export function companionsWithoutWheelchair(
  geometry: SeatingGeometry,
  seatNumbers: readonly number[],
  ownSeats: readonly number[],
): number[] {
  const seats = new Set([...seatNumbers, ...ownSeats]);
  return seatNumbers.filter(
    (seat) =>
      geometry.isCompanion(seat) && !wheelchairsBeside(geometry, seat).some((each) => seats.has(each)),
  );
}

/** The wheelchair seats that a companion seat belongs to: at most one on each side. */
function wheelchairsBeside(geometry: SeatingGeometry, companion: number): number[] {
  let left = companion;
  while (geometry.isCompanion(left) && geometry.isBesideNext(left - 1)) left -= 1;
  let right = companion;
  while (geometry.isCompanion(right) && geometry.isBesideNext(right)) right += 1;
  return [left, right].filter((seat) => geometry.isWheelchair(seat));
}
