import type { Booking } from './booking.js';
import type { CheckIn, CheckInAnswer } from './commands.js';
import type { Draft } from './draft.js';
import { isReplay, type Request, requestKey } from './idempotent-request.js';
import { eventNotFound } from './refusals.js';
import { isVoid, type TicketClaims } from './ticket.js';

/** A ticket's code that was scanned at the entrance of an event. */
export interface Scan {
  readonly eventId: string;
  readonly code: string;
  /** The scanner makes one for each scan. */
  readonly scanId: string;
  /** By the scanner's clock. */
  readonly at: Date;
}

/**
 * @param ticket what the code says; null for a text that is no ticket of this server
 * @throws BAD_USER_INPUT if the scanId is empty or too long
 */
export function checkInCommand(userId: string, scan: Scan, ticket: TicketClaims | null): CheckIn {
  const { eventId, code, scanId, at } = scan;
  // Not over `at`: a scanner that sends a scan again may read its clock again.
  const request = requestKey(userId, 'checkIn', scanId, [eventId, code]);
  return { kind: 'checkIn', eventId, userId, ticket, at, request };
}

/**
 * Admits the holder of a ticket, once. The organizer may do so before, during and after the event. A code that belongs to
 * no booking of the event writes nothing, so that its answer depends on the code alone.
 *
 * @throws EVENT_NOT_FOUND if the user is not the organizer; IDEMPOTENCY_CONFLICT for another code with the same scanId
 */
export function checkIn(draft: Draft, command: CheckIn, now: Date): CheckInAnswer {
  const { event } = draft;
  const { ticket, request } = command;
  if (event.organizerId !== command.userId) throw eventNotFound();
  const earlier = draft.request(request.id);
  if (isReplay(earlier, request)) return earlierAnswer(draft, earlier);

  if (ticket === null) return { result: 'unknown', booking: null, checkedInAt: null };
  if (ticket.eventId !== event.id) return { result: 'wrongEvent', booking: null, checkedInAt: null };
  const booking = draft.booking(ticket.bookingId);
  // A PENDING booking has never had a ticket.
  if (booking === undefined || booking.status === 'pending') {
    return { result: 'unknown', booking: null, checkedInAt: null };
  }
  const answer = answerFor(draft, booking, ticket, instantOf(command.at, booking, now));
  const { result, checkedInAt } = answer;
  draft.putRequest({
    ...request,
    resultIds: [booking.id],
    checkIn: { result, checkedInAt },
    createdAt: now,
  });
  return answer;
}

function answerFor(draft: Draft, booking: Booking, ticket: TicketClaims, at: Date): CheckInAnswer {
  const { checkedInAt } = booking;
  if (isVoid(ticket, booking) || draft.event.cancellation !== null)
    return { result: 'cancelled', booking, checkedInAt };
  if (checkedInAt !== null) return { result: 'alreadyAdmitted', booking, checkedInAt };
  const admitted = draft.putBooking({ ...booking, checkedInAt: at });
  return { result: 'admitted', booking: admitted, checkedInAt: at };
}

/** A scanner's clock may be wrong, but nobody was admitted before the booking was made or in the future. */
function instantOf(at: Date, booking: Booking, now: Date): Date {
  return new Date(Math.min(Math.max(at.getTime(), booking.createdAt.getTime()), now.getTime()));
}

/** The answer of the first call; the booking is as it is now. */
function earlierAnswer(draft: Draft, { id, resultIds, checkIn: answer }: Request): CheckInAnswer {
  const booking = draft.booking(resultIds[0] as string);
  if (answer === undefined || booking === undefined) throw new Error(`The answer to ${id} is not complete.`);
  return { ...answer, booking };
}
