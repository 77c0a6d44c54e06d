import type { Money } from '../catalog/money.js';
import type { Page, PageRequest } from '../core/page.js';
import type { SeatAvailability } from './availability.js';
import type { Booking } from './booking.js';
import type { Lock } from './lock.js';
import type { Payment } from './payment.js';

/** What an organizer sees of an event. */
export interface Sales {
  /** Seats with a PENDING or CONFIRMED booking. */
  readonly bookedSeats: number;
  readonly pendingSeats: number;
  readonly cancelledBookings: number;
  /** What was paid and not given back, by currency. */
  readonly revenue: readonly Money[];
  readonly refunded: readonly Money[];
}

/** What the domain asks of the store beside commands. Every read sees what was committed before it was asked. */
export interface BookingReads {
  lock(id: string): Promise<Lock | null>;
  payment(id: string): Promise<Payment | null>;
  /** In the order of the ids; null where there is none. */
  payments(ids: readonly string[]): Promise<(Payment | null)[]>;
  booking(id: string): Promise<Booking | null>;
  /** A user's locks of an event that are active at `now`, oldest first. */
  activeLocks(userId: string, eventId: string, now: Date): Promise<Lock[]>;
  /** A user's locks of an event that are active or ended after `endedAfter`, oldest first; of many that ended the newest. */
  recentLocks(userId: string, eventId: string, endedAfter: Date): Promise<Lock[]>;
  /** A user's bookings of an event, oldest first: all that stand, and of many cancelled ones the newest. */
  bookingsOf(userId: string, eventId: string): Promise<Booking[]>;
  /** Newest first, as every page of bookings or payments. */
  bookingsOfUser(userId: string, page: PageRequest): Promise<Page<Booking>>;
  bookingsOfEvent(eventId: string, page: PageRequest): Promise<Page<Booking>>;
  paymentsOfUser(userId: string, page: PageRequest): Promise<Page<Payment>>;
  /** One consistent count for each event, in the order of the ids; null where there is no such event. */
  availability(eventIds: readonly string[], now: Date): Promise<(SeatAvailability | null)[]>;
  sales(eventId: string): Promise<Sales>;
  /** Events that have locks whose lapse is not written down. */
  eventsWithExpiredLocks(now: Date): Promise<string[]>;
  /** Events that have PENDING bookings whose time is up. */
  eventsWithOverdueBookings(now: Date): Promise<string[]>;
  /** Events that have PENDING payments which have waited for too long. */
  eventsWithOverduePayments(now: Date): Promise<string[]>;
}
