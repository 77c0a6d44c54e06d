import type { PaymentStatus } from './payment.js';

/**
 * A booking is a paid lock turned into a seat.
 *
 *     pending ──▶ confirmed    its payment settled as completed
 *     pending ──▶ cancelled    by its user, by a failed settlement, or by time (the booking-expiry job)
 *     confirmed ▶ cancelled    by its user
 *     cancelled ▶ confirmed    only one that time cancelled, by a late settlement, while the seat was still free
 *
 * Which of the cancellations it was, its lock remembers: `expired` when time did it, `released` otherwise.
 */
export type BookingStatus = 'pending' | 'confirmed' | 'cancelled';

export interface Booking {
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly seatNumber: number;
  readonly lockId: string;
  readonly paymentId: string;
  readonly requestId: string;
  readonly status: BookingStatus;
  /** Of this booking's own share of the payment. */
  readonly paymentStatus: PaymentStatus;
  readonly createdAt: Date;
  /** When a pending booking times out; null once it is not pending. */
  readonly expiresAt: Date | null;
}

/** A pending booking counts as booked: nobody else can have the seat. */
export const countsAsBooked = (booking: Booking): boolean => booking.status !== 'cancelled';
