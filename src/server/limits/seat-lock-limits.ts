import { AttemptQuota, type EndAttempt } from './attempt-quota.js';
import { orRefuse } from './rate-limited.js';
import type { Consumed, Limit, RateLimiter } from './rate-limiter.js';

const DAY_MS = 24 * 60 * 60_000;

/** As many as may wait for a batch, so a rush from one network does not refuse callers because of each other. */
const SEAT_LOCKS_WAITING_MAX = 20_000;

export interface SeatLockLimitsOptions {
  /** Seats that one viewer may lock of one event a day. */
  readonly seatLocksPerViewerMax: number;
  /** Seats that may be locked of one event from one address within `lockMaxLifeMs`. */
  readonly seatLocksPerAddressMax: number;
  readonly lockMaxLifeMs: number;
}

export interface LockSeatsCall<Answer> {
  readonly userId: string;
  readonly address: string;
  readonly eventId: string;
  /** The number of requested seats. */
  readonly wanted: number;
  readonly lock: () => Promise<Answer>;
  readonly countNew: (answer: Answer) => number;
}

/** Limits how many seats of an event one viewer and one address can lock. Attempts that locked nothing do not count. */
export class SeatLockLimits {
  readonly #ofViewer: Limit;
  readonly #ofAddress: Limit;
  readonly #attempts = new AttemptQuota(
    SEAT_LOCKS_WAITING_MAX,
    'Too many people on your network are locking seats',
  );

  constructor(
    private readonly limiter: RateLimiter,
    { seatLocksPerViewerMax, seatLocksPerAddressMax, lockMaxLifeMs }: SeatLockLimitsOptions,
  ) {
    this.#ofViewer = { name: 'viewer-locks', points: seatLocksPerViewerMax, windowMs: DAY_MS };
    // No unpaid lock lives longer than this, so it limits what an address can hold without paying.
    this.#ofAddress = { name: 'address-locks', points: seatLocksPerAddressMax, windowMs: lockMaxLifeMs };
  }

  /**
   * Takes the points of all requested seats first, so that concurrent calls cannot exceed a limit together, and gives
   * back those of seats that were not locked.
   *
   * @throws RATE_LIMITED, TOO_BUSY, and what `lock` throws
   */
  async lockSeats<Answer>({
    userId,
    address,
    eventId,
    wanted,
    lock,
    countNew,
  }: LockSeatsCall<Answer>): Promise<Answer> {
    const { limiter } = this;
    let locked = 0;
    const begin = async (limit: Limit, subject: string, message: string) => {
      const reserve = () => limiter.consume(limit, subject, wanted);
      const giveBack = (consumed: Consumed) => {
        if (locked < wanted) limiter.giveBack(consumed, wanted - locked);
      };
      return orRefuse(await this.#attempts.begin(limit, subject, reserve, giveBack), message);
    };
    const attempts: EndAttempt[] = [];
    try {
      // Always in this order, so that two calls never wait for each other.
      const viewerMessage = 'You have locked too many seats of this event.';
      attempts.push(await begin(this.#ofViewer, `${userId} ${eventId}`, viewerMessage));
      const addressMessage = 'Too many seats of this event have been locked from your network.';
      attempts.push(await begin(this.#ofAddress, `${address} ${eventId}`, addressMessage));
      const answer = await lock();
      locked = countNew(answer);
      return answer;
    } finally {
      for (const end of attempts) end(false);
    }
  }
}
