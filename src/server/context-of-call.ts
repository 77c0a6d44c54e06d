import type { Viewer } from '../account/user.js';
import type { GraphQLContext } from '../graphql/context.js';

/** Creates the context of one call, over either transport. @throws UNAUTHENTICATED, RATE_LIMITED */
export type ContextOfCall = (
  viewer: Viewer | null,
  address: string,
  correlationId: string,
) => Promise<GraphQLContext>;
