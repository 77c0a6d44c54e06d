import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import type { Database } from '../database.js';
import type { RateCountDocument } from '../models/rate-count.model.js';

export interface RateCount {
  readonly points: number;
  /** When its window ends; the next count starts from 0. */
  readonly until: Date;
}

/** How often something was done, counted by all server processes together. */
export class RateCounts {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds points to counts, in one write and one read for all of them. A count without a running window starts now.
   *
   * @returns the counts afterwards, in the order of the additions
   */
  async add(
    additions: readonly { readonly key: string; readonly points: number; readonly windowMs: number }[],
  ): Promise<RateCount[]> {
    const now = this.clock.now();
    const isRunning = { $gt: ['$until', now] };
    await this.#counts.bulkWrite(
      additions.map(({ key, points, windowMs }) => ({
        updateOne: {
          filter: { _id: idOf(key) },
          update: [
            {
              $set: {
                // Points that are given back may belong to an earlier window.
                points: { $max: [0, { $cond: [isRunning, { $add: ['$points', points] }, points] }] },
                until: { $cond: [isRunning, '$until', new Date(now.getTime() + windowMs)] },
              },
            },
          ],
          upsert: true,
        },
      })),
      // A count may be lost in a failover, so it does not wait for a majority.
      { ordered: false, writeConcern: { w: 1 } },
    );
    const counts = await this.#find(additions.map(({ key }) => key));
    return additions.map(
      ({ key, points, windowMs }) =>
        counts.get(idOf(key)) ?? { points, until: new Date(now.getTime() + windowMs) },
    );
  }

  /** @returns the count, or null if its window has ended */
  async read(key: string): Promise<RateCount | null> {
    const count = (await this.#find([key])).get(idOf(key));
    return count !== undefined && count.until > this.clock.now() ? count : null;
  }

  /** Sets the count to one point, in a window that starts now. */
  async renew(key: string, windowMs: number): Promise<void> {
    const until = new Date(this.clock.now().getTime() + windowMs);
    await this.#counts.updateOne(
      { _id: idOf(key) },
      { $set: { points: 1, until } },
      { upsert: true, writeConcern: { w: 1 } },
    );
  }

  async #find(keys: readonly string[]): Promise<ReadonlyMap<string, RateCount>> {
    const ids = keys.map(idOf);
    const documents = await this.#counts.find({ _id: { $in: ids } }, { readConcern: 'local' }).toArray();
    return new Map(documents.map(({ _id, points, until }) => [_id, { points, until }]));
  }

  get #counts() {
    return this.database.client
      .db(this.database.connection.name)
      .collection<RateCountDocument>(this.database.rateCounts.collection.collectionName);
  }
}

const idOf = (key: string): string => createHash('sha256').update(key).digest('base64url');
