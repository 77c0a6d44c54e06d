import type { BookingReads } from '../booking/booking-reads.js';
import type { Commands } from '../booking/commands.js';
import { endReservationsCommand } from '../booking/end-reservations.js';
import type { Log } from '../core/log.js';
import { forEachEvent, withRunLimit } from './expiry-jobs.js';

/**
 * Does step by step what an organizer's change of an event causes: a cancelled event's locks and bookings end. Each step
 * is one command, which joins a batch of other commands or waits until the event is quiet. The event says what is left,
 * so any process can continue at any time.
 */
export class EventFollowUps {
  readonly #inProgress = new Map<string, Promise<number>>();
  #closed = false;

  constructor(
    private readonly commands: Commands,
    private readonly log: Log,
  ) {}

  /** Starts at once, in this process. If that fails, the job continues. */
  begin(eventId: string): void {
    this.continue(eventId).catch((error: unknown) => {
      this.log.warn({ err: error, eventId }, 'A follow-up was interrupted; the job continues it');
    });
  }

  /** @returns how many locks were ended, once none is left; calls in the meantime share it */
  continue(eventId: string): Promise<number> {
    let inProgress = this.#inProgress.get(eventId);
    if (inProgress === undefined) {
      inProgress = this.#run(eventId).finally(() => this.#inProgress.delete(eventId));
      this.#inProgress.set(eventId, inProgress);
    }
    return inProgress;
  }

  /** Continues all that is left, of all events. @returns how many locks were ended */
  async continueAll(reads: Pick<BookingReads, 'eventsWithFollowUps'>): Promise<number> {
    const eventIds = await reads.eventsWithFollowUps();
    return forEachEvent(eventIds, (eventId) => withRunLimit(this.continue(eventId)));
  }

  /** Continues at once what a server has left that died, without waiting for its lease to end. Never throws. */
  beginAll(reads: Pick<BookingReads, 'eventsWithFollowUps'>): void {
    this.continueAll(reads).catch((error: unknown) => {
      this.log.warn({ err: error }, 'Follow-ups were interrupted; the job continues them');
    });
  }

  /** Stops after the current steps. Another process, or the next start, continues. */
  close(): void {
    this.#closed = true;
  }

  async #run(eventId: string): Promise<number> {
    for (let ended = 0; ; ) {
      const step = await this.commands.submit(endReservationsCommand(eventId));
      ended += step.ended;
      if (!step.hasMore || this.#closed) return ended;
    }
  }
}
