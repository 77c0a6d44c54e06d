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
  /** The sum of all payments that no card refused, refunded ones included, whatever their currency: an upper bound of all sums. */
  readonly amountPaid: number;
  /** Counts the committed batches that changed a seat. Clients pass it in `since`. */
  readonly version: number;
  readonly sections: readonly Section[];
  readonly price: Money | null;
  readonly organizerId: string;
  readonly createdAt: Date;
}

/** From its date on nobody can lock, pay, confirm or cancel. A pending payment can still settle. */
export const isClosed = (event: Event, now: Date): boolean => event.eventDate <= now;

export const hasSeat = (event: Event, seatNumber: number): boolean =>
  seatNumber >= 1 && seatNumber <= event.totalSeats;

/** What one seat costs, or null if the client chooses the amount. */
export function priceOfSeat(event: Event, seatNumber: number): Money | null {
  const section = event.sections.findLast((candidate) => candidate.firstSeatNumber <= seatNumber);
  return section?.price ?? null;
}

/** The event's one currency; undefined if none of its seats has a price. */
export const currencyOf = (event: Event): string | undefined =>
  event.sections.find((section) => section.price !== null)?.price?.currency;
