/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '../typed-document.js';
/** How close seats are, from the closest to the loosest. */
export type Adjacency =
  /** Anywhere in the wished sections. */
  | 'ANY'
  /** In a few neighbouring rows of one section. */
  | 'NEAR'
  /** In one row. */
  | 'SAME_ROW'
  /** Neighbours in a row; in a STANDING section any places. */
  | 'TOGETHER';

/** Seats that the server is to choose. */
export type BestSeats = {
  /** How far apart they may be. Closer ones are better. */
  adjacency?: Adjacency | null | undefined;
  /** Nearest to this seat. Default: nearest to the middle of the section's first row. */
  nearSeat?: number | null | undefined;
  /** The dearest that one of them may be, in minor units. The dearest seats within it come first. Default: any price, the cheapest first. */
  priceMax?: number | null | undefined;
  /** 1 to 100. */
  quantity: number;
  /** Sections to choose from. Default: all. */
  sectionIds?: Array<string> | null | undefined;
  /** How many must be WHEELCHAIR seats. COMPANION seats beside them go with them and to nobody else. */
  wheelchairs?: number | null | undefined;
};

/** The state of a booking. */
export type BookingStatus =
  /** The seat is free again, unless somebody else has it. */
  | 'CANCELLED'
  /** The seat is paid for, or it is an invitation. */
  | 'CONFIRMED'
  /** The seat is kept until its payment settles or expiresAt has passed. */
  | 'PENDING';

/** How the simulated card answers. */
export type CardStatus =
  /** FAILED, 'Card was declined'; another try can help. */
  | 'DECLINED'
  /** FAILED, 'Card has expired'; another try cannot help. */
  | 'EXPIRED'
  /** FAILED, 'Insufficient funds in account'; another try can help. */
  | 'INSUFFICIENT_FUNDS'
  /** The payment is PENDING until it is settled. */
  | 'PROCESSING'
  /** The payment is COMPLETED at once. */
  | 'SUCCESS';

/** What to pay for and to book. */
export type CheckOutInput = {
  /** Needed where a seat has no price: the sum of all seats. Otherwise it may be left out. */
  amount?: MoneyInput | null | undefined;
  /** Where the tickets go. A guest must give it. Default: the account's own address. */
  contactEmail?: string | null | undefined;
  /** The event that the seats belong to. */
  eventId: string;
  /** The sum that the caller was shown. If it is another one now, nothing is paid. */
  expectedTotal?: MoneyInput | null | undefined;
  /** 1 to 128 characters, new for each try to pay and the same for each repetition of it. */
  requestId: string;
  /** 1 to 100 seats that the caller holds, none of them twice. Default: all that is held. Name them to be sure which seats are paid for. */
  seatNumbers?: Array<number> | null | undefined;
  /** With simulated payments, how the card answers. Default: SUCCESS. */
  simulatedCard?: CardStatus | null | undefined;
};

/** Paid locks to book, all or none. */
export type ConfirmBookingsInput = {
  /** 1 to 100 locks of the caller that the payment paid for, none of them twice. */
  lockIds: Array<string>;
  /** A PENDING or COMPLETED payment of the caller. */
  paymentId: string;
  /** 1 to 128 characters, new for each confirmation and the same for each repetition of it. */
  requestId: string;
};

/** Whether seats of the event can be locked. More may be added. */
export type EventStatus =
  /** No, and never again: its organizer has cancelled it. Every booking is paid back. */
  | 'CANCELLED'
  /** Not yet: it is not published, and seen by its organizer alone. */
  | 'DRAFT'
  /** No longer: salesEndAt or eventDate has passed. */
  | 'ENDED'
  /** Yes. */
  | 'ON_SALE'
  /** Not now: the organizer has paused the sale, or its start. What is held can be paid. */
  | 'PAUSED'
  /** Not yet: salesStartAt is in the future. */
  | 'SCHEDULED'
  /** Every seat is booked or off sale. */
  | 'SOLD_OUT';

/** Wishes for seats of one event, tried in their order. */
export type HoldSeatsInput = {
  /** The event that the seats belong to. */
  eventId: string;
  /** 1 to 128 characters. The same requestId with the same input gives the same answer. */
  requestId?: string | null | undefined;
  /** 1 to 5. */
  wishes: Array<SeatWish>;
};

/** Seats to lock, all or none. */
export type LockSeatsInput = {
  /** The event that the seats belong to. */
  eventId: string;
  /** 1 to 100 seat numbers, none of them twice. */
  seatNumbers: Array<number>;
};

/** The state of a lock. */
export type LockStatus =
  /** It holds its seat until expiresAt. */
  | 'ACTIVE'
  /** Its time ran out, or that of its PENDING booking. */
  | 'EXPIRED'
  /** Its user gave it up, or its booking was cancelled. */
  | 'RELEASED'
  /** It became a booking. */
  | 'USED';

/** An amount of money: 15000 and USD are USD 150.00. */
export type MoneyInput = {
  /** Above 0, in the currency's minor unit. */
  amount: number;
  /** ISO 4217 code of a currency in force, in capitals, such as USD. */
  currency: string;
};

/** Who takes the money. More may be added. */
export type PaymentProvider =
  /** Nobody can pay. */
  | 'NONE'
  /** Nobody: simulated cards pay, and no money is taken. */
  | 'SIMULATED'
  /** Stripe: the client pays with the secret that checkOut returns and with Event.stripePublishableKey. */
  | 'STRIPE';

/** The state of a payment. */
export type PaymentStatus =
  /** The money came, and some of it is still kept. */
  | 'COMPLETED'
  /** No money came; `reason` says why. */
  | 'FAILED'
  /** The card network has not answered yet. */
  | 'PENDING'
  /** All of the amount went back. */
  | 'REFUNDED';

/** Why the seats of a wish could not be had. */
export type SeatRefusalCode =
  /** A COMPANION seat can only be had with the WHEELCHAIR seat beside it. */
  | 'COMPANION_ONLY'
  /** The named seats would leave single seats free, which the event refuses; orphanSeats says which. */
  | 'LEAVES_ORPHAN'
  /** There are enough free seats, but not as close as wished. */
  | 'NOT_TOGETHER'
  /** Somebody else has some of the named seats; lostSeats says which. */
  | 'SEATS_TAKEN'
  /** There are not enough free seats in the wished sections. */
  | 'SOLD_OUT';

/** The state of a seat. Treat an unknown status as not available; new ones may be added. */
export type SeatStatus =
  /** It can be locked; letter A. */
  | 'AVAILABLE'
  /** It has a PENDING or CONFIRMED booking; letter B. */
  | 'BOOKED'
  /** Somebody has an ACTIVE lock on it; letter L. */
  | 'LOCKED'
  /** The organizer holds it back; letter X. */
  | 'OFF_SALE';

/** What a message of the live seat map holds. */
export type SeatUpdateKind =
  /** What changed since previousVersion. */
  | 'CHANGES'
  /** The whole map. */
  | 'SNAPSHOT';

/** One wish for seats. Exactly one of its fields is given. */
export type SeatWish = {
  /** Let the server choose. */
  best?: BestSeats | null | undefined;
  /** 1 to 100 seat numbers, none of them twice. */
  seatNumbers?: Array<number> | null | undefined;
};

/** How the seats of a section are arranged. */
export type SectionKind =
  /** In rows. */
  | 'SEATED'
  /** Not at all: it has a capacity. Its places are numbered through like seats, and any of them is as good as another. */
  | 'STANDING';

export type HeldSeatFragment = { id: string, eventId: string, seatNumber: number, status: LockStatus, createdAt: string, expiresAt: string, bookingId: string | null, price: { amount: number, currency: string } | null };

export type BookedSeatFragment = { id: string, eventId: string, seatNumber: number, lockId: string, paymentId: string, status: BookingStatus, paymentStatus: PaymentStatus, createdAt: string, expiresAt: string | null, price: { amount: number, currency: string } };

export type SeatPaymentFragment = { provider: string, id: string, eventId: string, lockIds: Array<string>, amount: number, refundedAmount: number, currency: string, status: PaymentStatus, reason: string | null, retryable: boolean | null, reference: string };

export type SeatMapQueryVariables = Exact<{
  eventId: string;
}>;


export type SeatMapQuery = { event: { seatMap: { version: number, statuses: string, lockedSeats: Array<{ seatNumber: number, lockedUntil: string | null }> } } | null };

export type SeatUpdatesSubscriptionVariables = Exact<{
  eventId: string;
  since?: number | null | undefined;
}>;


export type SeatUpdatesSubscription = { seatAvailabilityChanged: { kind: SeatUpdateKind, version: number, previousVersion: number | null, digest: string, serverTime: string, seats: Array<{ seatNumber: number, status: SeatStatus, lockedUntil: string | null }>, availability: { totalSeats: number, availableSeats: number, lockedSeats: number, bookedSeats: number, offSaleSeats: number } } };

export type SeatMapEventQueryVariables = Exact<{
  eventId: string;
}>;


export type SeatMapEventQuery = { event: { id: string, name: string, eventDate: string, timeZone: string, status: EventStatus, revision: number, salesStartAt: string | null, salesEndAt: string | null, venue: string | null, description: string | null, totalSeats: number, seatsPerViewerMax: number, seatingPlanUrl: string | null, paymentProvider: PaymentProvider, stripePublishableKey: string | null, sections: Array<{ id: string, kind: SectionKind, name: string, firstSeatNumber: number, rows: number, seatsPerRow: number, price: { amount: number, currency: string } | null }> } | null };

export type SeatMapEventChangesSubscriptionVariables = Exact<{
  eventId: string;
}>;


export type SeatMapEventChangesSubscription = { eventChanged: { name: string, eventDate: string, timeZone: string, status: EventStatus, revision: number, salesStartAt: string | null, salesEndAt: string | null, venue: string | null, description: string | null, seatsPerViewerMax: number, sections: Array<{ id: string, price: { amount: number, currency: string } | null }> } };

export type ReservationsSubscriptionVariables = Exact<{
  eventId: string;
}>;


export type ReservationsSubscription = { myReservationsChanged: { serverTime: string, locks: Array<{ id: string, eventId: string, seatNumber: number, status: LockStatus, createdAt: string, expiresAt: string, bookingId: string | null, price: { amount: number, currency: string } | null }>, bookings: Array<{ id: string, eventId: string, seatNumber: number, lockId: string, paymentId: string, status: BookingStatus, paymentStatus: PaymentStatus, createdAt: string, expiresAt: string | null, price: { amount: number, currency: string } }> } };

export type StartGuestMutationVariables = Exact<{ [key: string]: never; }>;


export type StartGuestMutation = { startGuest: { token: string, expiresAt: string, user: { id: string } } };

export type RenewTokenMutationVariables = Exact<{ [key: string]: never; }>;


export type RenewTokenMutation = { renewToken: { token: string, expiresAt: string } };

export type ViewerIdQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerIdQuery = { me: { id: string } };

export type LockSeatsMutationVariables = Exact<{
  input: LockSeatsInput;
}>;


export type LockSeatsMutation = { lockSeats: Array<{ id: string, eventId: string, seatNumber: number, status: LockStatus, createdAt: string, expiresAt: string, bookingId: string | null, price: { amount: number, currency: string } | null }> };

export type HoldSeatsMutationVariables = Exact<{
  input: HoldSeatsInput;
}>;


export type HoldSeatsMutation = { holdSeats: { locks: Array<{ id: string, eventId: string, seatNumber: number, status: LockStatus, createdAt: string, expiresAt: string, bookingId: string | null, price: { amount: number, currency: string } | null }>, refusal: { code: SeatRefusalCode, lostSeats: Array<number>, offers: Array<Array<number>>, largestBlock: number } | null } };

export type ExtendLockMutationVariables = Exact<{
  lockId: string;
}>;


export type ExtendLockMutation = { extendLock: { id: string, eventId: string, seatNumber: number, status: LockStatus, createdAt: string, expiresAt: string, bookingId: string | null, price: { amount: number, currency: string } | null } };

export type ReleaseHoldMutationVariables = Exact<{
  eventId: string;
  seatNumbers?: Array<number> | number | null | undefined;
}>;


export type ReleaseHoldMutation = { releaseHold: { expiresAt: string } };

export type CheckOutMutationVariables = Exact<{
  input: CheckOutInput;
}>;


export type CheckOutMutation = { checkOut: { clientSecret: string | null, payment: { provider: string, id: string, eventId: string, lockIds: Array<string>, amount: number, refundedAmount: number, currency: string, status: PaymentStatus, reason: string | null, retryable: boolean | null, reference: string }, bookings: Array<{ id: string, eventId: string, seatNumber: number, lockId: string, paymentId: string, status: BookingStatus, paymentStatus: PaymentStatus, createdAt: string, expiresAt: string | null, price: { amount: number, currency: string } }> } };

export type PaymentQueryVariables = Exact<{
  paymentId: string;
}>;


export type PaymentQuery = { payment: { provider: string, id: string, eventId: string, lockIds: Array<string>, amount: number, refundedAmount: number, currency: string, status: PaymentStatus, reason: string | null, retryable: boolean | null, reference: string } };

export type ConfirmBookingsMutationVariables = Exact<{
  input: ConfirmBookingsInput;
}>;


export type ConfirmBookingsMutation = { confirmBookings: Array<{ id: string, eventId: string, seatNumber: number, lockId: string, paymentId: string, status: BookingStatus, paymentStatus: PaymentStatus, createdAt: string, expiresAt: string | null, price: { amount: number, currency: string } }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const HeldSeatFragmentDoc = ` fragment HeldSeat on SeatLock { id eventId seatNumber status createdAt expiresAt bookingId price { amount currency } } ` as unknown as TypedDocumentString<HeldSeatFragment, unknown>;
export const BookedSeatFragmentDoc = ` fragment BookedSeat on Booking { id eventId seatNumber lockId paymentId status paymentStatus createdAt expiresAt price { amount currency } } ` as unknown as TypedDocumentString<BookedSeatFragment, unknown>;
export const SeatPaymentFragmentDoc = ` fragment SeatPayment on Payment { provider id eventId lockIds amount refundedAmount currency status reason retryable reference } ` as unknown as TypedDocumentString<SeatPaymentFragment, unknown>;
export const SeatMapDocument = ` query SeatMap($eventId: ID!) { event(id: $eventId) { seatMap { version statuses lockedSeats { seatNumber lockedUntil } } } } ` as unknown as TypedDocumentString<SeatMapQuery, SeatMapQueryVariables>;
export const SeatUpdatesDocument = ` subscription SeatUpdates($eventId: ID!, $since: Int) { seatAvailabilityChanged(eventId: $eventId, since: $since) { kind version previousVersion seats { seatNumber status lockedUntil } availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } digest serverTime } } ` as unknown as TypedDocumentString<SeatUpdatesSubscription, SeatUpdatesSubscriptionVariables>;
export const SeatMapEventDocument = ` query SeatMapEvent($eventId: ID!) { event(id: $eventId) { id name eventDate timeZone status revision salesStartAt salesEndAt venue description totalSeats seatsPerViewerMax seatingPlanUrl paymentProvider stripePublishableKey sections { id kind name firstSeatNumber rows seatsPerRow price { amount currency } } } } ` as unknown as TypedDocumentString<SeatMapEventQuery, SeatMapEventQueryVariables>;
export const SeatMapEventChangesDocument = ` subscription SeatMapEventChanges($eventId: ID!) { eventChanged(eventId: $eventId) { name eventDate timeZone status revision salesStartAt salesEndAt venue description seatsPerViewerMax sections { id price { amount currency } } } } ` as unknown as TypedDocumentString<SeatMapEventChangesSubscription, SeatMapEventChangesSubscriptionVariables>;
export const ReservationsDocument = ` subscription Reservations($eventId: ID!) { myReservationsChanged(eventId: $eventId) { locks { ...HeldSeat } bookings { ...BookedSeat } serverTime } } fragment HeldSeat on SeatLock { id eventId seatNumber status createdAt expiresAt bookingId price { amount currency } } fragment BookedSeat on Booking { id eventId seatNumber lockId paymentId status paymentStatus createdAt expiresAt price { amount currency } }` as unknown as TypedDocumentString<ReservationsSubscription, ReservationsSubscriptionVariables>;
export const StartGuestDocument = ` mutation StartGuest { startGuest { token expiresAt user { id } } } ` as unknown as TypedDocumentString<StartGuestMutation, StartGuestMutationVariables>;
export const RenewTokenDocument = ` mutation RenewToken { renewToken { token expiresAt } } ` as unknown as TypedDocumentString<RenewTokenMutation, RenewTokenMutationVariables>;
export const ViewerIdDocument = ` query ViewerId { me { id } } ` as unknown as TypedDocumentString<ViewerIdQuery, ViewerIdQueryVariables>;
export const LockSeatsDocument = ` mutation LockSeats($input: LockSeatsInput!) { lockSeats(input: $input) { ...HeldSeat } } fragment HeldSeat on SeatLock { id eventId seatNumber status createdAt expiresAt bookingId price { amount currency } }` as unknown as TypedDocumentString<LockSeatsMutation, LockSeatsMutationVariables>;
export const HoldSeatsDocument = ` mutation HoldSeats($input: HoldSeatsInput!) { holdSeats(input: $input) { locks { ...HeldSeat } refusal { code lostSeats offers largestBlock } } } fragment HeldSeat on SeatLock { id eventId seatNumber status createdAt expiresAt bookingId price { amount currency } }` as unknown as TypedDocumentString<HoldSeatsMutation, HoldSeatsMutationVariables>;
export const ExtendLockDocument = ` mutation ExtendLock($lockId: ID!) { extendLock(lockId: $lockId) { ...HeldSeat } } fragment HeldSeat on SeatLock { id eventId seatNumber status createdAt expiresAt bookingId price { amount currency } }` as unknown as TypedDocumentString<ExtendLockMutation, ExtendLockMutationVariables>;
export const ReleaseHoldDocument = ` mutation ReleaseHold($eventId: ID!, $seatNumbers: [Int!]) { releaseHold(eventId: $eventId, seatNumbers: $seatNumbers) { expiresAt } } ` as unknown as TypedDocumentString<ReleaseHoldMutation, ReleaseHoldMutationVariables>;
export const CheckOutDocument = ` mutation CheckOut($input: CheckOutInput!) { checkOut(input: $input) { payment { ...SeatPayment } bookings { ...BookedSeat } clientSecret } } fragment BookedSeat on Booking { id eventId seatNumber lockId paymentId status paymentStatus createdAt expiresAt price { amount currency } } fragment SeatPayment on Payment { provider id eventId lockIds amount refundedAmount currency status reason retryable reference }` as unknown as TypedDocumentString<CheckOutMutation, CheckOutMutationVariables>;
export const PaymentDocument = ` query Payment($paymentId: ID!) { payment(paymentId: $paymentId) { ...SeatPayment } } fragment SeatPayment on Payment { provider id eventId lockIds amount refundedAmount currency status reason retryable reference }` as unknown as TypedDocumentString<PaymentQuery, PaymentQueryVariables>;
export const ConfirmBookingsDocument = ` mutation ConfirmBookings($input: ConfirmBookingsInput!) { confirmBookings(input: $input) { ...BookedSeat } } fragment BookedSeat on Booking { id eventId seatNumber lockId paymentId status paymentStatus createdAt expiresAt price { amount currency } }` as unknown as TypedDocumentString<ConfirmBookingsMutation, ConfirmBookingsMutationVariables>;