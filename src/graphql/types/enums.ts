import { registerEnumType } from 'type-graphql';

/** The schema's names, and the domain's values. */
export const CardStatus = {
  SUCCESS: 'success',
  DECLINED: 'declined',
  INSUFFICIENT_FUNDS: 'insufficientFunds',
  EXPIRED: 'expired',
  PROCESSING: 'processing',
} as const;
export const SettlementOutcome = { COMPLETED: 'completed', FAILED: 'failed' } as const;
export const SeatStatus = {
  AVAILABLE: 'available',
  LOCKED: 'locked',
  BOOKED: 'booked',
  OFF_SALE: 'offSale',
} as const;
export const LockStatus = {
  ACTIVE: 'active',
  USED: 'used',
  EXPIRED: 'expired',
  RELEASED: 'released',
} as const;
export const PaymentStatus = {
  PENDING: 'pending',
  COMPLETED: 'completed',
  FAILED: 'failed',
  REFUNDED: 'refunded',
} as const;
export const BookingStatus = { PENDING: 'pending', CONFIRMED: 'confirmed', CANCELLED: 'cancelled' } as const;
export const CheckInResult = {
  ADMITTED: 'admitted',
  ALREADY_ADMITTED: 'alreadyAdmitted',
  CANCELLED: 'cancelled',
  WRONG_EVENT: 'wrongEvent',
  UNKNOWN: 'unknown',
} as const;
export const SeatUpdateKind = { SNAPSHOT: 'snapshot', CHANGES: 'changes' } as const;
export const PaymentProvider = { SIMULATED: 'simulated', STRIPE: 'stripe', NONE: 'none' } as const;
export const SeatFeature = {
  WHEELCHAIR: 'wheelchair',
  COMPANION: 'companion',
  RESTRICTED_VIEW: 'restrictedView',
} as const;
export const OrphanRule = { OFF: 'off', REFUSE: 'refuse' } as const;
export const EventStatus = {
  DRAFT: 'draft',
  SCHEDULED: 'scheduled',
  ON_SALE: 'onSale',
  PAUSED: 'paused',
  SOLD_OUT: 'soldOut',
  ENDED: 'ended',
  CANCELLED: 'cancelled',
} as const;
export const EventOrder = { SOONEST: 'soonest', NEWEST: 'newest', SEATS_LEFT: 'seatsLeft' } as const;
export const Adjacency = {
  TOGETHER: 'together',
  SAME_ROW: 'sameRow',
  NEAR: 'near',
  ANY: 'any',
} as const;
export const SeatRefusalCode = {
  SEATS_TAKEN: 'seatsTaken',
  NOT_TOGETHER: 'notTogether',
  SOLD_OUT: 'soldOut',
  LEAVES_ORPHAN: 'leavesOrphan',
  COMPANION_ONLY: 'companionOnly',
} as const;
export const HistoryActor = {
  BUYER: 'buyer',
  ORGANIZER: 'organizer',
  JOB: 'job',
  PROVIDER: 'provider',
} as const;
export const SectionKind = { SEATED: 'seated', STANDING: 'standing' } as const;

/** What each value of an enum means. */
const meaning = <Values extends object>(texts: Readonly<Record<keyof Values, string>>) => ({
  valuesConfig: Object.fromEntries(
    Object.entries<string>(texts).map(([value, description]) => [value, { description }]),
  ) as Partial<Record<keyof Values, { description: string }>>,
});

registerEnumType(CardStatus, {
  name: 'CardStatus',
  description: 'How the simulated card answers.',
  ...meaning<typeof CardStatus>({
    SUCCESS: 'The payment is COMPLETED at once.',
    DECLINED: "FAILED, 'Card was declined'; another try can help.",
    INSUFFICIENT_FUNDS: "FAILED, 'Insufficient funds in account'; another try can help.",
    EXPIRED: "FAILED, 'Card has expired'; another try cannot help.",
    PROCESSING: 'The payment is PENDING until it is settled.',
  }),
});
registerEnumType(PaymentProvider, {
  name: 'PaymentProvider',
  description: 'Who takes the money. More may be added.',
  ...meaning<typeof PaymentProvider>({
    SIMULATED: 'Nobody: simulated cards pay, and no money is taken.',
    STRIPE:
      'Stripe: the client pays with the secret that checkOut returns and with Event.stripePublishableKey.',
    NONE: 'Nobody can pay.',
  }),
});
registerEnumType(SettlementOutcome, {
  name: 'SettlementOutcome',
  description: 'The result of a PENDING payment.',
  ...meaning<typeof SettlementOutcome>({
    COMPLETED: 'The money came.',
    FAILED: 'The card was declined.',
  }),
});
registerEnumType(SeatStatus, {
  name: 'SeatStatus',
  description: 'The state of a seat. Treat an unknown status as not available; new ones may be added.',
  ...meaning<typeof SeatStatus>({
    AVAILABLE: 'It can be locked; letter A.',
    LOCKED: 'Somebody has an ACTIVE lock on it; letter L.',
    BOOKED: 'It has a PENDING or CONFIRMED booking; letter B.',
    OFF_SALE: 'The organizer holds it back; letter X.',
  }),
});
registerEnumType(HistoryActor, {
  name: 'HistoryActor',
  description: 'Who changed a seat or the event.',
  ...meaning<typeof HistoryActor>({
    BUYER: 'A user, for himself.',
    ORGANIZER: 'The organizer of the event.',
    JOB: 'Time: a lock, a hold-back or a PENDING booking ended.',
    PROVIDER: 'The payment provider.',
  }),
});
registerEnumType(EventOrder, {
  name: 'EventOrder',
  description: 'How a list of events is sorted.',
  ...meaning<typeof EventOrder>({
    SOONEST: 'By eventDate.',
    NEWEST: 'Those that were created last come first.',
    SEATS_LEFT:
      'Those with the most seats that are neither booked nor held back come first. Seats that are sold between two pages may change it.',
  }),
});
registerEnumType(LockStatus, {
  name: 'LockStatus',
  description: 'The state of a lock.',
  ...meaning<typeof LockStatus>({
    ACTIVE: 'It holds its seat until expiresAt.',
    USED: 'It became a booking.',
    EXPIRED: 'Its time ran out, or that of its PENDING booking.',
    RELEASED: 'Its user gave it up, or its booking was cancelled.',
  }),
});
registerEnumType(PaymentStatus, {
  name: 'PaymentStatus',
  description: 'The state of a payment.',
  ...meaning<typeof PaymentStatus>({
    PENDING: 'The card network has not answered yet.',
    COMPLETED: 'The money came, and some of it is still kept.',
    FAILED: 'No money came; `reason` says why.',
    REFUNDED: 'All of the amount went back.',
  }),
});
registerEnumType(BookingStatus, {
  name: 'BookingStatus',
  description: 'The state of a booking.',
  ...meaning<typeof BookingStatus>({
    PENDING: 'The seat is kept until its payment settles or expiresAt has passed.',
    CONFIRMED: 'The seat is paid for, or it is an invitation.',
    CANCELLED: 'The seat is free again, unless somebody else has it.',
  }),
});
registerEnumType(CheckInResult, {
  name: 'CheckInResult',
  description: 'What a scan found.',
  ...meaning<typeof CheckInResult>({
    ADMITTED: 'Let them in. Of many scans of one ticket, at many entrances at once, one gets this.',
    ALREADY_ADMITTED: 'It was admitted at `checkedInAt`.',
    CANCELLED: 'It is void: the booking was cancelled, or a newer ticket has replaced this one.',
    WRONG_EVENT: 'It is a ticket of another event of this server.',
    UNKNOWN: 'It is no ticket of this server: any other text, whatever its length.',
  }),
});
registerEnumType(SeatUpdateKind, {
  name: 'SeatUpdateKind',
  description: 'What a message of the live seat map holds.',
  ...meaning<typeof SeatUpdateKind>({
    SNAPSHOT: 'The whole map.',
    CHANGES: 'What changed since previousVersion.',
  }),
});
registerEnumType(SectionKind, {
  name: 'SectionKind',
  description: 'How the seats of a section are arranged.',
  ...meaning<typeof SectionKind>({
    SEATED: 'In rows.',
    STANDING:
      'Not at all: it has a capacity. Its places are numbered through like seats, and any of them is as good as another.',
  }),
});
registerEnumType(SeatFeature, {
  name: 'SeatFeature',
  description: 'What is special about a seat. More may be added.',
  ...meaning<typeof SeatFeature>({
    WHEELCHAIR: 'Room for a wheelchair.',
    COMPANION: 'For somebody who accompanies the wheelchair seat beside it.',
    RESTRICTED_VIEW: 'Part of the stage cannot be seen from it.',
  }),
});
registerEnumType(OrphanRule, {
  name: 'OrphanRule',
  description: 'Whether a pick may leave an orphan: a single free seat without a free neighbour.',
  ...meaning<typeof OrphanRule>({
    OFF: 'It may.',
    REFUSE: 'It is refused, unless every choice of that size in the section leaves one.',
  }),
});
registerEnumType(EventStatus, {
  name: 'EventStatus',
  description: 'Whether seats of the event can be locked. More may be added.',
  ...meaning<typeof EventStatus>({
    DRAFT: 'Not yet: it is not published, and seen by its organizer alone.',
    SCHEDULED: 'Not yet: salesStartAt is in the future.',
    ON_SALE: 'Yes.',
    PAUSED: 'Not now: the organizer has paused the sale, or its start. What is held can be paid.',
    SOLD_OUT: 'Every seat is booked or off sale.',
    ENDED: 'No longer: salesEndAt or eventDate has passed.',
    CANCELLED: 'No, and never again: its organizer has cancelled it. Every booking is paid back.',
  }),
});
registerEnumType(Adjacency, {
  name: 'Adjacency',
  description: 'How close seats are, from the closest to the loosest.',
  ...meaning<typeof Adjacency>({
    TOGETHER: 'Neighbours in a row; in a STANDING section any places.',
    SAME_ROW: 'In one row.',
    NEAR: 'In a few neighbouring rows of one section.',
    ANY: 'Anywhere in the wished sections.',
  }),
});
registerEnumType(SeatRefusalCode, {
  name: 'SeatRefusalCode',
  description: 'Why the seats of a wish could not be had.',
  ...meaning<typeof SeatRefusalCode>({
    SEATS_TAKEN: 'Somebody else has some of the named seats; lostSeats says which.',
    NOT_TOGETHER: 'There are enough free seats, but not as close as wished.',
    SOLD_OUT: 'There are not enough free seats in the wished sections.',
    LEAVES_ORPHAN:
      'The named seats would leave single seats free, which the event refuses; orphanSeats says which.',
    COMPANION_ONLY: 'A COMPANION seat can only be had with the WHEELCHAIR seat beside it.',
  }),
});
