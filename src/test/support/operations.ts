import { graphql } from './gql/gql.js';

/** The operations that the tests send, typed against schema.graphql by graphql-codegen (`npm run codegen`). */

graphql(`fragment LockFields on SeatLock {
  id eventId seatNumber status createdAt expiresAt remainingMs bookingId
}`);

graphql(`fragment PaymentFields on Payment {
  paymentId eventId lockIds seats { seatNumber refunded } amount refundedAmount currency status reason retryable createdAt processedAt
}`);

graphql(`fragment BookingFields on Booking {
  id eventId seatNumber lockId paymentId requestId status paymentStatus createdAt expiresAt
}`);

graphql(`fragment EventFields on Event {
  id name eventDate timeZone totalSeats seatsPerViewerMax paymentProvider stripePublishableKey seatingPlanUrl
  sections { kind name firstSeatNumber rows seatsPerRow price { amount currency } }
  availability { totalSeats availableSeats lockedSeats bookedSeats }
}`);

graphql(`fragment SettingsFields on Event {
  id name eventDate timeZone status revision salesStartAt salesEndAt orphanRule seatsPerViewerMax
  venue description imageUrl refundUntil sections { id price { amount currency } }
}`);

export const SIGN_UP = graphql(
  `mutation SignUp($input: CredentialsInput!) { signUp(input: $input) { token expiresAt user { id email } } }`,
);
export const LOG_IN = graphql(
  `mutation LogIn($input: CredentialsInput!) { logIn(input: $input) { token expiresAt user { id email } } }`,
);
export const REQUEST_PASSWORD_RESET = graphql(
  `mutation RequestPasswordReset($email: String!) { requestPasswordReset(email: $email) }`,
);
export const RESET_PASSWORD = graphql(
  `mutation ResetPassword($token: String!, $password: String!) {
    resetPassword(token: $token, password: $password) { token user { id email } }
  }`,
);
export const START_GUEST = graphql(
  `mutation StartGuest { startGuest { token expiresAt user { id email isGuest } } }`,
);
export const RENEW_TOKEN = graphql(
  `mutation RenewToken { renewToken { token expiresAt user { id email isGuest } } }`,
);
export const LOG_OUT_EVERYWHERE = graphql(`mutation LogOutEverywhere { logOutEverywhere { id email } }`);
export const PROVIDER_OF_PAYMENT = graphql(
  `query ProviderOfPayment($paymentId: ID!) { payment(paymentId: $paymentId) { provider } }`,
);

export const ME = graphql(`query Me { me { id email isGuest } }`);

export const CREATE_EVENT = graphql(
  `mutation CreateEvent($input: CreateEventInput!) { createEvent(input: $input) { ...EventFields } }`,
);
export const EVENT = graphql(`query Event($id: ID!) { event(id: $id) { ...EventFields } }`);
export const EVENTS = graphql(`query Events($first: Int, $after: String) {
  events(first: $first, after: $after) {
    nodes { id name eventDate }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`);
export const FIND_EVENTS = graphql(`query FindEvents(
  $first: Int, $after: String, $search: String, $from: DateTimeISO, $to: DateTimeISO, $orderBy: EventOrder
) {
  events(first: $first, after: $after, search: $search, from: $from, to: $to, orderBy: $orderBy) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
}`);
export const AVAILABILITY = graphql(`query Availability($id: ID!) {
  event(id: $id) { availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } }
}`);
export const AVAILABILITIES = graphql(`query Availabilities($first: Int) {
  events(first: $first) { nodes { id availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } } }
}`);
export const SEAT_MAP = graphql(`query SeatMap($id: ID!) {
  event(id: $id) { seatMap { version statuses takenSeats { seatNumber status lockedUntil } } }
}`);
export const EVENT_CHANGED = graphql(`subscription EventChanged($eventId: ID!) {
  eventChanged(eventId: $eventId) {
    name status revision salesStartAt cancellation { at reason bookingsLeft }
    availability { availableSeats lockedSeats bookedSeats offSaleSeats }
    sections { name price { amount } availability { availableSeats lockedSeats bookedSeats offSaleSeats } }
  }
}`);
export const UPDATE_EVENT = graphql(`mutation UpdateEvent($input: UpdateEventInput!) {
  updateEvent(input: $input) { ...SettingsFields }
}`);
export const PAUSE_SALE = graphql(
  `mutation PauseSale($eventId: ID!) { pauseSale(eventId: $eventId) { ...SettingsFields } }`,
);
export const RESUME_SALE = graphql(
  `mutation ResumeSale($eventId: ID!) { resumeSale(eventId: $eventId) { ...SettingsFields } }`,
);
export const CANCEL_EVENT = graphql(`mutation CancelEvent($eventId: ID!, $reason: String) {
  cancelEvent(eventId: $eventId, reason: $reason) {
    ...SettingsFields
    cancellation { at reason bookingsLeft refunded { amount currency } }
  }
}`);
export const EVENT_CANCELLATION = graphql(`query EventCancellation($id: ID!) {
  event(id: $id) { status cancellation { at reason bookingsLeft refunded { amount currency } } }
}`);
export const HOLD_BACK = graphql(`mutation HoldBack($input: HoldBackSeatsInput!) {
  holdBackSeats(input: $input) { seatNumbers version event { status revision } }
}`);
export const RELEASE_HELD_BACK = graphql(`mutation ReleaseHeldBack($eventId: ID!, $seatNumbers: [Int!]!) {
  releaseHeldBackSeats(eventId: $eventId, seatNumbers: $seatNumbers) {
    seatNumbers version event { status revision }
  }
}`);
export const BOOK_HELD_BACK = graphql(`mutation BookHeldBack($input: BookHeldBackSeatsInput!) {
  bookHeldBackSeats(input: $input) {
    id seatNumber status isInvitation
    payment { amount refundedAmount currency provider status contactEmail }
    ticket { code }
  }
}`);
export const HELD_BACK = graphql(`query HeldBack($id: ID!, $first: Int, $after: Int) {
  event(id: $id) { heldBack(first: $first, after: $after) { place { seatNumber label } label until } }
}`);
export const EVENT_SETTINGS = graphql(
  `query EventSettings($id: ID!) { event(id: $id) { ...SettingsFields } }`,
);

export const EVENT_BOOKINGS = graphql(`query EventBookings($id: ID!, $first: Int, $after: String) {
  event(id: $id) {
    bookings(first: $first, after: $after) { nodes { ...BookingFields } pageInfo { hasNextPage endCursor } }
  }
}`);
export const FIND_BOOKINGS =
  graphql(`query FindBookings($id: ID!, $search: String!, $first: Int, $after: String) {
  event(id: $id) {
    bookings(first: $first, after: $after, search: $search) { nodes { id seatNumber } pageInfo { hasNextPage endCursor } }
  }
}`);
export const SALES_FIGURES = graphql(`query SalesFigures($id: ID!, $hours: Int, $before: DateTimeISO) {
  event(id: $id) {
    salesBySection { section { name } paid { amount currency } refunded { amount currency } }
    salesByHour(hours: $hours, before: $before) { from paid { amount currency } refunded { amount currency } }
  }
}`);
export const HISTORY = graphql(`query History($id: ID!, $seatNumber: Int, $first: Int, $after: String) {
  event(id: $id) {
    history(seatNumber: $seatNumber, first: $first, after: $after) {
      nodes { at version seatNumber kind before after lockedUntil actor lockId bookingId correlationId }
      pageInfo { hasNextPage endCursor }
    }
  }
}`);
export const SALES = graphql(`query Sales($id: ID!) {
  event(id: $id) {
    sales {
      bookedSeats invitedSeats pendingSeats cancelledBookings
      revenue { amount currency } refunded { amount currency }
    }
  }
}`);

export const LOCK_SEAT = graphql(
  `mutation LockSeat($input: LockSeatInput!) { lockSeat(input: $input) { ...LockFields } }`,
);
export const LOCK_SEATS = graphql(
  `mutation LockSeats($input: LockSeatsInput!) { lockSeats(input: $input) { ...LockFields } }`,
);
export const RELEASE_LOCK = graphql(
  `mutation ReleaseLock($lockId: ID!) { releaseLock(lockId: $lockId) { ...LockFields } }`,
);
export const EXTEND_LOCK = graphql(
  `mutation ExtendLock($lockId: ID!) { extendLock(lockId: $lockId) { ...LockFields } }`,
);
export const SEAT_LOCK = graphql(`query SeatLock($id: ID!) { seatLock(id: $id) { ...LockFields } }`);
export const MY_LOCKS = graphql(
  `query MyLocks($eventId: ID!) { me { locks(eventId: $eventId) { ...LockFields } } }`,
);

export const SIMULATE_PAYMENT = graphql(
  `mutation SimulatePayment($input: SimulatePaymentInput!) { simulatePayment(input: $input) { ...PaymentFields } }`,
);
export const SETTLE_PAYMENT = graphql(
  `mutation SettlePayment($input: SettlePaymentInput!) { settlePayment(input: $input) { ...PaymentFields } }`,
);
export const BOOKINGS_OF_PAYMENT = graphql(`query BookingsOfPayment($paymentId: ID!) {
  payment(paymentId: $paymentId) { reference contactEmail bookings { id seatNumber status } }
}`);
export const PAYMENT = graphql(
  `query Payment($paymentId: ID!) { payment(paymentId: $paymentId) { ...PaymentFields } }`,
);
export const MY_PAYMENTS = graphql(`query MyPayments($first: Int, $after: String) {
  me { payments(first: $first, after: $after) { nodes { ...PaymentFields event { id } } pageInfo { hasNextPage endCursor } } }
}`);
export const MY_EVENTS = graphql(`query MyEvents($first: Int, $after: String) {
  me { events(first: $first, after: $after) { nodes { id name } edges { cursor } pageInfo { hasNextPage endCursor } } }
}`);

export const CONFIRM_BOOKING = graphql(
  `mutation ConfirmBooking($input: ConfirmBookingInput!) { confirmBooking(input: $input) { ...BookingFields } }`,
);
export const CONFIRM_BOOKINGS = graphql(
  `mutation ConfirmBookings($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { ...BookingFields } }`,
);
export const CHECK_OUT = graphql(`mutation CheckOut($input: CheckOutInput!) {
  checkOut(input: $input) {
    payment { ...PaymentFields reference contactEmail bookings { id } }
    bookings { ...BookingFields }
    clientSecret
  }
}`);
export const CANCEL_BOOKING = graphql(
  `mutation CancelBooking($id: ID!) { cancelBooking(id: $id) { ...BookingFields } }`,
);
export const BOOKING_TICKET = graphql(
  `query BookingTicket($id: ID!) { booking(id: $id) { ticket { code svgUrl icsUrl checkedInAt } } }`,
);
export const TICKET = graphql(`query Ticket($code: String!) {
  ticket(code: $code) { status event { name } place { label } ticket { code svgUrl icsUrl checkedInAt } }
}`);
export const REISSUE_TICKET = graphql(
  `mutation ReissueTicket($bookingId: ID!) { reissueTicket(bookingId: $bookingId) { id ticket { code } } }`,
);
export const CHECK_IN = graphql(`mutation CheckIn($input: CheckInInput!) {
  checkIn(input: $input) { result checkedInAt booking { id seatNumber ticket { checkedInAt } } }
}`);
export const BOOKING = graphql(`query Booking($id: ID!) {
  booking(id: $id) { ...BookingFields event { id name } payment { ...PaymentFields } }
}`);
export const MY_BOOKINGS = graphql(`query MyBookings($first: Int, $after: String) {
  me {
    bookings(first: $first, after: $after) {
      nodes { ...BookingFields event { id } payment { paymentId } }
      edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`);

export const SEAT_AVAILABILITY_CHANGED =
  graphql(`subscription SeatAvailabilityChanged($eventId: ID!, $since: Int) {
  seatAvailabilityChanged(eventId: $eventId, since: $since) {
    eventId kind version previousVersion statuses serverTime
    seats { seatNumber status lockedUntil }
    availability { totalSeats availableSeats lockedSeats bookedSeats }
  }
}`);
export const MY_RESERVATIONS_CHANGED = graphql(`subscription MyReservationsChanged($eventId: ID!) {
  myReservationsChanged(eventId: $eventId) {
    serverTime
    locks { ...LockFields }
    bookings { ...BookingFields }
  }
}`);
