/** Counts what the feed does; the metrics implement it. */
export interface FeedObserver {
  /** All watchers of a map were notified. */
  tickEnded(tookMs: number): void;
  /** A whole seat map was built. Watchers at the same version share it. */
  snapshotBuilt(): void;
  /** This many changes were merged into the message of a later change. */
  changesMerged(changes: number): void;
}
