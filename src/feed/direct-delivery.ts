/**
 * How a caller takes the delivery of a watcher's updates into its own hands. The server's broadcast uses it to send one
 * message to many watchers, and to delay updates that are expensive to answer. Every other caller only needs
 * `SeatWatcher.push` or its iterator.
 */
export interface DirectDelivery {
  /** The version that was sent last, if the watcher is ready for the next update; otherwise undefined. */
  readonly synchronisedAt: number | undefined;
  /**
   * Delivers the newest update that the receiver's `mayReceive` refused before. It does so before it returns, without a tick and
   * without the database: changes that are no longer in memory become a snapshot.
   */
  deliverNow(): void;
  /** The watcher notifies its receiver no more: from now on the caller sends it every update, until `reattach`. */
  detach(): void;
  /**
   * The watcher notifies its receiver again.
   *
   * @param version what the caller sent last
   * @param isReady whether the next update may follow at once; if not, the caller calls `ready` later
   */
  reattach(version: number, isReady: boolean): void;
}
