import type { Database } from '../database.js';

/** A change of the stored data that a new version needs. The database remembers by its id that it was done. */
export interface Migration {
  /** Begins with its date, never changes, and is never used again. */
  readonly id: string;
  /**
   * Whether servers of the version before, which go on during a rolling upgrade, work on the migrated data as well. Where
   * they do not, they refuse to start from the moment at which the migration begins; those that run have to be stopped.
   */
  readonly olderVersionsWork: boolean;
  /** Safe to repeat from any saved progress: a process may end between a change and the saving of its progress. */
  run(work: MigrationWork): Promise<void>;
}

export interface MigrationWork {
  readonly database: Database;
  /** What was saved last, by this or an earlier process; null at the beginning. */
  readonly progress: string | null;
  /** @throws MigrationLockLostError where another process has taken over, which this one must leave it to */
  saveProgress(progress: string): Promise<void>;
}
