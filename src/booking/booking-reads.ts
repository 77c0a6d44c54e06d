import type { Money } from '../catalog/money.js';
import type { Page, PageRequest } from '../core/page.js';
import type { SeatAvailability } from './availability.js';
import type { Booking } from './booking.js';
import type { BookingSearch } from './booking-search.js';
import type { LedgerEntry } from './ledger.js';
import type { Lock } from './lock.js';
import type { Payment } from './payment.js';
import type { HourSales, PaidAndRefunded } from './sales-figures.js';

/** What an organizer sees of an event. */
export interface Sales {
  /** Seats with a PENDING or CONFIRMED booking. */
  readonly bookedSeats: number;
  readonly pendingSeats: number;
  /** Seats that the organizer booked without payment. */
  readonly invitedSeats: number;
  readonly cancelledBookings: number;
  /** What was paid and not refunded, by currency. */
  readonly revenue: readonly Money[];
  readonly refunded: readonly Money[];
}

/** An entry of the ledger with the batch that wrote it. */
export type HistoryEntry = LedgerEntry & {
  /** Later entries of the event have a higher one. */
  readonly id: string;
  readonly at: Date;
  /** The event's version after the batch. */
  readonly version: number;
};

/** What the domain reads from the store. Every read sees everything that was committed before it. */
export interface BookingReads {
  lock(id: string): Promise<Lock | null>;
  payment(id: string): Promise<Payment | null>;
  /** In the order of the ids; null for an id without a payment. */
  payments(ids: readonly string[]): Promise<(Payment | null)[]>;
  booking(id: string): Promise<Booking | null>;
  /** Whether a call with this request's id was done before. */
  hasRequest(id: string): Promise<boolean>;
  /** What became of the locks: their bookings, in seat order. */
  bookingsOfLocks(lockIds: readonly string[]): Promise<Booking[]>;
  /** A user's locks of an event that are active at `now`, oldest first. */
  activeLocks(userId: string, eventId: string, now: Date): Promise<Lock[]>;
  /** A user's locks of an event that are active or ended after `endedAfter`, oldest first; of many ended ones the newest. */
  recentLocks(userId: string, eventId: string, endedAfter: Date): Promise<Lock[]>;
  /** A user's bookings of an event, oldest first: all that are not cancelled, and of many cancelled ones the newest. */
  bookingsOf(userId: string, eventId: string): Promise<Booking[]>;
  /** Newest first, as all pages of bookings and payments. */
  bookingsOfUser(userId: string, page: PageRequest): Promise<Page<Booking>>;
  bookingsOfEvent(eventId: string, page: PageRequest): Promise<Page<Booking>>;
  findBookings(eventId: string, search: BookingSearch, page: PageRequest): Promise<Page<Booking>>;
  paymentsOfUser(userId: string, page: PageRequest): Promise<Page<Payment>>;
  /** One consistent count for each event, in the order of the ids; null for an id without an event. */
  availability(eventIds: readonly string[], now: Date): Promise<(SeatAvailability | null)[]>;
  sales(eventId: string): Promise<Sales>;
  /** @param firstSeatNumbers of the sections, in their order, in which they are answered */
  salesBySection(eventId: string, firstSeatNumbers: readonly number[]): Promise<PaidAndRefunded[]>;
  /**
   * The hours of the time zone in which something was paid, oldest first.
   *
   * @param hours how many hours there are from the first one to the newest one
   * @param before of payments before it; null: of all
   */
  salesByHour(eventId: string, timeZone: string, hours: number, before: Date | null): Promise<HourSales[]>;
  /** Locks that hold seats back at `now`, in seat order, those after a seat. */
  heldBack(eventId: string, now: Date, afterSeat: number, limit: number): Promise<Lock[]>;
  /**
   * What happened to one seat of an event, or to all, newest first.
   *
   * @throws BAD_USER_INPUT for a cursor of another list
   */
  history(eventId: string, seatNumber: number | null, page: PageRequest): Promise<Page<HistoryEntry>>;
  /** Events in which a user has active locks, payments or bookings, or has made calls that can be repeated. */
  eventsOfUser(userId: string): Promise<string[]>;
  /** Events that have expired locks which are not recorded. */
  eventsWithExpiredLocks(now: Date): Promise<string[]>;
  /** Events that have overdue PENDING bookings. */
  eventsWithOverdueBookings(now: Date): Promise<string[]>;
  /** Events that are cancelled, or have another date, and whose buyers are not all paid back or mailed. */
  eventsWithFollowUps(): Promise<string[]>;
  /** Events that have overdue PENDING payments. */
  eventsWithOverduePayments(now: Date): Promise<string[]>;
}
