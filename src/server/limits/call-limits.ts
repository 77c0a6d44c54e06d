import { accountKey } from '../../account/address.js';
import { DomainError } from '../../core/errors.js';
import type { CallerLimits } from '../../graphql/caller-limits.js';
import { AttemptQuota, type EndAttempt } from './attempt-quota.js';
import type { Consumed, Limit, RateLimiter } from './rate-limiter.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Failed log-ins of one address on one account: enough for typing errors, too few for guessing. */
const LOG_IN_FAILURES_OF_PAIR: Limit = { name: 'log-in-here', points: 10, windowMs: MINUTE_MS };
/** Failed log-ins that one account may meet from wherever it has not been logged in from before. */
const LOG_IN_FAILURES_OF_ACCOUNT: Limit = { name: 'log-in-anywhere', points: 100, windowMs: HOUR_MS };
/** Failed log-ins of one address, on whatever accounts. */
const LOG_IN_FAILURES_OF_ADDRESS: Limit = { name: 'log-in-failures', points: 100, windowMs: MINUTE_MS };
/** How long an address from which an account was logged in to counts as its owner's. */
const KNOWN_ADDRESS: Limit = { name: 'known-address', points: 1, windowMs: 30 * DAY_MS };

const SEAT_LOCKS_WAITING_MAX = 20_000;

export interface CallLimitsOptions {
  /** Calls of one viewer, or of one address without one. */
  readonly rateLimitPerMinute: number;
  /** Looks from one address without a viewer, a minute; undefined: each is a call. */
  readonly anonymousReadsPerAddressMax: number | undefined;
  /** Calls of all viewers of one address, a minute. */
  readonly callsPerAddressMax: number;
  readonly eventsPerViewerMax: number;
  readonly eventsPerAddressMax: number;
  readonly signUpsPerAddressMax: number;
  readonly seatLocksPerViewerMax: number;
  readonly seatLocksPerAddressMax: number;
  readonly lockMaxLifeMs: number;
}

/** Who may do what how often, on all server processes together. */
export class CallLimits {
  readonly #calls: Limit;
  readonly #anonymousReads: Limit | undefined;
  readonly #callsOfAddress: Limit;
  readonly #eventsOfViewer: Limit;
  readonly #eventsOfAddress: Limit;
  readonly #signUps: Limit;
  readonly #locksOfViewer: Limit;
  readonly #locksOfAddress: Limit;
  readonly #logIns = new AttemptQuota(600, 'Too many are logging in');
  /** As many wait as may wait for a batch: who comes in a rush from one network is not refused for the others in it. */
  readonly #locks = new AttemptQuota(SEAT_LOCKS_WAITING_MAX, 'Too many are choosing seats from your network');

  /** @param limiter null where nothing is limited */
  constructor(
    private readonly limiter: RateLimiter | null,
    options: CallLimitsOptions,
  ) {
    this.#calls = { name: 'call', points: options.rateLimitPerMinute, windowMs: MINUTE_MS };
    this.#anonymousReads =
      options.anonymousReadsPerAddressMax === undefined
        ? undefined
        : { name: 'look', points: options.anonymousReadsPerAddressMax, windowMs: MINUTE_MS };
    this.#callsOfAddress = {
      name: 'address-calls',
      points: options.callsPerAddressMax,
      windowMs: MINUTE_MS,
    };
    this.#eventsOfViewer = { name: 'viewer-events', points: options.eventsPerViewerMax, windowMs: DAY_MS };
    this.#eventsOfAddress = { name: 'address-events', points: options.eventsPerAddressMax, windowMs: DAY_MS };
    this.#signUps = { name: 'sign-up', points: options.signUpsPerAddressMax, windowMs: HOUR_MS };
    this.#locksOfViewer = { name: 'viewer-locks', points: options.seatLocksPerViewerMax, windowMs: DAY_MS };
    // No lock lives longer: it bounds what an address can hold without paying.
    this.#locksOfAddress = {
      name: 'address-locks',
      points: options.seatLocksPerAddressMax,
      windowMs: options.lockMaxLifeMs,
    };
  }

  /**
   * Counts a call, of its user and of the address; whatever else its operation does is counted once that is known. Who is
   * refused as a user takes nothing from the others behind the address.
   *
   * @throws RATE_LIMITED
   */
  call(userId: string | undefined, address: string, points = 1): void {
    const subject = userId === undefined ? `address ${address}` : `viewer ${userId}`;
    this.#consumeBoth(this.#calls, subject, this.#callsOfAddress, address, 'Too many calls', points);
  }

  /**
   * A look is what thousands behind one address do who have no token yet. What it costs the server is little, since
   * others ask the same: it counts by itself.
   *
   * @throws RATE_LIMITED
   */
  #countAnonymousReads(anonymousReads: Limit, address: string, points = 1): void {
    this.#consumeBoth(
      anonymousReads,
      `address ${address}`,
      this.#callsOfAddress,
      address,
      'Too many looks',
      points,
    );
  }

  /** Takes the points of both or of none. @returns what may be given back @throws RATE_LIMITED */
  #consumeBoth(
    own: Limit,
    subject: string,
    common: Limit,
    address: string,
    refusalText: string,
    points = 1,
  ): readonly Consumed[] {
    const { limiter } = this;
    if (limiter === null) return [];
    const ofOwn = orRefuse(limiter.consume(own, subject, points), `${refusalText}.`);
    const ofCommon = limiter.consume(common, address, points);
    if (typeof ofCommon !== 'number') return [ofOwn, ofCommon];
    limiter.giveBack(ofOwn);
    return refuse(ofCommon, `${refusalText} from your network.`);
  }

  /**
   * Counts a call, and says what may be asked of the limits as more is known of it.
   *
   * @param isKnown whether its operation is a known one: to read a document costs as much as many looks
   * @throws RATE_LIMITED
   */
  begin(userId: string | undefined, address: string, isKnown: boolean): CallerLimits {
    /** Undefined where it is a call. */
    let anonymousReads = userId === undefined && isKnown ? this.#anonymousReads : undefined;
    if (anonymousReads === undefined) this.call(userId, address);
    else this.#countAnonymousReads(anonymousReads, address);
    const countAsCall = () => {
      if (anonymousReads === undefined) return;
      anonymousReads = undefined;
      this.call(userId, address);
    };
    return {
      furtherCalls: (count) => {
        if (count > 0) this.call(userId, address, count);
      },
      isMutation: countAsCall,
      isRead: (countReads) => {
        if (anonymousReads === undefined) return;
        const further = countReads() - 1;
        if (further > 0) this.#countAnonymousReads(anonymousReads, address, further);
      },
      opensMap: countAsCall,
      logIn: (email, logIn) => this.#logIn(email, address, logIn),
      signUp: (signUp) => this.#signUp(address, signUp),
      createEvent: (create) => this.#createEvent(userId ?? '', address, create),
      lockSeats: (eventId, wanted, lock, countNew) =>
        this.#lockSeats(userId ?? '', address, eventId, wanted, lock, countNew),
    };
  }

  /**
   * Guessing is limited where it comes from, for the account that it meets, and for whoever tries many accounts. An
   * address that its owner has used before stands outside of the last: strangers keep nobody out of their account.
   * Only wrong guesses count in the end.
   */
  async #logIn<Answer>(email: string, address: string, logIn: () => Promise<Answer>): Promise<Answer> {
    const { limiter } = this;
    if (limiter === null) return logIn();
    const account = accountKey(email);
    const pair = `${account} ${address}`;
    const begin = (
      limit: Limit,
      subject: string,
      take: () => Consumed | number | Promise<Consumed | number>,
    ) => this.#logIns.begin(limit, subject, take, (taken) => limiter.giveBack(taken));
    const begun: EndAttempt[] = [];
    let isWrongGuess = false;
    try {
      // Always in this order, so that no two wait for each other.
      begun.push(
        orRefuse(
          await begin(LOG_IN_FAILURES_OF_PAIR, pair, () =>
            limiter.consumeShared(LOG_IN_FAILURES_OF_PAIR, pair),
          ),
        ),
      );
      begun.push(
        orRefuse(
          await begin(LOG_IN_FAILURES_OF_ADDRESS, address, () =>
            limiter.consume(LOG_IN_FAILURES_OF_ADDRESS, address),
          ),
        ),
      );
      const take = () => limiter.consume(LOG_IN_FAILURES_OF_ACCOUNT, account);
      const anywhere = await begin(LOG_IN_FAILURES_OF_ACCOUNT, account, take);
      if (typeof anywhere !== 'number') begun.push(anywhere);
      else if (!(await limiter.isRemembered(KNOWN_ADDRESS, pair))) refuse(anywhere);
      const answer = await logIn();
      limiter.remember(KNOWN_ADDRESS, pair);
      return answer;
    } catch (error) {
      isWrongGuess = error instanceof DomainError && error.code === 'INVALID_CREDENTIALS';
      throw error;
    } finally {
      for (const end of begun) end(isWrongGuess);
    }
  }

  /** EMAIL_TAKEN counts as well: it tells who has an account. */
  async #signUp<Answer>(address: string, signUp: () => Promise<Answer>): Promise<Answer> {
    const { limiter } = this;
    if (limiter === null) return signUp();
    const taken = orRefuse(limiter.consume(this.#signUps, address));
    try {
      return await signUp();
    } catch (error) {
      const isTaken = error instanceof DomainError && error.code === 'EMAIL_TAKEN';
      if (!isTaken) limiter.giveBack(taken);
      throw error;
    }
  }

  /** What was refused made none. One that was made by the same call before counts again: it cost as much to find. */
  async #createEvent<Answer>(
    userId: string,
    address: string,
    create: () => Promise<Answer>,
  ): Promise<Answer> {
    const { limiter } = this;
    if (limiter === null) return create();
    const refusalText = 'Too many new events';
    const taken = this.#consumeBoth(
      this.#eventsOfViewer,
      userId,
      this.#eventsOfAddress,
      address,
      refusalText,
    );
    try {
      return await create();
    } catch (error) {
      for (const each of taken) limiter.giveBack(each);
      throw error;
    }
  }

  /**
   * Counts what was locked, not what was tried: who loses one seat after the other in a rush is no hoarder. What is wanted
   * is taken first and given back where it did not come to a lock, so that calls that come at once pass no limit together.
   */
  async #lockSeats<Answer>(
    userId: string,
    address: string,
    eventId: string,
    wanted: number,
    lock: () => Promise<Answer>,
    countNew: (answer: Answer) => number,
  ): Promise<Answer> {
    const { limiter } = this;
    if (limiter === null) return lock();
    let made = 0;
    const begin = async (limit: Limit, subject: string, message: string) => {
      const take = () => limiter.consume(limit, subject, wanted);
      const giveBack = (taken: Consumed) => {
        if (made < wanted) limiter.giveBack(taken, wanted - made);
      };
      return orRefuse(await this.#locks.begin(limit, subject, take, giveBack), message);
    };
    const begun: EndAttempt[] = [];
    try {
      // Always in this order, so that no two wait for each other.
      const ofViewer = 'You have locked too many seats of this event.';
      begun.push(await begin(this.#locksOfViewer, `${userId} ${eventId}`, ofViewer));
      const ofAddress = 'Too many seats of this event have been locked from your network.';
      begun.push(await begin(this.#locksOfAddress, `${address} ${eventId}`, ofAddress));
      const answer = await lock();
      made = countNew(answer);
      return answer;
    } finally {
      for (const end of begun) end(false);
    }
  }
}

/** @throws RATE_LIMITED where it is how long there is none */
function orRefuse<Passed>(attempt: Passed | number, message?: string): Passed {
  return typeof attempt === 'number' ? refuse(attempt, message) : attempt;
}

function refuse(retryAfterMs: number, message = 'Too many calls.'): never {
  throw new DomainError('RATE_LIMITED', `${message} Nothing was done; try again later.`, { retryAfterMs });
}
