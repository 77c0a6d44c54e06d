import type { Feed } from '../feed/feed.js';

/** How often the caller may do what not everybody may do as often as they like. Each throws RATE_LIMITED. */
export interface CallerLimits {
  /** An operation counts as many calls as it asks fields of the schema's root; this many beyond the first. */
  furtherCalls(count: number): void;
  /** The operation is a mutation. */
  isMutation(): void;
  /** It is none. @param countReads what it costs at most, in reads of one map */
  isRead(countReads: () => number): void;
  /** A map is looked at that nobody looks at: it has to be read from the database. */
  opensMap(): void;
  logIn<Answer>(email: string, logIn: () => Promise<Answer>): Promise<Answer>;
  signUp<Answer>(signUp: () => Promise<Answer>): Promise<Answer>;
  createEvent<Answer>(create: () => Promise<Answer>): Promise<Answer>;
  /**
   * @param wanted seats that are asked for
   * @param countNew how many of the seats had not been the caller's before
   */
  lockSeats<Answer>(
    eventId: string,
    wanted: number,
    lock: () => Promise<Answer>,
    countNew: (answer: Answer) => number,
  ): Promise<Answer>;
}

/** A map that is not in memory is read from the database for whoever comes first. @throws RATE_LIMITED */
export function countMapOpening(
  { feed, limits }: { readonly feed: Feed; readonly limits: CallerLimits },
  eventId: string,
): void {
  if (!feed.isOpenOrOpening(eventId)) limits.opensMap();
}
