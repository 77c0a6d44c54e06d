import { type ApiError, apiErrorOf } from '../core/api-error.js';
import { resumePauseMs } from '../core/back-off.js';
import type { SeatMapClient } from '../core/client.js';
import {
  SeatMapEventChangesDocument,
  SeatMapEventDocument,
  type SeatMapEventQuery,
} from '../core/generated/operations.js';
import { type ResubscribingSource, resubscribing } from '../core/resubscribing.js';
import { isRetryable } from '../core/retry.js';
import type { Call } from '../core/session.js';
import { Store } from '../core/store.js';

/** What an event is: its name, sections and prices. */
export const createLiveEvent = (client: SeatMapClient, eventId: string): LiveEvent =>
  client.shared(`event ${eventId}`, () => new LiveEvent(client, eventId));

/** What a seat map and its check-out need of an event. */
export type EventDetails = NonNullable<SeatMapEventQuery['event']>;

export interface EventSnapshot {
  /** Undefined until it is known, null if there is no such event. */
  readonly event: EventDetails | null | undefined;
  /** Why the event could not be read; null after it was. All but a final refusal are retried. */
  readonly error: ApiError | 'no answer' | null;
}

/** An event and its changes: status, sales window, prices. Seats are the map's. */
export class LiveEvent extends Store<EventSnapshot> {
  #snapshot: EventSnapshot = { event: undefined, error: null };
  #stop: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: ResubscribingSource & { readonly call: Call },
    readonly eventId: string,
  ) {
    super();
  }

  readonly getSnapshot = (): EventSnapshot => this.#snapshot;

  protected open(): void {
    void this.#read(0);
  }

  protected close(): void {
    clearTimeout(this.#timer);
    this.#stop();
    this.#stop = () => {};
  }

  async #read(attempts: number): Promise<void> {
    const { eventId } = this;
    try {
      const { event } = await this.client.call(SeatMapEventDocument, { eventId });
      if (!this.isOpen) return;
      this.#set({ event: event ?? null, error: null });
      if (event == null) return;
      this.#stop();
      this.#stop = resubscribing(
        this.client,
        SeatMapEventChangesDocument,
        { eventId },
        ({ eventChanged }) => {
          const { event: before } = this.#snapshot;
          if (!before) return;
          const prices = new Map(eventChanged.sections.map(({ id, price }) => [id, price]));
          const sections = before.sections.map((section) => ({
            ...section,
            price: prices.get(section.id) ?? null,
          }));
          const next = { ...before, ...eventChanged, sections };
          if (JSON.stringify(next) !== JSON.stringify(before)) this.#set({ event: next, error: null });
        },
      );
    } catch (error) {
      if (!this.isOpen) return;
      this.#set({ ...this.#snapshot, error: apiErrorOf(error) ?? 'no answer' });
      if (!isRetryable(error)) return;
      this.#timer = setTimeout(() => void this.#read(attempts + 1), resumePauseMs(attempts, error));
    }
  }

  #set(snapshot: EventSnapshot): void {
    this.#snapshot = snapshot;
    this.notify();
  }
}
