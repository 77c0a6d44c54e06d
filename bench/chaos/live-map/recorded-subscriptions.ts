import type { SeatUpdateAnswer } from '../../rush/operations.js';

/** What a watcher knows when it subscribes. */
export type Base =
  /** Nothing: it subscribes without `since`. */
  | 'nothing'
  /** Its map at the end of the last subscription. */
  | 'its map'
  /** An older map of its own. */
  | 'an old map'
  /** A made-up version without a map. */
  | 'an invention';

/** A message, with fields that only some watchers request. */
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

/** One subscription and its messages, in order. */
export interface Subscription {
  readonly server: number;
  readonly base: Base;
  readonly since: number | null;
  /** The requested fields. */
  readonly fields: readonly string[];
  readonly received: Received[];
}

/** All subscriptions of one watcher. */
export interface Watched {
  readonly watcher: string;
  readonly eventId: string;
  readonly subscriptions: readonly Subscription[];
}
