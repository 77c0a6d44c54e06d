import type { Database } from '../database.js';

/** A change of the stored data that a new version needs. The database records under its id that it was done. */
export interface Migration {
  /** Starts with its date, never changes, and is never reused. */
  readonly id: string;
  /**
   * Whether servers of the previous version, which keep running during a rolling upgrade, work with the migrated data. If
   * not, they refuse to start once the migration has started, and running ones have to be stopped first.
   */
  readonly olderVersionsWork: boolean;
  /** Must be safe to repeat from any saved progress: a process may die between a change and saving its progress. */
  run(work: MigrationWork): Promise<void>;
}

export interface MigrationWork {
  readonly database: Database;
  /** What was saved last, by this or an earlier process; null at the start. */
  readonly progress: string | null;
  /** @throws MigrationLockLostError if another process has taken over; then this one must stop */
  saveProgress(progress: string): Promise<void>;
}
