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

/** The seats that changed after one version and up to another, each once, in seat order. */
export function changedSeats(changes: Iterable<{ readonly seats: readonly SeatState[] }>): number[] {
  const seatNumbers = new Set<number>();
  for (const { seats } of changes) for (const { seatNumber } of seats) seatNumbers.add(seatNumber);
  return [...seatNumbers].sort((a, b) => a - b);
}
