import { unauthenticated } from '../account/accounts.js';
import type { Viewer } from '../account/user.js';
import type { Command } from '../booking/commands.js';
import type { Feed } from '../feed/feed.js';
import type { Loaders } from './loaders.js';
import type { SeatLists } from './seat-lists.js';

/** What a resolver knows of the call beside its arguments; the same over HTTP and WebSocket. */
export interface GraphQLContext {
  /** Null for a call without a token; a call with a bad one never gets here. */
  readonly viewer: Viewer | null;
  /** In the log lines of the call, and in the answer to a fault. */
  readonly correlationId: string;
  readonly loaders: Loaders;
  /** For subscriptions: TypeGraphQL calls their `subscribe` without the resolver that it stands in. */
  readonly feed: Feed;
  readonly limits: CallerLimits;
  /** What is left out of this operation's execution. */
  readonly seatLists: SeatLists;
}

/** How often the caller may do what not everybody may do as often as they like. Each throws RATE_LIMITED. */
export interface CallerLimits {
  /** An operation counts as many calls as it asks fields of the schema's root; this many beyond the first. */
  furtherFields(count: number): void;
  /** The operation is a mutation. */
  changes(): void;
  /** It is none. @param countLooks what it costs at most, in looks at one map */
  reads(countLooks: () => number): void;
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

/** What TypeGraphQL hands to a subscription's `subscribe`, typed. */
export interface SubscribeData<Args> {
  // biome-ignore lint/suspicious/noExplicitAny: TypeGraphQL declares it so; each use names the argument's type.
  readonly args: Args & any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly context: GraphQLContext & any;
}

/** The command as a part of this call, by which it can be found in the log. */
export const ofCall = <C extends Command>({ correlationId }: GraphQLContext, command: C): C => ({
  ...command,
  correlationId,
});

/** A map that is not in memory is read from the database for whoever comes first. @throws RATE_LIMITED */
export function countOpening(
  { feed, limits }: Pick<GraphQLContext, 'feed' | 'limits'>,
  eventId: string,
): void {
  if (!feed.isOpening(eventId)) limits.opensMap();
}

/** @throws UNAUTHENTICATED */
export function requireUserId({ viewer }: GraphQLContext): string {
  if (viewer === null) throw unauthenticated();
  return viewer.userId;
}
