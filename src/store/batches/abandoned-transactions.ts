import type { mongo } from 'mongoose';
import { monotonicMs } from '../../core/clock.js';
import { applicationName, type Database } from '../database.js';

/** Longer than any step of a batch takes, far shorter than the minute or more after which MongoDB would see to it. */
const ABANDONED_AFTER_MS = 2_000;

/** However slow all is: half of what a batch has, so that an event that is really held is free again in time. */
const ABANDONED_AFTER_MS_MAX = 5_000;
/** A step of a batch is a small part of it; one that takes as long as many batches is nobody's. */
const ABANDONED_AFTER_BATCHES = 10;

/**
 * For how long nothing has to have happened in a transaction for its process to count as dead. Longer where batches take
 * long: on a machine with too much to do every process is slow, and those that end each other's transactions for it get
 * nothing done at all.
 */
export const abandonedAfterMs = (lastBatchMs: number): number =>
  Math.min(ABANDONED_AFTER_MS_MAX, Math.max(ABANDONED_AFTER_MS, ABANDONED_AFTER_BATCHES * lastBatchMs));

/** A transaction in which nothing is going on at the moment of the look. */
interface IdleTransaction {
  readonly lsid: { readonly id: mongo.Binary };
  readonly txnNumber: unknown;
  /** For how long something went on in it so far; what it has been idle for is added up as well, and says little. */
  readonly activeMicros: unknown;
}

/** How far a transaction had got, and since when it is known to have got no further. */
interface IdleSince {
  readonly activeMicros: string;
  readonly sinceMs: number;
}

/**
 * Finds and ends the transactions of this application on this database in which nothing has happened for a while: a
 * process that is killed in the middle of a batch leaves one behind, and with it the claim on the batch's event, which
 * nobody else could claim until then. A process that is merely slow does its batch again, since nothing of it has been
 * kept; one that is at work, however slowly, is left alone.
 *
 * Asks for nothing that a user of the database may not do to its own sessions.
 */
export class AbandonedTransactions {
  /** What the last look found idle, by session and transaction. */
  #idle = new Map<string, IdleSince>();

  constructor(private readonly database: Database) {}

  /**
   * Looks once. Only a look after `idleMs` can tell, so that it takes one now and then while an event is kept.
   *
   * @param idleMs for how long nothing has to have happened
   * @returns how many it ended
   */
  async endIdleLongerThan(idleMs: number): Promise<number> {
    const found = await this.#look();
    const nowMs = monotonicMs();
    const idle = new Map<string, IdleSince>();
    const abandoned: mongo.Binary[] = [];
    for (const { lsid, txnNumber, activeMicros } of found) {
      const key = `${lsid.id.toString('hex')}:${txnNumber}`;
      const before = this.#idle.get(key);
      const isUnchanged = before?.activeMicros === String(activeMicros);
      const now = isUnchanged ? before : { activeMicros: String(activeMicros), sinceMs: nowMs };
      if (nowMs - now.sinceMs < idleMs) idle.set(key, now);
      else abandoned.push(lsid.id);
    }
    this.#idle = idle;
    const sessions = abandoned.map((id) => ({ id }));
    if (sessions.length > 0) await this.#admin.command({ killSessions: sessions });
    return sessions.length;
  }

  get #admin(): mongo.Db {
    return this.database.client.db('admin');
  }

  async #look(): Promise<IdleTransaction[]> {
    const { name } = this.database.connection;
    const match = { type: 'idleSession', appName: applicationName(name), transaction: { $exists: true } };
    const fields = {
      lsid: 1,
      txnNumber: '$transaction.parameters.txnNumber',
      activeMicros: '$transaction.timeActiveMicros',
    };
    return this.#admin
      .aggregate<IdleTransaction>(
        [{ $currentOp: { idleSessions: true } }, { $match: match }, { $project: fields }],
        { readPreference: 'primary' },
      )
      .toArray();
  }
}
