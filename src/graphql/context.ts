import { unauthenticated } from '../account/accounts.js';
import type { Viewer } from '../account/user.js';
import type { Command } from '../booking/commands.js';
import type { Feed } from '../feed/feed.js';
import type { CallerLimits } from './caller-limits.js';
import type { DeferredSeatLists } from './deferred-seat-lists.js';
import type { Loaders } from './loaders.js';

/** What a resolver gets beside its arguments; the same over HTTP and WebSocket. */
export interface GraphQLContext {
  /** Null for a call without a token. A call with an invalid token gets no context. */
  readonly viewer: Viewer | null;
  /** Of the caller, as limits count it. */
  readonly address: string;
  /** In the log lines of the call, and in the answer if an internal error happens. */
  readonly correlationId: string;
  readonly loaders: Loaders;
  /** For subscriptions: TypeGraphQL calls their `subscribe` without the resolver instance. */
  readonly feed: Feed;
  readonly limits: CallerLimits;
  /** Seat lists that are left out of the execution and added to the answer's text. */
  readonly deferredSeatLists: DeferredSeatLists;
}

/** What TypeGraphQL passes to a subscription's `subscribe`, typed. */
export interface SubscribeData<Args> {
  // biome-ignore lint/suspicious/noExplicitAny: TypeGraphQL declares it as any; each use names the argument's type.
  readonly args: Args & any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly context: GraphQLContext & any;
}

/**
 * Adds the call's correlation id, so that the command can be found in the log. A new property after a spread would cost
 * five times as much.
 */
export const withCorrelationId = <C extends Command>({ correlationId }: GraphQLContext, command: C): C => ({
  correlationId,
  ...command,
});

/** @throws UNAUTHENTICATED */
export function requireViewer({ viewer }: GraphQLContext): Viewer {
  if (viewer === null) throw unauthenticated();
  return viewer;
}

/** @throws UNAUTHENTICATED */
export const requireUserId = (context: GraphQLContext): string => requireViewer(context).userId;
