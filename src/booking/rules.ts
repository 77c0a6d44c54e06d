import type { AmountProblem } from '../catalog/event-settings.js';

/** What the rules take from the settings. */
export interface Rules {
  /** How long a new or extended lock lasts. */
  readonly lockTtlMs: number;
  /** The longest life of a lock, from its creation, with all extensions. */
  readonly lockMaxLifeMs: number;
  /** How long a PENDING booking waits for its payment to settle. */
  readonly pendingBookingTtlMs: number;
  /** Live locks (booked seats included) that one user may have in one event. */
  readonly seatsPerViewerMax: number;
  /** Why the payment provider cannot take exactly this sum, or null. */
  readonly amountProblem: AmountProblem;
}
