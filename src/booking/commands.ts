import type { Booking } from './booking.js';
import type { RequestKey } from './idempotent-request.js';
import type { Lock } from './lock.js';
import type { CardStatus, Payment, SettlementOutcome } from './payment.js';

/**
 * Every change is a command about one event. A command carries all it needs, the ids of what it may make included,
 * so that deciding it again (after a write conflict, or in another batch) gives the same things the same names.
 */
export type Command = CallOrigin &
  (
    | LockSeats
    | ReleaseLock
    | ExtendLock
    | SimulatePayment
    | SettlePayment
    | ConfirmBookings
    | CancelBooking
    | ExpireLocks
    | ExpireBookings
    | ExpirePayments
  );

/** Where a command comes from: no rule looks at it. */
export interface CallOrigin {
  /** Of the call that it is a part of, to be found in the log; a job's commands have none. */
  readonly correlationId?: string | undefined;
}

export interface LockSeats {
  readonly kind: 'lockSeats';
  readonly eventId: string;
  readonly userId: string;
  readonly seatNumbers: readonly number[];
  /** One new id a seat; unused where the caller holds the seat already. */
  readonly newLockIds: readonly string[];
}

export interface ReleaseLock {
  readonly kind: 'releaseLock';
  readonly eventId: string;
  readonly userId: string;
  readonly lockId: string;
}

export interface ExtendLock {
  readonly kind: 'extendLock';
  readonly eventId: string;
  readonly userId: string;
  readonly lockId: string;
}

export interface SimulatePayment {
  readonly kind: 'simulatePayment';
  readonly eventId: string;
  readonly userId: string;
  readonly lockIds: readonly string[];
  /** Null where the client leaves the sum to the server. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly cardStatus: CardStatus;
  readonly newPaymentId: string;
  /** Null when the client gave no requestId: then every call is a new payment. */
  readonly request: RequestKey | null;
}

export interface SettlePayment {
  readonly kind: 'settlePayment';
  readonly eventId: string;
  readonly userId: string;
  readonly paymentId: string;
  readonly outcome: SettlementOutcome;
}

export interface ConfirmBookings {
  readonly kind: 'confirmBookings';
  readonly eventId: string;
  readonly userId: string;
  readonly lockIds: readonly string[];
  readonly paymentId: string;
  readonly requestId: string;
  readonly request: RequestKey;
  /** One new id a lock. */
  readonly newBookingIds: readonly string[];
}

export interface CancelBooking {
  readonly kind: 'cancelBooking';
  readonly eventId: string;
  readonly userId: string;
  readonly bookingId: string;
}

/** Writes down the lapses of an event's locks, at most a named number at a time. */
export interface ExpireLocks {
  readonly kind: 'expireLocks';
  readonly eventId: string;
}

/** Cancels the PENDING bookings of an event whose time is up, at most a named number at a time. */
export interface ExpireBookings {
  readonly kind: 'expireBookings';
  readonly eventId: string;
}

/** Fails the PENDING payments of an event that have waited for too long, at most a named number at a time. */
export interface ExpirePayments {
  readonly kind: 'expirePayments';
  readonly eventId: string;
}

/** What each kind of command answers with. */
export interface CommandAnswers {
  lockSeats: readonly Lock[];
  releaseLock: Lock;
  extendLock: Lock;
  simulatePayment: Payment;
  settlePayment: Payment;
  confirmBookings: readonly Booking[];
  cancelBooking: Booking;
  expireLocks: Expired;
  expireBookings: Expired;
  expirePayments: Expired;
}

/** How many an expire command ended, and whether it stopped at its limit. */
export interface Expired {
  readonly ended: number;
  readonly hasMore: boolean;
}

export type CommandAnswer<C extends Command> = CommandAnswers[C['kind']];

/** The one way in: decides the command in a batch of its event and answers once that is committed. */
export interface Commands {
  /**
   * @throws the rule's own DomainError; TOO_BUSY when nothing was done; OUTCOME_UNKNOWN when it may have been
   */
  submit<C extends Command>(command: C): Promise<CommandAnswer<C>>;
}
