import { setTimeout as wait } from 'node:timers/promises';
import { SeededRandom } from '../../../src/test/seeded-random.js';
import {
  LOCK_SEAT,
  type LockAnswer,
  RELEASE_LOCK,
  SEAT_MAP,
  type SeatMapAnswer,
} from '../../rush/operations.js';
import { Deadline, patiently } from '../../rush/patience.js';
import type { Api } from '../../rush/server-api.js';
import { type Holdings, holdAgainst } from './ending.js';
import { FAULTS, type FaultName } from './faults.js';
import { MapHistory } from './history.js';
import { type Finding, judge } from './judge.js';
import type { Stage, StagedServer } from './stage.js';
import type { Base } from './watched.js';
import { Watcher } from './watcher.js';
import { Writer } from './writer.js';

/** How long anybody may wait for what is committed, once everything works again. */
const WAIT_MS_MAX = 20_000;
const LOOK_EVERY_MS = 50;
/** Written before the fault, and after it. */
const BEFORE_MS_MAX = 400;
const AFTER_MS_MAX = 300;
/** Rounds in which watchers have no whims, so that none who comes back mends a map for the others. */
const STILL_PERCENT = 50;
/** Every so many watchers have whims; the others stay where they are. */
const RESTLESS_OF = 3;
const SEATS = [30, 100, 1_000] as const;
/** Maps that are read for the first time while they change. */
const COLD_MAPS = 8;
const COLD_SEATS = 10;
const COLD_WATCHERS = 4;
const COLD_WRITES_MAX = 3;
const COLD_APART_MS_MAX = 20;
const COLD_DELAY_MS_MAX = 25;
/** Of the changes that there are, so many percent at least are forgotten at a time. */
const FORGOTTEN_PERCENT_MIN = 50;

const SEED_LIMIT = 2 ** 31;

export interface RunOptions {
  readonly faults: readonly FaultName[];
  /** Each with one fault, or with none. */
  readonly rounds: number;
  readonly watchers: number;
  readonly writers: number;
}

export interface RunResult {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly findings: readonly Finding[];
  readonly versions: number;
  readonly messages: number;
  readonly snapshots: number;
  readonly merged: number;
  /** How often watchers came with what. */
  readonly bases: Readonly<Record<Base, number>>;
  readonly setbacks: ReadonlyMap<string, number>;
  readonly answers: ReadonlyMap<string, number>;
  /** The longest time that watchers needed, once all worked again, to have what was committed. */
  readonly slowestMs: number;
}

/** Plays one seed on a stage, and judges it. */
export async function play(
  stage: Stage,
  options: RunOptions,
  seed: number,
  show: (line: string) => void,
): Promise<RunResult> {
  return new Run(stage, options, new SeededRandom(seed), show).play();
}

/** One map, those who watch it, and its history. */
interface Show {
  readonly eventId: string;
  readonly history: MapHistory;
  readonly watchers: Watcher[];
}

class Run {
  readonly #findings: Finding[] = [];
  readonly #shows: Show[] = [];
  readonly #faults: FaultName[] = [];
  readonly #writers: Writer[] = [];
  #slowestMs = 0;
  #isForgetful = false;

  constructor(
    private readonly stage: Stage,
    private readonly options: RunOptions,
    private readonly random: SeededRandom,
    private readonly show: (line: string) => void,
  ) {}

  async play(): Promise<RunResult> {
    const { random, options } = this;
    try {
      const main = await this.#open(random.pick(SEATS));
      await this.#watch(main, options.watchers, (index) => index % RESTLESS_OF !== 0);
      const writers = await this.#newWriters(main, options.writers);
      const faults = this.#order();
      for (let round = 0; round < options.rounds && this.#findings.length === 0; round++) {
        const isLapsing = round >= options.rounds / 2;
        await this.#round(main, writers, faults[round], isLapsing, `round ${round + 1} of ${options.rounds}`);
      }
      for (let map = 0; map < COLD_MAPS && this.#findings.length === 0; map++) await this.#coldMap(map);
      for (const each of this.#shows) await this.#end(each);
    } finally {
      for (const { watchers } of this.#shows) await Promise.all(watchers.map((watcher) => watcher.stop()));
    }
    return this.#result();
  }

  /** Each fault once before any comes again. */
  #order(): (FaultName | undefined)[] {
    const { faults, rounds } = this.options;
    const order: (FaultName | undefined)[] = [];
    while (order.length < rounds) {
      if (faults.length === 0) order.push(undefined);
      else order.push(...this.random.some(faults, faults.length));
    }
    return order;
  }

  async #open(totalSeats: number): Promise<Show> {
    const eventId = await this.stage.newEvent(totalSeats);
    const show = { eventId, history: new MapHistory(totalSeats), watchers: [] };
    this.#shows.push(show);
    return show;
  }

  async #watch(show: Show, count: number, hasWhims: (index: number) => boolean): Promise<void> {
    for (let index = 0; index < count; index++) {
      const name = `watcher ${this.#shows.indexOf(show)}.${show.watchers.length}`;
      const watcher = new Watcher(name, show.eventId, this.stage.servers, this.#draw());
      show.watchers.push(watcher);
      watcher.start(hasWhims(index));
    }
  }

  async #newWriters(show: Show, count: number): Promise<Writer[]> {
    const apis = this.stage.servers.map(({ api }) => api);
    const tokens = await this.stage.newUsers(count);
    const seats = show.history.totalSeats - 1;
    const writers = tokens.map((token) => new Writer(apis, show.eventId, seats, token, this.#draw()));
    this.#writers.push(...writers);
    return writers;
  }

  /** Some writing with one fault in it, and then calm: everybody has to be told of everything. */
  async #round(
    main: Show,
    writers: readonly Writer[],
    fault: FaultName | undefined,
    isLapsing: boolean,
    name: string,
  ): Promise<void> {
    const { stage, random } = this;
    this.show(`${name}: ${fault === undefined ? 'nothing breaks' : FAULTS[fault].what}`);
    const hasty: Api[] = isLapsing ? stage.servers.map(() => stage.hasty) : [];
    const hush = new AbortController();
    if (!random.chance(STILL_PERCENT)) for (const watcher of main.watchers) watcher.stir();
    const writing = writers.map((writer) => writer.write(hush.signal, hasty));
    await wait(random.below(BEFORE_MS_MAX));
    if (fault !== undefined) {
      this.#faults.push(fault);
      await FAULTS[fault].play({
        stage,
        random,
        forgetChanges: () => this.#forget(main),
        hush: () => hush.abort(),
        mark: () => this.#mark(main),
      });
    }
    if (!hush.signal.aborted) await wait(random.below(AFTER_MS_MAX));
    hush.abort();
    await Promise.all(writing);
    await this.#calm(main, fault ?? 'no fault');
  }

  /** Writes at least one change, on the seat that writers leave alone. */
  async #mark({ eventId, history }: Show): Promise<void> {
    const { api } = this.stage.servers[0] as StagedServer;
    const [token] = await this.stage.newUsers(1);
    const ask = (operation: string, variables: object) =>
      patiently(
        () => api.ask(operation, variables, token),
        new Deadline(WAIT_MS_MAX),
        this.random,
        () => undefined,
      );
    const input = { eventId, seatNumber: history.totalSeats };
    const { lockSeat } = await ask(LOCK_SEAT, { input });
    await ask(RELEASE_LOCK, { lockId: (lockSeat as LockAnswer).id });
  }

  /** Everybody reads, and nobody writes: all that was committed has to come without a next change that brings it. */
  async #calm({ eventId, watchers }: Show, after: string): Promise<void> {
    const startMs = performance.now();
    for (const watcher of watchers) watcher.calm();
    const version = await this.stage.version(eventId);
    const isThere = await Promise.all(watchers.map((watcher) => watcher.reaches(version, WAIT_MS_MAX)));
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startMs);
    watchers.forEach((watcher, index) => {
      if (isThere[index]) return;
      const what = `${watcher.watcher} is at version ${watcher.version} of ${version} ${WAIT_MS_MAX / 1000} s after ${after}`;
      this.#findings.push({ check: 'waiting', what });
    });
  }

  /** A map that nobody has looked at is read, changed and watched at the same time, and then left alone. */
  async #coldMap(number: number): Promise<void> {
    const { stage, random } = this;
    this.show(`map ${number + 1} of ${COLD_MAPS} is read for the first time while it changes`);
    const cold = await this.#open(COLD_SEATS);
    const writers = await this.#newWriters(cold, 1 + random.below(COLD_WRITES_MAX));
    for (const { database } of stage.servers) database.delayReplies(() => random.below(COLD_DELAY_MS_MAX));
    const never = new AbortController();
    await Promise.all([
      ...writers.map(async (writer) => {
        await wait(random.below(COLD_APART_MS_MAX));
        await writer.lock(never.signal);
      }),
      ...Array.from({ length: COLD_WATCHERS }, async () => {
        await wait(random.below(COLD_APART_MS_MAX));
        await this.#watch(cold, 1, () => false);
      }),
    ]);
    for (const { database } of stage.servers) database.delayReplies(0);
    await this.#calm(cold, 'its first reading');
  }

  async #forget({ eventId, history }: Show): Promise<void> {
    this.#isForgetful = true;
    await this.#record(eventId, history);
    const percent = FORGOTTEN_PERCENT_MIN + this.random.below(100 - FORGOTTEN_PERCENT_MIN);
    await this.stage.forgetChanges(eventId, Math.ceil((history.version * percent) / 100));
  }

  async #record(eventId: string, history: MapHistory): Promise<void> {
    for (const change of await this.stage.changes(eventId, history.version)) history.add(change);
  }

  /** Waits until time has no more to change, and holds all that everybody was told against the database. */
  async #end(show: Show): Promise<void> {
    const { eventId, history, watchers } = show;
    this.show('the end of it is awaited, and judged');
    const endMs = performance.now() + WAIT_MS_MAX;
    while (await this.stage.isAnythingLeft(eventId)) {
      if (performance.now() > endMs) {
        this.#findings.push({ check: 'waiting', what: 'lapses were not written down' });
        break;
      }
      await wait(LOOK_EVERY_MS);
    }
    do {
      if (!this.#findings.some(({ check }) => check === 'waiting')) await this.#calm(show, 'the end');
      await this.#record(eventId, history);
    } while (history.version < (await this.stage.version(eventId)) && performance.now() < endMs);

    const isAllKnown = this.options.faults.length === 0 && !this.#isForgetful;
    const { findings, endings } = judge(history, watchers, { isAllKnown });
    this.#findings.push(...findings);
    for (const watcher of watchers) {
      this.#findings.push(...watcher.breaches.map((what) => ({ check: 'refused', what }) as const));
    }
    this.#findings.push(...holdAgainst(await this.#holdings(eventId), history, endings));
  }

  async #holdings(eventId: string): Promise<Holdings> {
    const seatMaps: SeatMapAnswer[] = [];
    for (const { api } of this.stage.servers) {
      const { event } = await api.ask(SEAT_MAP, { eventId });
      seatMaps.push((event as { seatMap: SeatMapAnswer }).seatMap);
    }
    const locks = await this.stage.liveLocks(eventId);
    return { version: await this.stage.version(eventId), locks, seatMaps, readMs: Date.now() };
  }

  #result(): RunResult {
    for (const { breaches } of this.#writers) {
      this.#findings.push(...breaches.map((what) => ({ check: 'refused', what }) as const));
    }
    const watchers = this.#shows.flatMap((show) => show.watchers);
    const subscriptions = watchers.flatMap((watcher) => watcher.subscriptions);
    const told = subscriptions.flatMap((subscription) => subscription.told);
    const bases = { nothing: 0, 'its map': 0, 'an old map': 0, 'an invention': 0 };
    for (const { base } of subscriptions) bases[base] += 1;
    return {
      seed: this.random.seed,
      faults: this.#faults,
      findings: this.#findings,
      versions: this.#shows.reduce((sum, { history }) => sum + history.version, 0),
      messages: told.length,
      snapshots: told.filter(({ kind }) => kind === 'SNAPSHOT').length,
      merged: told.filter(
        ({ previousVersion, version }) => previousVersion !== null && version - previousVersion > 1,
      ).length,
      bases,
      setbacks: sum(watchers.map(({ setbacks }) => setbacks)),
      answers: sum(this.#writers.map(({ answers }) => answers)),
      slowestMs: this.#slowestMs,
    };
  }

  #draw = (): SeededRandom => new SeededRandom(this.random.below(SEED_LIMIT));
}

function sum(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const each of counts) for (const [what, times] of each) all.set(what, (all.get(what) ?? 0) + times);
  return all;
}
