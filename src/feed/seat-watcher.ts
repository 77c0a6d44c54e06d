import type { LiveMap } from './live-map.js';
import { withMapDeadline } from './map-deadline.js';
import { laterOf, type SeatUpdate, withServerTime } from './seat-update.js';

/** Whoever is handed a watcher's updates as they come. */
export interface UpdateReceiver {
  /**
   * Whether it takes this update, which is the watcher's first or not. If it does not it says `deliverNow` when it does, and
   * is given what is newest then.
   */
  mayReceive(update: SeatUpdate, isFirst: boolean): boolean;
  /**
   * The same object for all who are at the same version, made up to a while ago: whoever hands it on says what time it
   * is now.
   *
   * @returns whether the next one may come; if not, it waits until the watcher hears `ready`
   */
  update(update: SeatUpdate, now: Date): boolean;
  /** There will be no more. */
  end(): void;
  /** There will be no more, because of this. */
  fault(error: unknown): void;
}

/**
 * One subscriber of one map. It holds no queue, only the version that it has told: whoever reads slowly is told less
 * often and more at a time, the newest state of each seat winning, and costs no memory.
 *
 * Updates are handed to a receiver as they come, by `push`: of the thousands who watch a map hardly anybody is slow, and
 * whoever is not is told within the tick, without a promise. Or they are asked for one by one, as of any iterator.
 */
export class SeatWatcher implements AsyncIterableIterator<SeatUpdate> {
  #receiver: UpdateReceiver | undefined;
  /** Undefined until the first update. */
  #version: number | undefined;
  /** The receiver takes the next update; the last one is not on its way, nor is one being made. */
  #isReady = false;
  #done = false;
  #leaveTicks: () => void = () => undefined;

  constructor(
    readonly map: LiveMap,
    private readonly since: number | null,
    private readonly onEnd: () => void,
  ) {
    map.watchers += 1;
    this.#joinTicks();
  }

  push(receiver: UpdateReceiver): void {
    this.#receiver = receiver;
    if (this.#done) receiver.end();
    else this.ready();
  }

  /** The receiver takes another update, after it had said that it did not. */
  ready(): void {
    if (this.#done) return;
    this.#isReady = true;
    if (this.#version === this.map.version) return;
    // Changes that wait for the tick are told with it, so that all share one update. The first one waits for nothing.
    if (this.#version === undefined || !this.map.isTickPending) this.#notify(this.map.now());
  }

  /**
   * The receiver takes what it did not admit before. It has waited, and waits for no tick as well, nor for the database:
   * what is not in memory any more is the whole map, and it is told before this returns.
   */
  deliverNow(): void {
    if (this.#done) return;
    this.#isReady = true;
    this.#notify(this.map.now(), true);
  }

  /** The version that it was told, once it takes the next one; undefined while it does not, or has been told of none. */
  get synchronisedAt(): number | undefined {
    return this.#isReady && !this.#done ? this.#version : undefined;
  }

  /** Whoever calls this tells it from now on, all by himself and without its receiver, until he says `reattach`. */
  detach(): void {
    this.#isReady = false;
    this.#leaveTicks();
  }

  /** It is told by itself again, from the version on that it was told by then: at once, or once it is `ready`. */
  reattach(version: number, isReady: boolean): void {
    if (this.#done) return;
    this.#version = version;
    this.#joinTicks();
    if (isReady) this.ready();
  }

  next(): Promise<IteratorResult<SeatUpdate>> {
    return new Promise((resolve, reject) => {
      this.push({
        mayReceive: () => true,
        update: (update, now) => {
          resolve({ done: false, value: withServerTime(now, update) });
          return false;
        },
        end: () => resolve({ done: true, value: undefined }),
        fault: reject,
      });
    });
  }

  async return(): Promise<IteratorResult<SeatUpdate>> {
    if (this.#close()) this.#receiver?.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #joinTicks(): void {
    this.#leaveTicks = this.map.onTick((now) => {
      this.#notify(now);
      return false;
    });
  }

  /** Tells what is new, if anybody wants to know. At a tick also if more is waiting for the next one: or it might never be told. */
  #notify(now: Date, isFinal = false): void {
    const version = this.#version;
    if (!this.#isReady || this.#done || version === this.map.version) return;
    this.#isReady = false;
    try {
      const known = version === undefined ? this.#firstFromMemory(now) : this.map.changesSince(version, now);
      const update = known ?? (isFinal ? this.map.snapshot(now) : null);
      // A tick's time may be from before what others changed while it went on.
      if (update !== null) this.#deliver(update, laterOf(now, update.serverTime));
      else this.#deliverLater(version === undefined ? this.#first() : this.#changesSince(version));
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliver(update: SeatUpdate, now: Date): void {
    if (this.#done || this.#receiver?.mayReceive(update, this.#version === undefined) === false) return;
    this.#version = update.version;
    if (this.#receiver?.update(update, now)) this.ready();
  }

  #deliverLater(made: Promise<SeatUpdate>): void {
    made.then((update) => this.#deliver(update, this.map.now())).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (this.#close()) this.#receiver?.fault(error);
  }

  /** @returns whether it was open */
  #close(): boolean {
    if (this.#done) return false;
    this.#done = true;
    this.#leaveTicks();
    this.map.watchers -= 1;
    this.onEnd();
    return true;
  }

  /** What needs nothing but memory. */
  #firstFromMemory(now: Date): SeatUpdate | null {
    return this.since === null ? this.map.snapshot(now) : this.map.changesSince(this.since, now);
  }

  async #first(): Promise<SeatUpdate> {
    if (this.since === null) return this.map.snapshot();
    if (this.since > this.map.version) await withMapDeadline(this.map.waitForVersion(this.since));
    return this.#changesSince(this.since);
  }

  async #changesSince(version: number): Promise<SeatUpdate> {
    return (
      this.map.changesSince(version, this.map.now()) ??
      (await this.map.changesFromStore(version)) ??
      this.map.snapshot()
    );
  }
}
