/** The operations of the sale with the fields that a page would show, and the types of their answers. */

export const SIGN_UP = 'mutation($input: CredentialsInput!) { signUp(input: $input) { token } }';
export const LOG_IN = 'mutation($input: CredentialsInput!) { logIn(input: $input) { token } }';
export const CREATE_EVENT = 'mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }';

export const PAUSE_SALE = 'mutation($eventId: ID!) { pauseSale(eventId: $eventId) { status } }';

export const READ_MAP = 'query($eventId: ID!) { event(id: $eventId) { seatMap { statuses } } }';

const LOCK_FIELDS = 'id seatNumber createdAt expiresAt remainingMs';
export const LOCK_SEAT = `mutation($input: LockSeatInput!) { lockSeat(input: $input) { ${LOCK_FIELDS} } }`;
export const LOCK_SEATS = `mutation($input: LockSeatsInput!) { lockSeats(input: $input) { ${LOCK_FIELDS} } }`;
export const HOLD_SEATS = `mutation($input: HoldSeatsInput!) {
  holdSeats(input: $input) { locks { ${LOCK_FIELDS} } refusal { code lostSeats offers } }
}`;
export const EXTEND_LOCK = `mutation($lockId: ID!) { extendLock(lockId: $lockId) { ${LOCK_FIELDS} } }`;
export const RELEASE_LOCK = 'mutation($lockId: ID!) { releaseLock(lockId: $lockId) { id } }';

const PAYMENT_FIELDS = 'paymentId status retryable';
export const PAY = `mutation($input: SimulatePaymentInput!) { simulatePayment(input: $input) { ${PAYMENT_FIELDS} } }`;
export const SETTLE = `mutation($input: SettlePaymentInput!) { settlePayment(input: $input) { ${PAYMENT_FIELDS} } }`;

const BOOKING_FIELDS = 'id seatNumber status expiresAt';
export const CONFIRM_BOOKING = `mutation($input: ConfirmBookingInput!) { confirmBooking(input: $input) { ${BOOKING_FIELDS} } }`;
export const CONFIRM_BOOKINGS = `mutation($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { ${BOOKING_FIELDS} } }`;
export const CHECK_OUT = `mutation($input: CheckOutInput!) {
  checkOut(input: $input) { payment { ${PAYMENT_FIELDS} } bookings { ${BOOKING_FIELDS} } }
}`;
export const CANCEL_BOOKING = `mutation($id: ID!) { cancelBooking(id: $id) { ${BOOKING_FIELDS} } }`;

export const HOLD_BACK =
  'mutation($input: HoldBackSeatsInput!) { holdBackSeats(input: $input) { seatNumbers } }';
export const RELEASE_HELD_BACK = `mutation($eventId: ID!, $seatNumbers: [Int!]!) {
  releaseHeldBackSeats(eventId: $eventId, seatNumbers: $seatNumbers) { seatNumbers }
}`;
export const BOOK_HELD_BACK = `mutation($input: BookHeldBackSeatsInput!) { bookHeldBackSeats(input: $input) { ${BOOKING_FIELDS} } }`;

export const SEAT_AVAILABILITY_CHANGED = `subscription($eventId: ID!, $since: Int) {
  seatAvailabilityChanged(eventId: $eventId, since: $since) {
    kind version previousVersion seats { seatNumber status lockedUntil } serverTime
  }
}`;

export const EVENT_CHANGED = 'subscription($eventId: ID!) { eventChanged(eventId: $eventId) { status } }';

export const SEAT_MAP = 'query($eventId: ID!) { event(id: $eventId) { seatMap { version statuses } } }';
export const SALES = 'query($eventId: ID!) { event(id: $eventId) { sales { revenue { amount } } } }';
export const BOOKINGS = `query($eventId: ID!, $after: String) {
  event(id: $eventId) {
    bookings(first: 100, after: $after) { nodes { id seatNumber status isInvitation } pageInfo { hasNextPage endCursor } }
  }
}`;

export const HISTORY = `query($eventId: ID!, $after: String) {
  event(id: $eventId) {
    history(first: 100, after: $after) { nodes { kind version seatNumber } pageInfo { hasNextPage endCursor } }
  }
}`;

export interface LockAnswer {
  readonly id: string;
  readonly seatNumber: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly remainingMs: number;
}

export interface HoldAnswer {
  readonly locks: readonly LockAnswer[];
  readonly refusal: {
    readonly code: string;
    readonly lostSeats: readonly number[];
    readonly offers: readonly (readonly number[])[];
  } | null;
}

export interface CheckOutAnswer {
  readonly payment: PaymentAnswer;
  /** Empty if the card was refused. */
  readonly bookings: readonly BookingAnswer[];
}

export interface PaymentAnswer {
  readonly paymentId: string;
  readonly status: 'PENDING' | 'COMPLETED' | 'FAILED' | 'REFUNDED';
  readonly retryable: boolean | null;
}

export type BookingStatus = 'PENDING' | 'CONFIRMED' | 'CANCELLED';

export interface BookingAnswer {
  readonly id: string;
  readonly seatNumber: number;
  readonly status: BookingStatus;
  /** When a PENDING booking times out. */
  readonly expiresAt: string | null;
}

export interface SeatUpdateAnswer {
  readonly kind: 'SNAPSHOT' | 'CHANGES';
  readonly version: number;
  readonly previousVersion: number | null;
  readonly seats: readonly {
    readonly seatNumber: number;
    readonly status: 'AVAILABLE' | 'LOCKED' | 'BOOKED' | 'OFF_SALE';
    readonly lockedUntil: string | null;
  }[];
  readonly serverTime: string;
}

export interface SeatMapAnswer {
  readonly version: number;
  readonly statuses: string;
}
