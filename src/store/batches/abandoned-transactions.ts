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

/**
 * How long a transaction must have stood still before its connection is looked for. A connection that it used so long ago
 * is in the list, unless it is closed.
 */
const LOOK_AGAIN_AFTER_MS = 25;

/** A transaction that runs no statement at the time of the check. */
interface IdleTransaction {
  readonly lsid: { readonly id: mongo.Binary };
  readonly txnNumber: unknown;
  /** The time that its statements have taken so far. Unchanged between two checks means that it did nothing. */
  readonly activeMicros: unknown;
  /** The connection of its last statement. */
  readonly connectionId?: number;
  /** Only through `mongos`, whose connection that was, and not the process's. */
  readonly shard?: string;
}

/** How far a transaction had got at `sinceMs`, and has not got further since. */
interface IdleSince {
  readonly activeMicros: string;
  readonly sinceMs: number;
}

/**
 * Finds and ends transactions of this application on this database whose process is dead, or seems to be: its connection
 * is closed, or it has been idle for too long. A process that is killed during a batch leaves one behind, and its claim
 * blocks the event for every other process. If the process is only slow, it repeats its batch, since nothing of it was
 * kept. A transaction whose statements are running is left alone.
 *
 * It uses only what every database user may do to its own sessions.
 */
export class AbandonedTransactions {
  /** What the last check found idle, by session and transaction. */
  #idle = new Map<string, IdleSince>();

  constructor(private readonly database: Database) {}

  /**
   * Checks once, which takes LOOK_AGAIN_AFTER_MS. A transaction with an open connection is ended only by a later check,
   * after `idleMs`, so call it repeatedly while an event is blocked.
   *
   * @param idleMs how long a transaction must have been idle
   * @returns how many were ended
   */
  async end(idleMs: number): Promise<number> {
    const abandoned = this.#idleFor(idleMs, await this.#findIdle());
    const idleBefore = this.#idle;
    if (idleBefore.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_AFTER_MS));
      const { idle, connectionIds } = await this.#findIdleAndConnections();
      for (const each of idle) {
        const stoodStill = idleBefore.get(keyOf(each))?.activeMicros === String(each.activeMicros);
        const { connectionId, shard } = each;
        const isClosed =
          connectionId !== undefined && shard === undefined && !connectionIds.has(connectionId);
        if (stoodStill && isClosed) abandoned.push(each);
      }
    }
    const sessions = abandoned.map(({ lsid: { id } }) => ({ id }));
    if (sessions.length > 0) await this.#admin.command({ killSessions: sessions });
    return sessions.length;
  }

  /** Notes which transactions are idle. @returns those that have been for so long */
  #idleFor(idleMs: number, found: readonly IdleTransaction[]): IdleTransaction[] {
    const nowMs = monotonicMs();
    const idle = new Map<string, IdleSince>();
    const abandoned: IdleTransaction[] = [];
    for (const each of found) {
      const activeMicros = String(each.activeMicros);
      const before = this.#idle.get(keyOf(each));
      const now = before?.activeMicros === activeMicros ? before : { activeMicros, sinceMs: nowMs };
      if (nowMs - now.sinceMs < idleMs) idle.set(keyOf(each), now);
      else abandoned.push(each);
    }
    this.#idle = idle;
    return abandoned;
  }

  get #admin(): mongo.Db {
    return this.database.client.db('admin');
  }

  async #findIdle(): Promise<IdleTransaction[]> {
    return this.#find({ idleSessions: true }, { transaction: { $exists: true } });
  }

  async #findIdleAndConnections() {
    const found = await this.#find({ idleSessions: true, idleConnections: true });
    const idle = found.filter(({ txnNumber, type }) => type === 'idleSession' && txnNumber !== undefined);
    const connectionIds = new Set(
      found.flatMap(({ type, connectionId }) => (type === 'op' ? connectionId : [])),
    );
    return { idle, connectionIds };
  }

  #find(sources: object, match: object = {}): Promise<(IdleTransaction & { readonly type: string })[]> {
    const { name } = this.database.connection;
    const fields = {
      type: 1,
      connectionId: 1,
      shard: 1,
      lsid: 1,
      txnNumber: '$transaction.parameters.txnNumber',
      activeMicros: '$transaction.timeActiveMicros',
    };
    return this.#admin
      .aggregate<IdleTransaction & { readonly type: string }>(
        [
          { $currentOp: sources },
          { $match: { ...match, appName: applicationName(name) } },
          { $project: fields },
        ],
        { readPreference: 'primary' },
      )
      .toArray();
  }
}

const keyOf = ({ lsid, txnNumber }: IdleTransaction): string => `${lsid.id.toString('hex')}:${txnNumber}`;
