/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "fragment LockFields on SeatLock {\n  id eventId seatNumber status createdAt expiresAt remainingMs bookingId\n}": typeof types.LockFieldsFragmentDoc,
    "fragment PaymentFields on Payment {\n  paymentId eventId lockIds seats { seatNumber refunded } amount refundedAmount currency status reason retryable createdAt processedAt\n}": typeof types.PaymentFieldsFragmentDoc,
    "fragment BookingFields on Booking {\n  id eventId seatNumber lockId paymentId requestId status paymentStatus createdAt expiresAt\n}": typeof types.BookingFieldsFragmentDoc,
    "fragment EventFields on Event {\n  id name eventDate timeZone totalSeats seatsPerViewerMax paymentProvider stripePublishableKey seatingPlanUrl\n  sections { kind name firstSeatNumber rows seatsPerRow price { amount currency } }\n  availability { totalSeats availableSeats lockedSeats bookedSeats }\n}": typeof types.EventFieldsFragmentDoc,
    "fragment SettingsFields on Event {\n  id name eventDate timeZone status revision salesStartAt salesEndAt orphanRule seatsPerViewerMax\n  venue description imageUrl refundUntil sections { id price { amount currency } }\n}": typeof types.SettingsFieldsFragmentDoc,
    "mutation SignUp($input: CredentialsInput!) { signUp(input: $input) { token expiresAt user { id email } } }": typeof types.SignUpDocument,
    "mutation LogIn($input: CredentialsInput!) { logIn(input: $input) { token expiresAt user { id email } } }": typeof types.LogInDocument,
    "mutation RequestPasswordReset($email: String!) { requestPasswordReset(email: $email) }": typeof types.RequestPasswordResetDocument,
    "mutation ResetPassword($token: String!, $password: String!) {\n    resetPassword(token: $token, password: $password) { token user { id email } }\n  }": typeof types.ResetPasswordDocument,
    "mutation StartGuest { startGuest { token expiresAt user { id email isGuest } } }": typeof types.StartGuestDocument,
    "mutation RenewToken { renewToken { token expiresAt user { id email isGuest } } }": typeof types.RenewTokenDocument,
    "mutation LogOutEverywhere { logOutEverywhere { id email } }": typeof types.LogOutEverywhereDocument,
    "query ProviderOfPayment($paymentId: ID!) { payment(paymentId: $paymentId) { provider } }": typeof types.ProviderOfPaymentDocument,
    "query Me { me { id email isGuest } }": typeof types.MeDocument,
    "mutation CreateEvent($input: CreateEventInput!) { createEvent(input: $input) { ...EventFields } }": typeof types.CreateEventDocument,
    "query Event($id: ID!) { event(id: $id) { ...EventFields } }": typeof types.EventDocument,
    "query Events($first: Int, $after: String) {\n  events(first: $first, after: $after) {\n    nodes { id name eventDate }\n    edges { cursor node { id } }\n    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n  }\n}": typeof types.EventsDocument,
    "query FindEvents(\n  $first: Int, $after: String, $search: String, $from: DateTimeISO, $to: DateTimeISO, $orderBy: EventOrder\n) {\n  events(first: $first, after: $after, search: $search, from: $from, to: $to, orderBy: $orderBy) {\n    nodes { id }\n    pageInfo { hasNextPage endCursor }\n  }\n}": typeof types.FindEventsDocument,
    "query Availability($id: ID!) {\n  event(id: $id) { availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } }\n}": typeof types.AvailabilityDocument,
    "query Availabilities($first: Int) {\n  events(first: $first) { nodes { id availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } } }\n}": typeof types.AvailabilitiesDocument,
    "query SeatMap($id: ID!) {\n  event(id: $id) { seatMap { version statuses takenSeats { seatNumber status lockedUntil } } }\n}": typeof types.SeatMapDocument,
    "subscription EventChanged($eventId: ID!) {\n  eventChanged(eventId: $eventId) {\n    name status revision salesStartAt cancellation { at reason bookingsLeft }\n    availability { availableSeats lockedSeats bookedSeats offSaleSeats }\n    sections { name price { amount } availability { availableSeats lockedSeats bookedSeats offSaleSeats } }\n  }\n}": typeof types.EventChangedDocument,
    "mutation UpdateEvent($input: UpdateEventInput!) {\n  updateEvent(input: $input) { ...SettingsFields }\n}": typeof types.UpdateEventDocument,
    "mutation PauseSale($eventId: ID!) { pauseSale(eventId: $eventId) { ...SettingsFields } }": typeof types.PauseSaleDocument,
    "mutation ResumeSale($eventId: ID!) { resumeSale(eventId: $eventId) { ...SettingsFields } }": typeof types.ResumeSaleDocument,
    "mutation CancelEvent($eventId: ID!, $reason: String) {\n  cancelEvent(eventId: $eventId, reason: $reason) {\n    ...SettingsFields\n    cancellation { at reason bookingsLeft refunded { amount currency } }\n  }\n}": typeof types.CancelEventDocument,
    "query EventCancellation($id: ID!) {\n  event(id: $id) { status cancellation { at reason bookingsLeft refunded { amount currency } } }\n}": typeof types.EventCancellationDocument,
    "mutation HoldBack($input: HoldBackSeatsInput!) {\n  holdBackSeats(input: $input) { seatNumbers version event { status revision } }\n}": typeof types.HoldBackDocument,
    "mutation ReleaseHeldBack($eventId: ID!, $seatNumbers: [Int!]!) {\n  releaseHeldBackSeats(eventId: $eventId, seatNumbers: $seatNumbers) {\n    seatNumbers version event { status revision }\n  }\n}": typeof types.ReleaseHeldBackDocument,
    "mutation BookHeldBack($input: BookHeldBackSeatsInput!) {\n  bookHeldBackSeats(input: $input) {\n    id seatNumber status isInvitation\n    payment { amount refundedAmount currency provider status contactEmail }\n    ticket { code }\n  }\n}": typeof types.BookHeldBackDocument,
    "query HeldBack($id: ID!, $first: Int, $after: Int) {\n  event(id: $id) { heldBack(first: $first, after: $after) { place { seatNumber label } label until } }\n}": typeof types.HeldBackDocument,
    "query EventSettings($id: ID!) { event(id: $id) { ...SettingsFields } }": typeof types.EventSettingsDocument,
    "query EventBookings($id: ID!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after) { nodes { ...BookingFields } pageInfo { hasNextPage endCursor } }\n  }\n}": typeof types.EventBookingsDocument,
    "query FindBookings($id: ID!, $search: String!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after, search: $search) { nodes { id seatNumber } pageInfo { hasNextPage endCursor } }\n  }\n}": typeof types.FindBookingsDocument,
    "query SalesFigures($id: ID!, $hours: Int, $before: DateTimeISO) {\n  event(id: $id) {\n    salesBySection { section { name } paid { amount currency } refunded { amount currency } }\n    salesByHour(hours: $hours, before: $before) { from paid { amount currency } refunded { amount currency } }\n  }\n}": typeof types.SalesFiguresDocument,
    "query History($id: ID!, $seatNumber: Int, $first: Int, $after: String) {\n  event(id: $id) {\n    history(seatNumber: $seatNumber, first: $first, after: $after) {\n      nodes { at version seatNumber kind before after lockedUntil actor lockId bookingId correlationId }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n}": typeof types.HistoryDocument,
    "query Sales($id: ID!) {\n  event(id: $id) {\n    sales {\n      bookedSeats invitedSeats pendingSeats cancelledBookings\n      revenue { amount currency } refunded { amount currency }\n    }\n  }\n}": typeof types.SalesDocument,
    "mutation LockSeat($input: LockSeatInput!) { lockSeat(input: $input) { ...LockFields } }": typeof types.LockSeatDocument,
    "mutation LockSeats($input: LockSeatsInput!) { lockSeats(input: $input) { ...LockFields } }": typeof types.LockSeatsDocument,
    "mutation ReleaseLock($lockId: ID!) { releaseLock(lockId: $lockId) { ...LockFields } }": typeof types.ReleaseLockDocument,
    "mutation ExtendLock($lockId: ID!) { extendLock(lockId: $lockId) { ...LockFields } }": typeof types.ExtendLockDocument,
    "query SeatLock($id: ID!) { seatLock(id: $id) { ...LockFields } }": typeof types.SeatLockDocument,
    "query MyLocks($eventId: ID!) { me { locks(eventId: $eventId) { ...LockFields } } }": typeof types.MyLocksDocument,
    "mutation SimulatePayment($input: SimulatePaymentInput!) { simulatePayment(input: $input) { ...PaymentFields } }": typeof types.SimulatePaymentDocument,
    "mutation SettlePayment($input: SettlePaymentInput!) { settlePayment(input: $input) { ...PaymentFields } }": typeof types.SettlePaymentDocument,
    "query BookingsOfPayment($paymentId: ID!) {\n  payment(paymentId: $paymentId) { reference contactEmail bookings { id seatNumber status } }\n}": typeof types.BookingsOfPaymentDocument,
    "query Payment($paymentId: ID!) { payment(paymentId: $paymentId) { ...PaymentFields } }": typeof types.PaymentDocument,
    "query MyPayments($first: Int, $after: String) {\n  me { payments(first: $first, after: $after) { nodes { ...PaymentFields event { id } } pageInfo { hasNextPage endCursor } } }\n}": typeof types.MyPaymentsDocument,
    "query MyEvents($first: Int, $after: String) {\n  me { events(first: $first, after: $after) { nodes { id name } edges { cursor } pageInfo { hasNextPage endCursor } } }\n}": typeof types.MyEventsDocument,
    "mutation ConfirmBooking($input: ConfirmBookingInput!) { confirmBooking(input: $input) { ...BookingFields } }": typeof types.ConfirmBookingDocument,
    "mutation ConfirmBookings($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { ...BookingFields } }": typeof types.ConfirmBookingsDocument,
    "mutation CheckOut($input: CheckOutInput!) {\n  checkOut(input: $input) {\n    payment { ...PaymentFields reference contactEmail bookings { id } }\n    bookings { ...BookingFields }\n    clientSecret\n  }\n}": typeof types.CheckOutDocument,
    "mutation CancelBooking($id: ID!) { cancelBooking(id: $id) { ...BookingFields } }": typeof types.CancelBookingDocument,
    "query BookingTicket($id: ID!) { booking(id: $id) { ticket { code svgUrl icsUrl checkedInAt } } }": typeof types.BookingTicketDocument,
    "query Ticket($code: String!) {\n  ticket(code: $code) { status event { name } place { label } ticket { code svgUrl icsUrl checkedInAt } }\n}": typeof types.TicketDocument,
    "mutation ReissueTicket($bookingId: ID!) { reissueTicket(bookingId: $bookingId) { id ticket { code } } }": typeof types.ReissueTicketDocument,
    "mutation CheckIn($input: CheckInInput!) {\n  checkIn(input: $input) { result checkedInAt booking { id seatNumber ticket { checkedInAt } } }\n}": typeof types.CheckInDocument,
    "query Booking($id: ID!) {\n  booking(id: $id) { ...BookingFields event { id name } payment { ...PaymentFields } }\n}": typeof types.BookingDocument,
    "query MyBookings($first: Int, $after: String) {\n  me {\n    bookings(first: $first, after: $after) {\n      nodes { ...BookingFields event { id } payment { paymentId } }\n      edges { cursor }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n}": typeof types.MyBookingsDocument,
    "subscription SeatAvailabilityChanged($eventId: ID!, $since: Int) {\n  seatAvailabilityChanged(eventId: $eventId, since: $since) {\n    eventId kind version previousVersion statuses serverTime\n    seats { seatNumber status lockedUntil }\n    availability { totalSeats availableSeats lockedSeats bookedSeats }\n  }\n}": typeof types.SeatAvailabilityChangedDocument,
    "subscription MyReservationsChanged($eventId: ID!) {\n  myReservationsChanged(eventId: $eventId) {\n    serverTime\n    locks { ...LockFields }\n    bookings { ...BookingFields }\n  }\n}": typeof types.MyReservationsChangedDocument,
};
const documents: Documents = {
    "fragment LockFields on SeatLock {\n  id eventId seatNumber status createdAt expiresAt remainingMs bookingId\n}": types.LockFieldsFragmentDoc,
    "fragment PaymentFields on Payment {\n  paymentId eventId lockIds seats { seatNumber refunded } amount refundedAmount currency status reason retryable createdAt processedAt\n}": types.PaymentFieldsFragmentDoc,
    "fragment BookingFields on Booking {\n  id eventId seatNumber lockId paymentId requestId status paymentStatus createdAt expiresAt\n}": types.BookingFieldsFragmentDoc,
    "fragment EventFields on Event {\n  id name eventDate timeZone totalSeats seatsPerViewerMax paymentProvider stripePublishableKey seatingPlanUrl\n  sections { kind name firstSeatNumber rows seatsPerRow price { amount currency } }\n  availability { totalSeats availableSeats lockedSeats bookedSeats }\n}": types.EventFieldsFragmentDoc,
    "fragment SettingsFields on Event {\n  id name eventDate timeZone status revision salesStartAt salesEndAt orphanRule seatsPerViewerMax\n  venue description imageUrl refundUntil sections { id price { amount currency } }\n}": types.SettingsFieldsFragmentDoc,
    "mutation SignUp($input: CredentialsInput!) { signUp(input: $input) { token expiresAt user { id email } } }": types.SignUpDocument,
    "mutation LogIn($input: CredentialsInput!) { logIn(input: $input) { token expiresAt user { id email } } }": types.LogInDocument,
    "mutation RequestPasswordReset($email: String!) { requestPasswordReset(email: $email) }": types.RequestPasswordResetDocument,
    "mutation ResetPassword($token: String!, $password: String!) {\n    resetPassword(token: $token, password: $password) { token user { id email } }\n  }": types.ResetPasswordDocument,
    "mutation StartGuest { startGuest { token expiresAt user { id email isGuest } } }": types.StartGuestDocument,
    "mutation RenewToken { renewToken { token expiresAt user { id email isGuest } } }": types.RenewTokenDocument,
    "mutation LogOutEverywhere { logOutEverywhere { id email } }": types.LogOutEverywhereDocument,
    "query ProviderOfPayment($paymentId: ID!) { payment(paymentId: $paymentId) { provider } }": types.ProviderOfPaymentDocument,
    "query Me { me { id email isGuest } }": types.MeDocument,
    "mutation CreateEvent($input: CreateEventInput!) { createEvent(input: $input) { ...EventFields } }": types.CreateEventDocument,
    "query Event($id: ID!) { event(id: $id) { ...EventFields } }": types.EventDocument,
    "query Events($first: Int, $after: String) {\n  events(first: $first, after: $after) {\n    nodes { id name eventDate }\n    edges { cursor node { id } }\n    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n  }\n}": types.EventsDocument,
    "query FindEvents(\n  $first: Int, $after: String, $search: String, $from: DateTimeISO, $to: DateTimeISO, $orderBy: EventOrder\n) {\n  events(first: $first, after: $after, search: $search, from: $from, to: $to, orderBy: $orderBy) {\n    nodes { id }\n    pageInfo { hasNextPage endCursor }\n  }\n}": types.FindEventsDocument,
    "query Availability($id: ID!) {\n  event(id: $id) { availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } }\n}": types.AvailabilityDocument,
    "query Availabilities($first: Int) {\n  events(first: $first) { nodes { id availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } } }\n}": types.AvailabilitiesDocument,
    "query SeatMap($id: ID!) {\n  event(id: $id) { seatMap { version statuses takenSeats { seatNumber status lockedUntil } } }\n}": types.SeatMapDocument,
    "subscription EventChanged($eventId: ID!) {\n  eventChanged(eventId: $eventId) {\n    name status revision salesStartAt cancellation { at reason bookingsLeft }\n    availability { availableSeats lockedSeats bookedSeats offSaleSeats }\n    sections { name price { amount } availability { availableSeats lockedSeats bookedSeats offSaleSeats } }\n  }\n}": types.EventChangedDocument,
    "mutation UpdateEvent($input: UpdateEventInput!) {\n  updateEvent(input: $input) { ...SettingsFields }\n}": types.UpdateEventDocument,
    "mutation PauseSale($eventId: ID!) { pauseSale(eventId: $eventId) { ...SettingsFields } }": types.PauseSaleDocument,
    "mutation ResumeSale($eventId: ID!) { resumeSale(eventId: $eventId) { ...SettingsFields } }": types.ResumeSaleDocument,
    "mutation CancelEvent($eventId: ID!, $reason: String) {\n  cancelEvent(eventId: $eventId, reason: $reason) {\n    ...SettingsFields\n    cancellation { at reason bookingsLeft refunded { amount currency } }\n  }\n}": types.CancelEventDocument,
    "query EventCancellation($id: ID!) {\n  event(id: $id) { status cancellation { at reason bookingsLeft refunded { amount currency } } }\n}": types.EventCancellationDocument,
    "mutation HoldBack($input: HoldBackSeatsInput!) {\n  holdBackSeats(input: $input) { seatNumbers version event { status revision } }\n}": types.HoldBackDocument,
    "mutation ReleaseHeldBack($eventId: ID!, $seatNumbers: [Int!]!) {\n  releaseHeldBackSeats(eventId: $eventId, seatNumbers: $seatNumbers) {\n    seatNumbers version event { status revision }\n  }\n}": types.ReleaseHeldBackDocument,
    "mutation BookHeldBack($input: BookHeldBackSeatsInput!) {\n  bookHeldBackSeats(input: $input) {\n    id seatNumber status isInvitation\n    payment { amount refundedAmount currency provider status contactEmail }\n    ticket { code }\n  }\n}": types.BookHeldBackDocument,
    "query HeldBack($id: ID!, $first: Int, $after: Int) {\n  event(id: $id) { heldBack(first: $first, after: $after) { place { seatNumber label } label until } }\n}": types.HeldBackDocument,
    "query EventSettings($id: ID!) { event(id: $id) { ...SettingsFields } }": types.EventSettingsDocument,
    "query EventBookings($id: ID!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after) { nodes { ...BookingFields } pageInfo { hasNextPage endCursor } }\n  }\n}": types.EventBookingsDocument,
    "query FindBookings($id: ID!, $search: String!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after, search: $search) { nodes { id seatNumber } pageInfo { hasNextPage endCursor } }\n  }\n}": types.FindBookingsDocument,
    "query SalesFigures($id: ID!, $hours: Int, $before: DateTimeISO) {\n  event(id: $id) {\n    salesBySection { section { name } paid { amount currency } refunded { amount currency } }\n    salesByHour(hours: $hours, before: $before) { from paid { amount currency } refunded { amount currency } }\n  }\n}": types.SalesFiguresDocument,
    "query History($id: ID!, $seatNumber: Int, $first: Int, $after: String) {\n  event(id: $id) {\n    history(seatNumber: $seatNumber, first: $first, after: $after) {\n      nodes { at version seatNumber kind before after lockedUntil actor lockId bookingId correlationId }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n}": types.HistoryDocument,
    "query Sales($id: ID!) {\n  event(id: $id) {\n    sales {\n      bookedSeats invitedSeats pendingSeats cancelledBookings\n      revenue { amount currency } refunded { amount currency }\n    }\n  }\n}": types.SalesDocument,
    "mutation LockSeat($input: LockSeatInput!) { lockSeat(input: $input) { ...LockFields } }": types.LockSeatDocument,
    "mutation LockSeats($input: LockSeatsInput!) { lockSeats(input: $input) { ...LockFields } }": types.LockSeatsDocument,
    "mutation ReleaseLock($lockId: ID!) { releaseLock(lockId: $lockId) { ...LockFields } }": types.ReleaseLockDocument,
    "mutation ExtendLock($lockId: ID!) { extendLock(lockId: $lockId) { ...LockFields } }": types.ExtendLockDocument,
    "query SeatLock($id: ID!) { seatLock(id: $id) { ...LockFields } }": types.SeatLockDocument,
    "query MyLocks($eventId: ID!) { me { locks(eventId: $eventId) { ...LockFields } } }": types.MyLocksDocument,
    "mutation SimulatePayment($input: SimulatePaymentInput!) { simulatePayment(input: $input) { ...PaymentFields } }": types.SimulatePaymentDocument,
    "mutation SettlePayment($input: SettlePaymentInput!) { settlePayment(input: $input) { ...PaymentFields } }": types.SettlePaymentDocument,
    "query BookingsOfPayment($paymentId: ID!) {\n  payment(paymentId: $paymentId) { reference contactEmail bookings { id seatNumber status } }\n}": types.BookingsOfPaymentDocument,
    "query Payment($paymentId: ID!) { payment(paymentId: $paymentId) { ...PaymentFields } }": types.PaymentDocument,
    "query MyPayments($first: Int, $after: String) {\n  me { payments(first: $first, after: $after) { nodes { ...PaymentFields event { id } } pageInfo { hasNextPage endCursor } } }\n}": types.MyPaymentsDocument,
    "query MyEvents($first: Int, $after: String) {\n  me { events(first: $first, after: $after) { nodes { id name } edges { cursor } pageInfo { hasNextPage endCursor } } }\n}": types.MyEventsDocument,
    "mutation ConfirmBooking($input: ConfirmBookingInput!) { confirmBooking(input: $input) { ...BookingFields } }": types.ConfirmBookingDocument,
    "mutation ConfirmBookings($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { ...BookingFields } }": types.ConfirmBookingsDocument,
    "mutation CheckOut($input: CheckOutInput!) {\n  checkOut(input: $input) {\n    payment { ...PaymentFields reference contactEmail bookings { id } }\n    bookings { ...BookingFields }\n    clientSecret\n  }\n}": types.CheckOutDocument,
    "mutation CancelBooking($id: ID!) { cancelBooking(id: $id) { ...BookingFields } }": types.CancelBookingDocument,
    "query BookingTicket($id: ID!) { booking(id: $id) { ticket { code svgUrl icsUrl checkedInAt } } }": types.BookingTicketDocument,
    "query Ticket($code: String!) {\n  ticket(code: $code) { status event { name } place { label } ticket { code svgUrl icsUrl checkedInAt } }\n}": types.TicketDocument,
    "mutation ReissueTicket($bookingId: ID!) { reissueTicket(bookingId: $bookingId) { id ticket { code } } }": types.ReissueTicketDocument,
    "mutation CheckIn($input: CheckInInput!) {\n  checkIn(input: $input) { result checkedInAt booking { id seatNumber ticket { checkedInAt } } }\n}": types.CheckInDocument,
    "query Booking($id: ID!) {\n  booking(id: $id) { ...BookingFields event { id name } payment { ...PaymentFields } }\n}": types.BookingDocument,
    "query MyBookings($first: Int, $after: String) {\n  me {\n    bookings(first: $first, after: $after) {\n      nodes { ...BookingFields event { id } payment { paymentId } }\n      edges { cursor }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n}": types.MyBookingsDocument,
    "subscription SeatAvailabilityChanged($eventId: ID!, $since: Int) {\n  seatAvailabilityChanged(eventId: $eventId, since: $since) {\n    eventId kind version previousVersion statuses serverTime\n    seats { seatNumber status lockedUntil }\n    availability { totalSeats availableSeats lockedSeats bookedSeats }\n  }\n}": types.SeatAvailabilityChangedDocument,
    "subscription MyReservationsChanged($eventId: ID!) {\n  myReservationsChanged(eventId: $eventId) {\n    serverTime\n    locks { ...LockFields }\n    bookings { ...BookingFields }\n  }\n}": types.MyReservationsChangedDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment LockFields on SeatLock {\n  id eventId seatNumber status createdAt expiresAt remainingMs bookingId\n}"): (typeof documents)["fragment LockFields on SeatLock {\n  id eventId seatNumber status createdAt expiresAt remainingMs bookingId\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment PaymentFields on Payment {\n  paymentId eventId lockIds seats { seatNumber refunded } amount refundedAmount currency status reason retryable createdAt processedAt\n}"): (typeof documents)["fragment PaymentFields on Payment {\n  paymentId eventId lockIds seats { seatNumber refunded } amount refundedAmount currency status reason retryable createdAt processedAt\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment BookingFields on Booking {\n  id eventId seatNumber lockId paymentId requestId status paymentStatus createdAt expiresAt\n}"): (typeof documents)["fragment BookingFields on Booking {\n  id eventId seatNumber lockId paymentId requestId status paymentStatus createdAt expiresAt\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment EventFields on Event {\n  id name eventDate timeZone totalSeats seatsPerViewerMax paymentProvider stripePublishableKey seatingPlanUrl\n  sections { kind name firstSeatNumber rows seatsPerRow price { amount currency } }\n  availability { totalSeats availableSeats lockedSeats bookedSeats }\n}"): (typeof documents)["fragment EventFields on Event {\n  id name eventDate timeZone totalSeats seatsPerViewerMax paymentProvider stripePublishableKey seatingPlanUrl\n  sections { kind name firstSeatNumber rows seatsPerRow price { amount currency } }\n  availability { totalSeats availableSeats lockedSeats bookedSeats }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment SettingsFields on Event {\n  id name eventDate timeZone status revision salesStartAt salesEndAt orphanRule seatsPerViewerMax\n  venue description imageUrl refundUntil sections { id price { amount currency } }\n}"): (typeof documents)["fragment SettingsFields on Event {\n  id name eventDate timeZone status revision salesStartAt salesEndAt orphanRule seatsPerViewerMax\n  venue description imageUrl refundUntil sections { id price { amount currency } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SignUp($input: CredentialsInput!) { signUp(input: $input) { token expiresAt user { id email } } }"): (typeof documents)["mutation SignUp($input: CredentialsInput!) { signUp(input: $input) { token expiresAt user { id email } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation LogIn($input: CredentialsInput!) { logIn(input: $input) { token expiresAt user { id email } } }"): (typeof documents)["mutation LogIn($input: CredentialsInput!) { logIn(input: $input) { token expiresAt user { id email } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation RequestPasswordReset($email: String!) { requestPasswordReset(email: $email) }"): (typeof documents)["mutation RequestPasswordReset($email: String!) { requestPasswordReset(email: $email) }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ResetPassword($token: String!, $password: String!) {\n    resetPassword(token: $token, password: $password) { token user { id email } }\n  }"): (typeof documents)["mutation ResetPassword($token: String!, $password: String!) {\n    resetPassword(token: $token, password: $password) { token user { id email } }\n  }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation StartGuest { startGuest { token expiresAt user { id email isGuest } } }"): (typeof documents)["mutation StartGuest { startGuest { token expiresAt user { id email isGuest } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation RenewToken { renewToken { token expiresAt user { id email isGuest } } }"): (typeof documents)["mutation RenewToken { renewToken { token expiresAt user { id email isGuest } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation LogOutEverywhere { logOutEverywhere { id email } }"): (typeof documents)["mutation LogOutEverywhere { logOutEverywhere { id email } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ProviderOfPayment($paymentId: ID!) { payment(paymentId: $paymentId) { provider } }"): (typeof documents)["query ProviderOfPayment($paymentId: ID!) { payment(paymentId: $paymentId) { provider } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Me { me { id email isGuest } }"): (typeof documents)["query Me { me { id email isGuest } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CreateEvent($input: CreateEventInput!) { createEvent(input: $input) { ...EventFields } }"): (typeof documents)["mutation CreateEvent($input: CreateEventInput!) { createEvent(input: $input) { ...EventFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Event($id: ID!) { event(id: $id) { ...EventFields } }"): (typeof documents)["query Event($id: ID!) { event(id: $id) { ...EventFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Events($first: Int, $after: String) {\n  events(first: $first, after: $after) {\n    nodes { id name eventDate }\n    edges { cursor node { id } }\n    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n  }\n}"): (typeof documents)["query Events($first: Int, $after: String) {\n  events(first: $first, after: $after) {\n    nodes { id name eventDate }\n    edges { cursor node { id } }\n    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query FindEvents(\n  $first: Int, $after: String, $search: String, $from: DateTimeISO, $to: DateTimeISO, $orderBy: EventOrder\n) {\n  events(first: $first, after: $after, search: $search, from: $from, to: $to, orderBy: $orderBy) {\n    nodes { id }\n    pageInfo { hasNextPage endCursor }\n  }\n}"): (typeof documents)["query FindEvents(\n  $first: Int, $after: String, $search: String, $from: DateTimeISO, $to: DateTimeISO, $orderBy: EventOrder\n) {\n  events(first: $first, after: $after, search: $search, from: $from, to: $to, orderBy: $orderBy) {\n    nodes { id }\n    pageInfo { hasNextPage endCursor }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Availability($id: ID!) {\n  event(id: $id) { availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } }\n}"): (typeof documents)["query Availability($id: ID!) {\n  event(id: $id) { availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Availabilities($first: Int) {\n  events(first: $first) { nodes { id availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } } }\n}"): (typeof documents)["query Availabilities($first: Int) {\n  events(first: $first) { nodes { id availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SeatMap($id: ID!) {\n  event(id: $id) { seatMap { version statuses takenSeats { seatNumber status lockedUntil } } }\n}"): (typeof documents)["query SeatMap($id: ID!) {\n  event(id: $id) { seatMap { version statuses takenSeats { seatNumber status lockedUntil } } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription EventChanged($eventId: ID!) {\n  eventChanged(eventId: $eventId) {\n    name status revision salesStartAt cancellation { at reason bookingsLeft }\n    availability { availableSeats lockedSeats bookedSeats offSaleSeats }\n    sections { name price { amount } availability { availableSeats lockedSeats bookedSeats offSaleSeats } }\n  }\n}"): (typeof documents)["subscription EventChanged($eventId: ID!) {\n  eventChanged(eventId: $eventId) {\n    name status revision salesStartAt cancellation { at reason bookingsLeft }\n    availability { availableSeats lockedSeats bookedSeats offSaleSeats }\n    sections { name price { amount } availability { availableSeats lockedSeats bookedSeats offSaleSeats } }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation UpdateEvent($input: UpdateEventInput!) {\n  updateEvent(input: $input) { ...SettingsFields }\n}"): (typeof documents)["mutation UpdateEvent($input: UpdateEventInput!) {\n  updateEvent(input: $input) { ...SettingsFields }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation PauseSale($eventId: ID!) { pauseSale(eventId: $eventId) { ...SettingsFields } }"): (typeof documents)["mutation PauseSale($eventId: ID!) { pauseSale(eventId: $eventId) { ...SettingsFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ResumeSale($eventId: ID!) { resumeSale(eventId: $eventId) { ...SettingsFields } }"): (typeof documents)["mutation ResumeSale($eventId: ID!) { resumeSale(eventId: $eventId) { ...SettingsFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CancelEvent($eventId: ID!, $reason: String) {\n  cancelEvent(eventId: $eventId, reason: $reason) {\n    ...SettingsFields\n    cancellation { at reason bookingsLeft refunded { amount currency } }\n  }\n}"): (typeof documents)["mutation CancelEvent($eventId: ID!, $reason: String) {\n  cancelEvent(eventId: $eventId, reason: $reason) {\n    ...SettingsFields\n    cancellation { at reason bookingsLeft refunded { amount currency } }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query EventCancellation($id: ID!) {\n  event(id: $id) { status cancellation { at reason bookingsLeft refunded { amount currency } } }\n}"): (typeof documents)["query EventCancellation($id: ID!) {\n  event(id: $id) { status cancellation { at reason bookingsLeft refunded { amount currency } } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation HoldBack($input: HoldBackSeatsInput!) {\n  holdBackSeats(input: $input) { seatNumbers version event { status revision } }\n}"): (typeof documents)["mutation HoldBack($input: HoldBackSeatsInput!) {\n  holdBackSeats(input: $input) { seatNumbers version event { status revision } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ReleaseHeldBack($eventId: ID!, $seatNumbers: [Int!]!) {\n  releaseHeldBackSeats(eventId: $eventId, seatNumbers: $seatNumbers) {\n    seatNumbers version event { status revision }\n  }\n}"): (typeof documents)["mutation ReleaseHeldBack($eventId: ID!, $seatNumbers: [Int!]!) {\n  releaseHeldBackSeats(eventId: $eventId, seatNumbers: $seatNumbers) {\n    seatNumbers version event { status revision }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation BookHeldBack($input: BookHeldBackSeatsInput!) {\n  bookHeldBackSeats(input: $input) {\n    id seatNumber status isInvitation\n    payment { amount refundedAmount currency provider status contactEmail }\n    ticket { code }\n  }\n}"): (typeof documents)["mutation BookHeldBack($input: BookHeldBackSeatsInput!) {\n  bookHeldBackSeats(input: $input) {\n    id seatNumber status isInvitation\n    payment { amount refundedAmount currency provider status contactEmail }\n    ticket { code }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query HeldBack($id: ID!, $first: Int, $after: Int) {\n  event(id: $id) { heldBack(first: $first, after: $after) { place { seatNumber label } label until } }\n}"): (typeof documents)["query HeldBack($id: ID!, $first: Int, $after: Int) {\n  event(id: $id) { heldBack(first: $first, after: $after) { place { seatNumber label } label until } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query EventSettings($id: ID!) { event(id: $id) { ...SettingsFields } }"): (typeof documents)["query EventSettings($id: ID!) { event(id: $id) { ...SettingsFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query EventBookings($id: ID!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after) { nodes { ...BookingFields } pageInfo { hasNextPage endCursor } }\n  }\n}"): (typeof documents)["query EventBookings($id: ID!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after) { nodes { ...BookingFields } pageInfo { hasNextPage endCursor } }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query FindBookings($id: ID!, $search: String!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after, search: $search) { nodes { id seatNumber } pageInfo { hasNextPage endCursor } }\n  }\n}"): (typeof documents)["query FindBookings($id: ID!, $search: String!, $first: Int, $after: String) {\n  event(id: $id) {\n    bookings(first: $first, after: $after, search: $search) { nodes { id seatNumber } pageInfo { hasNextPage endCursor } }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SalesFigures($id: ID!, $hours: Int, $before: DateTimeISO) {\n  event(id: $id) {\n    salesBySection { section { name } paid { amount currency } refunded { amount currency } }\n    salesByHour(hours: $hours, before: $before) { from paid { amount currency } refunded { amount currency } }\n  }\n}"): (typeof documents)["query SalesFigures($id: ID!, $hours: Int, $before: DateTimeISO) {\n  event(id: $id) {\n    salesBySection { section { name } paid { amount currency } refunded { amount currency } }\n    salesByHour(hours: $hours, before: $before) { from paid { amount currency } refunded { amount currency } }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query History($id: ID!, $seatNumber: Int, $first: Int, $after: String) {\n  event(id: $id) {\n    history(seatNumber: $seatNumber, first: $first, after: $after) {\n      nodes { at version seatNumber kind before after lockedUntil actor lockId bookingId correlationId }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n}"): (typeof documents)["query History($id: ID!, $seatNumber: Int, $first: Int, $after: String) {\n  event(id: $id) {\n    history(seatNumber: $seatNumber, first: $first, after: $after) {\n      nodes { at version seatNumber kind before after lockedUntil actor lockId bookingId correlationId }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Sales($id: ID!) {\n  event(id: $id) {\n    sales {\n      bookedSeats invitedSeats pendingSeats cancelledBookings\n      revenue { amount currency } refunded { amount currency }\n    }\n  }\n}"): (typeof documents)["query Sales($id: ID!) {\n  event(id: $id) {\n    sales {\n      bookedSeats invitedSeats pendingSeats cancelledBookings\n      revenue { amount currency } refunded { amount currency }\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation LockSeat($input: LockSeatInput!) { lockSeat(input: $input) { ...LockFields } }"): (typeof documents)["mutation LockSeat($input: LockSeatInput!) { lockSeat(input: $input) { ...LockFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation LockSeats($input: LockSeatsInput!) { lockSeats(input: $input) { ...LockFields } }"): (typeof documents)["mutation LockSeats($input: LockSeatsInput!) { lockSeats(input: $input) { ...LockFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ReleaseLock($lockId: ID!) { releaseLock(lockId: $lockId) { ...LockFields } }"): (typeof documents)["mutation ReleaseLock($lockId: ID!) { releaseLock(lockId: $lockId) { ...LockFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ExtendLock($lockId: ID!) { extendLock(lockId: $lockId) { ...LockFields } }"): (typeof documents)["mutation ExtendLock($lockId: ID!) { extendLock(lockId: $lockId) { ...LockFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SeatLock($id: ID!) { seatLock(id: $id) { ...LockFields } }"): (typeof documents)["query SeatLock($id: ID!) { seatLock(id: $id) { ...LockFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MyLocks($eventId: ID!) { me { locks(eventId: $eventId) { ...LockFields } } }"): (typeof documents)["query MyLocks($eventId: ID!) { me { locks(eventId: $eventId) { ...LockFields } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SimulatePayment($input: SimulatePaymentInput!) { simulatePayment(input: $input) { ...PaymentFields } }"): (typeof documents)["mutation SimulatePayment($input: SimulatePaymentInput!) { simulatePayment(input: $input) { ...PaymentFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SettlePayment($input: SettlePaymentInput!) { settlePayment(input: $input) { ...PaymentFields } }"): (typeof documents)["mutation SettlePayment($input: SettlePaymentInput!) { settlePayment(input: $input) { ...PaymentFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query BookingsOfPayment($paymentId: ID!) {\n  payment(paymentId: $paymentId) { reference contactEmail bookings { id seatNumber status } }\n}"): (typeof documents)["query BookingsOfPayment($paymentId: ID!) {\n  payment(paymentId: $paymentId) { reference contactEmail bookings { id seatNumber status } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Payment($paymentId: ID!) { payment(paymentId: $paymentId) { ...PaymentFields } }"): (typeof documents)["query Payment($paymentId: ID!) { payment(paymentId: $paymentId) { ...PaymentFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MyPayments($first: Int, $after: String) {\n  me { payments(first: $first, after: $after) { nodes { ...PaymentFields event { id } } pageInfo { hasNextPage endCursor } } }\n}"): (typeof documents)["query MyPayments($first: Int, $after: String) {\n  me { payments(first: $first, after: $after) { nodes { ...PaymentFields event { id } } pageInfo { hasNextPage endCursor } } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MyEvents($first: Int, $after: String) {\n  me { events(first: $first, after: $after) { nodes { id name } edges { cursor } pageInfo { hasNextPage endCursor } } }\n}"): (typeof documents)["query MyEvents($first: Int, $after: String) {\n  me { events(first: $first, after: $after) { nodes { id name } edges { cursor } pageInfo { hasNextPage endCursor } } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ConfirmBooking($input: ConfirmBookingInput!) { confirmBooking(input: $input) { ...BookingFields } }"): (typeof documents)["mutation ConfirmBooking($input: ConfirmBookingInput!) { confirmBooking(input: $input) { ...BookingFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ConfirmBookings($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { ...BookingFields } }"): (typeof documents)["mutation ConfirmBookings($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { ...BookingFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CheckOut($input: CheckOutInput!) {\n  checkOut(input: $input) {\n    payment { ...PaymentFields reference contactEmail bookings { id } }\n    bookings { ...BookingFields }\n    clientSecret\n  }\n}"): (typeof documents)["mutation CheckOut($input: CheckOutInput!) {\n  checkOut(input: $input) {\n    payment { ...PaymentFields reference contactEmail bookings { id } }\n    bookings { ...BookingFields }\n    clientSecret\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CancelBooking($id: ID!) { cancelBooking(id: $id) { ...BookingFields } }"): (typeof documents)["mutation CancelBooking($id: ID!) { cancelBooking(id: $id) { ...BookingFields } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query BookingTicket($id: ID!) { booking(id: $id) { ticket { code svgUrl icsUrl checkedInAt } } }"): (typeof documents)["query BookingTicket($id: ID!) { booking(id: $id) { ticket { code svgUrl icsUrl checkedInAt } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Ticket($code: String!) {\n  ticket(code: $code) { status event { name } place { label } ticket { code svgUrl icsUrl checkedInAt } }\n}"): (typeof documents)["query Ticket($code: String!) {\n  ticket(code: $code) { status event { name } place { label } ticket { code svgUrl icsUrl checkedInAt } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ReissueTicket($bookingId: ID!) { reissueTicket(bookingId: $bookingId) { id ticket { code } } }"): (typeof documents)["mutation ReissueTicket($bookingId: ID!) { reissueTicket(bookingId: $bookingId) { id ticket { code } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CheckIn($input: CheckInInput!) {\n  checkIn(input: $input) { result checkedInAt booking { id seatNumber ticket { checkedInAt } } }\n}"): (typeof documents)["mutation CheckIn($input: CheckInInput!) {\n  checkIn(input: $input) { result checkedInAt booking { id seatNumber ticket { checkedInAt } } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Booking($id: ID!) {\n  booking(id: $id) { ...BookingFields event { id name } payment { ...PaymentFields } }\n}"): (typeof documents)["query Booking($id: ID!) {\n  booking(id: $id) { ...BookingFields event { id name } payment { ...PaymentFields } }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MyBookings($first: Int, $after: String) {\n  me {\n    bookings(first: $first, after: $after) {\n      nodes { ...BookingFields event { id } payment { paymentId } }\n      edges { cursor }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n}"): (typeof documents)["query MyBookings($first: Int, $after: String) {\n  me {\n    bookings(first: $first, after: $after) {\n      nodes { ...BookingFields event { id } payment { paymentId } }\n      edges { cursor }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription SeatAvailabilityChanged($eventId: ID!, $since: Int) {\n  seatAvailabilityChanged(eventId: $eventId, since: $since) {\n    eventId kind version previousVersion statuses serverTime\n    seats { seatNumber status lockedUntil }\n    availability { totalSeats availableSeats lockedSeats bookedSeats }\n  }\n}"): (typeof documents)["subscription SeatAvailabilityChanged($eventId: ID!, $since: Int) {\n  seatAvailabilityChanged(eventId: $eventId, since: $since) {\n    eventId kind version previousVersion statuses serverTime\n    seats { seatNumber status lockedUntil }\n    availability { totalSeats availableSeats lockedSeats bookedSeats }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription MyReservationsChanged($eventId: ID!) {\n  myReservationsChanged(eventId: $eventId) {\n    serverTime\n    locks { ...LockFields }\n    bookings { ...BookingFields }\n  }\n}"): (typeof documents)["subscription MyReservationsChanged($eventId: ID!) {\n  myReservationsChanged(eventId: $eventId) {\n    serverTime\n    locks { ...LockFields }\n    bookings { ...BookingFields }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;