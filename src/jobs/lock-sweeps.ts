import type { Commands } from '../booking/commands.js';
import { expireLocksCommand } from '../booking/expire-locks.js';

/**
 * Writes the lapses of an event down, one sweep of an event at a time. Where thousands of locks lapse at once a sweep has
 * many parts, each of which goes along with what callers want of the event, or waits until nobody does for a moment. Nobody
 * waits for the sweep, as a lapsed lock binds nobody.
 */
export class LockSweeps {
  readonly #underWay = new Map<string, Sweep>();
  #closed = false;

  constructor(private readonly commands: Commands) {}

  /** @returns how many it ended, once nothing is left that had lapsed by now; for whoever comes meanwhile it is the same */
  sweep(eventId: string): Promise<number> {
    const underWay = this.#underWay.get(eventId);
    if (underWay !== undefined) {
      underWay.again = true;
      return underWay.ended;
    }
    const sweep: Sweep = { again: false, ended: Promise.resolve(0) };
    this.#underWay.set(eventId, sweep);
    sweep.ended = this.#run(eventId, sweep).finally(() => this.#underWay.delete(eventId));
    return sweep.ended;
  }

  /** What is left of sweeps is for the next process. */
  close(): void {
    this.#closed = true;
  }

  async #run(eventId: string, sweep: Sweep): Promise<number> {
    for (let ended = 0; ; ) {
      sweep.again = false;
      const expired = await this.commands.submit(expireLocksCommand(eventId));
      ended += expired.ended;
      if (this.#closed || (!expired.more && !sweep.again)) return ended;
    }
  }
}

interface Sweep {
  /** A lock has lapsed since its present part began. */
  again: boolean;
  ended: Promise<number>;
}
