import type { mongo } from 'mongoose';
import type { Command } from '../../booking/commands.js';
import { decide, decideWithoutEvent, type Outcome } from '../../booking/decide.js';
import { type Forecast, forecastOf, NOTHING_FORECAST } from '../../booking/forecast.js';
import type { Rules } from '../../booking/rules.js';
import type { WorkingSet } from '../../booking/working-set.js';
import type { Event } from '../../catalog/event.js';
import { monotonicMs } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import { newBatchId } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import { quietly } from '../../core/unfailing.js';
import type { Database } from '../database.js';
import { eventFrom } from '../documents.js';
import type { EventDocument } from '../models/event.model.js';
import { isCommitUnknown, isDuplicateKey, isTransient, isWriteConflict } from '../mongo-errors.js';
import { AbandonedTransactions, abandonedAfterMs } from './abandoned-transactions.js';
import { readOne } from './combined-read.js';
import { loadRequests, loadWorkingSets } from './load-working-set.js';
import { runStatement } from './statement.js';
import { waitUntilUnclaimed } from './wait-until-unclaimed.js';
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
/** How often a batch of several events meets others before its events go on apart. */
const SHARED_BATCH_CONFLICTS_MAX = 3;
/** How often it is looked for a transaction that keeps an event from everybody, and from when on. */
const ABANDONED_CHECK_EVERY_MS = 500;
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
  /** The event's turn that the batch took; undefined where it took none. */
  readonly fencingToken: number | undefined;
  /** Another batch had the event first. */
  readonly hadConflict: boolean;
}

export interface SharedBatchResult {
  /** What became of the commands of each event, in the events' order. */
  readonly outcomes: Outcomes;
  readonly attempts: number;
  /** Other batches had some of the events first. */
  readonly hadConflict: boolean;
}

/** The commands of one event, in the order in which they are decided. */
export interface EventCommands {
  readonly eventId: string;
  readonly commands: readonly Command[];
}

/** What became of the commands of each event, in their order. */
type Outcomes = readonly (readonly BatchOutcome[])[];

/** With every figure that the claim writes, be it raised by 0. */
type ClaimedEvent = Omit<EventDocument, 'recentBatchIds' | 'claimedAt' | 'amountPaid'> & {
  recentBatchIds?: string[];
  claimedAt: Date;
  amountPaid: number;
};

/**
 * What a claim writes as the time of its batch: in production the database's own time, since the clocks of the server
 * processes differ; in a test the clock that the test moves.
 */
export type BatchTime = () => '$$NOW' | Date;
export const databaseTime: BatchTime = () => '$$NOW';

/** A commit whose answer never came, with the answers that hold if it was done. */
interface UnknownCommit {
  readonly batchId: string;
  /** An event that the batch claimed; which one does not matter, as all were claimed or none. */
  readonly eventId: string;
  /** The event's turn that the batch took. */
  readonly fencingToken: number;
  readonly outcomes: Outcomes;
  /** What the log is told of it, an event each. */
  readonly records: readonly CommitRecord[];
}

/** By which a call finds the batch that decided it, and the version that this made. */
interface CommitRecord {
  readonly batchId: string;
  readonly eventId: string;
  readonly version: number;
  readonly correlationIds: readonly string[];
}

/** One call of `run` or `runShared`, with what its tries have come to so far. */
interface Run {
  readonly events: readonly EventCommands[];
  readonly startMs: number;
  /** Set while nobody knows whether the callers' batch was committed. */
  unknown: UnknownCommit | undefined;
  /** The turn of its first event that the last try took. */
  fencingToken: number | undefined;
}

/** Of one event or of several; the turn is the first one's. */
type RunResult = Omit<BatchResult, 'outcomes'> & SharedBatchResult;

/**
 * Decides the commands of one event, or of several, in one transaction and commits it, trying again until it is known
 * what became of it or its time is over.
 *
 *     claim ─▶ load ─▶ decide, decide, decide ─▶ write ─▶ commit ─▶ answers
 *       ▲                                                   │
 *       └── conflict, election, duplicate key, unknown ◀────┘
 *
 * The claim is the transaction's first statement and raises the event's `turn`, so that the batches of one event, in
 * whatever process, take turns: the later one meets a write conflict at once. It also fences: once one is committed,
 * an earlier transaction of the event either is in `recentBatchIds` or will never be.
 */
export class BatchTransaction {
  #lastMs = FIRST_BACKOFF_MS;
  #lastAbandonedCheckMs = Number.NEGATIVE_INFINITY;
  readonly #abandoned: AbandonedTransactions;

  constructor(
    private readonly database: Database,
    private readonly time: BatchTime,
    private readonly rules: Rules,
    private readonly log: Log,
  ) {
    this.#abandoned = new AbandonedTransactions(database);
  }

  /**
   * @throws the fault, when it comes back with every try; commands that had their own fault carry it themselves
   */
  async run(eventId: string, commands: readonly Command[]): Promise<BatchResult> {
    const { outcomes, ...rest } = await this.#run([{ eventId, commands }]);
    return { outcomes: outcomes[0] as readonly BatchOutcome[], ...rest };
  }

  /**
   * Decides the commands of several events in one transaction, which costs little more than for one. Where other
   * batches have some of the events it is tried again once they are over, a few times; on any other fault it is not,
   * unless nobody knows whether it was committed: any of the events may be what keeps it from being so.
   *
   * @throws what kept it from being committed; nothing was done then
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
              'Events could not be committed together; they go on apart',
            );
            throw error;
          }
          if (isDuplicateKey(error)) duplicateKeys += 1;
          else if (!isTransient(error)) throw error;
          // The records that clash are in the next load, so that a second clash is no race but a fault.
          if (duplicateKeys > 1) throw error;
        }
        if (isTimedOut(run)) {
          const commands = events.reduce((sum, event) => sum + event.commands.length, 0);
          const eventIds = events.map(({ eventId }) => eventId);
          this.log.error({ err: error, eventIds, attempts, commands }, 'A batch was given up');
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

  /**
   * Asks an event whether a batch is among its recent ones. Whichever it says, committing the claim proves that a
   * majority has it: a primary that is about to be replaced may know neither that a batch was done nor that it was not.
   *
   * @returns the batch's answers if it was done, undefined if it was not and never will be
   */
  async #resolveUnknownCommit(
    session: mongo.ClientSession,
    run: Run,
    batch: UnknownCommit,
  ): Promise<Outcomes | undefined> {
    session.startTransaction(TRANSACTION);
    let isDone: boolean;
    try {
      const claim = { eventId: batch.eventId, commands: [], forecast: NOTHING_FORECAST };
      const event = (await this.#claim(session, newBatchId(), [claim], true)).get(batch.eventId);
      if (event === undefined || event.turn - batch.fencingToken >= RECENT_BATCHES_MAX) {
        // So many batches of other processes came since that the event may have forgotten this one.
        await session.abortTransaction();
        return refusalsForTimeout(run);
      }
      run.fencingToken = event.turn;
      isDone = event.recentBatchIds?.includes(batch.batchId) === true;
    } catch (error) {
      await session.abortTransaction().catch(() => undefined);
      throw error;
    }
    await this.#commit(session, run, batch);
    run.unknown = undefined;
    if (!isDone) return undefined;
    this.#logCommit(batch);
    return batch.outcomes;
  }

  async #attempt(session: mongo.ClientSession, run: Run): Promise<Outcomes> {
    const { database } = this;
    const batchId = newBatchId();
    session.startTransaction(TRANSACTION);
    let commit: UnknownCommit;
    try {
      const claims = run.events.map((event) => ({ ...event, forecast: forecastOf(event.commands) }));
      const claimed = await this.#claim(session, batchId, claims, false);
      run.fencingToken = claimed.get(run.events[0]?.eventId as string)?.turn;
      const parts = claims.flatMap(({ eventId, commands, forecast }) => {
        const written = claimed.get(eventId);
        if (written === undefined) return [];
        return { event: withoutForecast(written, forecast), commands, written, now: written.claimedAt };
      });
      const ofNoEvent = run.events.flatMap(({ eventId, commands }) => (claimed.has(eventId) ? [] : commands));
      const requests = await loadRequests(database, session, ofNoEvent);
      if (parts.length === 0) {
        // Nothing was written. Only an answer that rests on a request needs a majority to have it.
        if (requests.length > 0) await session.commitTransaction();
        else await session.abortTransaction();
      }
      const sets = parts.length === 0 ? [] : await loadWorkingSets(database, session, parts);
      const setOf = new Map(sets.map((set) => [set.event.id, set]));
      const outcomes = run.events.map(({ eventId, commands }) => {
        const set = setOf.get(eventId);
        const now = claimed.get(eventId)?.claimedAt;
        return commands.map((command) =>
          set === undefined || now === undefined
            ? decideWithoutEvent(command, requests)
            : this.#decide(set, command, now),
        );
      });
      const [first] = parts;
      if (first === undefined) return outcomes;
      const outcomesOf = new Map(run.events.map(({ eventId }, index) => [eventId, outcomes[index] ?? []]));
      const decided = parts.map(({ written, event, commands, now }, index) => ({
        set: sets[index] as WorkingSet,
        written,
        now,
        correlationIds: correlationIdsOf(commands, outcomesOf.get(event.id)),
      }));
      const versions = await writeChanges(database, session, decided);
      const records = parts.map(({ event, commands }, index) => ({
        batchId,
        eventId: event.id,
        version: versions[index] ?? event.version,
        correlationIds: correlationIdsOf(commands),
      }));
      commit = { batchId, eventId: first.event.id, fencingToken: first.written.turn, outcomes, records };
    } catch (error) {
      await session.abortTransaction().catch(() => undefined);
      throw error;
    }
    await this.#commit(session, run, commit);
    this.#logCommit(commit);
    return commit.outcomes;
  }

  /** What jobs do is told by them. */
  #logCommit({ records }: UnknownCommit): void {
    // The batch is committed: a log that throws must not run it again.
    quietly(() => {
      for (const each of records)
        if (each.correlationIds.length > 0) this.log.info(each, 'Committed a batch');
    });
  }

  #decide(set: WorkingSet, command: Command, now: Date): BatchOutcome {
    try {
      const { outcome, changes } = decide(set, command, now, this.rules);
      set.apply(changes);
      return outcome;
    } catch (fault) {
      return { fault };
    }
  }

  /**
   * Raises the turns of the events and sets the time of the batch in each. By the way it adds the forecast to the
   * events' figures.
   *
   * @param withBatchIds whether the events' recent batches are asked for: few ask, and they are most of what an event is
   * @returns those of the events that there are, as they are now
   */
  async #claim(
    session: mongo.ClientSession,
    batchId: string,
    claims: readonly Claim[],
    withBatchIds: boolean,
  ): Promise<Map<string, ClaimedEvent>> {
    const fields = withBatchIds ? {} : { recentBatchIds: 0 };
    const [first] = claims;
    if (first !== undefined && claims.length === 1) {
      const events = this.database.events.collection as unknown as mongo.Collection<ClaimedEvent>;
      const options = { session, returnDocument: 'after', projection: fields } as const;
      const event = await events.findOneAndUpdate(
        { _id: first.eventId },
        this.#claimUpdate(batchId, first),
        options,
      );
      return new Map(event === null ? [] : [[event._id, event]]);
    }
    // All processes in one order, so that of two batches that meet one gets through.
    const inOrder = [...claims].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
    const updates = inOrder.map((claim) => ({
      q: { _id: claim.eventId },
      u: this.#claimUpdate(batchId, claim),
    }));
    const update = this.database.events.collection.collectionName;
    await runStatement(this.database, session, { update, updates });
    const events = await readOne<ClaimedEvent>(this.database, session, {
      model: this.database.events,
      match: { _id: { $in: claims.map(({ eventId }) => eventId) } },
      fields,
    });
    return new Map(events.map((event) => [event._id, event]));
  }

  /** An update pipeline, because only pipelines know the database's time. They have no `$inc` and no `$push`. */
  #claimUpdate(batchId: string, { forecast: { version, bookedSeats, amountPaid } }: Claim): object[] {
    const recentBatchIds = { $concatArrays: ['$recentBatchIds', [batchId]] };
    return [
      {
        $set: {
          turn: { $add: ['$turn', 1] },
          version: { $add: ['$version', version] },
          bookedSeats: { $add: ['$bookedSeats', bookedSeats] },
          availableSeats: { $subtract: ['$availableSeats', bookedSeats] },
          // An event from before it was counted has none.
          amountPaid: { $add: [{ $ifNull: ['$amountPaid', 0] }, amountPaid] },
          recentBatchIds: { $slice: [recentBatchIds, -RECENT_BATCHES_MAX] },
          // After an election to a member whose clock is behind, the event's time stands still until that clock passes it.
          claimedAt: { $max: ['$claimedAt', this.time()] },
        },
      },
    ];
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
        if (!unknown || isTimedOut(run)) throw error;
      }
      await this.#backOff();
    }
  }

  /** A process that died in the middle of a batch still has the event's claim; without this, for a minute or more. */
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
      const ended = await this.#abandoned.endIdleLongerThan(abandonedAfterMs(this.#lastMs));
      if (ended > 0) this.log.warn({ eventIds, ended }, 'Ended the transactions that a process left behind');
    } catch (error) {
      this.log.warn({ err: error, eventIds }, 'Could not look for transactions that a process left behind');
    }
  }

  /** Returns once no other batch has any of the events, as far as can be told, or after a while. */
  waitUntilUnclaimed(eventIds: readonly string[]): Promise<void> {
    return waitUntilUnclaimed(this.database, eventIds);
  }

  /** Within the duration of the last try that succeeded, at random, so that processes that fail once do not fail in step. */
  async #backOff(): Promise<void> {
    const ms = Math.random() * Math.min(this.#lastMs, BACKOFF_MS_MAX);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/** @param outcomes where they are given, of those that were not refused alone */
const correlationIdsOf = (commands: readonly Command[], outcomes?: readonly BatchOutcome[]): string[] =>
  commands.flatMap(({ correlationId }, index) => {
    const outcome = outcomes?.[index];
    const counts = outcome === undefined || 'answer' in outcome;
    return correlationId === undefined || !counts ? [] : [correlationId];
  });

const isTimedOut = (run: Run): boolean => monotonicMs() - run.startMs > BATCH_MS_MAX;

/** An event that a batch claims, with what it will most likely add to it. */
interface Claim extends EventCommands {
  readonly forecast: Forecast;
}

/** The claimed event as it was: what was only forecast is not true yet. */
function withoutForecast(document: ClaimedEvent, { version, bookedSeats, amountPaid }: Forecast): Event {
  const event = eventFrom(document);
  return {
    ...event,
    version: event.version - version,
    bookedSeats: event.bookedSeats - bookedSeats,
    unbookedSeats: event.unbookedSeats + bookedSeats,
    amountPaid: event.amountPaid - amountPaid,
  };
}

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
