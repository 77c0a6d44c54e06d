import type { mongo } from 'mongoose';
import type { Command } from '../booking/commands.js';
import { decide, decideWithoutEvent, type Outcome } from '../booking/decide.js';
import type { Rules } from '../booking/rules.js';
import { type Clock, monotonicMs } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import { newBatchId } from '../core/ids.js';
import type { Log } from '../core/log.js';
import { ABANDONED_AFTER_MS, endAbandonedTransactions } from './abandoned-transactions.js';
import type { Database } from './database.js';
import { eventFrom } from './documents.js';
import { loadRequests, loadWorkingSet } from './load-working-set.js';
import type { EventDocument } from './models/event.model.js';
import { isCommitUnknown, isDuplicateKey, isTransient, isWriteConflict } from './mongo-errors.js';
import { writeChanges } from './write-changes.js';

/** How long a batch is tried before its callers are answered that it was not done, or that nobody knows. */
const BATCH_MS_MAX = 10_000;
/** How long the server may take to have a commit acknowledged by a majority. */
const COMMIT_MS_MAX = 5_000;
/** Batch ids that an event keeps: more than other processes can commit while one asks what became of its own. */
const RECENT_BATCHES_MAX = 64;
/** The first wait after a conflict, before there is a last batch to go by. */
const FIRST_BACKOFF_MS = 5;
const BACKOFF_MS_MAX = 200;
/** How often it is looked for a transaction that keeps an event from everybody. */
const LOOK_EVERY_MS = 500;
const RETRY_AFTER_MS = 1_000;

const TRANSACTION: mongo.TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
  maxCommitTimeMS: COMMIT_MS_MAX,
};

/** What became of one command of a batch. A fault is nobody's refusal: it is logged and told without its inside. */
export type BatchOutcome = Outcome | { readonly fault: unknown };

export interface BatchResult {
  readonly outcomes: readonly BatchOutcome[];
  readonly attempts: number;
}

type ClaimedEvent = Omit<EventDocument, 'recentBatchIds'> & { recentBatchIds?: string[] };

/** A commit whose answer never came, with the answers that hold if it was done. */
interface UnknownCommit {
  readonly batchId: string;
  /** The event's turn that the batch took. */
  readonly turn: number;
  readonly outcomes: readonly BatchOutcome[];
}

/** One call of `run`, with what its tries have come to so far. */
interface Run {
  readonly eventId: string;
  readonly commands: readonly Command[];
  readonly startMs: number;
  /** Set while nobody knows whether the callers' batch was committed. */
  unknown: UnknownCommit | undefined;
}

/**
 * Decides the commands of one event in one transaction and commits it, trying again until it is known what became of
 * it or its time is over.
 *
 *     claim ─▶ load ─▶ decide, decide, decide ─▶ write ─▶ commit ─▶ answers
 *       ▲                                                   │
 *       └── conflict, election, duplicate key, unknown ◀────┘
 *
 * The claim is the transaction's first statement and raises the event's `turn`, so that the batches of one event, in
 * whatever process, take turns: the later one meets a write conflict at once. It also fences: once a claim succeeds,
 * an earlier transaction of the event either is in `recentBatchIds` or will never be.
 */
export class BatchTransaction {
  #lastMs = FIRST_BACKOFF_MS;
  #lastLookMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly rules: Rules,
    private readonly log: Log,
  ) {}

  /** @throws the fault, when it comes back with every try; commands that had their own fault carry it themselves */
  async run(eventId: string, commands: readonly Command[]): Promise<BatchResult> {
    const run: Run = { eventId, commands, startMs: monotonicMs(), unknown: undefined };
    let duplicateKeys = 0;
    for (let attempts = 1; ; attempts++) {
      const attemptMs = monotonicMs();
      const session = this.database.client.startSession();
      try {
        const outcomes = await this.#attempt(session, run);
        this.#lastMs = monotonicMs() - attemptMs;
        return { outcomes, attempts };
      } catch (error) {
        if (run.unknown === undefined) {
          if (isDuplicateKey(error)) duplicateKeys += 1;
          else if (!isTransient(error)) throw error;
          // The records that clash are in the next load, so that a second clash is no race but a fault.
          if (duplicateKeys > 1) throw error;
        }
        if (isOver(run)) {
          this.log.error(
            { err: error, eventId, attempts, commands: commands.length },
            'A batch was given up',
          );
          return { outcomes: givenUp(run), attempts };
        }
        if (isWriteConflict(error)) await this.#endAbandoned(run);
      } finally {
        await session.endSession();
      }
      await this.#backOff();
    }
  }

  async #attempt(session: mongo.ClientSession, run: Run): Promise<readonly BatchOutcome[]> {
    const { eventId, commands } = run;
    const batchId = newBatchId();
    session.startTransaction(TRANSACTION);
    let commit: UnknownCommit;
    try {
      const claimed = await this.#claim(session, eventId, batchId, run.unknown !== undefined);
      if (claimed === null) {
        const requests = await loadRequests(this.database, session, commands);
        // Nothing was written. Only an answer that rests on a request needs a majority to have it.
        if (requests.length > 0) await session.commitTransaction();
        else await session.abortTransaction();
        return commands.map((command) => decideWithoutEvent(command, requests));
      }
      if (run.unknown !== undefined) {
        const { turn } = run.unknown;
        if (claimed.recentBatchIds?.includes(run.unknown.batchId)) {
          // It was done. Committing the claim proves that a majority has it: an answer must not rest on less.
          await this.#commit(session, run, run.unknown);
          return run.unknown.outcomes;
        }
        if (claimed.turn - turn >= RECENT_BATCHES_MAX) {
          // So many batches of other processes came since that the event may have forgotten this one.
          await session.abortTransaction();
          return givenUp(run);
        }
        run.unknown = undefined;
      }
      const now = this.clock.now();
      const set = await loadWorkingSet(this.database, session, eventFrom(claimed), commands, now);
      const outcomes = commands.map((command): BatchOutcome => {
        try {
          const { outcome, changes } = decide(set, command, now, this.rules);
          set.apply(changes);
          return outcome;
        } catch (fault) {
          return { fault };
        }
      });
      await writeChanges(this.database, session, set, now);
      commit = { batchId, turn: claimed.turn, outcomes };
    } catch (error) {
      await session.abortTransaction().catch(() => undefined);
      throw error;
    }
    await this.#commit(session, run, commit);
    return commit.outcomes;
  }

  /** @param withBatchIds whether the event's recent batches are asked for: few ask, and they are most of what it is */
  async #claim(session: mongo.ClientSession, eventId: string, batchId: string, withBatchIds: boolean) {
    const events = this.database.events.collection as unknown as mongo.Collection<ClaimedEvent>;
    return events.findOneAndUpdate(
      { _id: eventId },
      {
        $inc: { turn: 1 },
        $push: { recentBatchIds: { $each: [batchId], $slice: -RECENT_BATCHES_MAX } },
      },
      {
        session,
        returnDocument: 'after',
        ...(!withBatchIds && { projection: { recentBatchIds: 0 } }),
      },
    );
  }

  /**
   * Repeats a commit for as long as its result stays unknown: a repetition of one that was done is answered alike, and
   * one that was not done would otherwise stay open and keep everybody else from the event.
   *
   * @param commit what is unknown should the answer not come; for a look-up it is the batch that is looked for
   */
  async #commit(session: mongo.ClientSession, run: Run, commit: UnknownCommit): Promise<void> {
    for (let first = true; ; first = false) {
      try {
        await session.commitTransaction();
        return;
      } catch (error) {
        const unknown = isCommitUnknown(error);
        // An abort as the first answer is certain. After an answer that never came, the event has to be asked.
        if (first && !unknown && isTransient(error)) throw error;
        run.unknown = commit;
        if (!unknown || isOver(run)) throw error;
      }
      await this.#backOff();
    }
  }

  /** A process that died in the middle of a batch still has the event's claim; without this, for a minute or more. */
  async #endAbandoned({ eventId, startMs }: Run): Promise<void> {
    const now = monotonicMs();
    if (now - startMs < ABANDONED_AFTER_MS || now - this.#lastLookMs < LOOK_EVERY_MS) return;
    this.#lastLookMs = now;
    try {
      const ended = await endAbandonedTransactions(this.database);
      if (ended > 0) this.log.warn({ eventId, ended }, 'Ended the transactions that a process left behind');
    } catch (error) {
      this.log.warn({ err: error, eventId }, 'Could not look for transactions that a process left behind');
    }
  }

  /** Within the duration of the last try that succeeded, at random, so that processes that collide once do not collide in step. */
  async #backOff(): Promise<void> {
    const ms = Math.random() * Math.min(this.#lastMs, BACKOFF_MS_MAX);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

const isOver = (run: Run): boolean => monotonicMs() - run.startMs > BATCH_MS_MAX;

function givenUp({ commands, unknown }: Run): BatchOutcome[] {
  const details = { retryAfterMs: RETRY_AFTER_MS };
  const refusal =
    unknown === undefined
      ? new DomainError('TOO_BUSY', 'The server is too busy; nothing was done.', details)
      : new DomainError(
          'OUTCOME_UNKNOWN',
          'It is not known whether this was done. It is safe to send it again; a payment only with a requestId.',
          details,
        );
  return commands.map(() => ({ refusal }));
}
