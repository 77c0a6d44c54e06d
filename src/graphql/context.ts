import { unauthenticated } from '../account/accounts.js';
import type { Viewer } from '../account/user.js';
import type { Command } from '../booking/commands.js';
import type { Feed } from '../feed/feed.js';
import type { CallerLimits } from './caller-limits.js';
import type { DeferredSeatLists } from './deferred-seat-lists.js';
import type { Loaders } from './loaders.js';

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
  readonly deferredSeatLists: DeferredSeatLists;
}

/** What TypeGraphQL hands to a subscription's `subscribe`, typed. */
export interface SubscribeData<Args> {
  // biome-ignore lint/suspicious/noExplicitAny: TypeGraphQL declares it so; each use names the argument's type.
  readonly args: Args & any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly context: GraphQLContext & any;
}

/** The command as a part of this call, by which it can be found in the log. */
export const withCorrelationId = <C extends Command>({ correlationId }: GraphQLContext, command: C): C => ({
  ...command,
  correlationId,
});

/** @throws UNAUTHENTICATED */
export function requireUserId({ viewer }: GraphQLContext): string {
  if (viewer === null) throw unauthenticated();
  return viewer.userId;
}
