import { DomainError } from '../../core/errors.js';
import type { CallerLimits } from '../../graphql/caller-limits.js';
import { LogInLimits } from './log-in-limits.js';
import { limitPasswordResets } from './password-reset-limits.js';
import { PaymentLimits, type PaymentLimitsOptions } from './payment-limits.js';
import { orRefuse, refuse } from './rate-limited.js';
import type { Consumed, Limit, RateLimiter } from './rate-limiter.js';
import { SearchScheduler } from './search-scheduler.js';
import { SeatLockLimits, type SeatLockLimitsOptions } from './seat-lock-limits.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface CallLimitsOptions extends SeatLockLimitsOptions, PaymentLimitsOptions {
  /** Calls of one viewer, or of one address without a viewer, a minute. */
  readonly rateLimitPerMinute: number;
  /** Anonymous reads of one address a minute. If undefined, they count as calls. */
  readonly anonymousReadsPerAddressMax: number | undefined;
  /** Calls of all viewers of one address a minute. */
  readonly callsPerAddressMax: number;
  /** Scans of one viewer's events a minute. */
  readonly scansPerViewerMax: number;
  /** QR images drawn for one address a minute. */
  readonly ticketImagesPerAddressMax: number;
  /** New events of one viewer a day. */
  readonly eventsPerViewerMax: number;
  /** New events of one address a day. */
  readonly eventsPerAddressMax: number;
  /** Sign-ups of one address an hour. */
  readonly signUpsPerAddressMax: number;
  /** New guests of one address an hour. */
  readonly guestsPerAddressMax: number;
}

/** Limits what callers may do, over all server processes together. */
export class CallLimits {
  readonly #calls: Limit;
  readonly #anonymousReads: Limit | undefined;
  readonly #callsOfAddress: Limit;
  readonly #scans: Limit;
  readonly #ticketImages: Limit;
  readonly #eventsOfViewer: Limit;
  readonly #eventsOfAddress: Limit;
  readonly #signUps: Limit;
  readonly #guests: Limit;
  readonly #logIns: LogInLimits | null;
  readonly #seatLocks: SeatLockLimits | null;
  readonly #payments: PaymentLimits | null;
  readonly #searches = new SearchScheduler();

  /** @param limiter null if nothing is limited */
  constructor(
    private readonly limiter: RateLimiter | null,
    options: CallLimitsOptions,
  ) {
    this.#calls = { name: 'call', points: options.rateLimitPerMinute, windowMs: MINUTE_MS };
    // The name is part of a stored key, so it is the one of earlier releases.
    this.#anonymousReads =
      options.anonymousReadsPerAddressMax === undefined
        ? undefined
        : { name: 'look', points: options.anonymousReadsPerAddressMax, windowMs: MINUTE_MS };
    this.#callsOfAddress = {
      name: 'address-calls',
      points: options.callsPerAddressMax,
      windowMs: MINUTE_MS,
    };
    this.#scans = { name: 'scans', points: options.scansPerViewerMax, windowMs: MINUTE_MS };
    this.#ticketImages = {
      name: 'ticket-images',
      points: options.ticketImagesPerAddressMax,
      windowMs: MINUTE_MS,
    };
    this.#eventsOfViewer = { name: 'viewer-events', points: options.eventsPerViewerMax, windowMs: DAY_MS };
    this.#eventsOfAddress = { name: 'address-events', points: options.eventsPerAddressMax, windowMs: DAY_MS };
    this.#signUps = { name: 'sign-up', points: options.signUpsPerAddressMax, windowMs: HOUR_MS };
    this.#guests = { name: 'guest', points: options.guestsPerAddressMax, windowMs: HOUR_MS };
    this.#logIns = limiter && new LogInLimits(limiter);
    this.#seatLocks = limiter && new SeatLockLimits(limiter, options);
    this.#payments = limiter && new PaymentLimits(limiter, options);
  }

  /**
   * Counts a call for its user and for the address. A user who exceeds the own limit takes no points from the others
   * behind the address.
   *
   * @returns the points of the user, or of the address without one; undefined if nothing is limited
   * @throws RATE_LIMITED
   */
  call(userId: string | undefined, address: string, points = 1): Consumed | undefined {
    const subject = userId === undefined ? `address ${address}` : `viewer ${userId}`;
    return this.#consumeBoth(
      this.#calls,
      subject,
      this.#callsOfAddress,
      address,
      'Too many calls',
      points,
    )[0];
  }

  /** Counts a card that was declined at a payment provider, which tells it later. */
  declinedPayment(address: string): void {
    this.#payments?.declined(address);
  }

  /**
   * Counts a QR image that has to be drawn. Everybody in the queue of an entrance opens a ticket, over one network.
   *
   * @throws RATE_LIMITED
   */
  ticketImage(address: string): void {
    const { limiter } = this;
    if (limiter !== null)
      orRefuse(limiter.consume(this.#ticketImages, address), 'Too many tickets from your network.');
  }

  /**
   * Thousands of people behind one address read maps before they have a token. Such reads cost little, because most of
   * them share one answer, and have a limit of their own.
   *
   * @throws RATE_LIMITED
   */
  #countAnonymousReads(limit: Limit, address: string, points = 1): void {
    const subject = `address ${address}`;
    this.#consumeBoth(limit, subject, this.#callsOfAddress, address, 'Too many requests', points);
  }

  /**
   * Takes the points of both limits or of none. @returns the consumed points, to give them back @throws RATE_LIMITED
   */
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
   * Counts a call that has just arrived.
   *
   * @returns what counts the rest, once the operation is known
   * @throws RATE_LIMITED
   */
  begin(userId: string | undefined, address: string): CallerLimits {
    const { limiter } = this;
    /** Undefined if the operation counts as a call. */
    let anonymousReads = userId === undefined ? this.#anonymousReads : undefined;
    let counted: Consumed | undefined;
    if (anonymousReads === undefined) counted = this.call(userId, address);
    else this.#countAnonymousReads(anonymousReads, address);
    const countAsCall = () => {
      if (anonymousReads === undefined) return;
      anonymousReads = undefined;
      this.call(userId, address);
    };
    return {
      furtherCalls: (count) => {
        if (count > 0) counted = this.call(userId, address, count);
      },
      countAsCall,
      search: async (search) => {
        countAsCall();
        return this.#searches.run(address, search);
      },
      isRead: (reads) => {
        if (anonymousReads !== undefined && reads > 1)
          this.#countAnonymousReads(anonymousReads, address, reads - 1);
      },
      logIn: (email, logIn) => this.#logIns?.logIn(email, address, logIn) ?? logIn(),
      startGuest: (start) => this.#startGuest(address, start),
      passwordReset: (email, request) =>
        limiter === null ? request() : limitPasswordResets(limiter, email, address, request),
      signUp: (signUp) => this.#signUp(address, signUp),
      scan: async (scan) => {
        if (limiter === null) return scan();
        orRefuse(limiter.consume(this.#scans, userId ?? ''), 'Too many scans.');
        const answer = await scan();
        // Refused ones stay calls, so that this limit is nobody's for other events.
        if (counted !== undefined) limiter.giveBack(counted, 1);
        return answer;
      },
      createEvent: (create) => this.#createEvent(userId ?? '', address, create),
      lockSeats: (eventId, wanted, lock, countNew) =>
        this.#seatLocks?.lockSeats({ userId: userId ?? '', address, eventId, wanted, lock, countNew }) ??
        lock(),
      pay: (pay, newPaymentOf, isRepeated) =>
        this.#payments?.pay(userId ?? '', address, pay, newPaymentOf, isRepeated) ?? pay(),
    };
  }

  async #startGuest<Answer>(address: string, start: () => Promise<Answer>): Promise<Answer> {
    const { limiter } = this;
    if (limiter === null) return start();
    const consumed = orRefuse(limiter.consume(this.#guests, address), 'Too many guests from your network.');
    try {
      return await start();
    } catch (error) {
      limiter.giveBack(consumed);
      throw error;
    }
  }

  /** EMAIL_TAKEN counts too, because it reveals who has an account. Other refusals do not count. */
  async #signUp<Answer>(address: string, signUp: () => Promise<Answer>): Promise<Answer> {
    const { limiter } = this;
    if (limiter === null) return signUp();
    const consumed = orRefuse(limiter.consume(this.#signUps, address));
    try {
      return await signUp();
    } catch (error) {
      const isTaken = error instanceof DomainError && error.code === 'EMAIL_TAKEN';
      if (!isTaken) limiter.giveBack(consumed);
      throw error;
    }
  }

  /** Refused calls do not count. A repeated call that returns an existing event does: finding it costs as much. */
  async #createEvent<Answer>(
    userId: string,
    address: string,
    create: () => Promise<Answer>,
  ): Promise<Answer> {
    const consumed = this.#consumeBoth(
      this.#eventsOfViewer,
      userId,
      this.#eventsOfAddress,
      address,
      'Too many new events',
    );
    try {
      return await create();
    } catch (error) {
      for (const each of consumed) this.limiter?.giveBack(each);
      throw error;
    }
  }
}
