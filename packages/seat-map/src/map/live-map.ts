import type { LiveSeatMap } from '../core/live-seat-map.js';
import { MapState } from './map-state.js';
import { measure } from './measure.js';
import type { Counts, ShownMap } from './seat-states.js';
import type { Seating } from './seating.js';

/** Called after every change, with the seats whose status changed. Without seats, something else changed. */
type Listener = (changed: readonly number[]) => void;

/** The live map of an event together with its seating. There is no map to show before both are known. */
export class LiveMap implements ShownMap {
  #seating: Seating | undefined;
  #state: MapState | undefined;
  #readAtMs = 0;
  readonly #listeners = new Set<Listener>();
  #stop: (() => void) | undefined;

  constructor(private readonly seats: LiveSeatMap) {}

  get eventId(): string {
    return this.seats.eventId;
  }

  /** Undefined until the map is read. */
  get state(): MapState | undefined {
    return this.#state;
  }

  get counts(): Counts | undefined {
    return this.seats.getSnapshot().availability ?? undefined;
  }

  get isLive(): boolean {
    return this.#state !== undefined && this.seats.getSnapshot().isLive;
  }

  /** Whether the last attempt to read the map failed. It is retried. */
  get hasFailed(): boolean {
    return this.seats.getSnapshot().error !== null;
  }

  /** The server time of the last message, in ms since the epoch; 0 before the first one. */
  get receivedAtMs(): number {
    return this.seats.getSnapshot().receivedAtMs;
  }

  /** When the map was there to be shown, by the page's monotonic clock, in ms. */
  get readAtMs(): number {
    return this.#readAtMs;
  }

  setSeating(seating: Seating): void {
    if (this.#seating === seating) return;
    this.#seating = seating;
    this.#state = undefined;
    this.#changed([]);
  }

  /** The map is open as long as there are listeners. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#stop ??= this.seats.subscribe((changed) => this.#changed(changed));
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #changed(changed: readonly number[]): void {
    const { statuses, arrivedAtMs } = this.seats.getSnapshot();
    if (this.#state?.statuses === statuses) this.#state.changed(changed);
    else if (this.#seating !== undefined && statuses.length > 0) {
      this.#state = new MapState(this.#seating, statuses);
      this.#readAtMs = performance.now();
    }
    for (const listener of [...this.#listeners]) listener(changed);
    // After React, which renders in a microtask of the same task.
    if (changed.length > 0)
      queueMicrotask(() => measure('seat-map:change', arrivedAtMs, { seats: changed.length }));
  }
}
