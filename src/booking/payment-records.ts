import type { Booking } from './booking.js';
import type { Draft } from './draft.js';
import type { Lock } from './lock.js';
import type { Payment } from './payment.js';

/** The locks that a payment pays for, in the order of its shares. */
export function locksOfPayment(draft: Draft, payment: Payment): Lock[] {
  return payment.shares.map((share) => {
    const lock = draft.lock(share.lockId);
    if (lock === undefined) throw new Error(`Lock ${share.lockId} of payment ${payment.id} was not loaded.`);
    return lock;
  });
}

export function bookingOfLock(draft: Draft, lock: Lock): Booking | undefined {
  if (lock.bookingId === null) return undefined;
  const booking = draft.booking(lock.bookingId);
  if (booking === undefined) throw new Error(`Booking ${lock.bookingId} was not loaded.`);
  return booking;
}
