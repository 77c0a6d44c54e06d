import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import type { Database } from '../database.js';
import type { RateCountDocument } from '../models/rate-count.model.js';

export interface RateCount {
  readonly points: number;
  /** When it begins anew. */
  readonly until: Date;
}

/** How often something was done, counted by all server processes together. */
export class RateCounts {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds to counts, in one write and one read for all of them; a count that is over, or was never begun, begins now.
   *
   * @returns what each has come to
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
                // What is given back may be of a count that is over by now.
                points: { $max: [0, { $cond: [isRunning, { $add: ['$points', points] }, points] }] },
                until: { $cond: [isRunning, '$until', new Date(now.getTime() + windowMs)] },
              },
            },
          ],
          upsert: true,
        },
      })),
      // A count that a failover loses is worth no waiting for a majority.
      { ordered: false, writeConcern: { w: 1 } },
    );
    const counts = await this.#find(additions.map(({ key }) => key));
    return additions.map(
      ({ key, points, windowMs }) =>
        counts.get(idOf(key)) ?? { points, until: new Date(now.getTime() + windowMs) },
    );
  }

  /** @returns the count, or null where none is running */
  async read(key: string): Promise<RateCount | null> {
    const count = (await this.#find([key])).get(idOf(key));
    return count !== undefined && count.until > this.clock.now() ? count : null;
  }

  /** One point from now on for as long as the window, whatever there was. */
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
