/** The operations, with the fields that a page would show. */
export const LOCK =
  'mutation($input: LockSeatInput!) { lockSeat(input: $input) { id seatNumber status expiresAt } }';
export const PAY =
  'mutation($input: SimulatePaymentInput!) { simulatePayment(input: $input) { paymentId status } }';
export const CONFIRM =
  'mutation($input: ConfirmBookingInput!) { confirmBooking(input: $input) { id seatNumber status } }';
const LOCK_FIELDS = 'id seatNumber status expiresAt';
export const LOCK_SEATS = `mutation($input: LockSeatsInput!) { lockSeats(input: $input) { ${LOCK_FIELDS} } }`;
export const HOLD_SEATS = `mutation($input: HoldSeatsInput!) {
  holdSeats(input: $input) { locks { ${LOCK_FIELDS} } refusal { code offers } }
}`;
export const RELEASE_HOLD = 'mutation($eventId: ID!) { releaseHold(eventId: $eventId) { expiresAt } }';
export const CHECK_OUT = `mutation($input: CheckOutInput!) {
  checkOut(input: $input) { payment { id status } bookings { id seatNumber status } }
}`;
export const CONFIRM_SEATS = `mutation($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { id } }`;
export const DO_NOTHING = 'mutation($seatNumber: Int!) { doNothing(seatNumber: $seatNumber) }';

export const AVAILABILITY = `query($eventId: ID!) {
  event(id: $eventId) { availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } }
}`;
export const STATUSES = 'query($eventId: ID!) { event(id: $eventId) { seatMap { version statuses } } }';
export const TAKEN_SEATS = `query($eventId: ID!) {
  event(id: $eventId) { seatMap { version takenSeats { seatNumber status lockedUntil } } }
}`;

/** Any server answers it, at almost no cost. */
export const HELLO = '{ __typename }';

export interface HoldAnswer {
  /** Empty if the wish was refused. */
  readonly locks: readonly { readonly id: string; readonly seatNumber: number }[];
  readonly refusal: { readonly code: string; readonly offers: readonly (readonly number[])[] } | null;
}
