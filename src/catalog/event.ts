import type { Money } from './money.js';
import type { SectionKind } from './seating-plan.js';

export const SEATS_PER_EVENT_MAX = 100_000;

/** A block of rows, or an area to stand in. It ends where the next one starts, or at the event's last seat. */
export interface Section {
  readonly kind: SectionKind;
  readonly name: string;
  readonly firstSeatNumber: number;
  /** 0 in a standing section, as seatsPerRow. */
  readonly rows: number;
  /** Of its longest row. */
  readonly seatsPerRow: number;
  /** What a seat of this section costs; null if the client chooses the amount. */
  readonly price: Money | null;
}

/** What people buy seats for. Seats have no records of their own: a seat is free unless it has a live lock. */
export interface Event {
  readonly id: string;
  readonly name: string;
  readonly eventDate: Date;
  /** IANA name of the venue's time zone. */
  readonly timeZone: string;
  readonly totalSeats: number;
  /** Seats with a PENDING or CONFIRMED booking. */
  readonly bookedSeats: number;
  /** totalSeats − bookedSeats; locks are not deducted. */
  readonly unbookedSeats: number;
  /** Seats that the organizer holds back, with those whose time has passed without a record of it. */
  readonly heldBackSeats: number;
  /** The sum of all payments that no card refused, refunded ones included, whatever their currency: an upper bound of all sums. */
  readonly amountPaid: number;
  /** Counts the committed batches that changed a seat. Clients pass it in `since`. */
  readonly version: number;
  readonly sections: readonly Section[];
  readonly price: Money | null;
  /** Id of its seating plan; null if the plan is derived from the sections. */
  readonly planId: string | null;
  /** Null: seats can be locked at once. */
  readonly salesStartAt: Date | null;
  /** Null: seats can be locked until the event begins. */
  readonly salesEndAt: Date | null;
  readonly orphanRule: OrphanRule;
  /** Null: the server's limit. */
  readonly seatsPerViewerMax: number | null;
  /** Seen by its organizer alone, until it is published. */
  readonly isDraft: boolean;
  /** Nothing can be locked. What is held can be paid. */
  readonly isPaused: boolean;
  /** Null unless its organizer has cancelled it, which is for ever. */
  readonly cancellation: Cancellation | null;
  /** Null unless buyers are still to be mailed that it has another date. */
  readonly dateNotice: DateNotice | null;
  /** Until when bookings can be cancelled although the event has begun, after a new date; null: until it begins. */
  readonly refundUntil: Date | null;
  readonly venue: string | null;
  readonly description: string | null;
  /** An https address. */
  readonly imageUrl: string | null;
  /** Raised by every change of the organizer. */
  readonly revision: number;
  /** Of the input that created it, to recognise a repeated call; null for events of earlier releases. */
  readonly inputHash: string | null;
  readonly organizerId: string;
  readonly createdAt: Date;
}

/** The organizer's cancellation of an event, and how far its consequences are. */
export interface Cancellation {
  readonly at: Date;
  readonly reason: string | null;
  /** What was paid back since then, by currency. */
  readonly refunded: readonly Money[];
  /** Whether locks or bookings may be left, which are ended step by step. */
  readonly isEnding: boolean;
}

/** How far the mails about a new date are. */
export interface DateNotice {
  /** With which the date was changed. */
  readonly revision: number;
  /** Buyers with greater ids are still to be mailed; null: all of them. */
  readonly afterUserId: string | null;
}

/** What its organizer decides, after the event was created as well. */
export type EventSettings = Pick<
  Event,
  | 'name'
  | 'eventDate'
  | 'timeZone'
  | 'sections'
  | 'salesStartAt'
  | 'salesEndAt'
  | 'orphanRule'
  | 'seatsPerViewerMax'
  | 'isDraft'
  | 'isPaused'
  | 'cancellation'
  | 'dateNotice'
  | 'refundUntil'
  | 'venue'
  | 'description'
  | 'imageUrl'
  | 'revision'
>;

export function settingsOf(event: Event): EventSettings {
  const { name, eventDate, timeZone, sections, salesStartAt, salesEndAt, orphanRule } = event;
  const { seatsPerViewerMax, isDraft, isPaused, cancellation, dateNotice, refundUntil } = event;
  const { venue, description, imageUrl, revision } = event;
  return {
    name,
    eventDate,
    timeZone,
    sections,
    salesStartAt,
    salesEndAt,
    orphanRule,
    seatsPerViewerMax,
    isDraft,
    isPaused,
    cancellation,
    dateNotice,
    refundUntil,
    venue,
    description,
    imageUrl,
    revision,
  };
}

/** Whether a pick may leave a single free seat between taken ones. */
export type OrphanRule = 'off' | 'refuse';

export type EventStatus = 'draft' | 'scheduled' | 'onSale' | 'paused' | 'soldOut' | 'ended' | 'cancelled';

/** Ended: seats can no longer be locked. What is held can be paid until the event begins. */
export function eventStatus(event: Event, now: Date): EventStatus {
  if (event.cancellation !== null) return 'cancelled';
  if (event.isDraft) return 'draft';
  if (isClosed(event, now) || (event.salesEndAt !== null && event.salesEndAt <= now)) return 'ended';
  if (event.isPaused) return 'paused';
  if (event.salesStartAt !== null && event.salesStartAt > now) return 'scheduled';
  return seatsLeft(event) === 0 ? 'soldOut' : 'onSale';
}

/** Seats that are neither booked nor held back; locks are not deducted. */
export const seatsLeft = ({ unbookedSeats, heldBackSeats }: Event): number => unbookedSeats - heldBackSeats;

/** The next instant at which its status changes by itself, if any. */
export function nextStatusChange(event: Event, now: Date): Date | null {
  const { salesStartAt, salesEndAt, eventDate, cancellation } = event;
  if (cancellation !== null) return null;
  const instants = [salesStartAt, salesEndAt, eventDate].filter((at) => at !== null && at > now) as Date[];
  return instants.sort((a, b) => a.getTime() - b.getTime())[0] ?? null;
}

/** A draft does not exist for anybody but its organizer. */
export const isVisibleTo = ({ isDraft, organizerId }: Event, userId: string | undefined): boolean =>
  !isDraft || organizerId === userId;

/** From its date on nobody can lock, pay or confirm. A pending payment can still settle. */
export const isClosed = (event: Event, now: Date): boolean => event.eventDate <= now;

/** From its date on bookings cannot be cancelled, unless the organizer has given more time. */
export const isCancellable = ({ eventDate, refundUntil }: Event, now: Date): boolean =>
  now < eventDate || (refundUntil !== null && now < refundUntil);

export const hasSeat = (event: Event, seatNumber: number): boolean =>
  seatNumber >= 1 && seatNumber <= event.totalSeats;

/** What a seat of the section costs, or null if the client chooses the amount. */
export const priceOfSection = ({ sections }: Event, index: number): Money | null =>
  sections[index]?.price ?? null;

/** What one seat costs, or null if the client chooses the amount. */
export function priceOfSeat(event: Event, seatNumber: number): Money | null {
  const section = event.sections.findLast((candidate) => candidate.firstSeatNumber <= seatNumber);
  return section?.price ?? null;
}

/** The event's one currency; undefined if none of its seats has a price. */
export const currencyOf = (event: Event): string | undefined =>
  event.sections.find((section) => section.price !== null)?.price?.currency;

/** How many seats of the event one user may hold and have booked at a time. */
export const seatLimit = (event: Event, limitOfServer: number): number =>
  Math.min(event.seatsPerViewerMax ?? limitOfServer, limitOfServer);
