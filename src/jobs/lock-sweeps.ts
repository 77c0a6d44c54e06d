import type { Commands } from '../booking/commands.js';
import { expireLocksCommand } from '../booking/expire-locks.js';
import { monotonicMs } from '../core/clock.js';

/** Of the time that a part of a sweep took, how long the event is then left to whoever wants something of it. */
export const REST_PART = 1;
/** The same, where everything takes long. */
export const REST_MS_MAX = 250;

/**
 * Writes the lapses of an event down, one sweep of an event at a time. Where thousands of locks lapse at once a sweep has
 * many parts, and gives way after each: callers' commands wait for a short part at most, and most of them for none.
 * Nobody waits for the sweep, as a lapsed lock binds nobody.
 */
export class LockSweeps {
  readonly #underWay = new Map<string, Sweep>();
  #closed = false;

  constructor(
    private readonly commands: Commands,
    private readonly rest: (ms: number) => Promise<void> = delay,
  ) {}

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
      const startMs = monotonicMs();
      const expired = await this.commands.submit(expireLocksCommand(eventId));
      ended += expired.ended;
      if (this.#closed || (!expired.more && !sweep.again)) return ended;
      if (expired.more) await this.rest(Math.min(REST_MS_MAX, REST_PART * (monotonicMs() - startMs)));
      if (this.#closed) return ended;
    }
  }
}

interface Sweep {
  /** A lock has lapsed since its present part began. */
  again: boolean;
  ended: Promise<number>;
}

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
