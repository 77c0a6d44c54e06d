import type { Environment } from '../lib/environment.js';
import { OURS } from '../lib/environment.js';
import { cpuMsOf } from '../lib/processes.js';
import type { Worker } from '../lib/worker.js';
import type { Contender, MapUnderTest, Published } from './contenders.js';
import type { Opened, Taken, WatchAnswer, Watching, WatchRequest } from './watch-job.js';

/** Connections opened at a time, if the scenario does not depend on it. */
const OPENING_AT_ONCE_MAX = 200;
/** How long a message may take until the last watcher has it: the stock server needs seconds for ten thousand. */
const DELIVERY_MS_MAX = 60_000;
/** Without a first snapshot, a change shows whether every watcher is subscribed. The first changes may come too early. */
const PROBES_MAX = 10;
const PROBE_MS_MAX = 5_000;

/** The watchers' process, as the bench uses it. */
export class Audience {
  readonly #worker: Worker<WatchRequest, WatchAnswer>;

  constructor(environment: Environment) {
    this.#worker = environment.startWorker('live-map/watch-client.js', OURS);
  }

  /** CPU time of the watchers' process, which the server cannot use. */
  cpuMs(): Promise<number> {
    return cpuMsOf(this.#worker.pid);
  }

  open(watching: Omit<Watching, 'openingAtOnce'> & { openingAtOnce?: number }): Promise<Opened> {
    return this.#worker.ask({
      open: { openingAtOnce: OPENING_AT_ONCE_MAX, ...watching },
    }) as Promise<Opened>;
  }

  /** Opens watchers of one map and returns once each has its snapshot, which the next `take` leaves out. */
  async openMap(
    { watching }: Pick<Contender, 'watching'>,
    eventId: string,
    watchers: number,
  ): Promise<Opened> {
    const opened = await this.open({ ...watching, maps: [{ eventId, watchers }], since: null });
    await this.take();
    return opened;
  }

  /**
   * Opens watchers of a map and returns once every one receives changes. The next `take` leaves out what they received
   * by then.
   *
   * @param others further events, with one watcher each
   */
  async watch(
    { watching }: Pick<Contender, 'watching'>,
    map: MapUnderTest,
    watchers: number,
    others: readonly string[] = [],
  ): Promise<void> {
    const maps = [{ eventId: map.eventId, watchers }, ...others.map((eventId) => ({ eventId, watchers: 1 }))];
    await this.open({ ...watching, maps, since: null });
    for (let probes = 1; ; probes++) {
      const { version } = await map.change();
      if (await this.#reach(version, PROBE_MS_MAX)) break;
      if (probes >= PROBES_MAX) throw new Error('Not every watcher received a change.');
    }
    await this.take();
  }

  /** @throws if a watcher does not receive the version in time */
  async reach({ version }: Pick<Published, 'version'>): Promise<void> {
    if (await this.#reach(version, DELIVERY_MS_MAX)) return;
    throw new Error(`Not every watcher received version ${version} within ${DELIVERY_MS_MAX / 1000} s.`);
  }

  /** @returns whether every watcher received the version in time */
  hasReached({ version }: Pick<Published, 'version'>, msMax: number): Promise<boolean> {
    return this.#reach(version, msMax);
  }

  take(): Promise<Taken> {
    return this.#worker.ask('take') as Promise<Taken>;
  }

  async close(): Promise<void> {
    await this.#worker.ask('close');
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  #reach(reach: number, msMax: number): Promise<boolean> {
    return this.#worker.ask({ reach, msMax }) as Promise<boolean>;
  }
}
