import { ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, type ValidationRule } from 'graphql';
import type { Viewer } from '../../account/user.js';
import { monotonicMs } from '../../core/clock.js';
import { badUserInput, DomainError, type ErrorCode, type ErrorDetails } from '../../core/errors.js';
import { newCorrelationId } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import type { GraphQLContext } from '../../graphql/context.js';
import { type DeferredLists, fillPlaceholders } from '../../graphql/deferred-seat-lists.js';
import { codeOf, graphqlErrorOf, type PresentError } from '../../graphql/errors.js';
import type { ContextOfCall } from '../context-of-call.js';
import { chargeOperation } from '../limits/operation-cost.js';
import {
  firstErrors,
  LARGE_BODY_BYTES_MAX,
  noSuchOperation,
  QUERY_TOKENS_MAX,
  requireFewValues,
  requireShortQuery,
  requireWellFormedVariables,
} from '../limits/operation-limits.js';
import type { OperationError, OperationLog } from '../operation-log.js';
import { countedAddress } from './client-address.js';
import { DocumentStore } from './document-store.js';
import { httpStatusOf, retryAfterOf } from './http-status.js';
import { LargeBodies, limitUnknownLength } from './large-bodies.js';
import { operationIn } from './operation-in-body.js';

/** Apollo passes a copy of it to its plugins. */
interface HttpContext extends GraphQLContext {
  /** When the call arrived, on the monotonic clock. */
  readonly startMs: number;
  readonly state: CallState;
}

/** State of a call outside of Apollo. It is not copied with the context. */
interface CallState {
  /** Lists that are inserted into the serialised answer. */
  deferred?: DeferredLists;
}

/** GraphQL over HTTP POST, by Apollo Server. */
export async function serveGraphQLOverHttp(
  fastify: FastifyInstance,
  schema: GraphQLSchema,
  viewerOfRequest: (request: FastifyRequest) => Promise<Viewer | null>,
  contextOfCall: ContextOfCall,
  rules: readonly ValidationRule[],
  present: PresentError,
  record: OperationLog,
  log: Log,
): Promise<ApolloServer<HttpContext>> {
  const correlationIds = new WeakMap<object, string>();
  const documents = new DocumentStore();
  /** Headers of answers from GraphQL itself, not only from the transport. */
  const handledByGraphQL = new WeakSet<object>();
  const apollo = new ApolloServer<HttpContext>({
    schema,
    logger: {
      debug: (message) => log.debug({}, message),
      info: (message) => log.info({}, message),
      warn: (message) => log.warn({}, message),
      error: (message) => log.error({}, message),
    },
    // A validation rule forbids it, so that both transports do the same.
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    // main.ts stops everything in order.
    stopOnTerminationSignals: false,
    persistedQueries: false,
    documentStore: documents,
    parseOptions: { maxTokens: QUERY_TOKENS_MAX },
    validationRules: [...rules],
    formatError: (_formatted, error) => {
      const graphqlError =
        error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error });
      return present(graphqlError, correlationIds.get(graphqlError) ?? newCorrelationId());
    },
    plugins: [
      // Apollo's default plugins are not used here and would take half of a small call's CPU time.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      {
        // Apollo's CSRF prevention refused a request that a page of another site could make a browser send.
        invalidRequestWasReceived: async ({ error }) => record.ended({ errors: [refusedWith(error)] }),
        requestDidStart: async () => ({
          didEncounterErrors: async ({ errors, contextValue }) => {
            for (const error of errors) correlationIds.set(error, contextValue.correlationId);
          },
          didResolveOperation: async ({ operation, request, document, contextValue }) => {
            if (operation === undefined) throw refusal(noSuchOperation(request.operationName));
            // Apollo would run its resolver once, without an event stream.
            if (operation.operation === 'subscription') throw refusal(subscriptionOverHttp());
            try {
              requireFewValues(request.variables);
              requireWellFormedVariables(request.variables);
              chargeOperation(contextValue.limits, schema, document, operation, request.variables);
            } catch (error) {
              throw refusedOverHttp(error);
            }
          },
          willSendResponse: async ({ request, document, operation, contextValue, response }) => {
            const { http, body } = response;
            if (request.query) handledByGraphQL.add(http.headers);
            const { errors = [], data } = body.kind === 'single' ? body.singleResult : {};
            contextValue.state.deferred = contextValue.deferredSeatLists.takeDeferred(data);
            const { correlationId, startMs } = contextValue;
            const retryAfter = errors.map(retryAfterShown).find((seconds) => seconds !== undefined);
            if (retryAfter !== undefined) http.headers.set('retry-after', retryAfter);
            record.ended({ correlationId, startMs, document, operation, errors: errors.map(shownError) });
            if (body.kind === 'single' && body.singleResult.errors !== undefined) {
              body.singleResult.errors = firstErrors(body.singleResult);
            }
          },
        }),
      },
    ],
  });
  await apollo.start();

  const contextOf = async (request: FastifyRequest, state: CallState): Promise<HttpContext> => {
    const startMs = monotonicMs();
    try {
      const text = textOf(request);
      const viewer = await viewerOfRequest(request);
      const address = countedAddress(request.ip);
      const context = await contextOfCall(viewer, address, request.id);
      // Parsing costs more than most answers.
      if (!documents.hasText(text)) context.limits.countAsCall();
      // A new property after a spread costs several times as much.
      return { startMs, state, ...context };
    } catch (error) {
      record.ended({ correlationId: request.id, startMs, errors: [refusedWith(error as Error)] });
      throw refusedOverHttp(error);
    }
  };
  const largeBodies = new LargeBodies(viewerOfRequest);
  fastify.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    bodyLimit: LARGE_BODY_BYTES_MAX,
    onRequest: (request, reply) => largeBodies.admit(request, reply),
    preParsing: limitUnknownLength,
    handler: async (request, reply) => {
      const { method, body, url } = request;
      const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
      const state: CallState = {};
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: headersFor(request), body, search },
        context: () => contextOf(request, state),
      });
      if (answer.body.kind !== 'complete') throw new Error('No operation of this schema answers in parts.');
      for (const [name, value] of answer.headers) reply.header(name, value);
      const status = handledByGraphQL.has(answer.headers) ? statusFor(answer) : answer.status;
      const { string: text } = answer.body;
      const payload = state.deferred?.size ? Buffer.concat(fillPlaceholders(text, state.deferred)) : text;
      return reply.code(status ?? 200).send(payload);
    },
  });
  return apollo;
}

/** The headers that Apollo Server reads. Copying all headers costs more than executing a small operation. */
const APOLLO_HEADERS = ['content-type', 'accept', 'apollo-require-preflight', 'x-apollo-operation-name'];

function headersFor({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const name of APOLLO_HEADERS) {
    const value = headers[name];
    if (value !== undefined) map.set(name, String(value));
  }
  return map;
}

/**
 * With `application/json`, the status is about the transport only: a well-formed request whose operation was refused is
 * answered with 200, because a client cannot distinguish this server's 400 from a proxy's. The type
 * `application/graphql-response+json` identifies a GraphQL server, so its answers keep the 400.
 */
function statusFor({ status, headers }: HTTPGraphQLResponse): number | undefined {
  const isPlainJson = headers.get('content-type')?.startsWith('application/json') ?? false;
  return status === 400 && isPlainJson ? 200 : status;
}

/**
 * Checks the shape of the request.
 *
 * @returns the operation's text. It is empty if Apollo Server has to report that it is missing.
 * @throws BAD_USER_INPUT with the name of the wrong part
 */
function textOf({ method, body, query: parameters }: FastifyRequest): string {
  if (method !== 'POST') {
    const { query } = parameters as { query?: unknown };
    if (typeof query !== 'string') return '';
    requireShortQuery(query);
    return query;
  }
  return operationIn(body).query;
}

/** Adds the HTTP status and the Retry-After header to a refusal. */
function refusedOverHttp(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const headers = new Map<string, string>();
  const retryAfter = retryAfterOf(error.details);
  if (retryAfter !== undefined) headers.set('retry-after', retryAfter);
  return graphqlErrorOf(error, { status: httpStatusOf(error.code), headers });
}

const refusedWith = (error: Error): OperationError => ({ code: codeOf(error), key: undefined });

/** The error as the client sees it. */
const shownError = ({ path, extensions }: GraphQLFormattedError): OperationError => ({
  code: extensions?.code as ErrorCode,
  key: path?.[0] === undefined ? undefined : String(path[0]),
});

const retryAfterShown = ({ extensions }: GraphQLFormattedError): string | undefined =>
  retryAfterOf((extensions?.details ?? {}) as ErrorDetails);

const refusal = (error: DomainError) => graphqlErrorOf(error, { status: 400 });

const subscriptionOverHttp = () =>
  badUserInput(
    'query',
    'Subscriptions go over WebSocket, with the protocol graphql-transport-ws, at this address, or to /graphql/stream.',
  );
