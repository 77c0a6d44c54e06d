import type { DirectDelivery } from './direct-delivery.js';
import type { LiveMap } from './live-map.js';
import { withMapDeadline } from './map-deadline.js';
import { laterOf, type SeatUpdate, withServerTime } from './seat-update.js';

/** Receives the updates of one watcher. */
export interface UpdateReceiver {
  /**
   * Whether it takes this update now. If not, it calls `DirectDelivery.deliverNow` later and gets the newest update then. A
   * receiver without this method takes every update.
   *
   * @param isFirst whether it is the watcher's first update
   */
  mayReceive?(update: SeatUpdate, isFirst: boolean): boolean;
  /**
   * @param update shared by all watchers at the same version, and perhaps built a while ago
   * @param now the server time to send with it
   * @returns whether the next update may follow; if not, the watcher waits until `ready` is called
   */
  update(update: SeatUpdate, now: Date): boolean;
  /** There are no more updates. */
  end(): void;
  /** There are no more updates because of this error. */
  fault(error: unknown): void;
}

/**
 * One subscriber of one map. It holds no queue, only the version that was sent last. A slow reader therefore costs no memory:
 * it gets fewer messages with more changes each, and the newest state of a seat wins.
 *
 * Updates are pushed to a receiver, or pulled one by one as from any iterator. Pushing needs no promise, so that a tick
 * reaches thousands of watchers quickly.
 */
export class SeatWatcher implements AsyncIterableIterator<SeatUpdate>, DirectDelivery {
  #receiver: UpdateReceiver | undefined;
  /** Undefined until the first update. */
  #version: number | undefined;
  /** The receiver takes the next update, and none is being sent or built. */
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

  /** The receiver takes another update, after its `update` returned false. */
  ready(): void {
    if (this.#done) return;
    this.#isReady = true;
    if (this.#version === this.map.version) return;
    // Changes that wait for the tick are sent with it, so that all watchers share one update. The first update does not wait.
    if (this.#version === undefined || !this.map.isTickPending) this.#notify(this.map.now());
  }

  deliverNow(): void {
    if (this.#done) return;
    this.#isReady = true;
    this.#notify(this.map.now(), true);
  }

  get synchronisedAt(): number | undefined {
    return this.#isReady && !this.#done ? this.#version : undefined;
  }

  detach(): void {
    this.#isReady = false;
    this.#leaveTicks();
  }

  reattach(version: number, isReady: boolean): void {
    if (this.#done) return;
    this.#version = version;
    this.#joinTicks();
    if (isReady) this.ready();
  }

  next(): Promise<IteratorResult<SeatUpdate>> {
    return new Promise((resolve, reject) => {
      this.push({
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

  /**
   * Delivers what is new if the receiver is ready. During a tick it does so even if another tick is pending: with constant
   * changes one always is.
   */
  #notify(now: Date, mustUseMemory = false): void {
    const version = this.#version;
    if (!this.#isReady || this.#done || version === this.map.version) return;
    this.#isReady = false;
    try {
      const inMemory =
        version === undefined ? this.#firstFromMemory(now) : this.map.changesSince(version, now);
      const update = inMemory ?? (mustUseMemory ? this.map.snapshot(now) : null);
      // The map may have changed since the tick started.
      if (update !== null) this.#deliver(update, laterOf(now, update.serverTime));
      else this.#deliverLater(version === undefined ? this.#first() : this.#changesSince(version));
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliver(update: SeatUpdate, now: Date): void {
    if (this.#done || this.#receiver?.mayReceive?.(update, this.#version === undefined) === false) return;
    this.#version = update.version;
    if (this.#receiver?.update(update, now)) this.ready();
  }

  #deliverLater(reading: Promise<SeatUpdate>): void {
    reading
      .then((update) => this.#deliver(update, this.map.now()))
      .catch((error: unknown) => this.#fail(error));
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
