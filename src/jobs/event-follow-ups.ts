import type { BookingReads } from '../booking/booking-reads.js';
import type { Commands } from '../booking/commands.js';
import type { DateNotices } from '../booking/date-notices.js';
import { endReservationsCommand } from '../booking/end-reservations.js';
import type { ClaimedMessage } from '../booking/outbox.js';
import type { Log } from '../core/log.js';
import { forEachEvent, withRunLimit } from './expiry-jobs.js';

/**
 * Does step by step what an organizer's change of an event causes. A cancelled event's locks and bookings end: each step is
 * one command, which joins a batch of other commands or waits until the event is quiet. Buyers are mailed about a new date.
 * The event says what is left, so any process can continue at any time.
 */
export class EventFollowUps {
  readonly #inProgress = new Map<string, Promise<number>>();
  #closed = false;

  constructor(
    private readonly commands: Commands,
    private readonly notices: DateNotices,
    private readonly sendMails: (mails: readonly ClaimedMessage[]) => void,
    private readonly log: Log,
  ) {}

  /** Starts at once, in this process. If that fails, the job continues. */
  begin(eventId: string): void {
    this.continue(eventId).catch((error: unknown) => {
      this.log.warn({ err: error, eventId }, 'A follow-up was interrupted; the job continues it');
    });
  }

  /** @returns how many locks were ended and mails written, once none is left; calls in the meantime share it */
  continue(eventId: string): Promise<number> {
    let inProgress = this.#inProgress.get(eventId);
    if (inProgress === undefined) {
      inProgress = this.#run(eventId).finally(() => this.#inProgress.delete(eventId));
      this.#inProgress.set(eventId, inProgress);
    }
    return inProgress;
  }

  /** Continues all that is left, of all events. @returns how many locks were ended and mails written */
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
    for (let done = 0; ; ) {
      // In an event that is not cancelled it ends nothing.
      const { ended, hasMore } = await this.commands.submit(endReservationsCommand(eventId));
      const next = await this.notices.next(eventId);
      this.sendMails(next.mails);
      done += ended + next.mails.length;
      if (!(hasMore || next.hasMore) || this.#closed) return done;
    }
  }
}
