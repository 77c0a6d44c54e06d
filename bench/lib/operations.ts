/** The operations that the contenders are asked for, as a page would send them: nothing that it would not show. */
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

/** Any server answers it, and it costs as good as nothing. */
export const HELLO = '{ __typename }';
