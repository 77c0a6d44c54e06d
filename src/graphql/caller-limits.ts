import type { Payment } from '../booking/payment.js';
import type { Feed } from '../feed/feed.js';

/** The rate limits of one caller. Each method counts something and throws RATE_LIMITED if it is too much. */
export interface CallerLimits {
  /** Counts calls beyond the operation's first: every further root field, and long seat lists. */
  furtherCalls(count: number): void;
  /** Counts an anonymous read as a call too: it changes something, or costs more than reads do. */
  countAsCall(): void;
  /** Counts the operation as a read. @param reads its cost, in reads of one seat map */
  isRead(reads: number): void;
  /** Counts a search through all events as a call, and lets few of them run at a time. @throws TOO_BUSY */
  search<Answer>(search: () => Promise<Answer>): Promise<Answer>;
  logIn<Answer>(email: string, logIn: () => Promise<Answer>): Promise<Answer>;
  startGuest<Answer>(start: () => Promise<Answer>): Promise<Answer>;
  passwordReset<Answer>(email: string, request: () => Promise<Answer>): Promise<Answer>;
  signUp<Answer>(signUp: () => Promise<Answer>): Promise<Answer>;
  createEvent<Answer>(create: () => Promise<Answer>): Promise<Answer>;
  /** Counts a scan that is answered by its own limit, and not as a call. */
  scan<Answer>(scan: () => Promise<Answer>): Promise<Answer>;
  /**
   * @param wanted number of requested seats
   * @param countNew how many of the seats the caller had not locked before
   */
  lockSeats<Answer>(
    eventId: string,
    wanted: number,
    lock: () => Promise<Answer>,
    countNew: (answer: Answer) => number,
  ): Promise<Answer>;
  /**
   * @param newPaymentOf the payment that the call made; null for a repeated call
   * @param isRepeated asked only at the limit, which does not apply to a repeated call
   */
  pay<Answer>(
    pay: () => Promise<Answer>,
    newPaymentOf: (answer: Answer) => Payment | null,
    isRepeated: () => Promise<boolean>,
  ): Promise<Answer>;
}

/** Counts the opening of an event's map, if it is not in memory. @throws RATE_LIMITED */
export function countMapOpening(
  { feed, limits }: { readonly feed: Feed; readonly limits: CallerLimits },
  eventId: string,
): void {
  if (!feed.isOpenOrOpening(eventId)) limits.countAsCall();
}
