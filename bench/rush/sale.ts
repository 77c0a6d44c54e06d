import { randomBytes } from 'node:crypto';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { audit, type Findings, type Watched } from './audit.js';
import { type Account, Fan } from './fan.js';
import { drawHabits } from './fan-behaviour.js';
import { CREATE_EVENT, LOG_IN, SIGN_UP } from './operations.js';
import type { RushOptions } from './options.js';
import type { Progress } from './progress.js';
import { Deadline, withRetries } from './retry.js';
import { SaleRecord } from './sale-record.js';
import { type Data, Refusal, ServerApi } from './server-api.js';
import { type Ask, readTruth } from './server-state.js';
import { Watcher } from './watcher.js';

/** Fans that share an account: with two seats each they stay below the ten that one account may have. */
const FANS_PER_ACCOUNT = 4;
/** Each hashes a password, which is work on the server's side. */
const SIGN_UPS_AT_ONCE = 4;
/** A server that counts calls by the minute lets a large sale's accounts in over several of them. */
const PREPARE_MS_MAX = 600_000;
const WATCHERS_READY_MS_MAX = 15_000;
/** Within this time after the start watchers lose their connections, each so often at most and for so long at most. */
const WATCHER_DROPS_MS_MAX = 10_000;
const WATCHER_DROPS_MAX = 2;
const WATCHER_AWAY_MS_MAX = 1_500;
/** How long maps and refunds may take to come right after the last answer. */
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
}

/**
 * Plays one sale against a server and holds what it said against what it says afterwards. Needs the public API only;
 * accounts and the event stay on the server.
 *
 * @throws Error when the sale could not be prepared or its end not be read
 */
export async function playSale(
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
    await playVisits(endpoint, eventId, accounts, options, random, record, watchers, progress);
    const saleMs = performance.now() - startedAtMs;

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
    };
  } finally {
    await Promise.all(watchers.map((watcher) => watcher.stop()));
    await office.close();
  }
}

/** Whoever organizes: opens the accounts, creates the event, reads the books. */
class Organizer {
  readonly #api: ServerApi;
  /** Nobody else's accounts have these names. */
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

  /** So many accounts, and the organizer's. */
  async signUp(count: number, progress: Progress): Promise<Account[]> {
    const deadline = new Deadline(PREPARE_MS_MAX);
    this.#token = await this.#signUpOne(0, deadline);
    const accounts: Account[] = [];
    progress.show(() => `Signing up: ${accounts.length} of ${count} accounts`);
    let next = 1;
    const desk = async () => {
      while (next <= count)
        accounts.push({ token: await this.#signUpOne(next++, deadline), seats: new Set(), asked: 0 });
    };
    await Promise.all(Array.from({ length: SIGN_UPS_AT_ONCE }, desk));
    return accounts;
  }

  async createEvent(totalSeats: number): Promise<string> {
    const eventDate = new Date(Date.now() + EVENT_AHEAD_MS).toISOString();
    const input = { name: `Rush ${new Date().toISOString()}`, eventDate, totalSeats, price: PRICE };
    const data = await this.#asking(new Deadline(PREPARE_MS_MAX))(CREATE_EVENT, { input });
    return (data.createEvent as { id: string }).id;
  }

  /** Reads the truth until maps and money agree with it, or the time for that is up. */
  async audit(
    eventId: string,
    record: SaleRecord,
    watchers: readonly Watcher[],
    progress: Progress,
  ): Promise<{ findings: Findings; statuses: string }> {
    progress.show(() => 'Audit: reading bookings, money and maps');
    const ask = this.#asking(new Deadline(AUDIT_MS_MAX));
    const settling = new Deadline(SETTLE_MS_MAX + Math.max(0, ...watchers.map(({ awayMs }) => awayMs)));
    for (;;) {
      const truth = await readTruth(ask, eventId);
      const watched = watchers.map(({ map, faults }, watcher): Watched => {
        const differences = map.differences(truth.seatMap, Date.now());
        return { watcher, version: map.version, differences, faults };
      });
      const findings = audit(record, PRICE.amount, truth, watched);
      // What was sold twice or lost stays so; what was told to maps and paid back may only be on its way.
      const { watchersWrong, mapWrong, moneyWrong } = findings;
      const settled = watchersWrong.count + mapWrong.count + moneyWrong.count === 0;
      if (settled || settling.leftMs === 0) return { findings, statuses: truth.seatMap.statuses };
      await settling.pause(CHECK_EVERY_MS).catch(() => undefined);
    }
  }

  #asking(deadline: Deadline): Ask {
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
  // Whoever has none by then is found out by the audit.
  while (ready() < watchers.length && deadline.leftMs > 0)
    await deadline.pause(CHECK_EVERY_MS).catch(() => undefined);
}

/** Lets the fans come, and returns once each has an answer or the deadline has come. */
async function playVisits(
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
    `${(elapsedMs / 1000).toFixed(0)} s: ${arrived} of ${fans} fans have come, ${answered} have their answer · ` +
    `${record.bookedAtMs.length} bookings · ${record.refusals.get('SEAT_UNAVAILABLE') ?? 0} seats lost to others · ` +
    `${record.doubleClicks} double clicks · ${record.dropped} connections dropped · ${retries} retries`
  );
}
