import type { SeatUpdate } from './seat-update.js';

/** Watchers that are behind at the same time are behind by only a few different versions. */
export const CACHED_UPDATES_MAX = 100;
/** Limit in seats: watchers that missed changes of all seats each need a list of all seats. */
export const CACHED_UPDATE_SEATS_MAX = 400_000;
/** Updates are large. Without a change, they are kept only while somebody uses one within this time. */
const UPDATE_CACHE_MS = 10_000;

/** The version that an update applies to, or `snapshot`. */
export type UpdateKey = number | 'snapshot';

/** The updates that lead to a map's current version. Watchers at the same version share one. */
export class UpdateCache {
  readonly #updates = new Map<UpdateKey, SeatUpdate>();
  #seats = 0;
  #expiry: NodeJS.Timeout | undefined;
  /** An update was used since the last expiry check. */
  #isUsed = false;
  #closed = false;

  get(key: UpdateKey): SeatUpdate | undefined {
    const update = this.#updates.get(key);
    if (update !== undefined) this.#isUsed = true;
    return update;
  }

  set(key: UpdateKey, update: SeatUpdate): void {
    const isFull =
      this.#updates.size >= CACHED_UPDATES_MAX || this.#seats + update.seats.length > CACHED_UPDATE_SEATS_MAX;
    if (isFull) this.clear();
    this.#updates.set(key, update);
    this.#seats += update.seats.length;
    if (!this.#closed) this.#expiry ??= this.#clearWhenUnused();
  }

  clear(): void {
    this.#updates.clear();
    this.#seats = 0;
  }

  /** Sets no timer any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#expiry);
  }

  #clearWhenUnused(): NodeJS.Timeout {
    this.#isUsed = false;
    return setTimeout(() => {
      if (!this.#isUsed) this.clear();
      this.#expiry = this.#updates.size > 0 ? this.#clearWhenUnused() : undefined;
    }, UPDATE_CACHE_MS);
  }
}
