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

/** The companion seats that belong to these wheelchair seats. */
export function companionsBeside(geometry: SeatingGeometry, wheelchairs: readonly number[]): Set<number> {
  const companions = new Set<number>();
  for (const wheelchair of wheelchairs) {
    for (let seat = wheelchair - 1; geometry.isCompanion(seat) && geometry.isBesideNext(seat); seat--) {
      companions.add(seat);
    }
    for (let seat = wheelchair; geometry.isBesideNext(seat) && geometry.isCompanion(seat + 1); seat++) {
      companions.add(seat + 1);
    }
  }
  return companions;
}

/** The wheelchair seats that a companion seat belongs to: at most one on each side. */
function wheelchairsBeside(geometry: SeatingGeometry, companion: number): number[] {
  let left = companion;
  while (geometry.isCompanion(left) && geometry.isBesideNext(left - 1)) left -= 1;
  let right = companion;
  while (geometry.isCompanion(right) && geometry.isBesideNext(right)) right += 1;
  return [left, right].filter((seat) => geometry.isWheelchair(seat));
}
