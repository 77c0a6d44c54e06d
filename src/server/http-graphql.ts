import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Viewer } from '../account/user.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { newProcessId } from '../core/ids.js';
import type { Log } from '../core/log.js';
import type { GraphQLContext } from '../graphql/context.js';
import { graphqlErrorOf, presentError } from '../graphql/errors.js';
import { QUERY_LENGTH_MAX, QUERY_TOKENS_MAX } from './operation-limits.js';

const HTTP_STATUS: Partial<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  RATE_LIMITED: 429,
  TOO_BUSY: 503,
};

/** Makes the context of one call. @throws UNAUTHENTICATED, RATE_LIMITED */
export type ContextOfCall = (
  viewer: Viewer | null,
  address: string,
  correlationId: string,
) => Promise<GraphQLContext>;

/** GraphQL over HTTP POST, by Apollo Server. */
export async function serveGraphQLOverHttp(
  fastify: FastifyInstance,
  schema: GraphQLSchema,
  viewerOfRequest: (request: FastifyRequest) => Promise<Viewer | null>,
  contextOfCall: ContextOfCall,
  log: Log,
): Promise<ApolloServer<GraphQLContext>> {
  const correlationIds = new WeakMap<object, string>();
  const apollo = new ApolloServer<GraphQLContext>({
    schema,
    logger: {
      debug: (message) => log.debug({}, message),
      info: (message) => log.info({}, message),
      warn: (message) => log.warn({}, message),
      error: (message) => log.error({}, message),
    },
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    // The process's own shutdown says in which order things stop.
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens: QUERY_TOKENS_MAX },
    formatError: (_formatted, error) => {
      const graphqlError =
        error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error });
      return presentError(graphqlError, correlationIds.get(graphqlError) ?? newProcessId(), log);
    },
    plugins: [
      // What Apollo would add by itself, unused, costs half of a small call's CPU time.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      {
        requestDidStart: async () => ({
          didEncounterErrors: async ({ errors, contextValue }) => {
            for (const error of errors) correlationIds.set(error, contextValue.correlationId);
          },
        }),
      },
    ],
  });
  await apollo.start();

  fastify.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => {
        try {
          refuseLongQuery(request.body);
          return await contextOfCall(await viewerOfRequest(request), request.ip, request.id);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          const headers = new Map<string, string>();
          const { retryAfterMs } = error.details;
          if (typeof retryAfterMs === 'number')
            headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
          throw graphqlErrorOf(error, { status: HTTP_STATUS[error.code] ?? 400, headers });
        }
      },
    }),
  });
  return apollo;
}

function refuseLongQuery(body: unknown): void {
  const { query } = (body ?? {}) as { query?: unknown };
  if (typeof query === 'string' && query.length > QUERY_LENGTH_MAX) throw queryTooLong();
}

export const queryTooLong = (): DomainError =>
  badUserInput('query', `An operation has at most ${QUERY_LENGTH_MAX} characters.`, {
    max: QUERY_LENGTH_MAX,
  });
