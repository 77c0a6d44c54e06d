import type { Clock } from '../core/clock.js';
import type { Database } from './database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** Lets one process at a time run a job. The database decides which. */
export class Leases {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly processId: string,
  ) {}

  /**
   * Acquires or renews a lease.
   *
   * @returns whether this process holds it for the next `ttlMs`
   */
  async hold(name: string, ttlMs: number): Promise<boolean> {
    const now = this.clock.now();
    const owner = this.processId;
    try {
      await this.database.leases
        .updateOne(
          { _id: name, $or: [{ owner }, { until: { $lte: now } }] },
          { $set: { owner, until: new Date(now.getTime() + ttlMs) } },
          { upsert: true },
        )
        .exec();
      return true;
    } catch (error) {
      // Another process holds the lease: the upsert found no document to update and could not insert one.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Releases the lease, so that another process need not wait until it ends. */
  async release(name: string): Promise<void> {
    await this.database.leases.deleteOne({ _id: name, owner: this.processId }).exec();
  }
}
