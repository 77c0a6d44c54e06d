import { setTimeout as wait } from 'node:timers/promises';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { listOf } from '../rush/answers.js';
import { audit, CHECKS, type Watched } from '../rush/audit.js';
import { Fan } from '../rush/fan.js';
import { drawHabits } from '../rush/fan-behaviour.js';
import {
  type BookingAnswer,
  CHECK_OUT,
  type CheckOutAnswer,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  CREATE_EVENT,
} from '../rush/operations.js';
import { Deadline, withRetries } from '../rush/retry.js';
import { SaleRecord } from '../rush/sale-record.js';
import { type Data, Refusal, ServerApi } from '../rush/server-api.js';
import { type Ask, readTruth } from '../rush/server-state.js';
import { Watcher } from '../rush/watcher.js';
import {
  type Call,
  History,
  isUnknown,
  type ServerConnection,
  writesContinuedAfterMs,
} from './call-history.js';
import { type ChaosEnvironment, LOCK_TTL_SECONDS } from './chaos-environment.js';
import {
  auditDatabase,
  DATABASE_CHECKS,
  finalsOf,
  type Repeated,
  type ReportedCounts,
  readDatabase,
} from './database-audit.js';
import type { Fault } from './fault.js';
import type { LinearizabilityChecker } from './linearizability.js';
import { Organizer } from './organizer.js';
import { PROBE_SEATS, ProbeWriter } from './probe-writer.js';
import { seatOperations } from './seat-operations.js';

const FANS_PER_ACCOUNT = 4;
/** From the first fan to the last answer, including the fault. */
const SALE_MS_MAX = 90_000;
/** Calls during the fault are retried until it has ended. */
const TRIES_MAX = 60;
const WATCHER_TRIES_MAX = 100;
const READY_MS_MAX = 20_000;
/** How long maps, refunds and expiries may take until they are right, after the last answer. */
const SETTLE_MS_MAX = 20_000;
const CHECK_EVERY_MS = 250;
const EVENT_AHEAD_MS = 30 * 24 * 60 * 60 * 1000;
const PRICE = { amount: 7_500, currency: 'USD' };
const SEED_LIMIT = 2 ** 31;
/** A separate writer locks and releases seats, to measure when writes succeed again. */
const PROBE_EVERY_MS = 400;

const AVAILABILITY = `query($eventId: ID!) {
  event(id: $eventId) {
    availability { totalSeats availableSeats lockedSeats bookedSeats offSaleSeats } seatMap { version statuses }
  }
}`;

export interface RoundOptions {
  readonly fans: number;
  readonly seats: number;
  readonly watchers: number;
}

export const ROUND_CHECKS = {
  ...CHECKS,
  ...DATABASE_CHECKS,
  fault: 'expectations of this fault that were not met',
  linearizability: 'seats whose history is not linearizable',
  books: 'differences between the payment provider’s books and ours',
} as const;
export type RoundCheck = keyof typeof ROUND_CHECKS;
/** The result of a round in which nothing was found or counted. */
export const NOTHING_FOUND = Object.fromEntries(
  Object.keys(ROUND_CHECKS).map((check) => [check, []]),
) as unknown as Readonly<Record<RoundCheck, readonly string[]>>;

export interface RoundResult {
  /** Findings by check. */
  readonly findings: Readonly<Record<RoundCheck, readonly string[]>>;
  readonly figures: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly unknown: number;
  readonly bookings: number;
  readonly repeated: number;
  readonly resumes: number;
  readonly seatOperations: number;
  readonly writesContinuedMs: number | null;
}

/** One sale with one fault, and its audit. */
export class Round {
  readonly #history: History;
  readonly #apis: readonly ServerApi[];
  readonly #record: SaleRecord;
  #stage = 'preparing';

  constructor(
    private readonly environment: ChaosEnvironment,
    private readonly fault: Fault,
    private readonly options: RoundOptions,
    private readonly random: SeededRandom,
    private readonly checker: LinearizabilityChecker | undefined,
  ) {
    this.#apis = environment.servers.map(({ url }) => new ServerApi(new URL('/graphql', url)));
    this.#history = new History(this.#connections());
    this.#record = new SaleRecord(options.fans);
  }

  #connections(): ServerConnection[] {
    return this.environment.servers.map((server, index) => ({
      api: this.#apis[index] as ServerApi,
      isOpen: () => server.isRunning,
    }));
  }

  /** For a line of progress. */
  get state(): string {
    const { visits, bookedAtMs, retries } = this.#record;
    const answered = visits.filter(({ ending }) => ending !== undefined).length;
    const retryCount = [...retries.values()].reduce((sum, times) => sum + times, 0);
    return `${this.#stage}, ${answered} of ${visits.length} fans have an answer, ${bookedAtMs.length} bookings, ${retryCount} retries`;
  }

  async run(): Promise<RoundResult> {
    const { environment, options, random } = this;
    const watchers: Watcher[] = [];
    let seller: Organizer | undefined;
    try {
      const accounts = Math.ceil(options.fans / FANS_PER_ACCOUNT);
      const [organizer = '', ...tokens] = await environment.users.tokens(accounts + 1, 0);
      const eventId = await this.#createEvent(organizer, options.seats);
      const probeEventId = await this.#createEvent(organizer, PROBE_SEATS);
      for (let index = 0; index < options.watchers; index++) {
        const { url } = environment.servers[index % environment.servers.length] as { url: string };
        const token = tokens[index % tokens.length] as string;
        watchers.push(new Watcher(new URL('/graphql', url), eventId, token, WATCHER_TRIES_MAX));
      }
      await this.#startWatchers(watchers);

      this.#stage = 'selling';
      const probeWriter = new ProbeWriter(
        this.#connections(),
        { eventId: probeEventId, token: organizer },
        PROBE_EVERY_MS,
        new Deadline(SALE_MS_MAX),
      );
      const api = this.#record.reportedSeats.record(this.#history.apiOf(options.fans));
      const sale = { api, token: organizer, eventId, seats: options.seats };
      seller = new Organizer(sale, new SeededRandom(random.below(SEED_LIMIT)));
      const visits = this.#visits(eventId, tokens);
      const struck = await this.fault.strike({
        environment,
        history: this.#history,
        eventId,
        token: organizer,
        random,
      });
      this.#stage = 'recovering';
      await environment.restore();
      await visits;
      await seller.stop();
      // Calls after the fault may still be in progress.
      while (probeWriter.continuedAfterMs(struck.fromMs) === null && probeWriter.leftMs > 0)
        await wait(CHECK_EVERY_MS);
      await probeWriter.stop();

      this.#stage = 'repeating';
      const repeated = await this.#repeat();
      const audited = await this.#audit(eventId, organizer, watchers, repeated);
      const wrong = [...struck.wrong, ...seller.wrong];
      const fansContinuedMs = writesContinuedAfterMs(this.#history.calls, struck.fromMs);
      const probePauseMs = probeWriter.longestPauseMs(struck.fromMs);
      const writesContinuedMs =
        probePauseMs === null ? fansContinuedMs : Math.max(probePauseMs, fansContinuedMs ?? 0);
      if (writesContinuedMs === null || writesContinuedMs > this.fault.writesMsMax) {
        wrong.push(
          writesContinuedMs === null
            ? 'writes did not continue'
            : `writes continued after ${writesContinuedMs.toFixed(0)} ms`,
        );
      }
      return {
        ...audited,
        findings: { ...audited.findings, fault: wrong },
        figures: { ...struck.figures, 'calls of the organizer done': seller.done },
        calls: this.#history.calls.length,
        unknown: this.#history.calls.filter(isUnknown).length,
        bookings: this.#record.bookedAtMs.length,
        repeated: repeated.length,
        resumes: watchers.reduce((sum, { resumes }) => sum + resumes, 0),
        writesContinuedMs,
      };
    } finally {
      await seller?.stop();
      await Promise.all(watchers.map((watcher) => watcher.stop()));
      await Promise.all(this.#apis.map((api) => api.close()));
    }
  }

  async #createEvent(organizer: string, totalSeats: number): Promise<string> {
    const eventDate = new Date(Date.now() + EVENT_AHEAD_MS).toISOString();
    const input = { name: 'Chaos', eventDate, totalSeats, price: PRICE };
    const data = await this.#retrying(organizer, new Deadline(READY_MS_MAX, TRIES_MAX))(CREATE_EVENT, {
      input,
    });
    return (data.createEvent as { id: string }).id;
  }

  async #startWatchers(watchers: readonly Watcher[]): Promise<void> {
    for (const watcher of watchers) watcher.start();
    const deadline = new Deadline(READY_MS_MAX);
    while (watchers.some(({ map }) => map.version === null) && deadline.leftMs > 0)
      await wait(CHECK_EVERY_MS);
  }

  #visits(eventId: string, tokens: readonly string[]): Promise<unknown> {
    const deadline = new Deadline(SALE_MS_MAX, TRIES_MAX);
    const accounts = tokens.map((token) => ({ token, seats: new Set<number>(), requested: 0 }));
    const record = this.#record;
    return Promise.all(
      record.visits.map((visit) => {
        const own = new SeededRandom(this.random.below(SEED_LIMIT));
        const api = this.#history.apiOf(visit.fan);
        const sale = { api, eventId, price: PRICE.amount, currency: PRICE.currency, deadline, record };
        const account = accounts[visit.fan % accounts.length] as (typeof accounts)[number];
        return new Fan(sale, account, drawHabits(own), own).visit(visit);
      }),
    );
  }

  #retrying(token: string, deadline: Deadline, client = 0): Ask {
    const api = this.#history.apiOf(client);
    return (operation, variables) =>
      withRetries(
        () => api.ask(operation, variables, token),
        deadline,
        this.random,
        () => undefined,
      );
  }

  /** Repeats every confirmation and check-out with a missing answer, under the same requestId. */
  async #repeat(): Promise<Repeated[]> {
    const confirms = this.#history.calls.filter(({ operation }) => BOOKING.has(operation));
    const byRequest = new Map<string, Call[]>();
    for (const call of confirms) {
      const { requestId } = inputOf(call);
      byRequest.set(requestId, [...(byRequest.get(requestId) ?? []), call]);
    }
    const repeated: Repeated[] = [];
    const deadline = new Deadline(READY_MS_MAX, TRIES_MAX);
    for (const [requestId, calls] of byRequest) {
      const unknown = calls.find(isUnknown);
      if (unknown === undefined) continue;
      const earlier = calls.flatMap(({ outcome }) =>
        outcome?.kind === 'data' ? [idsOf(outcome.data)] : [],
      )[0];
      const { lockId, lockIds, seatNumbers } = inputOf(unknown);
      const { operation, variables, token, client } = unknown;
      const base = { requestId, earlierIds: earlier ?? null };
      const seats = seatNumbers ?? lockIds ?? [lockId ?? ''];
      try {
        const data = await this.#retrying(token, deadline, client)(operation, variables);
        for (const booking of listOf<BookingAnswer>(data)) this.#record.acknowledge(booking);
        const wanted = isRefusedCard(data) ? [] : seats;
        repeated.push({ ...base, wanted, bookingIds: idsOf(data), refusal: null });
      } catch (error) {
        const refusal = error instanceof Refusal ? error.code : (error as Error).message;
        repeated.push({ ...base, wanted: seats, bookingIds: null, refusal });
      }
    }
    return repeated;
  }

  /** Reads the API and the database until they agree, or the time limit is reached. */
  async #audit(
    eventId: string,
    organizer: string,
    watchers: readonly Watcher[],
    repeated: readonly Repeated[],
  ): Promise<Pick<RoundResult, 'findings' | 'seatOperations'>> {
    this.#stage = 'auditing';
    const { environment } = this;
    const ask = this.#retrying(organizer, new Deadline(2 * SETTLE_MS_MAX, TRIES_MAX));
    const settling = new Deadline(SETTLE_MS_MAX + Math.max(0, ...watchers.map(({ awayMs }) => awayMs)));
    for (;;) {
      const apiState = await readTruth(ask, eventId);
      const state = await readDatabase(environment.client, environment.database, eventId);
      const { event } = await ask(AVAILABILITY, { eventId });
      const { availability, seatMap } = event as {
        availability: Omit<ReportedCounts, 'version' | 'statuses'>;
        seatMap: { version: number; statuses: string };
      };
      const watched = watchers.map(
        ({ map, errors }, watcher): Watched => ({
          watcher,
          version: map.version,
          differences: map.differences(apiState.seatMap, Date.now()),
          errors,
        }),
      );
      const fromApi = audit(this.#record, PRICE.amount, apiState, watched);
      const fromDatabase = auditDatabase(state, this.#record.acknowledged.values(), repeated, {
        ...availability,
        ...seatMap,
      });
      const findings = {
        ...Object.fromEntries(
          Object.entries(fromApi).map(([check, { count, examples }]) => [
            check,
            padExamples(count, examples),
          ]),
        ),
        ...fromDatabase,
        fault: [],
        linearizability: [],
        books: [],
      } as unknown as RoundResult['findings'];
      const clean = Object.values(findings).every(({ length }) => length === 0);
      if (!clean && settling.leftMs > 0) {
        await wait(CHECK_EVERY_MS);
        continue;
      }
      const operations = seatOperations(this.#history.calls, finalsOf(state), LOCK_TTL_SECONDS * 1000);
      const verdict = await this.checker?.check(operations);
      const linearizability = [
        ...(verdict?.examples ?? []),
        ...(verdict?.undecided ?? []).map((seat) => `seat ${seat} took too long to decide`),
      ];
      return { findings: { ...findings, linearizability }, seatOperations: operations.length };
    }
  }
}

/** One entry per finding. Only the first entries have details. */
const padExamples = (count: number, examples: readonly string[]): string[] =>
  Array.from({ length: count }, (_, index) => examples[index] ?? 'no details kept');

const inputOf = ({ variables }: Call) =>
  (
    variables as {
      input: { requestId: string; lockId?: string; lockIds?: string[]; seatNumbers?: number[] };
    }
  ).input;

const BOOKING: ReadonlySet<string> = new Set([CONFIRM_BOOKING, CONFIRM_BOOKINGS, CHECK_OUT]);

const isRefusedCard = ({ checkOut }: Data): boolean =>
  (checkOut as CheckOutAnswer | undefined)?.payment.status === 'FAILED';

const idsOf = (data: Data): string[] => listOf<BookingAnswer>(data).map(({ id }) => id);
