import type { SeatUpdateAnswer } from '../../rush/operations.js';

/** What a watcher has when it subscribes. */
export type Base =
  /** Nothing: it asks without `since`. */
  | 'nothing'
  /** Its map as it was when the last subscription ended. */
  | 'its map'
  /** An older map of its own, kept from before. */
  | 'an old map'
  /** No map at all, and yet it names a version. */
  | 'an invention';

/** A message, with what only some watchers ask for. */
export interface Received extends SeatUpdateAnswer {
  readonly eventId?: string;
  readonly statuses?: string;
  readonly availability?: {
    readonly totalSeats: number;
    readonly availableSeats: number;
    readonly lockedSeats: number;
    readonly bookedSeats: number;
  };
}

/** One subscription and all that it was told, in order. */
export interface Subscription {
  readonly server: number;
  readonly base: Base;
  readonly since: number | null;
  /** The fields that it asked for. */
  readonly fields: readonly string[];
  readonly told: Received[];
}

/** One watcher's whole life. */
export interface Watched {
  readonly watcher: string;
  readonly eventId: string;
  readonly subscriptions: readonly Subscription[];
}
