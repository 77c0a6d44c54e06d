/** The numbers that the rules go by, from the settings. */
export interface Rules {
  /** How long a new or extended lock lasts. */
  readonly lockTtlMs: number;
  /** How long after it was made a lock can be extended to. */
  readonly lockMaxLifeMs: number;
  /** How long a PENDING booking waits for its payment to settle. */
  readonly pendingBookingTtlMs: number;
  /** Live locks (booked seats included) that one user may have in one event. */
  readonly seatsPerViewerMax: number;
}
