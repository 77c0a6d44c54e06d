import DataLoader from 'dataloader';
import type { SeatAvailability } from '../booking/availability.js';
import type { Booking } from '../booking/booking.js';
import type { BookingReads } from '../booking/booking-reads.js';
import type { Payment } from '../booking/payment.js';
import type { Event } from '../catalog/event.js';
import type { Events } from '../catalog/events.js';
import type { Clock } from '../core/clock.js';
import type { Feed } from '../feed/feed.js';
import { type CallerLimits, countMapOpening } from './caller-limits.js';

/**
 * Combine the reads of a list's nodes into one read. They batch without caching: the context of a subscription lives for
 * hours, and the answer of a mutation must not show older data.
 */
export interface Loaders {
  readonly event: DataLoader<string, Event | null>;
  readonly payment: DataLoader<string, Payment | null>;
  /** In seat order. */
  readonly bookingsOfPayment: DataLoader<PaidLocks, Booking[]>;
  readonly availability: DataLoader<string, SeatAvailability | null>;
}

/** A payment, as far as its bookings are concerned. */
export interface PaidLocks {
  readonly id: string;
  readonly lockIds: readonly string[];
}

export function createLoaders(
  events: Events,
  reads: BookingReads,
  feed: Feed,
  clock: Clock,
  limits: CallerLimits,
): Loaders {
  const options = { cache: false };
  // A single event is probably popular, so its map is opened. On a page of events, seats are counted in the database for maps
  // that are not in memory.
  const inMap = (id: string) => {
    countMapOpening({ feed, limits }, id);
    return (
      feed
        .readMap(id, (map) => map.seats().availability())
        // One map that cannot catch up must not fail a whole page.
        .catch(async () => (await reads.availability([id], clock.now()))[0] ?? null)
    );
  };
  const availability = async (ids: readonly string[]) => {
    const inMemory = ids.map((id) => ids.length === 1 || feed.hasMap(id));
    const counted = ids.filter((_, index) => !inMemory[index]);
    const counts = counted.length === 0 ? [] : await reads.availability(counted, clock.now());
    return Promise.all(
      ids.map((id, index) => (inMemory[index] ? inMap(id) : (counts[counted.indexOf(id)] ?? null))),
    );
  };
  const bookingsOf = async (payments: readonly PaidLocks[]) => {
    const bookings = await reads.bookingsOfLocks(payments.flatMap(({ lockIds }) => lockIds));
    return payments.map(({ id }) => bookings.filter(({ paymentId }) => paymentId === id));
  };
  // Each is created on first use: most calls need none, and a subscription keeps its context for hours.
  let event: Loaders['event'] | undefined;
  let payment: Loaders['payment'] | undefined;
  let bookingsOfPayment: Loaders['bookingsOfPayment'] | undefined;
  let availabilities: Loaders['availability'] | undefined;
  return {
    get event() {
      event ??= new DataLoader((ids) => events.findMany(ids), options);
      return event;
    },
    get payment() {
      payment ??= new DataLoader((ids) => reads.payments(ids), options);
      return payment;
    },
    get bookingsOfPayment() {
      bookingsOfPayment ??= new DataLoader(bookingsOf, options);
      return bookingsOfPayment;
    },
    get availability() {
      availabilities ??= new DataLoader(availability, options);
      return availabilities;
    },
  };
}
