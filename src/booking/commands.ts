import type { EventChanges } from '../catalog/change-event.js';
import type { Event } from '../catalog/event.js';
import type { Money } from '../catalog/money.js';
import type { Booking } from './booking.js';
import type { Adjacency } from './choose-seats.js';
import type { CheckedIn, RequestKey } from './idempotent-request.js';
import type { Lock } from './lock.js';
import type { CardStatus, Payment, SettlementOutcome } from './payment.js';
import type { SeatRefusal, SeatWish } from './seat-wish.js';
import type { TicketClaims } from './ticket.js';

/**
 * Every change is a command about one event. A command contains all that it needs, including the ids of new records, so
 * that deciding it again (after a write conflict, or in another batch) gives the same records the same ids.
 */
export type Command = CallOrigin &
  (
    | LockSeats
    | HoldSeats
    | ExtendHold
    | ReleaseHold
    | ReleaseLock
    | ExtendLock
    | SimulatePayment
    | SettlePayment
    | ConfirmBookings
    | CheckOut
    | CancelBooking
    | ReissueTicket
    | CheckIn
    | ExpireLocks
    | ExpireBookings
    | ExpirePayments
    | TransferReservations
    | UpdateEvent
    | SetSalePaused
    | CancelEvent
    | EndReservations
    | HoldBackSeats
    | ReleaseHeldBackSeats
    | BookHeldBackSeats
  );

/** Where a command comes from. Rules do not use it. */
export interface CallOrigin {
  /** Of the call that sent it, to find it in the log; commands of jobs have none. */
  readonly correlationId?: string | undefined;
}

export interface LockSeats {
  readonly kind: 'lockSeats';
  readonly eventId: string;
  readonly userId: string;
  readonly seatNumbers: readonly number[];
  /** One new id for each seat; unused if the caller already holds the seat. */
  readonly newLockIds: readonly string[];
}

export interface HoldSeats {
  readonly kind: 'holdSeats';
  readonly eventId: string;
  readonly userId: string;
  /** In the order in which they are tried. */
  readonly wishes: readonly SeatWish[];
  /** As many as the largest wish has seats. */
  readonly newLockIds: readonly string[];
  /** Null if the client gave no requestId. */
  readonly request: RequestKey | null;
}

export interface ExtendHold {
  readonly kind: 'extendHold';
  readonly eventId: string;
  readonly userId: string;
}

export interface ReleaseHold {
  readonly kind: 'releaseHold';
  readonly eventId: string;
  readonly userId: string;
  /** Null for all that the user holds. */
  readonly seatNumbers: readonly number[] | null;
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
  /** Null if the client leaves the sum to the server. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly cardStatus: CardStatus;
  readonly newPaymentId: string;
  /** Null if the client gave no requestId: then every call is a new payment. */
  readonly request: RequestKey | null;
}

export interface SettlePayment {
  readonly kind: 'settlePayment';
  readonly eventId: string;
  /** Null if the provider itself settles it. */
  readonly userId: string | null;
  readonly paymentId: string;
  readonly outcome: SettlementOutcome;
  /** Why it failed, for people. */
  readonly reason: string;
}

export interface ConfirmBookings {
  readonly kind: 'confirmBookings';
  readonly eventId: string;
  readonly userId: string;
  readonly lockIds: readonly string[];
  readonly paymentId: string;
  readonly requestId: string;
  readonly request: RequestKey;
}

/** Pays for what a user holds and books it. */
export interface CheckOut {
  readonly kind: 'checkOut';
  readonly eventId: string;
  readonly userId: string;
  /** Null for all that the user holds. */
  readonly seatNumbers: readonly number[] | null;
  /** Null if the client accepts any sum. */
  readonly expectedTotal: Money | null;
  /** Null if the client leaves the sum to the server. */
  readonly amount: Money | null;
  /** Who takes the money. */
  readonly provider: string;
  /** How a simulated card answers. */
  readonly cardStatus: CardStatus;
  readonly contactEmail: string;
  readonly newPaymentId: string;
  readonly requestId: string;
  readonly request: RequestKey;
}

export interface CancelBooking {
  readonly kind: 'cancelBooking';
  readonly eventId: string;
  readonly userId: string;
  readonly bookingId: string;
}

export interface ReissueTicket {
  readonly kind: 'reissueTicket';
  readonly eventId: string;
  readonly userId: string;
  readonly bookingId: string;
}

export interface CheckIn {
  readonly kind: 'checkIn';
  readonly eventId: string;
  /** The organizer, or whoever says so. */
  readonly userId: string;
  /** Null if the scanned text is no ticket of this server. */
  readonly ticket: TicketClaims | null;
  /** By the scanner's clock. */
  readonly at: Date;
  readonly request: RequestKey;
}

/** Records expired locks of an event, at most LOCKS_EXPIRED_AT_ONCE_MAX. */
export interface ExpireLocks {
  readonly kind: 'expireLocks';
  readonly eventId: string;
}

/** Cancels overdue PENDING bookings of an event, at most BOOKINGS_EXPIRED_AT_ONCE_MAX. */
export interface ExpireBookings {
  readonly kind: 'expireBookings';
  readonly eventId: string;
}

/** Fails overdue PENDING payments of an event, at most PAYMENTS_EXPIRED_AT_ONCE_MAX. */
export interface ExpirePayments {
  readonly kind: 'expirePayments';
  readonly eventId: string;
}

/** Gives what one user has in the event to another one, at most TRANSFERRED_AT_ONCE_MAX records of each kind. */
export interface TransferReservations {
  readonly kind: 'transferReservations';
  readonly eventId: string;
  readonly fromUserId: string;
  readonly toUserId: string;
}

/** The organizer changes the event. */
export interface UpdateEvent {
  readonly kind: 'updateEvent';
  readonly eventId: string;
  readonly userId: string;
  /** Which revision the organizer has seen. */
  readonly ifRevision: number;
  readonly changes: EventChanges;
}

export interface SetSalePaused {
  readonly kind: 'setSalePaused';
  readonly eventId: string;
  readonly userId: string;
  readonly isPaused: boolean;
}

/** The organizer cancels the event for ever. */
export interface CancelEvent {
  readonly kind: 'cancelEvent';
  readonly eventId: string;
  readonly userId: string;
  readonly reason: string | null;
}

/** Ends locks and bookings of a cancelled event, some in each step. */
export interface EndReservations {
  readonly kind: 'endReservations';
  readonly eventId: string;
}

/** The organizer takes seats off sale. */
export interface HoldBackSeats {
  readonly kind: 'holdBackSeats';
  readonly eventId: string;
  readonly userId: string;
  readonly seatNumbers: readonly number[];
  /** For whom or why. */
  readonly label: string;
  /** Null: until the organizer puts them back on sale. */
  readonly until: Date | null;
  /** Leave out seats that somebody has. Otherwise one such seat refuses the call. */
  readonly skipTaken: boolean;
  /** One for each seat. */
  readonly newLockIds: readonly string[];
}

export interface ReleaseHeldBackSeats {
  readonly kind: 'releaseHeldBackSeats';
  readonly eventId: string;
  readonly userId: string;
  readonly seatNumbers: readonly number[];
}

/** The organizer books seats without payment. */
export interface BookHeldBackSeats {
  readonly kind: 'bookHeldBackSeats';
  readonly eventId: string;
  readonly userId: string;
  readonly seatNumbers: readonly number[];
  readonly contactEmail: string;
  /** One for each seat; unused if the seat is held back. */
  readonly newLockIds: readonly string[];
  readonly newPaymentId: string;
  readonly requestId: string;
  readonly request: RequestKey;
}

/** The answer to each kind of command. */
export interface CommandAnswers {
  lockSeats: readonly Lock[];
  holdSeats: Held;
  extendHold: readonly Lock[];
  releaseHold: readonly Lock[];
  releaseLock: Lock;
  extendLock: Lock;
  simulatePayment: Payment;
  settlePayment: Payment;
  confirmBookings: readonly Booking[];
  checkOut: CheckedOut;
  cancelBooking: Booking;
  reissueTicket: Booking;
  checkIn: CheckInAnswer;
  expireLocks: Expired;
  expireBookings: Expired;
  expirePayments: Expired;
  transferReservations: Transferred;
  updateEvent: Event;
  setSalePaused: Event;
  cancelEvent: Event;
  endReservations: Expired;
  holdBackSeats: HeldBack;
  releaseHeldBackSeats: HeldBack;
  bookHeldBackSeats: readonly Booking[];
}

/** Which seats a call holds back, or has put back on sale. */
export interface HeldBack {
  /** In the order of the call. */
  readonly seatNumbers: readonly number[];
  /** A version of the seat map that has it. */
  readonly version: number;
}

/** What became of the wishes of one call. */
export interface Held {
  /** As the decision knew it, so that no answer has to read it again. */
  readonly event: Event;
  /** All that the user holds of the event now, oldest first. */
  readonly hold: readonly Lock[];
  /** Of the wish that could be had, in seat order or as it named them; empty if none could. */
  readonly locks: readonly Lock[];
  /** Which wish that was. */
  readonly wishIndex: number | null;
  /** How close the seats are that the server chose; null for seats that the user named. */
  readonly adjacency: Adjacency | null;
  /** Why the first wish could not be had, if none could. */
  readonly refusal: SeatRefusal | null;
}

export interface CheckInAnswer extends CheckedIn {
  /** Null if the ticket belongs to no booking of the event. */
  readonly booking: Booking | null;
}

/** What became of a check-out. */
export interface CheckedOut {
  readonly payment: Payment;
  /** In seat order; empty if the card was refused. */
  readonly bookings: readonly Booking[];
}

/** How many records a command of a job ended, and whether it stopped at its limit. */
export interface Expired {
  readonly ended: number;
  readonly hasMore: boolean;
}

export type CommandAnswer<C extends Command> = CommandAnswers[C['kind']];

/** How many records a transfer moved, and whether it stopped at its limit. */
export interface Transferred {
  readonly moved: number;
  readonly hasMore: boolean;
}

/** The one way to change an event: decides the command in a batch and answers once that is committed. */
export interface Commands {
  /**
   * @throws the rule's DomainError; TOO_BUSY if nothing was done; OUTCOME_UNKNOWN if it may have been done
   */
  submit<C extends Command>(command: C): Promise<CommandAnswer<C>>;
}
