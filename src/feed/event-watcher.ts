import type { Event } from '../catalog/event.js';

/**
 * One subscriber of one event. It gets the event as it is, and again after changes. It holds no queue: a slow reader gets
 * fewer messages, and always the newest state. All subscribers of an event get the same objects.
 */
export class EventWatcher implements AsyncIterableIterator<Event> {
  #newest: Event;
  #sent: Event | undefined;
  #wake: () => void = () => undefined;
  #done = false;

  constructor(
    first: Event,
    private readonly onEnd: (watcher: EventWatcher) => void,
  ) {
    this.#newest = first;
  }

  notify(event: Event): void {
    this.#newest = event;
    this.#wake();
  }

  async next(): Promise<IteratorResult<Event>> {
    while (this.#newest === this.#sent && !this.#done) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#done) return { done: true, value: undefined };
    this.#sent = this.#newest;
    return { done: false, value: this.#sent };
  }

  async return(): Promise<IteratorResult<Event>> {
    if (!this.#done) {
      this.#done = true;
      this.#wake();
      this.onEnd(this);
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
