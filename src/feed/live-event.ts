import { type Event, nextStatusChange } from '../catalog/event.js';
import { type Alarm, type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { EventWatcher } from './event-watcher.js';
import type { FeedSource } from './feed-source.js';
import type { LiveMap } from './live-map.js';

/** The average time between two updates of one event, at least. Its counters change all the time in a sale. */
export const EVENT_UPDATE_MS = 500;
/** The next read after one that failed. */
const RETRY_MS = 1_000;

/**
 * One event in memory, for those who watch it: its settings as the organizer left them, its counters from the live map,
 * and the instants at which its status changes by itself. It costs nothing while nobody watches.
 */
export class LiveEvent {
  /** As it was read last; its figures are those of that read. */
  #stored: Event | undefined;
  #reads = 0;
  /** Which read `#stored` is of: an earlier one may end later. */
  #storedRead = 0;
  /** What watchers were notified of last. */
  #current: Event | undefined;
  #isStale = true;
  #isDirty = true;
  readonly #watchers = new Set<EventWatcher>();
  #timer: NodeJS.Timeout | undefined;
  /** When `#timer` fires. */
  #updateAtMs = 0;
  #statusAlarm: Alarm | undefined;
  #leaveTicks: () => void = () => undefined;
  #updatedMs = Number.NEGATIVE_INFINITY;
  /** When the next turn is. */
  #turnMs = Number.NEGATIVE_INFINITY;
  /** The map's version that the counters belong to. */
  #version = -1;
  #updating: Promise<Event | null> | undefined;
  /** The newest read. */
  #reading: Promise<void> | undefined;

  constructor(
    private readonly map: LiveMap,
    private readonly source: FeedSource,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * @param onEnd called when the watcher ends
   * @returns null if the event does not exist
   */
  async watch(onEnd: () => void): Promise<EventWatcher | null> {
    const event = await this.#newest();
    if (event === null) return null;
    const watcher = new EventWatcher(event, () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.close();
      onEnd();
    });
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) {
      this.#leaveTicks = this.map.onTick(() => {
        if (this.map.version !== this.#version) this.#schedule();
        return false;
      });
      this.#setStatusAlarm();
    }
    // What happened before it was added.
    if (this.#isDirty) this.#schedule();
    return watcher;
  }

  /** The organizer changed the event, or what changed is not known. */
  settingsChanged(): void {
    this.#isStale = true;
    this.#schedule({ isUrgent: true });
  }

  close(): void {
    this.#cancelUpdate();
    this.#statusAlarm?.cancel();
    this.#leaveTicks();
    this.#leaveTicks = () => undefined;
    this.#isDirty = true;
  }

  /** Those who begin to watch at about the same time share one object. */
  async #newest(): Promise<Event | null> {
    const isRecent = monotonicMs() - this.#updatedMs < EVENT_UPDATE_MS;
    if (this.#current !== undefined && !this.#isStale && (isRecent || !this.#isDirty)) return this.#current;
    this.#updating ??= this.#update().finally(() => {
      this.#updating = undefined;
    });
    return this.#updating;
  }

  async #update(): Promise<Event | null> {
    this.#isDirty = false;
    if (this.#isStale || this.#stored === undefined) this.#reading = this.#read();
    // Perhaps somebody else began it, who has not been answered yet.
    await this.#reading;
    const stored = this.#stored;
    if (stored === undefined) return null;
    const { bookedSeats, offSaleSeats } = this.map.seats().availability();
    this.#version = this.map.version;
    this.#updatedMs = monotonicMs();
    this.#turnMs = Math.max(this.#turnMs, this.#updatedMs) + EVENT_UPDATE_MS;
    const unbookedSeats = stored.totalSeats - bookedSeats;
    this.#current = { ...stored, bookedSeats, unbookedSeats, heldBackSeats: offSaleSeats };
    return this.#current;
  }

  async #read(): Promise<void> {
    this.#isStale = false;
    this.#reads += 1;
    const read = this.#reads;
    try {
      const stored = await this.source.readEvent(this.map.eventId);
      if (stored === null || read < this.#storedRead) return;
      this.#stored = stored;
      this.#storedRead = read;
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }

  /** @param isUrgent a pause of the sale, for instance, takes the next turn early */
  #schedule({ isUrgent = false } = {}): void {
    this.#isDirty = true;
    if (this.#watchers.size === 0) return;
    const atMs = isUrgent ? this.#turnMs - EVENT_UPDATE_MS : this.#turnMs;
    if (this.#timer !== undefined && this.#updateAtMs <= atMs) return;
    this.#cancelUpdate();
    this.#updateAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#notify().catch((error: unknown) => {
          this.log.warn({ err: error, eventId: this.map.eventId }, 'A watched event could not be read');
          this.#turnMs = monotonicMs() + RETRY_MS;
          this.#schedule();
        });
      },
      Math.max(0, atMs - monotonicMs()),
    );
  }

  #cancelUpdate(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #notify(): Promise<void> {
    this.#timer = undefined;
    const event = await this.#update();
    if (event === null) return;
    this.#setStatusAlarm();
    for (const watcher of this.#watchers) watcher.notify(event);
  }

  #setStatusAlarm(): void {
    this.#statusAlarm?.cancel();
    const next = this.#stored && nextStatusChange(this.#stored, this.clock.now());
    if (next != null && this.#watchers.size > 0) {
      this.#statusAlarm = this.clock.at(next, () => this.#schedule({ isUrgent: true }));
    }
  }
}
