import type { Booking } from './booking.js';

/** What a ticket's code says. A code with a good signature was this booking's ticket once; the booking says whether it still is. */
export interface TicketClaims {
  readonly bookingId: string;
  readonly eventId: string;
  readonly seatNumber: number;
  /** The booking's `ticketIssue` when the code was made. */
  readonly issue: number;
}

/** What the code of the booking's ticket says; null if it has no ticket. */
export const ticketOf = (booking: Booking): TicketClaims | null =>
  booking.status === 'confirmed'
    ? {
        bookingId: booking.id,
        eventId: booking.eventId,
        seatNumber: booking.seatNumber,
        issue: booking.ticketIssue,
      }
    : null;

/** Whether a ticket of the booking is void: the booking was cancelled, or the ticket was replaced by a newer one. */
export const isVoid = (ticket: TicketClaims, booking: Booking): boolean =>
  booking.status === 'cancelled' || ticket.issue < booking.ticketIssue;
