import type { Environment } from '../lib/environment.js';
import { OURS } from '../lib/environment.js';
import { cpuMsOf } from '../lib/processes.js';
import type { Worker } from '../lib/worker.js';
import type { Contender, MapUnderTest, Published } from './contenders.js';
import type { Opened, Taken, WatchAnswer, Watching, WatchRequest } from './watch-job.js';

/** Connections under way where nothing depends on how many come at a time. */
const OPENING_AT_ONCE_MAX = 200;
/** How long a message may take to the last watcher: at the stock server's pace, ten thousand wait for seconds. */
const DELIVERY_MS_MAX = 60_000;
/** Where nobody is greeted, a change shows whether everybody watches; the first ones may come too early. */
const PROBES_MAX = 10;
const PROBE_MS_MAX = 5_000;

/** The watchers, seen from the process that runs the bench. */
export class Audience {
  readonly #worker: Worker<WatchRequest, WatchAnswer>;

  constructor(environment: Environment) {
    this.#worker = environment.startWorker('live-map/watch-client.js', OURS);
  }

  /** Of the watchers' own process: what it uses, the server cannot. */
  cpuMs(): Promise<number> {
    return cpuMsOf(this.#worker.pid);
  }

  open(watching: Omit<Watching, 'openingAtOnce'> & { openingAtOnce?: number }): Promise<Opened> {
    return this.#worker.ask({
      open: { openingAtOnce: OPENING_AT_ONCE_MAX, ...watching },
    }) as Promise<Opened>;
  }

  /**
   * Opens as many watchers of a map, and returns once every one is known to be told of changes. What they were told
   * by then is left out of the next `take`.
   *
   * @param others watched by one each
   */
  async watch(
    { watching }: Contender,
    map: MapUnderTest,
    watchers: number,
    others: readonly string[] = [],
  ): Promise<void> {
    const maps = [{ eventId: map.eventId, watchers }, ...others.map((eventId) => ({ eventId, watchers: 1 }))];
    await this.open({ ...watching, maps, since: null });
    for (let probes = 1; ; probes++) {
      const { version } = await map.change();
      if (await this.#reach(version, PROBE_MS_MAX)) break;
      if (probes >= PROBES_MAX) throw new Error('Not every watcher could be told of a change.');
    }
    await this.take();
  }

  /** @throws when somebody has not heard of it in time */
  async reach({ version }: Pick<Published, 'version'>): Promise<void> {
    if (await this.#reach(version, DELIVERY_MS_MAX)) return;
    throw new Error(`Not every watcher heard of version ${version} within ${DELIVERY_MS_MAX / 1000} s.`);
  }

  /** @returns whether everybody has heard of it in time */
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
