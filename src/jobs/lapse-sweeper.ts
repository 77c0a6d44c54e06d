import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { LockSweeps } from './lock-sweeps.js';

/** How long a process without the sweep's lease leaves a lapse to the one that has it. */
const GRACE_MS = 100;

/**
 * Writes the lapses of watched maps down the instant they happen, and not only at the next run of the job: at once in
 * the process that holds the job's lease, a little later in the others if nobody has by then.
 */
export class LapseSweeper {
  constructor(
    private readonly sweeps: Pick<LockSweeps, 'sweep'>,
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

  async #sweep(eventId: string): Promise<void> {
    try {
      await this.sweeps.sweep(eventId);
    } catch (error) {
      this.log.warn({ err: error, eventId }, 'A lapse was not written down at its instant; the job will');
    }
  }
}
