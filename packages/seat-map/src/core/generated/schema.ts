export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant in UTC, RFC 3339, e.g. 2026-11-22T10:15:30.000Z. */
  DateTimeISO: { input: string; output: string; }
  /** A whole number that a double holds exactly: at most 2^53 - 1. A JSON number. */
  SafeInt: { input: number; output: number; }
};

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

/** A new token, and whose it is. */
export type AuthPayload = {
  __typename?: 'AuthPayload';
  /** From this instant on the token is refused. */
  expiresAt: Scalars['DateTimeISO']['output'];
  /** Goes into the header `Authorization: Bearer …`, or into connectionParams as `authorization`. */
  token: Scalars['String']['output'];
  /** The user that the token belongs to. */
  user: User;
};

/** Seats that the server is to choose. */
export type BestSeats = {
  /** How far apart they may be. Closer ones are better. */
  adjacency?: InputMaybe<Adjacency>;
  /** Nearest to this seat. Default: nearest to the middle of the section's first row. */
  nearSeat?: InputMaybe<Scalars['Int']['input']>;
  /** The dearest that one of them may be, in minor units. The dearest seats within it come first. Default: any price, the cheapest first. */
  priceMax?: InputMaybe<Scalars['Int']['input']>;
  /** 1 to 100. */
  quantity: Scalars['Int']['input'];
  /** Sections to choose from. Default: all. */
  sectionIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** How many must be WHEELCHAIR seats. COMPANION seats beside them go with them and to nobody else. */
  wheelchairs?: InputMaybe<Scalars['Int']['input']>;
};

/** Seats to book without payment, all or none. */
export type BookHeldBackSeatsInput = {
  /** Where the tickets go. */
  contactEmail: Scalars['String']['input'];
  /** The event. */
  eventId: Scalars['ID']['input'];
  /** 1 to 128 characters. The same requestId with the same input gives the same bookings; with other input it is IDEMPOTENCY_CONFLICT. */
  requestId: Scalars['String']['input'];
  /** 1 to 100 seat numbers, none of them twice. Each is held back or free. */
  seatNumbers: Array<Scalars['Int']['input']>;
};

/** A seat that was paid for, or whose payment is PENDING, or an invitation. */
export type Booking = {
  __typename?: 'Booking';
  /** When the lock became a booking. */
  createdAt: Scalars['DateTimeISO']['output'];
  /** The event that the seat belongs to. */
  event: Event;
  /** The event that the seat belongs to. */
  eventId: Scalars['ID']['output'];
  /** When a PENDING booking is cancelled if its payment has not settled: 30 minutes after createdAt. Null once it is not PENDING. */
  expiresAt?: Maybe<Scalars['DateTimeISO']['output']>;
  /** Opaque; names the event. */
  id: Scalars['ID']['output'];
  /** The organizer booked it without payment (bookHeldBackSeats). It belongs to no buyer: the organizer may cancel it and reissue its ticket. */
  isInvitation: Scalars['Boolean']['output'];
  /** The lock that became this booking. */
  lockId: Scalars['ID']['output'];
  /** Visible to everybody who may see the booking. */
  payment: Payment;
  /** The payment that paid for the seat. */
  paymentId: Scalars['ID']['output'];
  /** Of this booking's own share: REFUNDED once its seat was paid back. */
  paymentStatus: PaymentStatus;
  /** Where the seat is, in words. */
  place: Place;
  /** What was paid for the seat, or is to be: its share of the payment. The seat's price today may be another one. */
  price: Money;
  /** The requestId of the call that booked it. */
  requestId: Scalars['String']['output'];
  /** From 1 to the totalSeats of the event. */
  seatNumber: Scalars['Int']['output'];
  /** A PENDING booking ends only when its end is written; a settlement that comes first, even after expiresAt, confirms it. */
  status: BookingStatus;
  /** Null unless CONFIRMED. */
  ticket?: Maybe<Ticket>;
};

/** A page of a list. */
export type BookingConnection = {
  __typename?: 'BookingConnection';
  /** The nodes with their cursors. */
  edges: Array<BookingEdge>;
  /** The nodes alone. */
  nodes: Array<Booking>;
  /** Whether the list continues before and after this page, and its cursors. */
  pageInfo: PageInfo;
};

/** A node of a list with its cursor. */
export type BookingEdge = {
  __typename?: 'BookingEdge';
  /** Opaque. Send it as `after` to get the nodes after this one. */
  cursor: Scalars['String']['output'];
  /** The listed record. */
  node: Booking;
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

/** One scan at the entrance. */
export type CheckInInput = {
  /** When it was scanned, also without a network. An instant before the booking was made or after the server's time is replaced by that. */
  at: Scalars['DateTimeISO']['input'];
  /** What was scanned, whatever it is. */
  code: Scalars['String']['input'];
  /** The event whose entrance it is. */
  eventId: Scalars['ID']['input'];
  /** Made by the scanner, once a scan. 1 to 128 characters. */
  scanId: Scalars['String']['input'];
};

/** The answer to a scan. */
export type CheckInPayload = {
  __typename?: 'CheckInPayload';
  /** The booking of the ticket; null for WRONG_EVENT and UNKNOWN. */
  booking?: Maybe<Booking>;
  /** Of the scan that was admitted. */
  checkedInAt?: Maybe<Scalars['DateTimeISO']['output']>;
  /** Whether to let them in. */
  result: CheckInResult;
};

/** What a scan found. */
export type CheckInResult =
  /** Let them in. Of many scans of one ticket, at many entrances at once, one gets this. */
  | 'ADMITTED'
  /** It was admitted at `checkedInAt`. */
  | 'ALREADY_ADMITTED'
  /** It is void: the booking was cancelled, or a newer ticket has replaced this one. */
  | 'CANCELLED'
  /** It is no ticket of this server: any other text, whatever its length. */
  | 'UNKNOWN'
  /** It is a ticket of another event of this server. */
  | 'WRONG_EVENT';

/** What to pay for and to book. */
export type CheckOutInput = {
  /** Needed where a seat has no price: the sum of all seats. Otherwise it may be left out. */
  amount?: InputMaybe<MoneyInput>;
  /** Where the tickets go. A guest must give it. Default: the account's own address. */
  contactEmail?: InputMaybe<Scalars['String']['input']>;
  /** The event that the seats belong to. */
  eventId: Scalars['ID']['input'];
  /** The sum that the caller was shown. If it is another one now, nothing is paid. */
  expectedTotal?: InputMaybe<MoneyInput>;
  /** 1 to 128 characters, new for each try to pay and the same for each repetition of it. */
  requestId: Scalars['String']['input'];
  /** 1 to 100 seats that the caller holds, none of them twice. Default: all that is held. Name them to be sure which seats are paid for. */
  seatNumbers?: InputMaybe<Array<Scalars['Int']['input']>>;
  /** With simulated payments, how the card answers. Default: SUCCESS. */
  simulatedCard?: InputMaybe<CardStatus>;
};

/** What became of a check-out. */
export type CheckOutPayload = {
  __typename?: 'CheckOutPayload';
  /** In seat order; empty if the card was refused. */
  bookings: Array<Booking>;
  /** With a provider that the client must talk to: what the client shows it (Stripe: the PaymentIntent's client secret). Null otherwise. */
  clientSecret?: Maybe<Scalars['String']['output']>;
  /** FAILED if the card was refused; then the seats are still held. */
  payment: Payment;
};

/** A paid lock to book. */
export type ConfirmBookingInput = {
  /** A lock of the caller that the payment paid for. */
  lockId: Scalars['ID']['input'];
  /** A PENDING or COMPLETED payment of the caller. */
  paymentId: Scalars['ID']['input'];
  /** 1 to 128 characters, new for each confirmation and the same for each repetition of it. */
  requestId: Scalars['String']['input'];
};

/** Paid locks to book, all or none. */
export type ConfirmBookingsInput = {
  /** 1 to 100 locks of the caller that the payment paid for, none of them twice. */
  lockIds: Array<Scalars['ID']['input']>;
  /** A PENDING or COMPLETED payment of the caller. */
  paymentId: Scalars['ID']['input'];
  /** 1 to 128 characters, new for each confirmation and the same for each repetition of it. */
  requestId: Scalars['String']['input'];
};

/** The data of a new event. */
export type CreateEventInput = {
  /** Plain text of several lines; 1 to 2,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** A draft is seen by its organizer alone, until updateEvent publishes it. */
  draft?: InputMaybe<Scalars['Boolean']['input']>;
  /** When it begins; in the future. */
  eventDate: Scalars['DateTimeISO']['input'];
  /** Where a picture of it is; https only, at most 1,000 characters. */
  imageUrl?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 200 characters. */
  name: Scalars['String']['input'];
  /** Whether a pick may leave a single free seat. */
  orphanRule?: InputMaybe<OrphanRule>;
  /** Price of a seat outside priced sections. Without it, the client chooses the amount. All prices of an event have one currency, and are above 0. */
  price?: InputMaybe<MoneyInput>;
  /** A repeated call with the same requestId returns the first event. With other input it is refused with IDEMPOTENCY_CONFLICT. */
  requestId?: InputMaybe<Scalars['String']['input']>;
  /** From then on nothing can be locked. Default: eventDate, which it may not exceed. */
  salesEndAt?: InputMaybe<Scalars['DateTimeISO']['input']>;
  /** Before it nothing can be locked (SALE_NOT_OPEN). Default: seats can be locked at once. */
  salesStartAt?: InputMaybe<Scalars['DateTimeISO']['input']>;
  /** How many seats one user may hold and have booked at a time. Default: the server's limit, which it may not exceed. */
  seatsPerViewerMax?: InputMaybe<Scalars['Int']['input']>;
  /** Seats are numbered section by section, in this order. Default: one section with rows of 20; the last row may be shorter. */
  sections?: InputMaybe<Array<SectionInput>>;
  /** IANA time zone of the venue, e.g. Europe/Vienna. It does not change eventDate, which is an instant. */
  timeZone?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 100,000. May be left out when sections are given; must equal their sum when both are. */
  totalSeats?: InputMaybe<Scalars['Int']['input']>;
  /** Where it takes place; 1 to 200 characters. */
  venue?: InputMaybe<Scalars['String']['input']>;
};

/** What an account is opened and entered with. */
export type CredentialsInput = {
  /** Upper and lower case are the same address. */
  email: Scalars['String']['input'];
  /** 8 to 256 characters. */
  password: Scalars['String']['input'];
};

/** A performance with numbered seats. */
export type Event = {
  __typename?: 'Event';
  /** How many seats are free, locked, booked and off sale. */
  availability: SeatAvailability;
  /** Null for anyone but the organizer. Newest first. */
  bookings?: Maybe<BookingConnection>;
  /** Null unless its organizer has cancelled it. */
  cancellation?: Maybe<EventCancellation>;
  /** Plain text of its organizer; a line break is \n. */
  description?: Maybe<Scalars['String']['output']>;
  /** When it begins. From then on nothing can be locked, paid, confirmed or cancelled; refundUntil can give more time to cancel. */
  eventDate: Scalars['DateTimeISO']['output'];
  /** Null for anyone but the organizer. The seats that are held back now, in seat order. */
  heldBack?: Maybe<Array<HeldBackSeat>>;
  /** Null for anyone but the organizer. What happened to a seat, or to all of them, newest first. It is kept for 400 days. */
  history?: Maybe<HistoryConnection>;
  /** Opaque. */
  id: Scalars['ID']['output'];
  /** An https address of a picture. Its host sees who loads it. */
  imageUrl?: Maybe<Scalars['String']['output']>;
  /** [viewer] What the caller holds of this event; null for nothing, or without a token. */
  myHold?: Maybe<Hold>;
  /** As its organizer wrote it. */
  name: Scalars['String']['output'];
  /** Whether a pick may leave a single free seat. */
  orphanRule: OrphanRule;
  /** Who takes the money for seats of this event. */
  paymentProvider: PaymentProvider;
  /** Until when bookings can be cancelled although the event has begun. Null: until it begins, as without a new date. */
  refundUntil?: Maybe<Scalars['DateTimeISO']['output']>;
  /** Raised by every change of its organizer; updateEvent takes it as ifRevision. */
  revision: Scalars['Int']['output'];
  /** Null for anyone but the organizer. */
  sales?: Maybe<Sales>;
  /** Null for anyone but the organizer. The hours in which something was paid, oldest first. */
  salesByHour?: Maybe<Array<HourSales>>;
  /** Null for anyone but the organizer. One entry for each section, in their order. */
  salesBySection?: Maybe<Array<SectionSales>>;
  /** From then on nothing can be locked; what is held can be paid. Null: eventDate is the end. */
  salesEndAt?: Maybe<Scalars['DateTimeISO']['output']>;
  /** Before it nothing can be locked. Null: there is no such time. */
  salesStartAt?: Maybe<Scalars['DateTimeISO']['output']>;
  /** Null for a number that is no seat of the event. */
  seat?: Maybe<Place>;
  /** The status of every seat. */
  seatMap: SeatMap;
  /** Where the seating plan is as JSON, from the root of this server. It never changes, so it can be kept. Null where `sections` describe it: rows of one length, or a capacity. */
  seatingPlanUrl?: Maybe<Scalars['String']['output']>;
  /** How many seats of this event one user may hold and have booked at a time. */
  seatsPerViewerMax: Scalars['Int']['output'];
  /** In the order of their seat numbers. */
  sections: Array<Section>;
  /** Whether seats can be locked now. */
  status: EventStatus;
  /** The key with which a page loads the form of Stripe. Null unless paymentProvider is STRIPE. */
  stripePublishableKey?: Maybe<Scalars['String']['output']>;
  /** IANA time zone of the venue, e.g. Europe/Vienna. Show dates in this zone, with its name. */
  timeZone: Scalars['String']['output'];
  /** Its seats are numbered from 1 to this. */
  totalSeats: Scalars['Int']['output'];
  /** Where it takes place, as its organizer wrote it. */
  venue?: Maybe<Scalars['String']['output']>;
  /** Whether the caller is the organizer of the event. */
  viewerIsOrganizer: Scalars['Boolean']['output'];
};


/** A performance with numbered seats. */
export type EventBookingsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
};


/** A performance with numbered seats. */
export type EventHeldBackArgs = {
  after?: InputMaybe<Scalars['Int']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A performance with numbered seats. */
export type EventHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  seatNumber?: InputMaybe<Scalars['Int']['input']>;
};


/** A performance with numbered seats. */
export type EventSalesByHourArgs = {
  before?: InputMaybe<Scalars['DateTimeISO']['input']>;
  hours?: InputMaybe<Scalars['Int']['input']>;
};


/** A performance with numbered seats. */
export type EventSeatArgs = {
  seatNumber: Scalars['Int']['input'];
};

/** That an event is cancelled, and how far the refunds are. */
export type EventCancellation = {
  __typename?: 'EventCancellation';
  /** When it was cancelled. */
  at: Scalars['DateTimeISO']['output'];
  /** Bookings that are still to be cancelled and paid back. It falls to 0 by itself. */
  bookingsLeft: Scalars['Int']['output'];
  /** Plain text of the organizer; a line break is \n. Null if none was given. */
  reason?: Maybe<Scalars['String']['output']>;
  /** What was paid back since then, one entry per currency. Empty for anyone but the organizer. */
  refunded: Array<Money>;
};

/** A page of a list. */
export type EventConnection = {
  __typename?: 'EventConnection';
  /** The nodes with their cursors. */
  edges: Array<EventEdge>;
  /** The nodes alone. */
  nodes: Array<Event>;
  /** Whether the list continues before and after this page, and its cursors. */
  pageInfo: PageInfo;
};

/** A node of a list with its cursor. */
export type EventEdge = {
  __typename?: 'EventEdge';
  /** Opaque. Send it as `after` to get the nodes after this one. */
  cursor: Scalars['String']['output'];
  /** The listed record. */
  node: Event;
};

/** How a list of events is sorted. */
export type EventOrder =
  /** Those that were created last come first. */
  | 'NEWEST'
  /** Those with the most seats that are neither booked nor held back come first. Seats that are sold between two pages may change it. */
  | 'SEATS_LEFT'
  /** By eventDate. */
  | 'SOONEST';

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

/** A seat that the organizer holds back. */
export type HeldBackSeat = {
  __typename?: 'HeldBackSeat';
  /** For whom or why; the organizer alone sees it. */
  label: Scalars['String']['output'];
  /** Which seat it is. */
  place: Place;
  /** When it is back on sale by itself. Null: when the organizer releases it. */
  until?: Maybe<Scalars['DateTimeISO']['output']>;
};

/** Who changed a seat or the event. */
export type HistoryActor =
  /** A user, for himself. */
  | 'BUYER'
  /** Time: a lock, a hold-back or a PENDING booking ended. */
  | 'JOB'
  /** The organizer of the event. */
  | 'ORGANIZER'
  /** The payment provider. */
  | 'PROVIDER';

/** A page of a list. */
export type HistoryConnection = {
  __typename?: 'HistoryConnection';
  /** The nodes with their cursors. */
  edges: Array<HistoryEdge>;
  /** The nodes alone. */
  nodes: Array<HistoryEntry>;
  /** Whether the list continues before and after this page, and its cursors. */
  pageInfo: PageInfo;
};

/** A node of a list with its cursor. */
export type HistoryEdge = {
  __typename?: 'HistoryEdge';
  /** Opaque. Send it as `after` to get the nodes after this one. */
  cursor: Scalars['String']['output'];
  /** The listed record. */
  node: HistoryEntry;
};

/** One thing that happened to a seat, or to the event. All entries of an event, applied in order, give its seat map. */
export type HistoryEntry = {
  __typename?: 'HistoryEntry';
  /** Who did it. */
  actor: HistoryActor;
  /** The status of the seat after it; null without a seat. */
  after?: Maybe<SeatStatus>;
  /** When it was committed. */
  at: Scalars['DateTimeISO']['output'];
  /** The status of the seat before it; null without a seat. */
  before?: Maybe<SeatStatus>;
  /** The booking of that lock. */
  bookingId?: Maybe<Scalars['ID']['output']>;
  /** Of the call that did it, as the log has it; null for jobs. */
  correlationId?: Maybe<Scalars['String']['output']>;
  /**
   * LOCKED; EXTENDED; RELEASED, by its holder or, if it was held back, by the organizer; EXPIRED, the time of the lock or of the hold-back ran out; BOOKED, and paid; PENDING, booked while the payment is not settled;
   * CONFIRMED, the payment was settled; CANCELLED; TIMED_OUT, the PENDING booking was overdue; TRANSFERRED to another user, as a guest logged in; HELD_BACK by the organizer, also with another label or end;
   * INVITED, booked by the organizer without payment. Without a seat: UPDATED, PUBLISHED, SALE_PAUSED, SALE_RESUMED, EVENT_CANCELLED. More may be added.
   */
  kind: Scalars['String']['output'];
  /** The lock that changed. */
  lockId?: Maybe<Scalars['ID']['output']>;
  /** When the seat becomes AVAILABLE by itself after it. */
  lockedUntil?: Maybe<Scalars['DateTimeISO']['output']>;
  /** The seat; null for what concerns no single seat. */
  seatNumber?: Maybe<Scalars['Int']['output']>;
  /** The version of the seat map after it. */
  version?: Maybe<Scalars['Int']['output']>;
};

/** All that one user holds of one event. It ends when its first lock does. */
export type Hold = {
  __typename?: 'Hold';
  /** The event that the seats belong to. */
  event: Event;
  /** When its first lock expires, unless it is extended before. */
  expiresAt: Scalars['DateTimeISO']['output'];
  /** ACTIVE locks, oldest first. */
  locks: Array<SeatLock>;
  /** Whole milliseconds until then by the server's clock. */
  remainingMs: Scalars['Int']['output'];
  /** What the seats cost: their prices when they were locked. Null where a seat has no price. */
  total?: Maybe<Money>;
};

/** What became of seats that were to be held back or released. */
export type HoldBackPayload = {
  __typename?: 'HoldBackPayload';
  /** The event after it. */
  event: Event;
  /** The seats that are held back now (`holdBackSeats`), or those that were (`releaseHeldBackSeats`). In the order of the call. */
  seatNumbers: Array<Scalars['Int']['output']>;
  /** A version of the seat map that has it. */
  version: Scalars['Int']['output'];
};

/** Seats to hold back, all or none. */
export type HoldBackSeatsInput = {
  /** The event. */
  eventId: Scalars['ID']['input'];
  /** For whom or why; the organizer alone sees it. 1 to 100 characters. */
  label: Scalars['String']['input'];
  /** 1 to 5000 seat numbers, none of them twice. Several calls hold back more. */
  seatNumbers: Array<Scalars['Int']['input']>;
  /** Leave out seats that somebody has, instead of refusing the call with SEAT_UNAVAILABLE. */
  skipTaken?: InputMaybe<Scalars['Boolean']['input']>;
  /** In the future: then they are back on sale by themselves. Default: when the organizer releases them. */
  until?: InputMaybe<Scalars['DateTimeISO']['input']>;
};

/** Wishes for seats of one event, tried in their order. */
export type HoldSeatsInput = {
  /** The event that the seats belong to. */
  eventId: Scalars['ID']['input'];
  /** 1 to 128 characters. The same requestId with the same input gives the same answer. */
  requestId?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 5. */
  wishes: Array<SeatWish>;
};

/** What became of the wishes. */
export type HoldSeatsPayload = {
  __typename?: 'HoldSeatsPayload';
  /** How close the seats are that the server chose; null for seats that the caller named. */
  adjacency?: Maybe<Adjacency>;
  /** All that the caller holds of the event now; null for nothing. */
  hold?: Maybe<Hold>;
  /** Of the wish that could be had; empty if none could. */
  locks: Array<SeatLock>;
  /** Why the first wish could not be had, if none could. */
  refusal?: Maybe<SeatRefusal>;
  /** Which wish that was, from 0; null if none could be had. */
  wishIndex?: Maybe<Scalars['Int']['output']>;
};

/** What was paid in one hour. */
export type HourSales = {
  __typename?: 'HourSales';
  /** When the hour began, by clocks in the event's time zone. */
  from: Scalars['DateTimeISO']['output'];
  /** Payments, refunded parts included; one entry per currency. */
  paid: Array<Money>;
  /** What of these payments was refunded, whenever that was; one entry per currency. */
  refunded: Array<Money>;
};

/** One seat to lock. */
export type LockSeatInput = {
  /** The event that the seat belongs to. */
  eventId: Scalars['ID']['input'];
  /** From 1 to the totalSeats of the event. */
  seatNumber: Scalars['Int']['input'];
};

/** Seats to lock, all or none. */
export type LockSeatsInput = {
  /** The event that the seats belong to. */
  eventId: Scalars['ID']['input'];
  /** 1 to 100 seat numbers, none of them twice. */
  seatNumbers: Array<Scalars['Int']['input']>;
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
export type Money = {
  __typename?: 'Money';
  /** In the currency's minor unit. */
  amount: Scalars['SafeInt']['output'];
  /** ISO 4217 code, such as USD. */
  currency: Scalars['String']['output'];
};

/** An amount of money: 15000 and USD are USD 150.00. */
export type MoneyInput = {
  /** Above 0, in the currency's minor unit. */
  amount: Scalars['Int']['input'];
  /** ISO 4217 code of a currency in force, in capitals, such as USD. */
  currency: Scalars['String']['input'];
};

/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * [organizer] Books held-back or free seats without payment, all or none, for invitations and the box office: CONFIRMED at once, with an amount of 0 and tickets that are mailed to contactEmail.
   * No seat limit applies, and no sales window. They are no sales and no refunds; Booking.isInvitation tells them apart. The answer is in the order of seatNumbers.
   * Errors: EVENT_NOT_FOUND, IDEMPOTENCY_CONFLICT, EVENT_CLOSED (from eventDate on), SEAT_NOT_FOUND, SEAT_UNAVAILABLE (details: seatNumbers that somebody has), BAD_USER_INPUT.
   */
  bookHeldBackSeats: Array<Booking>;
  /**
   * [owner] Frees the seat and refunds that seat's share of the payment (its price; otherwise an equal share, the remainder with the lowest seat). Possible until eventDate
   * (BOOKING_NOT_CANCELLABLE after), and until its ticket is admitted (BOOKING_NOT_CANCELLABLE, too). Cancelling twice returns the booking.
   */
  cancelBooking: Booking;
  /**
   * [organizer] Cancels the event for ever. From this version of the seat map on nothing is locked, paid or booked (EVENT_CLOSED). All locks end, every booking is cancelled, and
   * everybody is paid back and gets a mail. That takes a while, and goes on after a crash; see Event.cancellation. The same call again changes nothing.
   * Errors: EVENT_NOT_FOUND, BAD_USER_INPUT.
   */
  cancelEvent: Event;
  /**
   * [organizer] Always an answer, never an error, for whatever was scanned. The same scanId gives the same answer, for 30 days; with another code it is
   * IDEMPOTENCY_CONFLICT. Of many scans of one ticket, at many entrances at once, one is ADMITTED. EVENT_NOT_FOUND, BAD_USER_INPUT for the scanId.
   */
  checkIn: CheckInPayload;
  /**
   * [viewer] Pays for the hold and books it, all or none, in one step of the event: nothing can come between. The sum is the server's. A refused card keeps
   * the hold: the payment is FAILED, bookings is empty. A provider that answers later gives PENDING bookings. The same requestId with the same input gives the same payment
   * and bookings, FAILED included; another try takes a new one; a call that ended in an error has not used its requestId. Checked in this order: replay, EVENT_NOT_FOUND,
   * HOLD_EXPIRED (nothing is held, or some of it no more; details: seatNumbers that were lost, and bookedSeatNumbers, those of them that the caller has booked), LOCK_ALREADY_PAID
   * (simulatePayment paid for a seat; details: paymentId, to confirm with), EVENT_CLOSED, AMOUNT_MISMATCH, TOTAL_CHANGED (details: total; only with `expectedTotal`).
   * Further errors: IDEMPOTENCY_CONFLICT, RATE_LIMITED (too many refused cards), PAYMENT_PROVIDER_OTHER (`simulatedCard` where payments are not simulated, or nobody can pay), BAD_USER_INPUT (also for a sum that the provider never takes).
   */
  checkOut: CheckOutPayload;
  /**
   * [owner] Turns a paid lock into a booking: the booking is written, the lock is used, the event's counters move, all of it or none.
   * The same requestId with the same input gives the same booking however often and however fast it is sent, also after a restart, an expiry or a cancellation; with other
   * input it is IDEMPOTENCY_CONFLICT; a call that failed has not used its requestId. A PENDING payment gives a PENDING booking. Checked in this order: replay, LOCK_NOT_FOUND,
   * LOCK_ALREADY_USED, LOCK_EXPIRED, EVENT_CLOSED, PAYMENT_NOT_FOUND, PAYMENT_MISMATCH (it did not pay for this lock), PAYMENT_FAILED (details: reason, retryable; a REFUNDED payment too, not retryable).
   */
  confirmBooking: Booking;
  /** [owner] The same for several locks of one payment, all or none; the answer is in the order of lockIds. */
  confirmBookings: Array<Booking>;
  /** [viewer] The caller becomes the event's organizer. Seats are numbered from 1 to totalSeats. */
  createEvent: Event;
  /** [viewer] As extendLock, for all that the caller holds of the event. Null if that is nothing. EVENT_NOT_FOUND; LOCK_EXTENSION_LIMIT when it gains nothing. */
  extendHold: Hold;
  /**
   * [owner] Starts the lock's 5 minutes again, but never beyond 15 minutes after it was made: expiresAt = min(now + 5 min, createdAt + 15 min).
   * LOCK_EXTENSION_LIMIT when that gains nothing; LOCK_EXPIRED once it has expired; LOCK_ALREADY_USED.
   */
  extendLock: SeatLock;
  /**
   * [organizer] Takes seats off sale, all or none: they are OFF_SALE, letter X. A seat that is held back already gets the new label and the new `until`. A repeated call changes nothing.
   * Possible before, during and after the sale, also while it is paused. Errors: EVENT_NOT_FOUND, EVENT_CLOSED (from eventDate on), SEAT_NOT_FOUND, SEAT_UNAVAILABLE (details: seatNumbers that somebody
   * has; never with skipTaken), BAD_USER_INPUT.
   */
  holdBackSeats: HoldBackPayload;
  /**
   * [viewer] Holds seats for one wish, all or none; wishes are tried in their order. Where a wish leaves a choice the server makes it, in the same
   * step as the lock. A wish that cannot be had is no error: locks is empty and `refusal` says why. Errors: EVENT_NOT_FOUND, EVENT_CLOSED, SALE_NOT_OPEN
   * (details: opensAt), SALE_PAUSED, SEAT_LIMIT_REACHED (every wish is for too many seats; details: limit), IDEMPOTENCY_CONFLICT, BAD_USER_INPUT.
   */
  holdSeats: HoldSeatsPayload;
  /**
   * [viewer] Locks one seat for the caller, for 5 minutes. Asking again for a seat that one already holds gives the same
   * lock back. Errors: EVENT_NOT_FOUND, EVENT_CLOSED (from eventDate or salesEndAt on), SALE_NOT_OPEN (details: opensAt), SALE_PAUSED, SEAT_NOT_FOUND, SEAT_UNAVAILABLE (details: seatNumbers, and
   * suggestedSeats: up to 5 free seats, nearest first: few seats and rows away, rather in the same section and for the same price; suggestions: the same seats
   * as { seatNumber, label, price: { amount, currency } or null }), SEAT_LIMIT_REACHED (details: limit; it counts ACTIVE locks and
   * bookings that are not cancelled).
   */
  lockSeat: SeatLock;
  /** [viewer] Locks all of these seats or none of them; SEAT_UNAVAILABLE names every seat that was lost. */
  lockSeats: Array<SeatLock>;
  /** [anyone] INVALID_CREDENTIALS, the same for an unknown address and a wrong password. With a guest's token, the account gets all that the guest holds and booked, also above the seat limit; the guest's tokens end. */
  logIn: AuthPayload;
  /** [viewer] Ends every token of the caller, and every socket opened with one. */
  logOutEverywhere: User;
  /** [organizer] From this version of the seat map on nothing is locked (SALE_PAUSED). What is held can be paid, confirmed and extended. Pausing twice changes nothing. EVENT_NOT_FOUND. */
  pauseSale: Event;
  /**
   * [owner] Gives the booking a new ticket, mails it, and makes the earlier one void. Every call makes another one. BOOKING_NOT_FOUND;
   * TICKET_NOT_REISSUABLE unless the booking is CONFIRMED and its ticket was not admitted yet.
   */
  reissueTicket: Booking;
  /** [organizer] Puts held-back seats back on sale. A seat that is not held back is left alone. Many seats are released in steps; after an error, send the call again. EVENT_NOT_FOUND, SEAT_NOT_FOUND, BAD_USER_INPUT. */
  releaseHeldBackSeats: HoldBackPayload;
  /** [viewer] Releases all that the caller holds of the event, or these seats; what is not held is left alone. Returns what is still held; null for nothing. EVENT_NOT_FOUND. */
  releaseHold: Hold;
  /**
   * [owner] Releases a lock; the seat is free at once. Releasing twice is no error; an expired lock comes back EXPIRED; LOCK_ALREADY_USED for a used one.
   * What was paid for it is refunded.
   */
  releaseLock: SeatLock;
  /** [viewer] A fresh token of the same session. The old one stays good until its own end; logOutEverywhere ends both. */
  renewToken: AuthPayload;
  /** [anyone] Mails a link to set a new password, if there is an account with this address. The answer is true in any case, after the same time. */
  requestPasswordReset: Scalars['Boolean']['output'];
  /** [anyone] Sets the password by a mailed link and logs in, as logIn does. All other tokens of the account end, and all its links. RESET_LINK_INVALID when the link was used, is older than 30 minutes, or the account's tokens were ended since. */
  resetPassword: AuthPayload;
  /** [organizer] Ends the pause of a sale. EVENT_NOT_FOUND. */
  resumeSale: Event;
  /**
   * [payer or the event's organizer] Ends a PENDING payment as the card network would. COMPLETED confirms its bookings; FAILED ('Card was declined', retryable) cancels them and frees their
   * seats. A COMPLETED that comes after the booking-expiry job cancelled them confirms the same bookings again, all or none, if the seats are still free and the payer may have so many, and is REFUNDED otherwise;
   * bookings that the user cancelled stay cancelled. A payment that FAILED only because its seats were no longer held is settled likewise. The same outcome again returns the payment; another one: PAYMENT_ALREADY_SETTLED. PAYMENT_PROVIDER_OTHER where payments are not simulated.
   */
  settlePayment: Payment;
  /** [anyone] EMAIL_TAKEN when the address is in use. With a guest's token, the guest becomes the account and keeps everything. */
  signUp: AuthPayload;
  /**
   * [owner of the locks] Pays for one or more ACTIVE locks of one event with a simulated card. The sum is the server's: amount and currency
   * may be left out where every seat has a price; given, they must be right. A refused card is no error: the payment comes back
   * FAILED, with its reason and whether another try can help. Errors: LOCK_NOT_FOUND, LOCK_EXPIRED, LOCK_ALREADY_USED, LOCK_ALREADY_PAID (a PENDING or
   * COMPLETED payment exists; details: paymentId), EVENT_CLOSED, AMOUNT_MISMATCH (where seats have prices), PAYMENT_PROVIDER_OTHER (payments are not simulated here), BAD_USER_INPUT. With a requestId the same call twice gives the same payment,
   * FAILED included; another try takes a new requestId; a call that ended in an error has not used its requestId.
   * A lock that ends without a booking (expired, released) has its part of a COMPLETED payment refunded; a PENDING part is refunded when it settles.
   * A PENDING payment that no lock or booking is left of comes to be FAILED ('The seats were no longer held'); it can still be settled.
   */
  simulatePayment: Payment;
  /** [anyone] A user without address and password, for this device. What a guest holds and books stays when the guest signs up or logs in. */
  startGuest: AuthPayload;
  /**
   * [organizer] Changes the event; what is left out stays. Takes no seat from whoever has one; new prices and limits are for new locks.
   * After a new date every buyer gets one mail.
   * Errors: EVENT_NOT_FOUND, EVENT_CLOSED (it is cancelled), REVISION_CONFLICT (somebody else was first; details: revision), BAD_USER_INPUT.
   */
  updateEvent: Event;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationBookHeldBackSeatsArgs = {
  input: BookHeldBackSeatsInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationCancelBookingArgs = {
  id: Scalars['ID']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationCancelEventArgs = {
  eventId: Scalars['ID']['input'];
  reason?: InputMaybe<Scalars['String']['input']>;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationCheckInArgs = {
  input: CheckInInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationCheckOutArgs = {
  input: CheckOutInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationConfirmBookingArgs = {
  input: ConfirmBookingInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationConfirmBookingsArgs = {
  input: ConfirmBookingsInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationCreateEventArgs = {
  input: CreateEventInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationExtendHoldArgs = {
  eventId: Scalars['ID']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationExtendLockArgs = {
  lockId: Scalars['ID']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationHoldBackSeatsArgs = {
  input: HoldBackSeatsInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationHoldSeatsArgs = {
  input: HoldSeatsInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationLockSeatArgs = {
  input: LockSeatInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationLockSeatsArgs = {
  input: LockSeatsInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationLogInArgs = {
  input: CredentialsInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationPauseSaleArgs = {
  eventId: Scalars['ID']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationReissueTicketArgs = {
  bookingId: Scalars['ID']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationReleaseHeldBackSeatsArgs = {
  eventId: Scalars['ID']['input'];
  seatNumbers: Array<Scalars['Int']['input']>;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationReleaseHoldArgs = {
  eventId: Scalars['ID']['input'];
  seatNumbers?: InputMaybe<Array<Scalars['Int']['input']>>;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationReleaseLockArgs = {
  lockId: Scalars['ID']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationRequestPasswordResetArgs = {
  email: Scalars['String']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationResetPasswordArgs = {
  password: Scalars['String']['input'];
  token: Scalars['String']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationResumeSaleArgs = {
  eventId: Scalars['ID']['input'];
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationSettlePaymentArgs = {
  input: SettlePaymentInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationSignUpArgs = {
  input: CredentialsInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationSimulatePaymentArgs = {
  input: SimulatePaymentInput;
};


/** Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same. */
export type MutationUpdateEventArgs = {
  input: UpdateEventInput;
};

/** Whether a pick may leave an orphan: a single free seat without a free neighbour. */
export type OrphanRule =
  /** It may. */
  | 'OFF'
  /** It is refused, unless every choice of that size in the section leaves one. */
  | 'REFUSE';

/** Whether the list continues before and after a page, and its cursors. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Cursor of the last node; null on an empty page. Send it as `after` to get the next page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether more nodes follow after this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether this page was asked for with `after`. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first node; null on an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** A payment for one or more locks of one event. */
export type Payment = {
  __typename?: 'Payment';
  /** In the currency's minor unit. */
  amount: Scalars['SafeInt']['output'];
  /** Of all that it paid for, in seat order. */
  bookings: Array<Booking>;
  /** Where the tickets go. Null if `simulatePayment` made the payment, and for everybody but the payer and the event's organizer. */
  contactEmail?: Maybe<Scalars['String']['output']>;
  /** When it was made. */
  createdAt: Scalars['DateTimeISO']['output'];
  /** ISO 4217 code, such as USD. */
  currency: Scalars['String']['output'];
  /** The event whose seats it pays for. */
  event: Event;
  /** The event whose seats it pays for. */
  eventId: Scalars['ID']['output'];
  /** Begins with pay_YYYYMMDD_HHMM_. The rest contains the event's id and random characters. */
  id: Scalars['ID']['output'];
  /** The locks that it pays for, in the order of the call. */
  lockIds: Array<Scalars['ID']['output']>;
  /**
   * The same as `id`.
   * @deprecated Use `id`.
   */
  paymentId: Scalars['ID']['output'];
  /** When it left PENDING. */
  processedAt?: Maybe<Scalars['DateTimeISO']['output']>;
  /** Who takes the money. `simulated`: nobody is charged. `none`: an invitation, whose amount is 0. */
  provider: Scalars['String']['output'];
  /** Null unless FAILED: 'Card was declined', 'Insufficient funds in account', 'Card has expired' or 'The seats were no longer held'. A payment with the last reason can still be settled. */
  reason?: Maybe<Scalars['String']['output']>;
  /** For people, such as K7F-4M9: six letters and digits without look-alikes. Not unique: programs use `id`. */
  reference: Scalars['String']['output'];
  /** The part of the amount that was refunded. */
  refundedAmount: Scalars['SafeInt']['output'];
  /** Whether another payment for the same lock with the same card may succeed: true for declined and insufficient funds, false for an expired card and for seats that are no longer held. Null unless FAILED. */
  retryable?: Maybe<Scalars['Boolean']['output']>;
  /** The seats that it pays for, in the order of lockIds. */
  seats: Array<PaymentSeat>;
  /** PENDING until the card network has answered. */
  status: PaymentStatus;
};

/** A page of a list. */
export type PaymentConnection = {
  __typename?: 'PaymentConnection';
  /** The nodes with their cursors. */
  edges: Array<PaymentEdge>;
  /** The nodes alone. */
  nodes: Array<Payment>;
  /** Whether the list continues before and after this page, and its cursors. */
  pageInfo: PageInfo;
};

/** A node of a list with its cursor. */
export type PaymentEdge = {
  __typename?: 'PaymentEdge';
  /** Opaque. Send it as `after` to get the nodes after this one. */
  cursor: Scalars['String']['output'];
  /** The listed record. */
  node: Payment;
};

/** Who takes the money. More may be added. */
export type PaymentProvider =
  /** Nobody can pay. */
  | 'NONE'
  /** Nobody: simulated cards pay, and no money is taken. */
  | 'SIMULATED'
  /** Stripe: the client pays with the secret that checkOut returns and with Event.stripePublishableKey. */
  | 'STRIPE';

/** A seat of a payment. */
export type PaymentSeat = {
  __typename?: 'PaymentSeat';
  /** Whether the money for this seat was refunded. */
  refunded: Scalars['Boolean']['output'];
  /** The number of the seat in its event. */
  seatNumber: Scalars['Int']['output'];
};

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

/** What a seat number stands for. */
export type Place = {
  __typename?: 'Place';
  /** What is special about the seat; empty for most. */
  features: Array<SeatFeature>;
  /** For people and tickets: 'Stalls, row C, seat 12'. */
  label: Scalars['String']['output'];
  /** What the seat costs. Null if the client chooses the amount. */
  price?: Maybe<Money>;
  /** Null in a STANDING section. */
  rowLabel?: Maybe<Scalars['String']['output']>;
  /** What stands on the seat, e.g. 12; null in a STANDING section. */
  seatLabel?: Maybe<Scalars['String']['output']>;
  /** From 1 to the totalSeats of the event. */
  seatNumber: Scalars['Int']['output'];
  /** The section that the seat is in. */
  section: Section;
};

/** Reads. A field that is refused is null, with an error; the others are answered. */
export type Query = {
  __typename?: 'Query';
  /** [owner or the event's organizer] BOOKING_NOT_FOUND. */
  booking: Booking;
  /** [anyone] Null when there is no such event, or it is a draft of somebody else. */
  event?: Maybe<Event>;
  /** [anyone] Published events that have not taken place yet. A search by words, and every order but SOONEST, counts as a call, and few run at a time: TOO_BUSY. */
  events: EventConnection;
  /** [viewer] The signed-in user. */
  me: User;
  /** [owner] PAYMENT_NOT_FOUND. */
  payment: Payment;
  /** [owner] A lock by its id, whatever its status; an expired one says EXPIRED at once. LOCK_NOT_FOUND. */
  seatLock: SeatLock;
  /** [anyone] The ticket with this code, for whoever has it. Null for a text that this server has not signed as a ticket. */
  ticket: TicketByCode;
};


/** Reads. A field that is refused is null, with an error; the others are answered. */
export type QueryBookingArgs = {
  id: Scalars['ID']['input'];
};


/** Reads. A field that is refused is null, with an error; the others are answered. */
export type QueryEventArgs = {
  id: Scalars['ID']['input'];
};


/** Reads. A field that is refused is null, with an error; the others are answered. */
export type QueryEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  from?: InputMaybe<Scalars['DateTimeISO']['input']>;
  orderBy?: InputMaybe<EventOrder>;
  search?: InputMaybe<Scalars['String']['input']>;
  to?: InputMaybe<Scalars['DateTimeISO']['input']>;
};


/** Reads. A field that is refused is null, with an error; the others are answered. */
export type QueryPaymentArgs = {
  paymentId: Scalars['ID']['input'];
};


/** Reads. A field that is refused is null, with an error; the others are answered. */
export type QuerySeatLockArgs = {
  id: Scalars['ID']['input'];
};


/** Reads. A field that is refused is null, with an error; the others are answered. */
export type QueryTicketArgs = {
  code: Scalars['String']['input'];
};

/** What one user holds and has booked of one event. */
export type Reservations = {
  __typename?: 'Reservations';
  /** All bookings, cancelled ones included; oldest first. */
  bookings: Array<Booking>;
  /** What is held now; null for nothing. */
  hold?: Maybe<Hold>;
  /** ACTIVE locks, and those that ended in the last 15 minutes; oldest first. */
  locks: Array<SeatLock>;
  /** The server's clock when this was read. */
  serverTime: Scalars['DateTimeISO']['output'];
};

/** A row of a section. */
export type Row = {
  __typename?: 'Row';
  /** After which of its seats (counted from 1) there is an aisle: seats on its two sides are no neighbours. */
  aislesAfter: Array<Scalars['Int']['output']>;
  /** Its seats that differ from others, in order. */
  features: Array<SeatFeatureOfRow>;
  /** Number of its first seat. The others follow. */
  firstSeatNumber: Scalars['Int']['output'];
  /** Unique within the section. */
  label: Scalars['String']['output'];
  /** Null where the row is straight and centred, one seat width behind the row before it. */
  position?: Maybe<RowPosition>;
  /** What stands on its seats, in order; null where they are 1, 2, 3 and so on. */
  seatLabels?: Maybe<Array<Scalars['String']['output']>>;
  /** How many seats it has. */
  seats: Scalars['Int']['output'];
};

/** A row of a section. */
export type RowInput = {
  /** After which of its seats (counted from 1) there is an aisle: seats on its two sides are no neighbours. */
  aislesAfter?: InputMaybe<Array<Scalars['Int']['input']>>;
  /** Its seats that differ from others. An event has at most 2,000 WHEELCHAIR and COMPANION seats. */
  features?: InputMaybe<Array<SeatFeatureInput>>;
  /** 1 to 20 characters, unique within the section. */
  label: Scalars['String']['input'];
  /** Default: straight and centred, one seat width behind the row before it. */
  position?: InputMaybe<RowPositionInput>;
  /** What stands on its seats, one label of 1 to 20 characters for each seat. Default: 1, 2, 3 and so on. */
  seatLabels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** How many seats it has; at least 1. */
  seats: Scalars['Int']['input'];
};

/** Of the row's first seat, in seat widths from the section's corner. */
export type RowPosition = {
  __typename?: 'RowPosition';
  /** In which direction the row runs, in degrees clockwise; 0 is to the right. */
  angle: Scalars['Float']['output'];
  /** How far the row's middle lies behind the line between its ends, in seat widths. */
  curve: Scalars['Float']['output'];
  /** Distance from the left. */
  x: Scalars['Float']['output'];
  /** Distance from the front. */
  y: Scalars['Float']['output'];
};

/** Of the row's first seat, in seat widths from the section's corner. */
export type RowPositionInput = {
  /** In which direction the row runs, in degrees clockwise; 0 is to the right. */
  angle?: InputMaybe<Scalars['Float']['input']>;
  /** How far the row's middle lies behind the line between its ends, in seat widths. */
  curve?: InputMaybe<Scalars['Float']['input']>;
  /** Distance from the left. */
  x: Scalars['Float']['input'];
  /** Distance from the front. */
  y: Scalars['Float']['input'];
};

/** What an event has sold. */
export type Sales = {
  __typename?: 'Sales';
  /** Seats with a PENDING or CONFIRMED booking. */
  bookedSeats: Scalars['Int']['output'];
  /** Bookings that were cancelled by their users or, for invitations, by the organizer, or because no payment arrived in time. */
  cancelledBookings: Scalars['Int']['output'];
  /** Of bookedSeats, those that the organizer booked without payment (bookHeldBackSeats). */
  invitedSeats: Scalars['Int']['output'];
  /** Seats with a PENDING booking. */
  pendingSeats: Scalars['Int']['output'];
  /** Refunds, one entry per currency. */
  refunded: Array<Money>;
  /** Payments minus refunds, one entry per currency. */
  revenue: Array<Money>;
};

/** A seat and its status. */
export type Seat = {
  __typename?: 'Seat';
  /** When the seat becomes AVAILABLE by itself. LOCKED: when the lock expires. OFF_SALE: when it is back on sale; null for no such time. Null for other statuses. */
  lockedUntil?: Maybe<Scalars['DateTimeISO']['output']>;
  /** From 1 to the totalSeats of the event. */
  seatNumber: Scalars['Int']['output'];
  /** Treat an unknown status as not available; new ones may be added. */
  status: SeatStatus;
};

/** Counters of one instant: available + locked + booked + offSale = total. An expired lock counts as available from the instant it expires, a held-back seat from its `until`; a PENDING booking counts as booked. */
export type SeatAvailability = {
  __typename?: 'SeatAvailability';
  /** Seats that can be locked now. */
  availableSeats: Scalars['Int']['output'];
  /** Seats with a PENDING or CONFIRMED booking. */
  bookedSeats: Scalars['Int']['output'];
  /** Seats with an ACTIVE lock. */
  lockedSeats: Scalars['Int']['output'];
  /** Seats that the organizer holds back. */
  offSaleSeats: Scalars['Int']['output'];
  /** All seats. */
  totalSeats: Scalars['Int']['output'];
};

/** What is special about a seat. More may be added. */
export type SeatFeature =
  /** For somebody who accompanies the wheelchair seat beside it. */
  | 'COMPANION'
  /** Part of the stage cannot be seen from it. */
  | 'RESTRICTED_VIEW'
  /** Room for a wheelchair. */
  | 'WHEELCHAIR';

/** A seat of a row that differs from others. */
export type SeatFeatureInput = {
  /** What is special about it. */
  feature: SeatFeature;
  /** Counted from 1 in its row. */
  seat: Scalars['Int']['input'];
};

/** A seat of a row that differs from others. */
export type SeatFeatureOfRow = {
  __typename?: 'SeatFeatureOfRow';
  /** What is special about it. */
  feature: SeatFeature;
  /** Counted from 1 in its row. */
  seat: Scalars['Int']['output'];
};

/** A seat that one user holds for a few minutes, so that nobody else can take it meanwhile. */
export type SeatLock = {
  __typename?: 'SeatLock';
  /** Set when it was used, and kept. */
  bookingId?: Maybe<Scalars['ID']['output']>;
  /** When the seat was locked. */
  createdAt: Scalars['DateTimeISO']['output'];
  /** The event that the seat belongs to. */
  eventId: Scalars['ID']['output'];
  /** When an ACTIVE lock expires, unless it is extended or used before. */
  expiresAt: Scalars['DateTimeISO']['output'];
  /** Opaque; names the event. */
  id: Scalars['ID']['output'];
  /** Where the seat is, in words. */
  place: Place;
  /** What a payment for it costs: the price of the seat when it was locked. Null if the client chooses the amount. */
  price?: Maybe<Money>;
  /** Whole milliseconds left by the server's clock; 0 once it is not ACTIVE. */
  remainingMs: Scalars['Int']['output'];
  /** From 1 to the totalSeats of the event. */
  seatNumber: Scalars['Int']['output'];
  /** USED until its booking is cancelled (then RELEASED) or its PENDING booking timed out (then EXPIRED). */
  status: LockStatus;
  /** A version of the seat map that has this lock with this expiresAt. */
  version: Scalars['Int']['output'];
};

/** The status of every seat of an event at one version. */
export type SeatMap = {
  __typename?: 'SeatMap';
  /** Every seat that becomes AVAILABLE by itself: the LOCKED ones, and OFF_SALE ones with an end. With `statuses` it is the whole map, and all that SeatUpdate.digest needs. */
  lockedSeats: Array<Seat>;
  /** One letter for each seat in seat order: A available, L locked, B booked, X off sale. Treat an unknown letter as not available; new ones may be added. */
  statuses: Scalars['String']['output'];
  /** Every seat that is not AVAILABLE. */
  takenSeats: Array<Seat>;
  /**
   * Counts the event's committed batches that changed a seat: 0 for a new event, then 1, 2, 3 without a gap, the same on every server.
   * While the version stays the same, a status changes only at its lockedUntil. Can be sent as `since`.
   */
  version: Scalars['Int']['output'];
};

/** Why the seats of a wish could not be had, and what could be had at that very decision. */
export type SeatRefusal = {
  __typename?: 'SeatRefusal';
  /** Why. */
  code: SeatRefusalCode;
  /** The longest run of free neighbouring seats in the wished sections. */
  largestBlock: Scalars['Int']['output'];
  /** Named seats that somebody else has. */
  lostSeats: Array<Scalars['Int']['output']>;
  /** For seats that the caller named: blocks of as many that were free at the decision, nearest first, at most 5. Empty for BestSeats: such a block would have been held. */
  offers: Array<Array<Scalars['Int']['output']>>;
  /** Single seats that the pick would leave. */
  orphanSeats: Array<Scalars['Int']['output']>;
};

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

/** A message of the live seat map. */
export type SeatUpdate = {
  __typename?: 'SeatUpdate';
  /** The counters at this version. */
  availability: SeatAvailability;
  /**
   * 64 bits, 16 hexadecimal digits: over all seats that are not AVAILABLE, the XOR of a hash of (seatNumber, status, lockedUntil).
   * A locked or held-back seat counts until its lockedUntil: at a serverTime that is not earlier, its seat counts as AVAILABLE, whether or not its end is recorded in a version. A client
   * whose own digest differs has a wrong map and subscribes again without `since`. docs/api.md has the algorithm and examples.
   */
  digest: Scalars['String']['output'];
  /** The event whose seats these are. */
  eventId: Scalars['ID']['output'];
  /** Whether `seats` is the whole map or what changed. */
  kind: SeatUpdateKind;
  /** The version that CHANGES apply on top of; null for a SNAPSHOT. A client whose own version differs has a gap and subscribes again with `since`. */
  previousVersion?: Maybe<Scalars['Int']['output']>;
  /** SNAPSHOT: every seat that is not AVAILABLE. CHANGES: every seat that changed, with its newest status. */
  seats: Array<Seat>;
  /** The server's clock, so that a client can count down without trusting its own. */
  serverTime: Scalars['DateTimeISO']['output'];
  /** The whole map, one letter a seat, whatever the kind; meant for snapshots of large maps. */
  statuses: Scalars['String']['output'];
  /** The version that this message brings the client to. Several versions may be merged into one message. */
  version: Scalars['Int']['output'];
};

/** What a message of the live seat map holds. */
export type SeatUpdateKind =
  /** What changed since previousVersion. */
  | 'CHANGES'
  /** The whole map. */
  | 'SNAPSHOT';

/** One wish for seats. Exactly one of its fields is given. */
export type SeatWish = {
  /** Let the server choose. */
  best?: InputMaybe<BestSeats>;
  /** 1 to 100 seat numbers, none of them twice. */
  seatNumbers?: InputMaybe<Array<Scalars['Int']['input']>>;
};

/** A block of rows, or an area to stand in, with one price. Its last seat is the one before the next section, or totalSeats. */
export type Section = {
  __typename?: 'Section';
  /** Where it is in the hall. Null where the sections are one behind the other, in their order. */
  area?: Maybe<SectionArea>;
  /** How many of its seats are free, locked, booked and off sale. */
  availability: SeatAvailability;
  /** Number of its first seat. The others follow row by row. */
  firstSeatNumber: Scalars['Int']['output'];
  /** Opaque; names the event. */
  id: Scalars['ID']['output'];
  /** Whether its seats are arranged in rows. */
  kind: SectionKind;
  /** The longest run of free neighbouring seats; in a STANDING section all free places. */
  largestBlock: Scalars['Int']['output'];
  /** Unique within the event. */
  name: Scalars['String']['output'];
  /** What a seat of this section costs. Null if the client chooses the amount. */
  price?: Maybe<Money>;
  /** Front to back, at most 2000 at a time; empty in a STANDING section. */
  rowList: Array<Row>;
  /** How many rows it has; 0 in a STANDING section. */
  rows: Scalars['Int']['output'];
  /** How many seats its longest row has; 0 in a STANDING section. `rowList` has the length of each row. */
  seatsPerRow: Scalars['Int']['output'];
};


/** A block of rows, or an area to stand in, with one price. Its last seat is the one before the next section, or totalSeats. */
export type SectionRowListArgs = {
  after?: InputMaybe<Scalars['Int']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** Where a section is in the hall, in seat widths from the hall's left front corner; y grows away from the stage. */
export type SectionArea = {
  __typename?: 'SectionArea';
  /** From front to back. */
  height: Scalars['Float']['output'];
  /** From left to right. */
  width: Scalars['Float']['output'];
  /** Distance from the left, as seen by somebody who looks at the stage. */
  x: Scalars['Float']['output'];
  /** Distance from the front. */
  y: Scalars['Float']['output'];
};

/** Where a section is in the hall, in seat widths from the hall's left front corner. */
export type SectionAreaInput = {
  /** From front to back; above 0. */
  height: Scalars['Float']['input'];
  /** From left to right; above 0. */
  width: Scalars['Float']['input'];
  /** Distance from the left, as seen by somebody who looks at the stage. */
  x: Scalars['Float']['input'];
  /** Distance from the front. */
  y: Scalars['Float']['input'];
};

/** A section of a new event. Exactly one of `rows` with `seatsPerRow`, `rowList` and `capacity` is given. */
export type SectionInput = {
  /** Where it is. Default: the sections are one behind the other. */
  area?: InputMaybe<SectionAreaInput>;
  /** How many people a STANDING section holds; at least 1. */
  capacity?: InputMaybe<Scalars['Int']['input']>;
  /** STANDING: it has a capacity, and no rows. */
  kind?: InputMaybe<SectionKind>;
  /** 1 to 100 characters, unique within the event. */
  name: Scalars['String']['input'];
  /** Price of each seat. Default: the event's price. */
  price?: InputMaybe<MoneyInput>;
  /** Its rows, front to back; at most 2,000 in all sections together. */
  rowList?: InputMaybe<Array<RowInput>>;
  /** How many rows of equal length it has; at least 1. */
  rows?: InputMaybe<Scalars['Int']['input']>;
  /** How many seats each of its rows has; at least 1. */
  seatsPerRow?: InputMaybe<Scalars['Int']['input']>;
};

/** How the seats of a section are arranged. */
export type SectionKind =
  /** In rows. */
  | 'SEATED'
  /** Not at all: it has a capacity. Its places are numbered through like seats, and any of them is as good as another. */
  | 'STANDING';

/** A new price of a section. */
export type SectionPriceInput = {
  /** What each of its seats costs from now on, in the event's currency. Held seats keep theirs. */
  price: MoneyInput;
  /** Id of the section. */
  sectionId: Scalars['ID']['input'];
};

/** What was paid for the seats of a section. */
export type SectionSales = {
  __typename?: 'SectionSales';
  /** Payments, refunded parts included; one entry per currency. */
  paid: Array<Money>;
  /** What of it was refunded; one entry per currency. */
  refunded: Array<Money>;
  /** The section. */
  section: Section;
};

/** The result of a PENDING payment. */
export type SettlePaymentInput = {
  /** What the card network answers. */
  outcome: SettlementOutcome;
  /** A payment of the caller. */
  paymentId: Scalars['ID']['input'];
};

/** The result of a PENDING payment. */
export type SettlementOutcome =
  /** The money came. */
  | 'COMPLETED'
  /** The card was declined. */
  | 'FAILED';

/** A simulated payment for locks. */
export type SimulatePaymentInput = {
  /** The sum of the seats' prices, in minor units. Optional if every seat has a price. Otherwise required, and greater than the sum of the prices. */
  amount?: InputMaybe<Scalars['Int']['input']>;
  /** How the simulated card answers. */
  cardStatus: CardStatus;
  /** Optional if the event has prices. */
  currency?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 100 ACTIVE locks of the caller and of one event, none of them twice. */
  lockIds: Array<Scalars['ID']['input']>;
  /** 1 to 128 characters, new for each payment and the same for each repetition of it. Without it, each call makes a new payment. */
  requestId?: InputMaybe<Scalars['String']['input']>;
};

/** Live updates, over WebSocket by the protocol graphql-transport-ws. */
export type Subscription = {
  __typename?: 'Subscription';
  /** [anyone] An event: status, sales window, prices, counters by section. First as it is, then on change, at most twice a second on average; what the organizer changes does not wait for its turn. EVENT_NOT_FOUND. */
  eventChanged: Event;
  /**
   * [viewer] The caller's own locks and bookings for an event, on all of the caller's devices. Every message is the whole present state: ACTIVE locks, locks that
   * ended in the last 15 minutes, all bookings; of more than 1,000 that ended or were cancelled, the newest 1,000. After a reconnect simply subscribe again.
   */
  myReservationsChanged: Reservations;
  /**
   * [anyone] The live seat map of an event. The first message is a SNAPSHOT; every later one holds CHANGES that apply on top of
   * `previousVersion`. With `since`, a version that the client already has, the first message is instead whatever was missed
   * after it (CHANGES; empty when nothing was), or a SNAPSHOT where that is no longer known. No committed change is ever left out or sent out of order;
   * changes that fall within one tick are merged, the newest status of a seat winning. A lock that expires is announced when it expires. EVENT_NOT_FOUND.
   */
  seatAvailabilityChanged: SeatUpdate;
};


/** Live updates, over WebSocket by the protocol graphql-transport-ws. */
export type SubscriptionEventChangedArgs = {
  eventId: Scalars['ID']['input'];
};


/** Live updates, over WebSocket by the protocol graphql-transport-ws. */
export type SubscriptionMyReservationsChangedArgs = {
  eventId: Scalars['ID']['input'];
};


/** Live updates, over WebSocket by the protocol graphql-transport-ws. */
export type SubscriptionSeatAvailabilityChangedArgs = {
  eventId: Scalars['ID']['input'];
  since?: InputMaybe<Scalars['Int']['input']>;
};

/** Admits one person to the event, once. Whoever has its code has the ticket. */
export type Ticket = {
  __typename?: 'Ticket';
  /** When it was admitted at the entrance; null if it was not. */
  checkedInAt?: Maybe<Scalars['DateTimeISO']['output']>;
  /** A compact JWS, signed with Ed25519: a scanner can check it without a network. Void once the booking is cancelled or the ticket is reissued. */
  code: Scalars['String']['output'];
  /** The event as an iCalendar file for calendars, from the root of this server. */
  icsUrl: Scalars['String']['output'];
  /** Its QR code as an SVG file, from the root of this server. */
  svgUrl: Scalars['String']['output'];
};

/** What whoever has the code of a ticket may see: nothing about who booked and paid. */
export type TicketByCode = {
  __typename?: 'TicketByCode';
  /** The event that it admits to. */
  event: Event;
  /** Where the seat is, in words. */
  place: Place;
  /** Of the booking. */
  status: BookingStatus;
  /** Null if it is void: the booking was cancelled, or a newer ticket has replaced this one. */
  ticket?: Maybe<Ticket>;
};

/** What is to change of an event. What is left out stays. */
export type UpdateEventInput = {
  /** Plain text of several lines; at most 2,000 characters. Null or empty: none. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** When it begins; in the future. */
  eventDate?: InputMaybe<Scalars['DateTimeISO']['input']>;
  /** The event. */
  eventId: Scalars['ID']['input'];
  /** The `revision` of the event that the caller has seen. */
  ifRevision: Scalars['Int']['input'];
  /** Where a picture of it is; https only, at most 1,000 characters. Null or empty: none. */
  imageUrl?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 200 characters. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Whether a pick may leave a single free seat. */
  orphanRule?: InputMaybe<OrphanRule>;
  /** True publishes a draft. There is no way back. */
  published?: InputMaybe<Scalars['Boolean']['input']>;
  /** Until when bookings can be cancelled, with their money back, although the event has begun. Null: until it begins. */
  refundUntil?: InputMaybe<Scalars['DateTimeISO']['input']>;
  /** From then on nothing can be locked. Null: until eventDate, which it may not exceed. */
  salesEndAt?: InputMaybe<Scalars['DateTimeISO']['input']>;
  /** Before it nothing can be locked. Null: seats can be locked at once. */
  salesStartAt?: InputMaybe<Scalars['DateTimeISO']['input']>;
  /** How many seats one user may hold and have booked at a time; for new locks only. Null: the server's limit, which it may not exceed. */
  seatsPerViewerMax?: InputMaybe<Scalars['Int']['input']>;
  /** New prices. A section that is left out keeps its price. */
  sectionPrices?: InputMaybe<Array<SectionPriceInput>>;
  /** IANA time zone of the venue. */
  timeZone?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 200 characters. Null or empty: none. */
  venue?: InputMaybe<Scalars['String']['input']>;
};

/** An account. Users see their own only. */
export type User = {
  __typename?: 'User';
  /** Newest first. */
  bookings: BookingConnection;
  /** Null for a guest, who has none. */
  email?: Maybe<Scalars['String']['output']>;
  /** [viewer] Events that the caller organizes, newest first. */
  events: EventConnection;
  /** Opaque. */
  id: Scalars['ID']['output'];
  /** Whether it is a guest: an account without address and password, for one device. */
  isGuest: Scalars['Boolean']['output'];
  /** The caller's ACTIVE locks for an event. */
  locks: Array<SeatLock>;
  /** Newest first. */
  payments: PaymentConnection;
};


/** An account. Users see their own only. */
export type UserBookingsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** An account. Users see their own only. */
export type UserEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** An account. Users see their own only. */
export type UserLocksArgs = {
  eventId: Scalars['ID']['input'];
};


/** An account. Users see their own only. */
export type UserPaymentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};
