import type { Clock } from '../core/clock.js';
import type { Database } from './database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** Lets one process at a time run a job: the database decides, not a timer. */
export class Leases {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly processId: string,
  ) {}

  /**
   * Takes or keeps a lease.
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
      // Somebody else's lease is there and not over: the upsert met it.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Gives the lease back, so that another process need not wait for its end. */
  async release(name: string): Promise<void> {
    await this.database.leases.deleteOne({ _id: name, owner: this.processId }).exec();
  }
}
