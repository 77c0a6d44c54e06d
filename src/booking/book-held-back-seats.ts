import { currencyOf } from '../catalog/event.js';
import { isEventId, newLockId, newPaymentId } from '../core/ids.js';
import { bookLocks, replayedBooking } from './book-locks.js';
import type { Booking } from './booking.js';
import type { BookHeldBackSeats } from './commands.js';
import type { Draft } from './draft.js';
import { checkSeatNumbers, heldBackLock, newLockOfOrganizer, requireNotTaken } from './hold-back-seats.js';
import { isReplay, requestKey } from './idempotent-request.js';
import { EVENT_ORGANIZER, NO_EXPIRY } from './lock.js';
import { requireSeats } from './lock-seats.js';
import { putNewPayment } from './new-payment.js';
import { NO_CURRENCY, NO_PROVIDER } from './payment.js';
import { eventNotFound, requireNotStarted, requireOrganizer } from './refusals.js';
import { LOCKS_PER_CALL_MAX } from './route.js';
import type { Rules } from './rules.js';

export interface BookHeldBackInput {
  readonly eventId: string;
  readonly seatNumbers: readonly number[];
  readonly requestId: string;
}

/** @throws EVENT_NOT_FOUND, BAD_USER_INPUT */
export function bookHeldBackSeatsCommand(
  userId: string,
  { eventId, seatNumbers, requestId }: BookHeldBackInput,
  contactEmail: string,
  now: Date,
): BookHeldBackSeats {
  if (!isEventId(eventId)) throw eventNotFound();
  checkSeatNumbers(seatNumbers, LOCKS_PER_CALL_MAX);
  return {
    kind: 'bookHeldBackSeats',
    eventId,
    userId,
    seatNumbers,
    contactEmail,
    newLockIds: seatNumbers.map(() => newLockId(eventId)),
    newPaymentId: newPaymentId(eventId, now),
    requestId,
    request: requestKey(userId, 'bookHeldBackSeats', requestId, [eventId, seatNumbers, contactEmail]),
  };
}

/**
 * Books held-back or free seats without payment, all or none. Their payment of 0 has the address of the tickets.
 *
 * @throws EVENT_NOT_FOUND, IDEMPOTENCY_CONFLICT, EVENT_CLOSED, SEAT_NOT_FOUND, SEAT_UNAVAILABLE, checked in this order
 */
export function bookHeldBackSeats(
  draft: Draft,
  command: BookHeldBackSeats,
  now: Date,
  rules: Rules,
): Booking[] {
  const { event } = draft;
  const { seatNumbers, newLockIds, contactEmail, request } = command;
  requireOrganizer(event, command.userId);
  const earlier = draft.request(request.id);
  if (isReplay(earlier, request)) return earlier.resultIds.map((id) => replayedBooking(draft, id));
  requireNotStarted(event, now, 'booked');
  requireSeats(event, seatNumbers);
  requireNotTaken(draft, seatNumbers, now);

  const locks = seatNumbers.map(
    (seatNumber, index) =>
      heldBackLock(draft, seatNumber, now) ??
      newLockOfOrganizer(draft, seatNumber, newLockIds[index] as string, NO_EXPIRY, now),
  );
  const shares = locks.map(({ id, seatNumber }) => ({ lockId: id, seatNumber, amount: 0, refunded: false }));
  const payment = putNewPayment(
    draft,
    {
      id: command.newPaymentId,
      userId: EVENT_ORGANIZER,
      bill: { amount: 0, currency: currencyOf(event) ?? NO_CURRENCY, shares },
      provider: NO_PROVIDER,
      answer: { status: 'completed', reason: null, retryable: null },
      contactEmail,
    },
    now,
  );
  const bookings = bookLocks(draft, locks, payment, command.requestId, now, rules);
  draft.putRequest({ ...request, resultIds: bookings.map(({ id }) => id), createdAt: now });
  draft.putEvent({ ...event, revision: event.revision + 1 });
  return bookings;
}
