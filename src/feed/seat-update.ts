import type { SeatAvailability } from '../booking/availability.js';
import type { SeatState } from '../booking/change.js';

/** One message about an event's seats. Watchers at the same version are given the very same object. */
export interface SeatUpdate {
  readonly eventId: string;
  /** A snapshot holds every taken seat, changes only what is new after `previousVersion`. */
  readonly kind: 'snapshot' | 'changes';
  readonly version: number;
  /** Null for a snapshot. */
  readonly previousVersion: number | null;
  readonly seats: readonly SeatState[];
  /** One letter a seat, the whole map. */
  readonly statuses: string;
  readonly availability: SeatAvailability;
  readonly serverTime: Date;
}

/** What happened to seats after one version and up to another; the newest state of a seat wins. */
export function mergeSeats(changes: Iterable<{ readonly seats: readonly SeatState[] }>): SeatState[] {
  const newest = new Map<number, SeatState>();
  for (const { seats } of changes) for (const seat of seats) newest.set(seat.seatNumber, seat);
  return [...newest.values()].sort((a, b) => a.seatNumber - b.seatNumber);
}
