import { DomainError } from '../core/errors.js';
import type { Booking } from './booking.js';
import type { ReissueTicket } from './commands.js';
import type { Draft } from './draft.js';
import { requireOwnBooking } from './refusals.js';
import { eventOfBooking } from './route.js';
import { ticketOf } from './ticket.js';

/** @throws BOOKING_NOT_FOUND */
export function reissueTicketCommand(userId: string, bookingId: string): ReissueTicket {
  return { kind: 'reissueTicket', eventId: eventOfBooking(bookingId), userId, bookingId };
}

/**
 * Gives the booking a new ticket and makes the earlier one void, e.g. because somebody else has seen its code.
 *
 * @throws BOOKING_NOT_FOUND, TICKET_NOT_REISSUABLE
 */
export function reissueTicket(draft: Draft, { bookingId, userId }: ReissueTicket): Booking {
  const booking = requireOwnBooking(draft.event, draft.booking(bookingId), userId);
  const isVoid = draft.event.cancellation !== null || ticketOf(booking) === null;
  if (isVoid || booking.checkedInAt !== null) {
    const message = 'Only the ticket of a confirmed booking that was not checked in can be replaced.';
    throw new DomainError('TICKET_NOT_REISSUABLE', message);
  }
  return draft.putBooking({ ...booking, ticketIssue: booking.ticketIssue + 1 });
}
