import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { EventExpiry } from './event-expiry.js';

/** How long a process without the job's lease leaves an expired lock to the process that holds it. */
export const LEASE_HOLDER_HEAD_START_MS = 100;
/**
 * How long it waits again while another process is recording. The wait is random and at most twice as long, so that one
 * of several waiting processes starts first and the others notice.
 */
export const SILENCE_MS = 500;

/** What the live maps know about expired locks. */
export interface WatchedExpiries {
  /** Whether the event's map is watched and has an expired lock that is not recorded yet. */
  hasUnrecordedExpiry(eventId: string): boolean;
  /** How many recorded expiries of the event this process has received, whichever process recorded them. */
  recordedExpiries(eventId: string): number;
}

/**
 * Records the expired locks of watched maps at once, and not only at the next run of the job. The process that holds the
 * job's lease does so immediately. The others stand by: they start if no other process seems to record, and stop when one
 * does. Two processes that record for one event would only cause write conflicts.
 */
export class WatchedMapExpiry {
  /** Events whose expired locks another process is expected to record. */
  readonly #standingBy = new Set<string>();

  constructor(
    private readonly eventExpiry: Pick<EventExpiry, 'recordExpiries'>,
    private readonly holdsLease: () => boolean,
    private readonly expiries: WatchedExpiries,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly random: () => number = Math.random,
  ) {}

  /** A lock on the event's watched map has expired. */
  expired(eventId: string): void {
    if (this.holdsLease()) void this.#record(eventId, this.holdsLease);
    else if (!this.#standingBy.has(eventId)) void this.#standBy(eventId);
  }

  async #standBy(eventId: string): Promise<void> {
    this.#standingBy.add(eventId);
    let own = 0;
    // This process receives its own changes a little later, so that the difference may shrink for a while.
    let byOthers = this.expiries.recordedExpiries(eventId);
    const othersRecorded = (ownNow: number) => this.expiries.recordedExpiries(eventId) - ownNow > byOthers;
    const silenceMs = () => SILENCE_MS * (1 + this.random());
    for (let waitMs = LEASE_HOLDER_HEAD_START_MS; ; ) {
      await this.#wait(waitMs);
      if (!this.expiries.hasUnrecordedExpiry(eventId)) break;
      let isLeftToOthers = othersRecorded(own);
      if (!isLeftToOthers) {
        const ended = await this.#record(eventId, (endedNow) => {
          isLeftToOthers = othersRecorded(own + endedNow);
          return !isLeftToOthers;
        });
        if (ended === null) break;
        own += ended;
      }
      byOthers = Math.max(byOthers, this.expiries.recordedExpiries(eventId) - own);
      waitMs = isLeftToOthers ? silenceMs() : LEASE_HOLDER_HEAD_START_MS;
    }
    this.#standingBy.delete(eventId);
  }

  /** @returns how many locks were ended, or null after an error */
  async #record(eventId: string, mayContinue?: (ended: number) => boolean): Promise<number | null> {
    try {
      return await this.eventExpiry.recordExpiries(eventId, mayContinue);
    } catch (error) {
      this.log.warn(
        { err: error, eventId },
        'An expired lock was not recorded at once; the job will record it',
      );
      return null;
    }
  }

  #wait(ms: number): Promise<void> {
    const until = new Date(this.clock.now().getTime() + ms);
    return new Promise((resolve) => this.clock.at(until, resolve));
  }
}
