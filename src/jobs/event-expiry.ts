import type { Commands } from '../booking/commands.js';
import { expireLocksCommand } from '../booking/expire-locks.js';

/**
 * Writes the lapses of an event down, one sweep of an event at a time. Where thousands of locks lapse at once a sweep has
 * many parts, each of which goes along with what callers want of the event, or waits until nobody does for a moment. Nobody
 * waits for the sweep, as a lapsed lock binds nobody.
 */
export class EventExpiry {
  readonly #underWay = new Map<string, Recording>();
  #closed = false;

  constructor(private readonly commands: Commands) {}

  /**
   * @param goesOn asked after each part, with how many locks the sweep has ended so far
   * @returns how many it ended, once nothing is left that had lapsed by now; who calls meanwhile shares the sweep
   */
  recordExpiries(eventId: string, goesOn: (ended: number) => boolean = () => true): Promise<number> {
    const underWay = this.#underWay.get(eventId);
    if (underWay !== undefined) {
      underWay.mustRepeat = true;
      return underWay.ended;
    }
    const recording: Recording = { mustRepeat: false, ended: Promise.resolve(0) };
    this.#underWay.set(eventId, recording);
    recording.ended = this.#run(eventId, recording, goesOn).finally(() => this.#underWay.delete(eventId));
    return recording.ended;
  }

  /** What is left of sweeps is for the next process. */
  close(): void {
    this.#closed = true;
  }

  async #run(eventId: string, recording: Recording, goesOn: (ended: number) => boolean): Promise<number> {
    for (let ended = 0; ; ) {
      recording.mustRepeat = false;
      const expired = await this.commands.submit(expireLocksCommand(eventId));
      ended += expired.ended;
      if (this.#closed || (!expired.hasMore && !recording.mustRepeat)) return ended;
      if (!recording.mustRepeat && !goesOn(ended)) return ended;
    }
  }
}

interface Recording {
  /** A lock has lapsed since its present part began. */
  mustRepeat: boolean;
  ended: Promise<number>;
}
