import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { EventExpiry } from './event-expiry.js';

/** How long a process without the sweep's lease leaves a lapse to the process that has it. */
export const LEASE_HOLDER_HEAD_START_MS = 100;
/**
 * How long it then waits for more while another process is writing lapses down; at most twice as long, at random, so that
 * of several that wait one begins first and the others see it.
 */
export const SILENCE_MS = 500;

/** What the sweeper asks of the live maps. */
export interface WatchedLapses {
  /** Whether a lapse on a watched map still waits to be written down. */
  hasUnrecordedExpiry(eventId: string): boolean;
  /** How many lapses of the event this process has seen being written down, whichever process wrote them. */
  recordedExpiries(eventId: string): number;
}

/**
 * Writes the lapses of watched maps down the instant they happen, and not only at the next run of the job. The process
 * that holds the job's lease does so at once. The others stand by: they do so where nobody else seems to be at work, and
 * stop as soon as somebody is. Two that sweep one event would only meet each other's write conflicts.
 */
export class WatchedMapExpiry {
  /** Events whose lapses are left to another process for now. */
  readonly #standingBy = new Set<string>();

  constructor(
    private readonly sweeps: Pick<EventExpiry, 'recordExpiries'>,
    private readonly holdsLease: () => boolean,
    private readonly lapses: WatchedLapses,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly random: () => number = Math.random,
  ) {}

  expired(eventId: string): void {
    if (this.holdsLease()) void this.#sweep(eventId, this.holdsLease);
    else if (!this.#standingBy.has(eventId)) void this.#standBy(eventId);
  }

  async #standBy(eventId: string): Promise<void> {
    this.#standingBy.add(eventId);
    let own = 0;
    // What is written by this process is seen a little later, so that the difference may shrink for a while.
    let seen = this.lapses.recordedExpiries(eventId);
    const othersWrote = (ownNow: number) => this.lapses.recordedExpiries(eventId) - ownNow > seen;
    const silenceMs = () => SILENCE_MS * (1 + this.random());
    for (let waitMs = LEASE_HOLDER_HEAD_START_MS; ; ) {
      await this.#wait(waitMs);
      if (!this.lapses.hasUnrecordedExpiry(eventId)) break;
      let isLeft = othersWrote(own);
      if (!isLeft) {
        const ended = await this.#sweep(eventId, (endedNow) => {
          isLeft = othersWrote(own + endedNow);
          return !isLeft;
        });
        if (ended === null) break;
        own += ended;
      }
      seen = Math.max(seen, this.lapses.recordedExpiries(eventId) - own);
      waitMs = isLeft ? silenceMs() : LEASE_HOLDER_HEAD_START_MS;
    }
    this.#standingBy.delete(eventId);
  }

  /** @returns how many it ended, or null where it failed */
  async #sweep(eventId: string, goesOn?: (ended: number) => boolean): Promise<number | null> {
    try {
      return await this.sweeps.recordExpiries(eventId, goesOn);
    } catch (error) {
      this.log.warn({ err: error, eventId }, 'A lapse was not written down at its instant; the job will');
      return null;
    }
  }

  #wait(ms: number): Promise<void> {
    const until = new Date(this.clock.now().getTime() + ms);
    return new Promise((resolve) => this.clock.at(until, resolve));
  }
}
