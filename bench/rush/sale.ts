import { randomBytes } from 'node:crypto';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import type { Progress } from '../lib/progress.js';
import { audit, type Findings, type Watched } from './audit.js';
import { type Account, Fan } from './fan.js';
import { drawHabits } from './fan-behaviour.js';
import { CREATE_EVENT, LOG_IN, SIGN_UP } from './operations.js';
import type { RushOptions } from './options.js';
import { Deadline, withRetries } from './retry.js';
import { type PauseResult, SalePause } from './sale-pause.js';
import { SaleRecord } from './sale-record.js';
import { type Data, Refusal, ServerApi } from './server-api.js';
import { type Ask, readTruth } from './server-state.js';
import { Watcher } from './watcher.js';

/** Fans who share an account. With two seats each they stay below the limit of ten seats. */
const FANS_PER_ACCOUNT = 4;
/** Each sign-up makes the server hash a password. */
const SIGN_UPS_AT_ONCE = 4;
/** With a limit of calls per minute, the accounts of a large sale need several minutes. */
const PREPARE_MS_MAX = 600_000;
const WATCHERS_READY_MS_MAX = 15_000;
/** Watchers lose their connections within this time after the start. */
const WATCHER_DROPS_MS_MAX = 10_000;
const WATCHER_DROPS_MAX = 2;
const WATCHER_AWAY_MS_MAX = 1_500;
/** How long maps and refunds may take until they are right, after the last answer. */
const SETTLE_MS_MAX = 15_000;
const CHECK_EVERY_MS = 250;
/** How long the whole audit may take. */
const AUDIT_MS_MAX = 300_000;
const EVENT_AHEAD_MS = 30 * 24 * 60 * 60 * 1000;

const SEED_LIMIT = 2 ** 31;
const PRICE = { amount: 7_500, currency: 'USD' };

export interface SaleResult {
  readonly record: SaleRecord;
  readonly findings: Findings;
  readonly accounts: number;
  readonly signUpMs: number;
  /** From the first fan's arrival to the last one's answer. */
  readonly saleMs: number;
  readonly startedAtMs: number;
  readonly watchers: { readonly messages: number; readonly resumes: number };
  /** Seats by the letter of their status at the end. */
  readonly seats: { readonly available: number; readonly locked: number; readonly booked: number };
  /** Null without a pause. */
  readonly pause: PauseResult | null;
}

/**
 * Runs one sale against a server and compares its answers with its state afterwards. Uses the public API only. The accounts
 * and the event stay on the server.
 *
 * @throws Error if the sale could not be prepared or its result not be read
 */
export async function runSale(
  endpoint: URL,
  options: RushOptions,
  random: SeededRandom,
  progress: Progress,
): Promise<SaleResult> {
  const office = new Organizer(endpoint, random);
  const record = new SaleRecord(options.fans);
  const watchers: Watcher[] = [];
  try {
    const signUpStartMs = performance.now();
    const accounts = await office.signUp(Math.ceil(options.fans / FANS_PER_ACCOUNT), progress);
    const signUpMs = performance.now() - signUpStartMs;
    const eventId = await office.createEvent(options.seats);
    for (let index = 0; index < options.watchers; index++) {
      const { token } = accounts[index % accounts.length] as Account;
      watchers.push(new Watcher(endpoint, eventId, token));
    }
    await startWatchers(watchers, progress);

    const startedAtMs = performance.now();
    const pause = new SalePause(office.ask(), eventId, record);
    const { pauseAfterMs } = options;
    let saleMs = 0;
    const sell = async () => {
      await runVisits(endpoint, eventId, accounts, options, random, record, watchers, progress);
      saleMs = performance.now() - startedAtMs;
    };
    await Promise.all([sell(), pauseAfterMs !== undefined && pause.pauseAfter(pauseAfterMs)]);

    const { findings, statuses } = await office.audit(eventId, record, watchers, progress);
    const count = (letter: string) => statuses.split(letter).length - 1;
    return {
      record,
      findings,
      accounts: accounts.length,
      signUpMs,
      saleMs,
      startedAtMs,
      watchers: {
        messages: watchers.reduce((sum, { messages }) => sum + messages, 0),
        resumes: watchers.reduce((sum, { resumes }) => sum + resumes, 0),
      },
      seats: { available: count('A'), locked: count('L'), booked: count('B') },
      pause: pauseAfterMs === undefined ? null : await pause.result(watchers),
    };
  } finally {
    await Promise.all(watchers.map((watcher) => watcher.stop()));
    await office.close();
  }
}

/** Creates the accounts and the event, and audits the sale. */
class Organizer {
  readonly #api: ServerApi;
  /** A unique prefix of the accounts' addresses. */
  readonly #name = `rush-${randomBytes(6).toString('hex')}`;
  readonly #password = randomBytes(12).toString('base64url');
  #token = '';

  constructor(
    endpoint: URL,
    private readonly random: SeededRandom,
  ) {
    this.#api = new ServerApi(endpoint);
  }

  close = (): Promise<void> => this.#api.close();

  /** Creates so many accounts, and the organizer's. */
  async signUp(count: number, progress: Progress): Promise<Account[]> {
    const deadline = new Deadline(PREPARE_MS_MAX);
    this.#token = await this.#signUpOne(0, deadline);
    const accounts: Account[] = [];
    progress.show(() => `Signing up: ${accounts.length} of ${count} accounts`);
    let next = 1;
    const signUpNext = async () => {
      while (next <= count)
        accounts.push({ token: await this.#signUpOne(next++, deadline), seats: new Set(), requested: 0 });
    };
    await Promise.all(Array.from({ length: SIGN_UPS_AT_ONCE }, signUpNext));
    return accounts;
  }

  async createEvent(totalSeats: number): Promise<string> {
    const eventDate = new Date(Date.now() + EVENT_AHEAD_MS).toISOString();
    const input = { name: `Rush ${new Date().toISOString()}`, eventDate, totalSeats, price: PRICE };
    const data = await this.ask(PREPARE_MS_MAX)(CREATE_EVENT, { input });
    return (data.createEvent as { id: string }).id;
  }

  /** Reads the truth until maps and money agree with it, or the time limit is reached. */
  async audit(
    eventId: string,
    record: SaleRecord,
    watchers: readonly Watcher[],
    progress: Progress,
  ): Promise<{ findings: Findings; statuses: string }> {
    progress.show(() => 'Audit: reading bookings, money and maps');
    const ask = this.ask();
    const settling = new Deadline(SETTLE_MS_MAX + Math.max(0, ...watchers.map(({ awayMs }) => awayMs)));
    for (;;) {
      const truth = await readTruth(ask, eventId);
      const watched = watchers.map(({ map, errors }, watcher): Watched => {
        const differences = map.differences(truth.seatMap, Date.now());
        return { watcher, version: map.version, differences, errors };
      });
      const findings = audit(record, PRICE.amount, truth, watched);
      // Lost and twice sold seats stay wrong. Map updates and refunds may still be in progress.
      const { watchersWrong, mapWrong, moneyWrong } = findings;
      const settled = watchersWrong.count + mapWrong.count + moneyWrong.count === 0;
      if (settled || settling.leftMs === 0) return { findings, statuses: truth.seatMap.statuses };
      await settling.pause(CHECK_EVERY_MS).catch(() => undefined);
    }
  }

  /** Sends operations as the event's organizer. @returns a function that retries for a limited time from now on */
  ask(ms = AUDIT_MS_MAX): Ask {
    const deadline = new Deadline(ms);
    return (operation, variables) =>
      withRetries(
        () => this.#api.ask(operation, variables, this.#token),
        deadline,
        this.random,
        () => undefined,
      );
  }

  async #signUpOne(number: number, deadline: Deadline): Promise<string> {
    const input = { email: `${this.#name}-${number}@example.com`, password: this.#password };
    const data = await withRetries(
      () =>
        this.#api.ask(SIGN_UP, { input }).catch((error: unknown): Promise<Data> => {
          // The answer to an earlier try was lost.
          if (!(error instanceof Refusal) || error.code !== 'EMAIL_TAKEN') throw error;
          return this.#api.ask(LOG_IN, { input });
        }),
      deadline,
      this.random,
      () => undefined,
    );
    return ((data.signUp ?? data.logIn) as { token: string }).token;
  }
}

async function startWatchers(watchers: readonly Watcher[], progress: Progress): Promise<void> {
  const ready = () => watchers.filter(({ map }) => map.version !== null).length;
  progress.show(() => `Watchers: ${ready()} of ${watchers.length} have their map`);
  for (const watcher of watchers) watcher.start();
  const deadline = new Deadline(WATCHERS_READY_MS_MAX);
  // The audit finds watchers without a map.
  while (ready() < watchers.length && deadline.leftMs > 0)
    await deadline.pause(CHECK_EVERY_MS).catch(() => undefined);
}

/** Runs all visits until each fan has an answer, or until the deadline. */
async function runVisits(
  endpoint: URL,
  eventId: string,
  accounts: readonly Account[],
  { fans, deadlineMs }: RushOptions,
  random: SeededRandom,
  record: SaleRecord,
  watchers: readonly Watcher[],
  progress: Progress,
): Promise<void> {
  const api = new ServerApi(endpoint);
  const deadline = new Deadline(deadlineMs);
  const sale = { api, eventId, price: PRICE.amount, currency: PRICE.currency, deadline, record };
  const visits = record.visits.map((visit) => {
    const own = new SeededRandom(random.below(SEED_LIMIT));
    const account = accounts[visit.fan % accounts.length] as Account;
    return new Fan(sale, account, drawHabits(own), own).visit(visit);
  });
  const drops = watchers.flatMap((watcher) =>
    Array.from({ length: random.below(WATCHER_DROPS_MAX + 1) }, () => {
      const awayMs = random.below(WATCHER_AWAY_MS_MAX);
      return setTimeout(() => watcher.drop(awayMs), random.below(WATCHER_DROPS_MS_MAX));
    }),
  );
  progress.show(() => saleLine(record, fans, deadlineMs - deadline.leftMs));
  const last = setTimeout(() => void api.close(), deadlineMs);
  await Promise.all(visits);
  clearTimeout(last);
  for (const drop of drops) clearTimeout(drop);
  await api.close();
}

function saleLine(record: SaleRecord, fans: number, elapsedMs: number): string {
  const arrived = record.visits.filter((visit) => visit.arrived).length;
  const answered = record.visits.filter(({ ending }) => ending !== undefined).length;
  const retries = [...record.retries.values()].reduce((sum, times) => sum + times, 0);
  return (
    `${(elapsedMs / 1000).toFixed(0)} s: ${arrived} of ${fans} fans have arrived, ${answered} have an answer · ` +
    `${record.bookedAtMs.length} bookings · ${record.refusals.get('SEAT_UNAVAILABLE') ?? 0} seats lost to others · ` +
    `${record.doubleClicks} double clicks · ${record.dropped} connections dropped · ${retries} retries`
  );
}
