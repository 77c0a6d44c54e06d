import type { PaymentStatus } from './payment.js';

/**
 * A booking is a paid lock turned into a seat, or an invitation.
 *
 *     pending ──▶ confirmed    its payment settled as completed
 *     pending ──▶ cancelled    by its user, by a failed settlement, or because it was overdue (the booking-expiry job)
 *     confirmed ▶ cancelled    by its user
 *     pending, confirmed ▶ cancelled    because the event was cancelled
 *     cancelled ▶ confirmed    only if it was cancelled as overdue: by a late settlement, if the seat is still free
 *
 * The status of its lock tells why it was cancelled: `expired` if it was overdue, `released` otherwise.
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
  /** The status of this booking's share of the payment. */
  readonly paymentStatus: PaymentStatus;
  readonly createdAt: Date;
  /** When a pending booking becomes overdue; null once it is not pending. */
  readonly expiresAt: Date | null;
  /** Counts the tickets of this booking, from 1. The newest one is valid. */
  readonly ticketIssue: number;
  /** When its ticket was admitted at the entrance; null if it was not. */
  readonly checkedInAt: Date | null;
  /** The organizer booked it without payment. It belongs to the event's organizer as such. */
  readonly isInvitation: boolean;
}

/** A pending booking counts as booked: nobody else can have the seat. */
export const countsAsBooked = (booking: Booking): boolean => booking.status !== 'cancelled';
