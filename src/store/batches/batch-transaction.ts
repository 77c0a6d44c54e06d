// Read docs/architecture.md, "How a seat is never sold twice", before a change.

import type { mongo } from 'mongoose';
import type { Command } from '../../booking/commands.js';
import { decideWithoutEvent } from '../../booking/decide.js';
import { forecastOf } from '../../booking/forecast.js';
import { type ClaimedMessage, firstClaimOf } from '../../booking/outbox.js';
import type { Rules } from '../../booking/rules.js';
import { monotonicMs } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import { newBatchId } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import { quietly } from '../../core/unfailing.js';
import type { Database } from '../database.js';
import { isCommitUnknown, isDuplicateKey, isTransient, isWriteConflict } from '../mongo-errors.js';
import { AbandonedTransactions, abandonedAfterMs } from './abandoned-transactions.js';
import { type BatchOutcome, type DecidedCommands, decideBatch } from './batch-decision.js';
import { type BatchTime, Claims, type EventCommands, withoutForecast } from './claim.js';
import { loadRequests } from './load-working-set.js';
import type { Occupancies } from './occupancies.js';
import { type BatchIdentity, lookUpBatch } from './unknown-commit.js';
import { waitUntilUnclaimed } from './wait-until-unclaimed.js';
import { writeChanges } from './write-changes.js';

/** How long a batch is retried. Then its callers are answered that nothing was done, or that nobody knows. */
const BATCH_MS_MAX = 10_000;
/** How long the database may take to have a commit acknowledged by a majority. */
const COMMIT_MS_MAX = 5_000;
/** The longest wait after a failed attempt, while the duration of a batch is not known yet. */
const FIRST_BACKOFF_MS = 5;
const BACKOFF_MS_MAX = 200;
/** How many write conflicts a shared batch may have before its events are split. */
const SHARED_BATCH_CONFLICTS_MAX = 3;
/** How often to search for abandoned transactions, and how long a batch must have been blocked before. */
const ABANDONED_CHECK_EVERY_MS = 200;
const RETRY_AFTER_MS = 1_000;

const TRANSACTION: mongo.TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
  maxCommitTimeMS: COMMIT_MS_MAX,
};

export interface BatchResult {
  readonly outcomes: readonly BatchOutcome[];
  readonly attempts: number;
  /** The event's fencing token after the batch's claim; undefined if there is no such event. */
  readonly fencingToken: number | undefined;
  /** Whether another batch had claimed the event. */
  readonly hadConflict: boolean;
}

export interface SharedBatchResult {
  /** In the order of the events. */
  readonly outcomes: Outcomes;
  readonly attempts: number;
  /** Whether other batches had claimed some of the events. */
  readonly hadConflict: boolean;
}

/** The results of the commands of each event, in their order. */
type Outcomes = readonly (readonly BatchOutcome[])[];

/** A commit that got no answer, with the answers that hold if it was done. */
interface UnknownCommit extends BatchIdentity {
  readonly outcomes: Outcomes;
  /** What is logged about it, one for each event. */
  readonly records: readonly CommitRecord[];
  readonly messages: readonly ClaimedMessage[];
}

/** What becomes of the messages of a batch. */
export interface Outside {
  /** Whether mails wait in the outbox. Otherwise they are sent at most once. */
  readonly storesMails: boolean;
  /** Receives the messages of each committed batch. Never throws. */
  send(messages: readonly ClaimedMessage[]): void;
}

/** Joins calls with the batch that decided them, and with the version that this made. */
interface CommitRecord {
  readonly batchId: string;
  readonly eventId: string;
  readonly version: number;
  readonly correlationIds: readonly string[];
}

/** One call of `run` or `runShared`, and the state of its attempts. */
interface Run {
  readonly events: readonly EventCommands[];
  readonly startMs: number;
  /** Set while nobody knows whether the batch was committed. */
  unknown: UnknownCommit | undefined;
  /** The fencing token of its first event, after the last attempt's claim. */
  fencingToken: number | undefined;
}

/** Of one event or of several; the fencing token is the first event's. */
type RunResult = Omit<BatchResult, 'outcomes'> & SharedBatchResult;

/**
 * Decides the commands of one event, or of several, in one transaction and commits it. It retries until it knows whether
 * the batch was committed, or until BATCH_MS_MAX have passed.
 *
 *     claim ─▶ load ─▶ decide, decide, decide ─▶ write ─▶ commit ─▶ answers
 *       ▲                                                   │
 *       └── conflict, election, duplicate key, unknown ◀────┘
 *
 * The claim is the transaction's first statement and increments the event's fencing token (`events.turn`). Of two
 * batches of one event, in whatever processes, the later one gets a write conflict at once. The token also fences: once
 * a later batch is committed, an earlier transaction of the event either is in `recentBatchIds` or never will be.
 */
export class BatchTransaction {
  /** The duration of the last attempt that succeeded. */
  #lastMs = FIRST_BACKOFF_MS;
  #lastAbandonedCheckMs = Number.NEGATIVE_INFINITY;
  readonly #claims: Claims;
  readonly #abandoned: AbandonedTransactions;

  constructor(
    private readonly database: Database,
    time: BatchTime,
    private readonly occupancies: Occupancies,
    private readonly rules: Rules,
    private readonly log: Log,
    private readonly outside: Outside = { storesMails: false, send: () => undefined },
  ) {
    this.#claims = new Claims(database, time);
    this.#abandoned = new AbandonedTransactions(database);
  }

  /** @throws a fault that repeats; a fault of one command is its outcome and is not thrown */
  async run(eventId: string, commands: readonly Command[]): Promise<BatchResult> {
    const { outcomes, ...rest } = await this.#run([{ eventId, commands }]);
    return { outcomes: outcomes[0] as readonly BatchOutcome[], ...rest };
  }

  /**
   * Decides the commands of several events in one transaction, which costs little more than one event. After a write
   * conflict it waits until the events are unclaimed and retries a few times. It retries no other fault, since any one
   * of the events may cause it, unless the fault leaves unknown whether the batch was committed.
   *
   * @throws the fault that prevented the commit; then nothing was done
   */
  runShared(events: readonly EventCommands[]): Promise<SharedBatchResult> {
    return this.#run(events);
  }

  async #run(events: readonly EventCommands[]): Promise<RunResult> {
    const run: Run = { events, startMs: monotonicMs(), unknown: undefined, fencingToken: undefined };
    let duplicateKeys = 0;
    let conflicts = 0;
    for (let attempts = 1; ; attempts++) {
      const attemptMs = monotonicMs();
      const session = this.database.client.startSession();
      let isConflict = false;
      try {
        const { unknown } = run;
        const earlier = unknown && (await this.#resolveUnknownCommit(session, run, unknown));
        const outcomes = earlier ?? (await this.#attempt(session, run));
        this.#lastMs = monotonicMs() - attemptMs;
        return { outcomes, attempts, fencingToken: run.fencingToken, hadConflict: conflicts > 0 };
      } catch (error) {
        isConflict = isWriteConflict(error);
        if (isConflict) conflicts += 1;
        if (run.unknown === undefined) {
          if (events.length > 1 && (!isConflict || conflicts > SHARED_BATCH_CONFLICTS_MAX)) {
            const isOrdinary = isTransient(error) || isDuplicateKey(error);
            this.log[isOrdinary ? 'debug' : 'warn'](
              { err: error, events: events.length },
              'Events could not be committed together; they are split',
            );
            throw error;
          }
          if (isDuplicateKey(error)) duplicateKeys += 1;
          else if (!isTransient(error)) throw error;
          // The next attempt loads the record that this one collided with, so a second collision is a fault.
          if (duplicateKeys > 1) throw error;
        }
        if (isTimedOut(run)) {
          const commands = events.reduce((sum, event) => sum + event.commands.length, 0);
          const eventIds = events.map(({ eventId }) => eventId);
          this.log.error({ err: error, eventIds, attempts, commands }, 'A batch timed out');
          return {
            outcomes: refusalsForTimeout(run),
            attempts,
            fencingToken: undefined,
            hadConflict: conflicts > 0,
          };
        }
        if (isConflict) await this.#endAbandoned(run);
      } finally {
        await session.endSession();
      }
      if (isConflict) await this.waitUntilUnclaimed(events.map(({ eventId }) => eventId));
      else await this.#backOff();
    }
  }

  /** @returns the batch's answers if it was committed, undefined if it was not and never will be */
  async #resolveUnknownCommit(
    session: mongo.ClientSession,
    run: Run,
    batch: UnknownCommit,
  ): Promise<Outcomes | undefined> {
    session.startTransaction(TRANSACTION);
    let wasCommitted: boolean;
    try {
      const found = await lookUpBatch(this.#claims, session, batch);
      if (found === undefined) return refusalsForTimeout(run);
      run.fencingToken = found.fencingToken;
      wasCommitted = found.wasCommitted;
    } catch (error) {
      await session.abortTransaction().catch(() => undefined);
      throw error;
    }
    await this.#commit(session, run, batch);
    run.unknown = undefined;
    if (!wasCommitted) return undefined;
    this.#afterCommit(batch);
    return batch.outcomes;
  }

  async #attempt(session: mongo.ClientSession, run: Run): Promise<Outcomes> {
    const { database, occupancies } = this;
    const batchId = newBatchId();
    session.startTransaction(TRANSACTION);
    let commit: UnknownCommit;
    let decided: readonly DecidedCommands[] = [];
    let hasClaimed = false;
    const forgetOccupancies = () => {
      for (const { eventId } of run.events) occupancies.forget(eventId);
    };
    try {
      const claims = run.events.map((event) => ({ ...event, forecast: forecastOf(event.commands) }));
      const claimed = await this.#claims.claim(session, batchId, claims, false);
      hasClaimed = true;
      run.fencingToken = claimed.get(run.events[0]?.eventId as string)?.turn;
      const parts = claims.flatMap(({ eventId, commands, forecast }) => {
        const written = claimed.get(eventId);
        if (written === undefined) return [];
        return { event: withoutForecast(written, forecast), commands, written, now: written.claimedAt };
      });
      const ofNoEvent = run.events.flatMap(({ eventId, commands }) => (claimed.has(eventId) ? [] : commands));
      const requests = await loadRequests(database, session, ofNoEvent);
      if (parts.length === 0) {
        // Nothing was written. Only an answer that depends on a stored request must be known to a majority.
        if (requests.length > 0) await session.commitTransaction();
        else await session.abortTransaction();
      }
      if (parts.length > 0) decided = await decideBatch(database, session, occupancies, parts, this.rules);
      const outcomesOf = new Map(decided.map(({ set, outcomes }) => [set.event.id, outcomes]));
      const outcomes = run.events.map(
        ({ eventId, commands }) =>
          outcomesOf.get(eventId) ?? commands.map((command) => decideWithoutEvent(command, requests)),
      );
      const [first] = parts;
      if (first === undefined) return outcomes;
      const changed = decided.map(({ set, outcomes, entries }, index) => {
        const { written, commands, now } = parts[index] as (typeof parts)[number];
        return { set, written, now, entries, correlationIds: correlationIdsOf(commands, outcomes) };
      });
      const { versions, messages } = await writeChanges(database, session, changed, this.outside.storesMails);
      const records = parts.map(({ event, commands }, index) => ({
        batchId,
        eventId: event.id,
        version: versions[index] ?? event.version,
        correlationIds: correlationIdsOf(commands),
      }));
      commit = {
        batchId,
        eventId: first.event.id,
        fencingToken: first.written.turn,
        outcomes,
        records,
        messages: messages.map(firstClaimOf),
      };
    } catch (error) {
      // An attempt that fails at its claim, as most do, has read nothing.
      if (hasClaimed) forgetOccupancies();
      await session.abortTransaction().catch(() => undefined);
      throw error;
    }
    try {
      await this.#commit(session, run, commit);
    } catch (error) {
      forgetOccupancies();
      throw error;
    }
    decided.forEach(({ set }, index) => {
      if (set.occupancy !== null)
        occupancies.committed(set.occupancy, commit.records[index]?.version as number);
    });
    this.#afterCommit(commit);
    return commit.outcomes;
  }

  /** Commands of jobs have no correlation id: the jobs log them. */
  #afterCommit({ records, messages }: UnknownCommit): void {
    // The batch is committed: nothing that throws here may run it again.
    quietly(() => {
      if (messages.length > 0) this.outside.send(messages);
    });
    quietly(() => {
      for (const each of records)
        if (each.correlationIds.length > 0) this.log.info(each, 'Committed a batch');
    });
  }

  /**
   * Repeats a commit while its result is unknown. A repetition of a commit that was done gets the same answer; one that
   * was not done would stay open and block the event.
   *
   * @param commit what is unknown if no answer comes; in a look-up this is the batch that is looked up
   */
  async #commit(session: mongo.ClientSession, run: Run, commit: UnknownCommit): Promise<void> {
    for (let first = true; ; first = false) {
      try {
        await session.commitTransaction();
        return;
      } catch (error) {
        const unknown = isCommitUnknown(error);
        // An abort as the first answer is certain. After a missing answer, only the event can tell.
        if (first && !unknown && isTransient(error)) throw error;
        run.unknown = commit;
        if (!unknown || isTimedOut(run)) throw error;
      }
      await this.#backOff();
    }
  }

  /** A process that died during a batch still holds its claim. MongoDB itself would end it after a minute or more. */
  async #endAbandoned({ events, startMs }: Run): Promise<void> {
    const now = monotonicMs();
    if (
      now - startMs < ABANDONED_CHECK_EVERY_MS ||
      now - this.#lastAbandonedCheckMs < ABANDONED_CHECK_EVERY_MS
    )
      return;
    this.#lastAbandonedCheckMs = now;
    const eventIds = events.map(({ eventId }) => eventId);
    try {
      const ended = await this.#abandoned.end(abandonedAfterMs(this.#lastMs));
      if (ended > 0)
        this.log.warn({ eventIds, ended }, 'Ended the abandoned transactions of another process');
    } catch (error) {
      this.log.warn({ err: error, eventIds }, 'Could not search for abandoned transactions');
    }
  }

  waitUntilUnclaimed(eventIds: readonly string[]): Promise<void> {
    return waitUntilUnclaimed(this.database, eventIds);
  }

  /** A random wait, up to the last successful attempt's duration, so that processes do not retry at the same time. */
  async #backOff(): Promise<void> {
    const ms = Math.random() * Math.min(this.#lastMs, BACKOFF_MS_MAX);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/** @param outcomes if given, commands that were refused are left out */
const correlationIdsOf = (commands: readonly Command[], outcomes?: readonly BatchOutcome[]): string[] =>
  commands.flatMap(({ correlationId }, index) => {
    const outcome = outcomes?.[index];
    const counts = outcome === undefined || 'answer' in outcome;
    return correlationId === undefined || !counts ? [] : [correlationId];
  });

const isTimedOut = (run: Run): boolean => monotonicMs() - run.startMs > BATCH_MS_MAX;

function refusalsForTimeout({ events, unknown }: Run): Outcomes {
  const details = { retryAfterMs: RETRY_AFTER_MS };
  const refusal =
    unknown === undefined
      ? new DomainError('TOO_BUSY', 'The server is too busy; nothing was done.', details)
      : new DomainError(
          'OUTCOME_UNKNOWN',
          'It is not known whether this was done. It is safe to send it again; a payment only with a requestId.',
          details,
        );
  return events.map(({ commands }) => commands.map(() => ({ refusal })));
}
