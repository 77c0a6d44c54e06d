import type { SeatFeature } from '../../../../src/catalog/seating-plan.js';

import type { Status } from '../core/seat-status.js';

export { AVAILABLE, BOOKED, LOCKED, OFF_SALE, STATUSES, type Status } from '../core/seat-status.js';

/** The statuses of all seats, as the map draws them. */
export interface SeatStates {
  readonly statusOf: (seatNumber: number) => Status;
  readonly freeInSection: (index: number) => number;
  readonly freeWith: (feature: SeatFeature) => number;
}

export interface Counts {
  readonly totalSeats: number;
  readonly availableSeats: number;
  readonly lockedSeats: number;
  readonly bookedSeats: number;
  readonly offSaleSeats: number;
}

/** A live map, as far as its parts on the screen read it. */
export interface ShownMap {
  /** Undefined until the map is read. */
  readonly state: SeatStates | undefined;
  readonly counts: Counts | undefined;
  readonly isLive: boolean;
  /** Whether the last attempt to read the map failed. It is retried. */
  readonly hasFailed: boolean;
  /** The server time of the last message, in ms since the epoch; 0 before the first one. */
  readonly receivedAtMs: number;
  /** When the map was read, by the page's monotonic clock, in ms. */
  readonly readAtMs: number;
  /** @param listener called after every change, with the seats whose status changed. Without seats, only `isLive` changed. */
  readonly onChange: (listener: (changed: readonly number[]) => void) => () => void;
}
