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

/** A payment, as far as its bookings are concerned. */
export interface PaidLocks {
  readonly id: string;
  readonly lockIds: readonly string[];
}

export interface LoaderSources {
  readonly events: Events;
  readonly reads: BookingReads;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly limits: CallerLimits;
}

const UNCACHED = { cache: false };

/**
 * Combine the reads of a list's nodes into one read. They batch without caching: the context of a subscription lives for
 * hours, and the answer of a mutation must not show older data. Each is created on first use: most calls need none.
 */
export class Loaders {
  #event: DataLoader<string, Event | null> | undefined;
  #payment: DataLoader<string, Payment | null> | undefined;
  #bookingsOfPayment: DataLoader<PaidLocks, Booking[]> | undefined;
  #availability: DataLoader<string, SeatAvailability | null> | undefined;

  constructor(private readonly sources: LoaderSources) {}

  get event(): DataLoader<string, Event | null> {
    const { events } = this.sources;
    this.#event ??= new DataLoader((ids) => events.findMany(ids), UNCACHED);
    return this.#event;
  }

  get payment(): DataLoader<string, Payment | null> {
    const { reads } = this.sources;
    this.#payment ??= new DataLoader((ids) => reads.payments(ids), UNCACHED);
    return this.#payment;
  }

  /** In seat order. */
  get bookingsOfPayment(): DataLoader<PaidLocks, Booking[]> {
    this.#bookingsOfPayment ??= new DataLoader((payments) => this.#bookingsOf(payments), UNCACHED);
    return this.#bookingsOfPayment;
  }

  get availability(): DataLoader<string, SeatAvailability | null> {
    this.#availability ??= new DataLoader((ids) => this.#availabilities(ids), UNCACHED);
    return this.#availability;
  }

  async #bookingsOf(payments: readonly PaidLocks[]): Promise<Booking[][]> {
    const bookings = await this.sources.reads.bookingsOfLocks(payments.flatMap(({ lockIds }) => lockIds));
    return payments.map(({ id }) => bookings.filter(({ paymentId }) => paymentId === id));
  }

  /**
   * A single event is probably popular, so its map is opened. On a page of events, seats are counted in the database for
   * maps that are not in memory.
   */
  async #availabilities(ids: readonly string[]): Promise<(SeatAvailability | null)[]> {
    const { feed, reads, clock } = this.sources;
    const inMemory = ids.map((id) => ids.length === 1 || feed.hasMap(id));
    const counted = ids.filter((_, index) => !inMemory[index]);
    const counts = counted.length === 0 ? [] : await reads.availability(counted, clock.now());
    return Promise.all(
      ids.map((id, index) =>
        inMemory[index] ? this.#availabilityInMap(id) : (counts[counted.indexOf(id)] ?? null),
      ),
    );
  }

  #availabilityInMap(id: string): Promise<SeatAvailability | null> {
    const { feed, reads, clock, limits } = this.sources;
    countMapOpening({ feed, limits }, id);
    return (
      feed
        .readMap(id, (map) => map.seats().availability())
        // One map that cannot catch up must not fail a whole page.
        .catch(async () => (await reads.availability([id], clock.now()))[0] ?? null)
    );
  }
}
