import type { SeatAvailability } from '../booking/availability.js';
import type { SeatState } from '../booking/change.js';

/** What an update that was made a moment ago says of the time is still true. */
export const SERVER_TIME_TOLERANCE_MS = 50;

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
  /** When it was made. It stays true until the map changes; whoever is told of it then is told what time it is then. */
  readonly serverTime: Date;
}

/** The later of two instants. */
export const laterOf = (one: Date, other: Date): Date => (one < other ? other : one);

export const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

/** An update for somebody who is told of it now. */
export const withServerTime = (now: Date, update: SeatUpdate): SeatUpdate =>
  Math.abs(now.getTime() - update.serverTime.getTime()) < SERVER_TIME_TOLERANCE_MS
    ? update
    : { ...update, serverTime: now };
