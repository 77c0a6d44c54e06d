import type { SeatUpdateAnswer } from '../../rush/operations.js';

/** What a watcher knows when it subscribes. */
export type KnownState =
  /** Its map at the end of the last subscription. */
  | 'latest map'
  /** An older map of its own. */
  | 'older map'
  /** A made-up version without a map. */
  | 'made-up version'
  /** Nothing: it subscribes without `since`. */
  | 'no version';

/** A message, with fields that only some watchers request. */
export interface ReceivedUpdate extends SeatUpdateAnswer {
  readonly eventId?: string;
  readonly statuses?: string;
  readonly digest?: string;
  readonly availability?: {
    readonly totalSeats: number;
    readonly availableSeats: number;
    readonly lockedSeats: number;
    readonly bookedSeats: number;
    readonly offSaleSeats: number;
  };
}

/** One subscription and its messages, in order. */
export interface Subscription {
  readonly server: number;
  readonly knownState: KnownState;
  readonly since: number | null;
  /** The requested fields. */
  readonly fields: readonly string[];
  readonly received: ReceivedUpdate[];
}

/** All subscriptions of one watcher. */
export interface RecordedWatcher {
  readonly watcher: string;
  readonly eventId: string;
  readonly subscriptions: readonly Subscription[];
}
