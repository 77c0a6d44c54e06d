/** The operations, with the fields that a page would show. */
export const LOCK =
  'mutation($input: LockSeatInput!) { lockSeat(input: $input) { id seatNumber status expiresAt } }';
export const PAY =
  'mutation($input: SimulatePaymentInput!) { simulatePayment(input: $input) { paymentId status } }';
export const CONFIRM =
  'mutation($input: ConfirmBookingInput!) { confirmBooking(input: $input) { id seatNumber status } }';
export const DO_NOTHING = 'mutation($seatNumber: Int!) { doNothing(seatNumber: $seatNumber) }';

export const AVAILABILITY = `query($eventId: ID!) {
  event(id: $eventId) { availability { totalSeats availableSeats lockedSeats bookedSeats } }
}`;
export const STATUSES = 'query($eventId: ID!) { event(id: $eventId) { seatMap { version statuses } } }';
export const TAKEN_SEATS = `query($eventId: ID!) {
  event(id: $eventId) { seatMap { version takenSeats { seatNumber status lockedUntil } } }
}`;

/** Any server answers it, at almost no cost. */
export const HELLO = '{ __typename }';
