import type { Commands } from '../booking/commands.js';
import { expireLocksCommand } from '../booking/expire-locks.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';

/** How long a process without the sweep's lease leaves a lapse to the one that has it. */
const GRACE_MS = 100;

/**
 * Writes the lapses of watched maps down the instant they happen, and not only at the next run of the job: at once in
 * the process that holds the job's lease, a little later in the others if nobody has by then.
 */
export class LapseSweeper {
  /** Events that are being swept, with whether a lock has lapsed since the sweep began. */
  readonly #sweeping = new Map<string, boolean>();

  constructor(
    private readonly commands: Commands,
    private readonly holdsLease: () => boolean,
    private readonly hasUnwrittenLapse: (eventId: string) => boolean,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  lapsed(eventId: string): void {
    if (this.holdsLease()) {
      void this.#sweep(eventId);
      return;
    }
    this.clock.at(new Date(this.clock.now().getTime() + GRACE_MS), () => {
      if (this.hasUnwrittenLapse(eventId)) void this.#sweep(eventId);
    });
  }

  /** One sweep of an event at a time: thousands of locks that were made in one second lapse in one second. */
  async #sweep(eventId: string): Promise<void> {
    if (this.#sweeping.has(eventId)) {
      this.#sweeping.set(eventId, true);
      return;
    }
    try {
      for (let again = true; again; ) {
        this.#sweeping.set(eventId, false);
        const { more } = await this.commands.submit(expireLocksCommand(eventId));
        again = more || this.#sweeping.get(eventId) === true;
      }
    } catch (error) {
      this.log.warn({ err: error, eventId }, 'A lapse was not written down at its instant; the job will');
    } finally {
      this.#sweeping.delete(eventId);
    }
  }
}
