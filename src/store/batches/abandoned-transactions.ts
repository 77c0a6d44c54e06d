import type { mongo } from 'mongoose';
import { monotonicMs } from '../../core/clock.js';
import { applicationName, type Database } from '../database.js';

/** Longer than any step of a batch, and far shorter than the minute or more after which MongoDB ends a transaction. */
const ABANDONED_AFTER_MS = 2_000;

/** Half of a batch's time limit, so that an event that is really blocked is free again in time. */
const ABANDONED_AFTER_MS_MAX = 5_000;
/** A step is a small part of a batch. If one takes as long as this many batches, its process is dead. */
const ABANDONED_AFTER_BATCHES = 10;

/**
 * How long a transaction must have been idle for its process to count as dead. The time grows with the duration of a
 * batch: on an overloaded machine every process is slow, and if they ended each other's transactions, none would get
 * anything done.
 */
export const abandonedAfterMs = (lastBatchMs: number): number =>
  Math.min(ABANDONED_AFTER_MS_MAX, Math.max(ABANDONED_AFTER_MS, ABANDONED_AFTER_BATCHES * lastBatchMs));

/** A transaction that runs no statement at the time of the check. */
interface IdleTransaction {
  readonly lsid: { readonly id: mongo.Binary };
  readonly txnNumber: unknown;
  /** The time that its statements have taken so far. Unchanged between two checks means that it did nothing. */
  readonly activeMicros: unknown;
}

/** How far a transaction had got at `sinceMs`, and has not got further since. */
interface IdleSince {
  readonly activeMicros: string;
  readonly sinceMs: number;
}

/**
 * Finds and ends transactions of this application on this database that have been idle for too long. A process that is
 * killed during a batch leaves one behind, and its claim blocks the event for every other process. If the process is
 * only slow, it repeats its batch, since nothing of it was kept. A transaction whose statements are running is left
 * alone.
 *
 * It uses only what every database user may do to its own sessions.
 */
export class AbandonedTransactions {
  /** What the last check found idle, by session and transaction. */
  #idle = new Map<string, IdleSince>();

  constructor(private readonly database: Database) {}

  /**
   * Checks once. A transaction is ended only by a later check, after `idleMs`, so call it repeatedly while an event is
   * blocked.
   *
   * @param idleMs how long a transaction must have been idle
   * @returns how many were ended
   */
  async endIdleLongerThan(idleMs: number): Promise<number> {
    const found = await this.#findIdle();
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

  async #findIdle(): Promise<IdleTransaction[]> {
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
