import { setTimeout as wait } from 'node:timers/promises';
import { SeededRandom } from '../../../src/test/support/seeded-random.js';
import {
  CREATE_EVENT,
  LOCK_SEAT,
  type LockAnswer,
  RELEASE_LOCK,
  SEAT_MAP,
  type SeatMapAnswer,
} from '../../rush/operations.js';
import { Deadline, withRetries } from '../../rush/retry.js';
import type { Api, Data } from '../../rush/server-api.js';
import { FAULTS, type FaultName } from './faults.js';
import { type Holdings, holdAgainst } from './final-state.js';
import { MapHistory } from './history.js';
import { auditMessages, type Finding } from './message-audit.js';
import type { Base } from './recorded-subscriptions.js';
import type { Stage, StagedServer } from './test-cluster.js';
import { Watcher } from './watcher.js';
import { Writer } from './writer.js';

/** How long anybody may wait for what is committed, once everything works again. */
const WAIT_MS_MAX = 20_000;
const CHECK_EVERY_MS = 50;
/** Written before the fault, and after it. */
const BEFORE_MS_MAX = 400;
const AFTER_MS_MAX = 300;
/** Rounds in which watchers have no whims, so that none who comes back mends a map for the others. */
const STILL_PERCENT = 50;
/** Every so many watchers have whims; the others stay where they are. */
const RESTLESS_OF = 3;
const SEATS = [30, 100, 1_000] as const;
/** Maps that are read for the first time while they change, at a time. */
const UNWATCHED_MAPS = 8;
const UNWATCHED_SEATS = 10;
const UNWATCHED_WATCHERS = 4;
const UNWATCHED_WRITES_MAX = 3;
const UNWATCHED_APART_MS_MAX = 40;
const UNWATCHED_DELAY_MS_MAX = 40;
/** Of the changes that there are, so many percent at least are forgotten at a time. */
const FORGOTTEN_PERCENT_MIN = 50;

const EVENT_AHEAD_MS = 30 * 24 * 60 * 60 * 1000;
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
interface EventUnderTest {
  readonly eventId: string;
  readonly history: MapHistory;
  readonly watchers: Watcher[];
}

class Run {
  readonly #findings: Finding[] = [];
  readonly #events: EventUnderTest[] = [];
  readonly #faults: FaultName[] = [];
  readonly #writers: Writer[] = [];
  /** Whoever has to ask again draws from no one else's chance. */
  readonly #pauses = new SeededRandom(0);
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
      const servers = this.stage.servers.map(({ api }) => api);
      const writers = await this.#newWriters(main, options.writers, servers);
      const faults = this.#order();
      for (let round = 0; round < options.rounds && this.#findings.length === 0; round++) {
        const isLapsing = round >= options.rounds / 2;
        await this.#round(main, writers, faults[round], isLapsing, `round ${round + 1} of ${options.rounds}`);
      }
      for (const reader of this.stage.servers) {
        const other = this.stage.servers.find((server) => server !== reader) as StagedServer;
        if (this.#findings.length === 0) await this.#unwatchedMaps(reader, other);
      }
      for (const each of this.#events) await this.#end(each);
    } finally {
      for (const { watchers } of this.#events) await Promise.all(watchers.map((watcher) => watcher.stop()));
    }
    return this.#result();
  }

  /** In an order of chance. Seeds in a row go on where the last one stopped, so that few rounds meet every fault. */
  #order(): (FaultName | undefined)[] {
    const { faults, rounds } = this.options;
    const first = this.random.seed * rounds;
    const dealt = Array.from({ length: rounds }, (_, round) => faults[(first + round) % faults.length]);
    return this.random.some(dealt, rounds);
  }

  async #open(totalSeats: number): Promise<EventUnderTest> {
    const eventDate = new Date(Date.now() + EVENT_AHEAD_MS).toISOString();
    const [organizer] = await this.stage.newUsers(1);
    const input = { name: 'Chaos', eventDate, totalSeats };
    const { createEvent } = await this.#ask(this.stage.fastServer, CREATE_EVENT, { input }, organizer);
    const { id: eventId } = createEvent as { id: string };
    const hall = { eventId, history: new MapHistory(totalSeats), watchers: [] };
    this.#events.push(hall);
    return hall;
  }

  async #watch(hall: EventUnderTest, count: number, hasWhims: (index: number) => boolean): Promise<void> {
    for (let index = 0; index < count; index++) {
      const name = `watcher ${this.#events.indexOf(hall)}.${hall.watchers.length}`;
      const watcher = new Watcher(name, hall.eventId, this.stage.servers, this.#draw());
      hall.watchers.push(watcher);
      watcher.start(hasWhims(index));
    }
  }

  async #newWriters(hall: EventUnderTest, count: number, servers: readonly Api[]): Promise<Writer[]> {
    const tokens = await this.stage.newUsers(count);
    const seats = hall.history.totalSeats - 1;
    const writers = tokens.map((token) => new Writer(servers, hall.eventId, seats, token, this.#draw()));
    this.#writers.push(...writers);
    return writers;
  }

  /** Some writing with one fault in it, and then calm: everybody has to be told of everything. */
  async #round(
    main: EventUnderTest,
    writers: readonly Writer[],
    fault: FaultName | undefined,
    isLapsing: boolean,
    name: string,
  ): Promise<void> {
    const { stage, random } = this;
    this.show(`${name}: ${fault === undefined ? 'nothing breaks' : FAULTS[fault].what}`);
    const hasty: Api[] = isLapsing ? stage.servers.map(() => stage.fastServer) : [];
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
        dropStreamChange: () => hush.abort(),
        mark: () => this.#mark(main),
      });
    }
    if (!hush.signal.aborted) await wait(random.below(AFTER_MS_MAX));
    hush.abort();
    await Promise.all(writing);
    await this.#calm(main, fault ?? 'no fault');
  }

  /** Writes at least one change, on the seat that writers leave alone. */
  async #mark({ eventId, history }: EventUnderTest): Promise<void> {
    const { api } = this.stage.servers[0] as StagedServer;
    const [token] = await this.stage.newUsers(1);
    const input = { eventId, seatNumber: history.totalSeats };
    const { lockSeat } = await this.#ask(api, LOCK_SEAT, { input }, token);
    await this.#ask(api, RELEASE_LOCK, { lockId: (lockSeat as LockAnswer).id }, token);
  }

  /** Everybody reads, and nobody writes: all that was committed has to come without a next change that brings it. */
  async #calm({ eventId, watchers }: EventUnderTest, after: string): Promise<void> {
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

  /**
   * Maps that nobody has looked at are read by a server while they are changed through another one; and then they are
   * left alone. The database answers the one that reads only when all is written: so its change stream delivers, while
   * it still reads, what came after its snapshot was taken, or what the snapshot has already.
   */
  async #unwatchedMaps(reader: StagedServer, other: StagedServer): Promise<void> {
    this.show(`${UNWATCHED_MAPS} maps are read for the first time while they change`);
    const { random } = this;
    const halls = await Promise.all(
      Array.from({ length: UNWATCHED_MAPS }, () => this.#open(UNWATCHED_SEATS)),
    );
    const writers = (await Promise.all(halls.map((hall) => this.#newWriters(hall, 1, [other.api])))).flat();
    const never = new AbortController();
    const watch = async (hall: EventUnderTest) => {
      await wait(random.below(UNWATCHED_APART_MS_MAX));
      await this.#watch(hall, UNWATCHED_WATCHERS, () => false);
      await wait(UNWATCHED_APART_MS_MAX);
    };
    const write = async (writer: Writer) => {
      for (let writes = 1 + random.below(UNWATCHED_WRITES_MAX); writes > 0; writes--)
        await writer.lock(never.signal);
    };
    reader.database.hold();
    await Promise.all(
      halls.map(async (hall, index) => {
        const writing = () => write(writers[index] as Writer);
        if (random.chance(50)) await watch(hall).then(writing);
        else await writing().then(() => watch(hall));
      }),
    );
    reader.database.delayReplies(() => random.below(UNWATCHED_DELAY_MS_MAX));
    reader.database.release();
    await Promise.all(halls.map((hall) => this.#calm(hall, 'its first reading')));
    reader.database.delayReplies(0);
  }

  async #forget({ eventId, history }: EventUnderTest): Promise<void> {
    this.#isForgetful = true;
    await this.#record(eventId, history);
    const percent = FORGOTTEN_PERCENT_MIN + this.random.below(100 - FORGOTTEN_PERCENT_MIN);
    await this.stage.forgetChanges(eventId, Math.ceil((history.version * percent) / 100));
  }

  async #record(eventId: string, history: MapHistory): Promise<void> {
    for (const change of await this.stage.changes(eventId, history.version)) history.add(change);
  }

  /** Waits until time has no more to change, and holds all that everybody was told against the database. */
  async #end(hall: EventUnderTest): Promise<void> {
    const { eventId, history, watchers } = hall;
    this.show('the end of it is awaited, and judged');
    const endMs = performance.now() + WAIT_MS_MAX;
    while (await this.stage.isAnythingLeft(eventId)) {
      if (performance.now() > endMs) {
        this.#findings.push({ check: 'waiting', what: 'lapses were not written down' });
        break;
      }
      await wait(CHECK_EVERY_MS);
    }
    do {
      if (!this.#findings.some(({ check }) => check === 'waiting')) await this.#calm(hall, 'the end');
      await this.#record(eventId, history);
    } while (history.version < (await this.stage.version(eventId)) && performance.now() < endMs);

    const isAllKnown = this.options.faults.length === 0 && !this.#isForgetful;
    const { findings, endings } = auditMessages(history, watchers, { isAllKnown });
    this.#findings.push(...findings);
    for (const watcher of watchers) {
      this.#findings.push(...watcher.breaches.map((what) => ({ check: 'refused', what }) as const));
    }
    this.#findings.push(...holdAgainst(await this.#holdings(eventId), history, endings));
  }

  async #holdings(eventId: string): Promise<Holdings> {
    const seatMaps: SeatMapAnswer[] = [];
    for (const { api } of this.stage.servers) {
      const { event } = await this.#ask(api, SEAT_MAP, { eventId });
      seatMaps.push((event as { seatMap: SeatMapAnswer }).seatMap);
    }
    const locks = await this.stage.liveLocks(eventId);
    return { version: await this.stage.version(eventId), locks, seatMaps, readMs: Date.now() };
  }

  #result(): RunResult {
    for (const { breaches } of this.#writers) {
      this.#findings.push(...breaches.map((what) => ({ check: 'refused', what }) as const));
    }
    const watchers = this.#events.flatMap((hall) => hall.watchers);
    const subscriptions = watchers.flatMap((watcher) => watcher.subscriptions);
    const told = subscriptions.flatMap((subscription) => subscription.told);
    const bases = { nothing: 0, 'its map': 0, 'an old map': 0, 'an invention': 0 };
    for (const { base } of subscriptions) bases[base] += 1;
    return {
      seed: this.random.seed,
      faults: this.#faults,
      findings: this.#findings,
      versions: this.#events.reduce((sum, { history }) => sum + history.version, 0),
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

  /** Until there is an answer. */
  #ask(api: Api, operation: string, variables: object, token?: string): Promise<Data> {
    const ask = () => api.ask(operation, variables, token);
    return withRetries(ask, new Deadline(WAIT_MS_MAX), this.#pauses, () => undefined);
  }

  #draw = (): SeededRandom => new SeededRandom(this.random.below(SEED_LIMIT));
}

function sum(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const each of counts) for (const [what, times] of each) all.set(what, (all.get(what) ?? 0) + times);
  return all;
}
