import type { Lock } from './lock.js';

/** A seat as everybody may see it. `lockedUntil` is null unless it is locked. */
export interface SeatState {
  readonly seatNumber: number;
  readonly status: SeatStatus;
  readonly lockedUntil: Date | null;
}

export type SeatStatus = 'available' | 'locked' | 'booked';

/** @param lock the seat's live lock, expired or not */
export function seatState(
  seatNumber: number,
  lock: Pick<Lock, 'status' | 'expiresAt'> | undefined,
): SeatState {
  if (lock === undefined) return { seatNumber, status: 'available', lockedUntil: null };
  return lock.status === 'active'
    ? { seatNumber, status: 'locked', lockedUntil: lock.expiresAt }
    : { seatNumber, status: 'booked', lockedUntil: null };
}
