import type { LiveMap } from './live-map.js';
import type { SeatUpdate } from './seat-update.js';

/**
 * One subscriber of one map. It holds no queue, only the version that it has told: whoever reads slowly is told less
 * often and more at a time, the newest state of each seat winning, and costs no memory.
 */
export class SeatWatcher implements AsyncIterableIterator<SeatUpdate> {
  /** Undefined until the first update. */
  #version: number | undefined;
  #wake: (() => void) | undefined;
  #done = false;

  constructor(
    private readonly map: LiveMap,
    private readonly since: number | null,
    private readonly onEnd: () => void,
  ) {}

  /** A fault ends it: who is told of one by an iterator does not call `return` any more. */
  async next(): Promise<IteratorResult<SeatUpdate>> {
    try {
      return await this.#next();
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async #next(): Promise<IteratorResult<SeatUpdate>> {
    if (this.#version === undefined && !this.#done) return this.#tell(await this.#first());
    while (!this.#done) {
      const version = this.#version as number;
      if (version !== this.map.version && !this.map.isTickPending) {
        return this.#tell(await this.#changesSince(version));
      }
      await this.#tick();
      // It is its turn now, though new changes may wait for the next tick already: or it might never be.
      if (!this.#done && version !== this.map.version) return this.#tell(await this.#changesSince(version));
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<SeatUpdate>> {
    if (!this.#done) {
      this.#done = true;
      this.#wake?.();
      this.onEnd();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #tell(update: SeatUpdate): IteratorResult<SeatUpdate> {
    if (this.#done) return { done: true, value: undefined };
    this.#version = update.version;
    return { done: false, value: update };
  }

  async #first(): Promise<SeatUpdate> {
    if (this.since === null) return this.map.snapshot();
    if (this.since > this.map.version) {
      const ended = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([this.map.reach(this.since), ended]);
    }
    return this.#changesSince(this.since);
  }

  async #changesSince(version: number): Promise<SeatUpdate> {
    return (
      this.map.changesSince(version) ?? (await this.map.changesFromStore(version)) ?? this.map.snapshot()
    );
  }

  #tick(): Promise<void> {
    return new Promise((resolve) => {
      const off = this.map.onTick(() => this.#wake?.());
      this.#wake = () => {
        this.#wake = undefined;
        off();
        resolve();
      };
    });
  }
}
