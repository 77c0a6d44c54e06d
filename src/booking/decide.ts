import { assertNever, DomainError } from '../core/errors.js';
import { idempotencyConflict } from '../core/request-id.js';
import { bookHeldBackSeats } from './book-held-back-seats.js';
import { cancelBooking } from './cancel-booking.js';
import { cancelEvent } from './cancel-event.js';
import { checkIn } from './check-in.js';
import { checkOut } from './check-out.js';
import type { Command, CommandAnswers } from './commands.js';
import { confirmBookings } from './confirm-bookings.js';
import { Draft } from './draft.js';
import { endReservations } from './end-reservations.js';
import { expireBookings } from './expire-bookings.js';
import { expireLocks } from './expire-locks.js';
import { expirePayments } from './expire-payments.js';
import { extendHold } from './extend-hold.js';
import { extendLock } from './extend-lock.js';
import { holdBackSeats, releaseHeldBackSeats } from './hold-back-seats.js';
import { holdSeats } from './hold-seats.js';
import type { Request } from './idempotent-request.js';
import { lockSeats } from './lock-seats.js';
import { setSalePaused } from './pause-sale.js';
import { bookingNotFound, eventNotFound, lockNotFound, paymentNotFound } from './refusals.js';
import { reissueTicket } from './reissue-ticket.js';
import { releaseHold } from './release-hold.js';
import { releaseLock } from './release-lock.js';
import type { Rules } from './rules.js';
import { settlePayment } from './settle-payment.js';
import { simulatePayment } from './simulate-payment.js';
import { transferReservations } from './transfer-reservations.js';
import { updateEvent } from './update-event.js';
import type { Changes, WorkingSet } from './working-set.js';

/** The result of one command: its answer, or the refusal of a rule. */
export type Outcome =
  | { readonly answer: CommandAnswers[keyof CommandAnswers] }
  | { readonly refusal: DomainError };

export interface Decision {
  readonly outcome: Outcome;
  readonly changes: Changes;
}

const NO_CHANGES: Changes = {
  settings: null,
  locks: [],
  payments: [],
  bookings: [],
  requests: [],
  removedRequestIds: [],
};

/**
 * Decides one command. Pure: it changes nothing, not even the set, and the same arguments give the same decision.
 * A refusal has no changes, so that it never harms the other commands of the batch.
 */
export function decide(set: WorkingSet, command: Command, now: Date, rules: Rules): Decision {
  const draft = new Draft(set);
  try {
    return { outcome: { answer: apply(draft, command, now, rules) }, changes: draft.changes() };
  } catch (error) {
    if (error instanceof DomainError) return { outcome: { refusal: error }, changes: NO_CHANGES };
    throw error;
  }
}

function apply(
  draft: Draft,
  command: Command,
  now: Date,
  rules: Rules,
): CommandAnswers[keyof CommandAnswers] {
  switch (command.kind) {
    case 'lockSeats':
      return lockSeats(draft, command, now, rules);
    case 'holdSeats':
      return holdSeats(draft, command, now, rules);
    case 'extendHold':
      return extendHold(draft, command, now, rules);
    case 'releaseHold':
      return releaseHold(draft, command, now);
    case 'releaseLock':
      return releaseLock(draft, command, now);
    case 'extendLock':
      return extendLock(draft, command, now, rules);
    case 'simulatePayment':
      return simulatePayment(draft, command, now);
    case 'settlePayment':
      return settlePayment(draft, command, now, rules);
    case 'confirmBookings':
      return confirmBookings(draft, command, now, rules);
    case 'checkOut':
      return checkOut(draft, command, now, rules);
    case 'cancelBooking':
      return cancelBooking(draft, command, now);
    case 'reissueTicket':
      return reissueTicket(draft, command);
    case 'checkIn':
      return checkIn(draft, command, now);
    case 'expireLocks':
      return expireLocks(draft, now);
    case 'expireBookings':
      return expireBookings(draft, now);
    case 'expirePayments':
      return expirePayments(draft, now);
    case 'transferReservations':
      return transferReservations(draft, command);
    case 'updateEvent':
      return updateEvent(draft, command, now, rules);
    case 'setSalePaused':
      return setSalePaused(draft, command);
    case 'cancelEvent':
      return cancelEvent(draft, command, now);
    case 'endReservations':
      return endReservations(draft, now);
    case 'holdBackSeats':
      return holdBackSeats(draft, command, now);
    case 'releaseHeldBackSeats':
      return releaseHeldBackSeats(draft, command, now);
    case 'bookHeldBackSeats':
      return bookHeldBackSeats(draft, command, now, rules);
    default:
      return assertNever(command);
  }
}

/**
 * Decides a command about an event that does not exist.
 *
 * @param requests earlier requests with the commands' requestIds, for other events
 */
export function decideWithoutEvent(command: Command, requests: readonly Request[]): Outcome {
  switch (command.kind) {
    case 'lockSeats':
    case 'extendHold':
    case 'releaseHold':
    case 'updateEvent':
    case 'setSalePaused':
    case 'cancelEvent':
    case 'holdBackSeats':
    case 'releaseHeldBackSeats':
      return { refusal: eventNotFound() };
    case 'holdSeats':
    case 'checkIn':
    case 'bookHeldBackSeats':
    case 'checkOut': {
      const used = requests.some(({ id }) => id === command.request?.id);
      return { refusal: used ? idempotencyConflict() : eventNotFound() };
    }
    case 'releaseLock':
    case 'extendLock':
      return { refusal: lockNotFound() };
    case 'simulatePayment':
    case 'confirmBookings': {
      const used = requests.some(({ id }) => id === command.request?.id);
      return { refusal: used ? idempotencyConflict() : lockNotFound('lockIds') };
    }
    case 'settlePayment':
      return { refusal: paymentNotFound() };
    case 'cancelBooking':
    case 'reissueTicket':
      return { refusal: bookingNotFound() };
    case 'expireLocks':
    case 'expireBookings':
    case 'expirePayments':
    case 'endReservations':
      return { answer: { ended: 0, hasMore: false } };
    case 'transferReservations':
      return { answer: { moved: 0, hasMore: false } };
    default:
      return assertNever(command);
  }
}
