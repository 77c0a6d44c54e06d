import { type Lock, NO_EXPIRY } from './lock.js';

/** A seat as everybody may see it. `lockedUntil` is when it becomes available by itself; null if it does not. */
export interface SeatState {
  readonly seatNumber: number;
  readonly status: SeatStatus;
  readonly lockedUntil: Date | null;
}

export type SeatStatus = 'available' | 'locked' | 'booked' | 'offSale';

/** @param lock the seat's live lock, expired or not */
export function seatState(
  seatNumber: number,
  lock: Pick<Lock, 'status' | 'expiresAt'> | undefined,
): SeatState {
  if (lock === undefined) return { seatNumber, status: 'available', lockedUntil: null };
  const { status, expiresAt } = lock;
  if (status === 'active') return { seatNumber, status: 'locked', lockedUntil: expiresAt };
  if (status !== 'heldBack') return { seatNumber, status: 'booked', lockedUntil: null };
  const isForGood = expiresAt.getTime() === NO_EXPIRY.getTime();
  return { seatNumber, status: 'offSale', lockedUntil: isForGood ? null : expiresAt };
}
