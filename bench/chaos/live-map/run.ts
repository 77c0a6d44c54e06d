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
import { EventUnderTest } from './event-under-test.js';
import { FAULTS, type FaultName } from './faults.js';
import type { FinalState } from './final-state.js';
import type { MapHistory } from './history.js';
import type { Finding } from './message-audit.js';
import type { KnownState } from './recorded-subscriptions.js';
import type { ClusterServer, TestCluster } from './test-cluster.js';
import { Writer } from './writer.js';

/** How long watchers may take to catch up after the repair. */
const WAIT_MS_MAX = 20_000;
const CHECK_EVERY_MS = 50;
const END = 'the end';
/** Duration of writes before and after the fault. */
const BEFORE_MS_MAX = 400;
const AFTER_MS_MAX = 300;
/** How often watchers do not act in a round, in percent: a returning watcher could repair a map for the others. */
const STILL_PERCENT = 50;
/** One of so many watchers does not act at random. */
const RESTLESS_OF = 3;
const SEATS = [30, 100, 1_000] as const;
/** Maps that are loaded while they change, at a time. */
const UNWATCHED_MAPS = 8;
const UNWATCHED_SEATS = 10;
const UNWATCHED_WATCHERS = 4;
const UNWATCHED_WRITES_MAX = 3;
const UNWATCHED_APART_MS_MAX = 40;
const UNWATCHED_DELAY_MS_MAX = 40;
/** The smallest share of changes that is deleted, in percent. */
const DELETED_PERCENT_MIN = 50;

const EVENT_AHEAD_MS = 30 * 24 * 60 * 60 * 1000;
const SEED_LIMIT = 2 ** 31;

export interface RunOptions {
  readonly faults: readonly FaultName[];
  /** Rounds with one fault each, or none. */
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
  /** Right messages that the client package was given, and faults that were planted on the way to it. */
  readonly rightMessages: number;
  readonly plantedFaults: number;
  readonly snapshots: number;
  readonly merged: number;
  /** What watchers knew when they subscribed. */
  readonly knownStates: Readonly<Record<KnownState, number>>;
  readonly setbacks: ReadonlyMap<string, number>;
  readonly answers: ReadonlyMap<string, number>;
  /** The longest time that watchers needed to catch up after a repair. */
  readonly slowestMs: number;
}

/** Runs one seed on a cluster and audits it. */
export async function runSeed(
  cluster: TestCluster,
  options: RunOptions,
  seed: number,
  show: (line: string) => void,
): Promise<RunResult> {
  return new Run(cluster, options, new SeededRandom(seed), show).run();
}

class Run {
  readonly #findings: Finding[] = [];
  readonly #events: EventUnderTest[] = [];
  readonly #faults: FaultName[] = [];
  readonly #writers: Writer[] = [];
  /** Random pauses of retries, which must not influence the other random numbers. */
  readonly #pauses = new SeededRandom(0);
  #slowestMs = 0;
  #hasDeletedChanges = false;

  constructor(
    private readonly cluster: TestCluster,
    private readonly options: RunOptions,
    private readonly random: SeededRandom,
    private readonly show: (line: string) => void,
  ) {}

  async run(): Promise<RunResult> {
    const { random, options } = this;
    try {
      const main = await this.#open(random.pick(SEATS));
      main.watch(options.watchers, this.cluster.servers, this.#draw, (index) => index % RESTLESS_OF !== 0);
      const servers = this.cluster.servers.map(({ api }) => api);
      const writers = await this.#newWriters(main, options.writers, servers);
      const faults = this.#order();
      for (let round = 0; round < options.rounds && this.#findings.length === 0; round++) {
        const isExpiring = round >= options.rounds / 2;
        await this.#round(
          main,
          writers,
          faults[round],
          isExpiring,
          `round ${round + 1} of ${options.rounds}`,
        );
      }
      for (const reader of this.cluster.servers) {
        const other = this.cluster.servers.find((server) => server !== reader) as ClusterServer;
        if (this.#findings.length === 0) await this.#unwatchedMaps(reader, other);
      }
      for (const each of this.#events) await this.#end(each);
    } finally {
      for (const event of this.#events) await event.stop();
    }
    return this.#result();
  }

  /** The faults in random order. Each seed continues the list of the last one, so that few rounds cover every fault. */
  #order(): (FaultName | undefined)[] {
    const { faults, rounds } = this.options;
    const first = this.random.seed * rounds;
    const dealt = Array.from({ length: rounds }, (_, round) => faults[(first + round) % faults.length]);
    return this.random.some(dealt, rounds);
  }

  async #open(totalSeats: number): Promise<EventUnderTest> {
    const eventDate = new Date(Date.now() + EVENT_AHEAD_MS).toISOString();
    const [organizer] = await this.cluster.newUsers(1);
    const input = { name: 'Chaos', eventDate, totalSeats };
    const { createEvent } = await this.#ask(this.cluster.fastServer, CREATE_EVENT, { input }, organizer);
    const { id: eventId } = createEvent as { id: string };
    const event = new EventUnderTest(eventId, String(this.#events.length), totalSeats);
    this.#events.push(event);
    return event;
  }

  async #newWriters(event: EventUnderTest, count: number, servers: readonly Api[]): Promise<Writer[]> {
    const tokens = await this.cluster.newUsers(count);
    const seats = event.history.totalSeats - 1;
    const writers = tokens.map((token) => new Writer(servers, event.eventId, seats, token, this.#draw()));
    this.#writers.push(...writers);
    return writers;
  }

  /** Writes with one fault, then calm: every watcher must receive everything. */
  async #round(
    main: EventUnderTest,
    writers: readonly Writer[],
    fault: FaultName | undefined,
    isExpiring: boolean,
    name: string,
  ): Promise<void> {
    const { cluster, random } = this;
    this.show(`${name}: ${fault === undefined ? 'no fault' : FAULTS[fault].what}`);
    const fast: Api[] = isExpiring ? cluster.servers.map(() => cluster.fastServer) : [];
    const stop = new AbortController();
    if (!random.chance(STILL_PERCENT)) for (const watcher of main.watchers) watcher.resumeActions();
    const writing = writers.map((writer) => writer.write(stop.signal, fast));
    await wait(random.below(BEFORE_MS_MAX));
    if (fault !== undefined) {
      this.#faults.push(fault);
      await FAULTS[fault].cause({
        cluster,
        random,
        deleteChanges: () => this.#deleteChanges(main),
        stopWrites: () => stop.abort(),
        writeChange: () => this.#writeChange(main),
      });
    }
    if (!stop.signal.aborted) await wait(random.below(AFTER_MS_MAX));
    stop.abort();
    await Promise.all(writing);
    await this.#calm(main, fault ?? 'no fault');
  }

  /** Writes at least one change, on the seat that writers do not use. */
  async #writeChange({ eventId, history }: EventUnderTest): Promise<void> {
    const { api } = this.cluster.servers[0] as ClusterServer;
    const [token] = await this.cluster.newUsers(1);
    const input = { eventId, seatNumber: history.totalSeats };
    const { lockSeat } = await this.#ask(api, LOCK_SEAT, { input }, token);
    await this.#ask(api, RELEASE_LOCK, { lockId: (lockSeat as LockAnswer).id }, token);
  }

  /**
   * All watchers read, and nobody writes: every committed change must arrive without a later one. The client package makes
   * longer pauses before it connects again, so its watchers have until the end.
   */
  async #calm({ eventId, watchers, packageWatchers }: EventUnderTest, after: string): Promise<void> {
    const startMs = performance.now();
    for (const watcher of watchers) watcher.pauseActions();
    const version = await this.cluster.version(eventId);
    const awaited = after === END ? [...watchers, ...packageWatchers] : watchers;
    const hasReached = await Promise.all(awaited.map((watcher) => watcher.reaches(version, WAIT_MS_MAX)));
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startMs);
    awaited.forEach((watcher, index) => {
      if (hasReached[index]) return;
      const what = `${watcher.watcher} is at version ${watcher.version} of ${version} ${WAIT_MS_MAX / 1000} s after ${after}`;
      this.#findings.push({ check: 'notCaughtUp', what });
    });
  }

  /**
   * A server loads maps that nobody watches yet, while they are changed through another server. Then nothing changes any
   * more. The database answers the loading server only after all writes: so its change stream delivers, during the load,
   * changes after its snapshot, and changes that the snapshot has already.
   */
  async #unwatchedMaps(reader: ClusterServer, other: ClusterServer): Promise<void> {
    this.show(`${UNWATCHED_MAPS} maps are loaded while they change`);
    const { random } = this;
    const events = await Promise.all(
      Array.from({ length: UNWATCHED_MAPS }, () => this.#open(UNWATCHED_SEATS)),
    );
    const writers = (
      await Promise.all(events.map((event) => this.#newWriters(event, 1, [other.api])))
    ).flat();
    const never = new AbortController();
    const watch = async (event: EventUnderTest) => {
      await wait(random.below(UNWATCHED_APART_MS_MAX));
      event.watch(UNWATCHED_WATCHERS, this.cluster.servers, this.#draw, () => false);
      await wait(UNWATCHED_APART_MS_MAX);
    };
    const write = async (writer: Writer) => {
      for (let writes = 1 + random.below(UNWATCHED_WRITES_MAX); writes > 0; writes--)
        await writer.lock(never.signal);
    };
    reader.database.hold();
    await Promise.all(
      events.map(async (event, index) => {
        const writing = () => write(writers[index] as Writer);
        if (random.chance(50)) await watch(event).then(writing);
        else await writing().then(() => watch(event));
      }),
    );
    reader.database.delayReplies(() => random.below(UNWATCHED_DELAY_MS_MAX));
    reader.database.release();
    await Promise.all(events.map((event) => this.#calm(event, 'its first load')));
    reader.database.delayReplies(0);
  }

  async #deleteChanges({ eventId, history }: EventUnderTest): Promise<void> {
    this.#hasDeletedChanges = true;
    await this.#record(eventId, history);
    const percent = DELETED_PERCENT_MIN + this.random.below(100 - DELETED_PERCENT_MIN);
    await this.cluster.deleteChanges(eventId, Math.ceil((history.version * percent) / 100));
  }

  async #record(eventId: string, history: MapHistory): Promise<void> {
    for (const change of await this.cluster.changes(eventId, history.version)) history.add(change);
  }

  /** Waits until no lock or booking is left to expire, and compares all messages with the database. */
  async #end(event: EventUnderTest): Promise<void> {
    const { eventId, history } = event;
    this.show('waiting for the end, and auditing');
    const endMs = performance.now() + WAIT_MS_MAX;
    while (await this.cluster.isAnythingLeft(eventId)) {
      if (performance.now() > endMs) {
        this.#findings.push({ check: 'notCaughtUp', what: 'expiries were not recorded' });
        break;
      }
      await wait(CHECK_EVERY_MS);
    }
    do {
      if (!this.#findings.some(({ check }) => check === 'notCaughtUp')) await this.#calm(event, END);
      await this.#record(eventId, history);
    } while (history.version < (await this.cluster.version(eventId)) && performance.now() < endMs);

    const hasAllChanges = this.options.faults.length === 0 && !this.#hasDeletedChanges;
    this.#findings.push(...event.audit({ hasAllChanges }, await this.#finalState(eventId)));
  }

  async #finalState(eventId: string): Promise<FinalState> {
    const seatMaps: SeatMapAnswer[] = [];
    for (const { api } of this.cluster.servers) {
      const { event } = await this.#ask(api, SEAT_MAP, { eventId });
      seatMaps.push((event as { seatMap: SeatMapAnswer }).seatMap);
    }
    const locks = await this.cluster.liveLocks(eventId);
    return { version: await this.cluster.version(eventId), locks, seatMaps, readMs: Date.now() };
  }

  #result(): RunResult {
    for (const { breaches } of this.#writers) {
      this.#findings.push(...breaches.map((what) => ({ check: 'contract', what }) as const));
    }
    const watchers = this.#events.flatMap((event) => event.watchers);
    const subscriptions = watchers.flatMap((watcher) => watcher.subscriptions);
    const received = subscriptions.flatMap((subscription) => subscription.received);
    const knownStates = { 'latest map': 0, 'older map': 0, 'made-up version': 0, 'no version': 0 };
    for (const { knownState } of subscriptions) knownStates[knownState] += 1;
    return {
      seed: this.random.seed,
      faults: this.#faults,
      findings: this.#findings,
      versions: this.#events.reduce((sum, { history }) => sum + history.version, 0),
      messages: received.length,
      rightMessages: this.#events.reduce((sum, { rightMessages }) => sum + rightMessages, 0),
      plantedFaults: this.#events.reduce((sum, { plantedFaults }) => sum + plantedFaults, 0),
      snapshots: received.filter(({ kind }) => kind === 'SNAPSHOT').length,
      merged: received.filter(
        ({ previousVersion, version }) => previousVersion !== null && version - previousVersion > 1,
      ).length,
      knownStates,
      setbacks: sum(watchers.map(({ setbacks }) => setbacks)),
      answers: sum(this.#writers.map(({ answers }) => answers)),
      slowestMs: this.#slowestMs,
    };
  }

  /** Retries until there is an answer. */
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
