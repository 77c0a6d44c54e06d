import type { mongo } from 'mongoose';
import type { Command } from '../booking/commands.js';
import { decide, decideWithoutEvent, type Outcome } from '../booking/decide.js';
import type { Rules } from '../booking/rules.js';
import { type Clock, monotonicMs } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import { newBatchId } from '../core/ids.js';
import type { Log } from '../core/log.js';
import type { Database } from './database.js';
import { eventFrom } from './documents.js';
import { loadWorkingSet } from './load-working-set.js';
import { isCommitUnknown, isDuplicateKey, isTransient } from './mongo-errors.js';
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

/** A commit whose answer never came, with the answers that hold if it was done. */
interface UnknownCommit {
  readonly batchId: string;
  readonly outcomes: readonly BatchOutcome[];
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

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly rules: Rules,
    private readonly log: Log,
  ) {}

  /** @throws the fault, when it comes back with every try; commands that had their own fault carry it themselves */
  async run(eventId: string, commands: readonly Command[]): Promise<BatchResult> {
    const startMs = monotonicMs();
    let unknown: UnknownCommit | undefined;
    let duplicateKeys = 0;
    for (let attempts = 1; ; attempts++) {
      const batchId = newBatchId();
      const session = this.database.client.startSession();
      try {
        const outcomes = await this.#attempt(session, eventId, commands, batchId, unknown);
        this.#lastMs = monotonicMs() - startMs;
        return { outcomes, attempts };
      } catch (error) {
        if (error instanceof UnknownCommitError) unknown = { batchId, outcomes: error.outcomes };
        else if (isDuplicateKey(error)) duplicateKeys += 1;
        else if (!isTransient(error) && unknown === undefined) throw error;
        // The records that clash are in the next load, so that a second clash is no race but a fault.
        if (duplicateKeys > 1) throw error;
        if (monotonicMs() - startMs > BATCH_MS_MAX) {
          this.log.error(
            { err: error, eventId, attempts, commands: commands.length },
            'A batch was given up',
          );
          return { outcomes: commands.map(() => givenUp(unknown)), attempts };
        }
      } finally {
        await session.endSession();
      }
      await this.#backOff();
    }
  }

  async #attempt(
    session: mongo.ClientSession,
    eventId: string,
    commands: readonly Command[],
    batchId: string,
    unknown: UnknownCommit | undefined,
  ): Promise<readonly BatchOutcome[]> {
    session.startTransaction(TRANSACTION);
    let outcomes: readonly BatchOutcome[];
    try {
      const claimed = await this.#claim(session, eventId, batchId);
      if (claimed === null) {
        await session.abortTransaction();
        return commands.map(decideWithoutEvent);
      }
      if (unknown !== undefined && claimed.recentBatchIds.includes(unknown.batchId)) {
        // It was done. Committing the claim proves that a majority has it: an answer must not rest on less.
        await this.#commit(session, unknown.outcomes);
        return unknown.outcomes;
      }
      const now = this.clock.now();
      const set = await loadWorkingSet(this.database, session, eventFrom(claimed), commands, now);
      outcomes = commands.map((command) => {
        try {
          const { outcome, changes } = decide(set, command, now, this.rules);
          set.apply(changes);
          return outcome;
        } catch (fault) {
          return { fault };
        }
      });
      await writeChanges(this.database, session, set, now);
    } catch (error) {
      await session.abortTransaction().catch(() => undefined);
      throw error;
    }
    await this.#commit(session, outcomes);
    return outcomes;
  }

  async #claim(session: mongo.ClientSession, eventId: string, batchId: string) {
    return this.database.events
      .findOneAndUpdate(
        { _id: eventId },
        {
          $inc: { turn: 1 },
          $push: { recentBatchIds: { $each: [batchId], $slice: -RECENT_BATCHES_MAX } },
        },
        { session, returnDocument: 'after' },
      )
      .lean()
      .exec();
  }

  /** The driver has repeated the commit once by itself when it says that its result is unknown. */
  async #commit(session: mongo.ClientSession, outcomes: readonly BatchOutcome[]): Promise<void> {
    try {
      await session.commitTransaction();
    } catch (error) {
      if (!isCommitUnknown(error)) throw error;
      try {
        await session.commitTransaction();
      } catch (again) {
        if (isCommitUnknown(again) || isTransient(again)) throw new UnknownCommitError(outcomes, again);
        throw again;
      }
    }
  }

  /** Within the last batch's duration, at random, so that processes that collide once do not collide in step. */
  async #backOff(): Promise<void> {
    const ms = Math.random() * Math.min(this.#lastMs, BACKOFF_MS_MAX);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

class UnknownCommitError extends Error {
  constructor(
    readonly outcomes: readonly BatchOutcome[],
    override readonly cause: unknown,
  ) {
    super('It is not known whether the batch was committed.');
  }
}

function givenUp(unknown: UnknownCommit | undefined): Outcome {
  if (unknown === undefined) {
    const details = { retryAfterMs: RETRY_AFTER_MS };
    return { refusal: new DomainError('TOO_BUSY', 'The server is too busy; nothing was done.', details) };
  }
  return {
    refusal: new DomainError(
      'OUTCOME_UNKNOWN',
      'It is not known whether this was done. It is safe to send it again; a payment only with a requestId.',
      { retryAfterMs: RETRY_AFTER_MS },
    ),
  };
}
