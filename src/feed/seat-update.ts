import type { SeatAvailability } from '../booking/availability.js';
import type { SeatState } from '../booking/seat-state.js';

/** An update that is at most this old may be sent with its own time. */
export const SERVER_TIME_TOLERANCE_MS = 50;

/** One message about an event's seats. All watchers at the same version get the very same object. */
export interface SeatUpdate {
  readonly eventId: string;
  /** A snapshot holds every taken seat, changes only what is new after `previousVersion`. */
  readonly kind: 'snapshot' | 'changes';
  readonly version: number;
  /** Null for a snapshot. */
  readonly previousVersion: number | null;
  readonly seats: readonly SeatState[];
  /** One letter per seat, the whole map. */
  readonly statuses: string;
  readonly availability: SeatAvailability;
  /** Of the whole map at `serverTime`: see `SeatDigest`. */
  readonly digest: string;
  /** When the update was built. The update stays true until the map changes; when it is sent later, it gets the later time. */
  readonly serverTime: Date;
}

export const laterOf = (one: Date, other: Date): Date => (one < other ? other : one);

export const earlierOf = (one: Date, other: Date): Date => (one < other ? one : other);

/** The update for a receiver that gets it at `now`. */
export const withServerTime = (now: Date, update: SeatUpdate): SeatUpdate =>
  Math.abs(now.getTime() - update.serverTime.getTime()) < SERVER_TIME_TOLERANCE_MS
    ? update
    : { ...update, serverTime: now };
