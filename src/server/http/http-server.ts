import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import cors from '@fastify/cors';
import proxyAddr from '@fastify/proxy-addr';
import fastify, { type FastifyRequest } from 'fastify';
import { type GraphQLSchema, NoSchemaIntrospectionCustomRule } from 'graphql';
import { type Accounts, unauthenticated } from '../../account/accounts.js';
import type { Events } from '../../catalog/events.js';
import type { Clock } from '../../core/clock.js';
import { badUserInput } from '../../core/errors.js';
import { correlationIdFrom } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import { errorPresenter } from '../../graphql/errors.js';
import { countingBadTokens, isAllowedOrigin, viewerOf } from '../access.js';
import { Broadcaster } from '../broadcast/broadcaster.js';
import { PlainBroadcast } from '../broadcast/plain-broadcast.js';
import type { ClientConnection } from '../connections/client-connection.js';
import { OpenConnections } from '../connections/open-connections.js';
import { OperationAdmission } from '../connections/operation-admission.js';
import { TokenEnds } from '../connections/token-ends.js';
import type { ContextOfCall } from '../context-of-call.js';
import { type ReadinessCheck, readiness } from '../health.js';
import { repetitionRule } from '../limits/operation-cost.js';
import { BODY_BYTES_MAX, DRAIN_MS_MAX, serverIsStopping } from '../limits/operation-limits.js';
import type { Metrics } from '../metrics.js';
import { OperationLog } from '../operation-log.js';
import { WebSocketGraphQL } from '../websocket/graphql-over-websocket.js';
import { type BookingsFiles, serveBookingsFiles } from './bookings-file.js';
import { countedAddress } from './client-address.js';
import { answerError, answerErrorsLikeGraphQL, CORRELATION_ID, setCommonHeaders } from './error-answers.js';
import { serveEventStreams } from './graphql-over-event-streams.js';
import { serveGraphQLOverHttp } from './graphql-over-http.js';
import { mayReadMetrics, metricsAreForPrivateAddresses } from './metrics-access.js';
import { servePages } from './pages.js';
import { type PaymentWebhook, servePaymentWebhook } from './payment-webhook.js';
import { serveSeatingPlans } from './seating-plan-files.js';
import { authorizationInCookie, serveSession } from './session-cookie.js';
import { serveTickets, type TicketFiles } from './ticket-files.js';
import { trackUnusedConnections } from './unused-connections.js';

/**
 * Connections that wait to be accepted. Node's default of 511 is too small when all clients reconnect after a restart.
 * A client that finds no room tries again after 1, 3 and 7 s. The kernel's `net.core.somaxconn` may lower this value.
 */
const BACKLOG_MAX = 16_384;
/** How often the server checks for requests that arrive too slowly. */
const TIMEOUT_CHECK_EVERY_MS_MAX = 5_000;

const ABOUT_TO_STOP: ReadinessCheck = { name: 'server', problem: () => 'is about to stop' };

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly schema: GraphQLSchema;
  /** How subscriptions to seat maps are answered. */
  readonly broadcast: 'shared' | 'plain';
  readonly accounts: Accounts;
  readonly contextOfCall: ContextOfCall;
  /** Counts a bad token. @throws RATE_LIMITED */
  readonly badTokenFrom: (address: string) => void;
  readonly events: Pick<Events, 'storedPlan'>;
  readonly tickets: TicketFiles;
  readonly bookingsFiles: Omit<BookingsFiles, 'log'>;
  /** Counts a file of bookings. @throws RATE_LIMITED */
  readonly bookingsFileOf: (userId: string, address: string) => void;
  /** Counts a seating plan that is not in memory, or a ticket's calendar file. @throws RATE_LIMITED */
  readonly fileReadFrom: (address: string) => void;
  /** From where the page may load pictures of events, as sources of a content security policy. */
  readonly pictureOrigins: readonly string[];
  /** With `stripe` the page may load Stripe's form. */
  readonly paymentProvider: string;
  /** Undefined if no provider sends notifications. */
  readonly paymentWebhook: PaymentWebhook | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readinessChecks: readonly ReadinessCheck[];
  readonly connectionInitTimeoutMs: number;
  readonly stopDelayMs: number;
  readonly slowReaderMsMax: number;
  readonly requestTimeoutMs: number;
  readonly metricsToken: string | undefined;
  readonly playground: boolean;
  readonly suggestNames: boolean;
  readonly socketsPerAddressMax: number;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean | readonly string[];
  /** Called when the server accepts nothing new and operations in progress have `DRAIN_MS_MAX` left. */
  readonly onClosing: () => void;
  /** The folder of the built pages; undefined if there are none, as in most tests. */
  readonly webRoot: string | undefined;
}

export interface HttpServer {
  /** With the actual port. */
  readonly url: string;
  /**
   * Reports at /readyz that it is about to stop. After `stopDelayMs` it accepts nothing new, answers operations in
   * progress and closes every socket with 1001.
   */
  close(): Promise<void>;
}

/** Starts GraphQL over both transports, the pages, health and metrics. @throws Error with advice if it cannot listen */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { accounts, allowedOrigins, badTokenFrom, metrics, requestTimeoutMs } = options;
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: typeof options.trustProxy === 'boolean' ? options.trustProxy : [...options.trustProxy],
    // Prevents clients from holding a connection by sending single bytes, or by not reading an answer.
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs,
    http: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, TIMEOUT_CHECK_EVERY_MS_MAX),
    },
    genReqId: ({ headers }) => correlationIdFrom(headers[CORRELATION_ID]),
    // An invalid URL is refused before routing, and so before any hook.
    frameworkErrors: ({ statusCode = 400 }, request, reply) => {
      setCommonHeaders(request, reply);
      answerError(reply, statusCode, badUserInput('url', 'This address cannot be read.'));
    },
    logger: false,
    // `serverIsStopping` below answers like any other error.
    return503OnClosing: false,
  });
  const cutUnused = trackUnusedConnections(server.server);
  let stopping = false;
  const rules = [repetitionRule, ...(options.playground ? [] : [NoSchemaIntrospectionCustomRule])];
  const present = errorPresenter(options.log, options.suggestNames);
  const record = new OperationLog(options.schema, metrics, options.log);
  let closing = false;
  // Without CORS headers, pages of other origins cannot read answers.
  if (allowedOrigins.length > 0) {
    await server.register(cors, {
      origin: [...allowedOrigins],
      methods: ['GET', 'POST'],
      allowedHeaders: ['content-type', 'authorization', 'apollo-require-preflight', CORRELATION_ID],
      exposedHeaders: [CORRELATION_ID, 'retry-after'],
      maxAge: 3600,
    });
  }
  answerErrorsLikeGraphQL(server, options.log);
  // Otherwise a GraphQL body with this type would be a string, and the error misleading.
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', (request, reply, next) => {
    setCommonHeaders(request, reply);
    next(closing ? serverIsStopping() : undefined);
  });
  server.addHook('onSend', (_request, reply, _payload, next) => {
    // The next request needs a new connection, which a load balancer sends to another server.
    if (stopping) reply.header('connection', 'close');
    next();
  });

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const all = stopping ? [...options.readinessChecks, ABOUT_TO_STOP] : options.readinessChecks;
    const { ready, checks } = await readiness(all, options.log);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready', checks });
  });
  server.get('/metrics', async ({ raw, ip }, reply) => {
    if (!mayReadMetrics(raw, ip, options.metricsToken, options.trustProxy)) {
      if (options.metricsToken === undefined) throw metricsAreForPrivateAddresses();
      reply.header('www-authenticate', 'Bearer');
      throw unauthenticated();
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  const authorizationOf = async ({ headers, raw }: FastifyRequest) =>
    headers.authorization ?? (await authorizationInCookie(accounts, raw));
  const viewerOfRequest = async (request: FastifyRequest) =>
    countingBadTokens(viewerOf(accounts, await authorizationOf(request)), () =>
      badTokenFrom(countedAddress(request.ip)),
    );
  const apollo = await serveGraphQLOverHttp(
    server,
    options.schema,
    viewerOfRequest,
    options.contextOfCall,
    rules,
    present,
    record,
    options.log,
  );
  serveSession(server, accounts, options.clock, badTokenFrom);
  serveBookingsFiles(
    server,
    { ...options.bookingsFiles, log: options.log },
    viewerOfRequest,
    ({ userId }, { ip }) => options.bookingsFileOf(userId, countedAddress(ip)),
  );
  await server.register((plans) => serveSeatingPlans(plans, options.events, options.fileReadFrom));
  await server.register((files) => serveTickets(files, options.tickets, options.fileReadFrom));
  const { webRoot, paymentWebhook } = options;
  if (paymentWebhook !== undefined)
    await server.register((scope) => servePaymentWebhook(scope, paymentWebhook));
  if (webRoot !== undefined)
    await server.register((pages) =>
      servePages(
        pages,
        webRoot,
        options.playground,
        options.paymentProvider === 'stripe',
        options.pictureOrigins,
      ),
    );

  const openConnections = new OpenConnections(options.socketsPerAddressMax);
  const ofConnections = {
    schema: options.schema,
    broadcast:
      options.broadcast === 'plain' ? new PlainBroadcast(metrics) : new Broadcaster(options.schema, metrics),
    admission: new OperationAdmission({
      schema: options.schema,
      rules,
      contextOfCall: options.contextOfCall,
      record,
    }),
    openConnections,
    tokenEnds: new TokenEnds({
      clock: options.clock,
      log: options.log,
      viewerOf: (authorization) => viewerOf(accounts, authorization),
      onTokensEnded: (listener) => accounts.onTokensEnded(listener),
    }),
    clock: options.clock,
    log: options.log,
    slowReaderMsMax: options.slowReaderMsMax,
    isAllowedOrigin: (request: IncomingMessage) => isAllowedOrigin(request, allowedOrigins),
    viewerOf: (authorization: unknown) => viewerOf(accounts, authorization),
    present,
  };
  const webSocket = new WebSocketGraphQL(server.server, {
    ...ofConnections,
    connectionInitTimeoutMs: options.connectionInitTimeoutMs,
    addressOf: addressBehind(options.trustProxy),
    authorizationInCookie: (request) => authorizationInCookie(accounts, request),
    badTokenFrom,
  });
  serveEventStreams(server, { ...ofConnections, authorizationOf, badTokenFrom });
  const isStream = ({ encoding }: ClientConnection) => encoding === 'event-stream';
  const isSocket = (connection: ClientConnection) => !isStream(connection);
  const gauge = (name: string, help: string, matches: (connection: ClientConnection) => boolean) =>
    metrics.gauge(name, help, () => openConnections.count(matches));
  gauge('websocket_open_sockets', 'Open WebSockets.', isSocket);
  gauge(
    'websocket_stalled_sockets',
    'Open WebSockets that have not read what was sent to them.',
    (connection) => isSocket(connection) && connection.isStalled,
  );
  gauge('event_stream_open_streams', 'Open event streams.', isStream);
  gauge(
    'event_stream_stalled_streams',
    'Open event streams that have not read what was sent to them.',
    (connection) => isStream(connection) && connection.isStalled,
  );

  await server
    .listen({ host: options.host, port: options.port, backlog: BACKLOG_MAX })
    .catch((error: NodeJS.ErrnoException) => {
      throw cannotListen(error, options.host, options.port);
    });
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${hostInUrl(options.host)}:${port}`,
    close: async () => {
      stopping = true;
      if (options.stopDelayMs > 0) await wait(options.stopDelayMs);
      closing = true;
      options.onClosing();
      cutUnused();
      const late = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS_MAX);
      const connectionsClosed = webSocket.drain().then(() => {
        openConnections.closeForStop();
        return webSocket.close();
      });
      await Promise.all([server.close(), connectionsClosed]);
      clearTimeout(late);
      await apollo.stop();
    },
  };
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use by another program. Stop that program, or set PORT to another one (0 takes any).`,
    EACCES: `This user may not listen on port ${port}. Set PORT to one above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set HOST to one that is, or to 0.0.0.0 for all of them.`,
    ENOTFOUND: `There is no address called ${host}. Set HOST to one of this machine's, or to 0.0.0.0 for all of them.`,
  };
  return new Error(advice[error.code ?? ''] ?? `The server cannot listen: ${error.message}`, {
    cause: error,
  });
}

/** Finds the client address of an upgrade request behind the same proxies as that of other requests. */
function addressBehind(trustProxy: boolean | readonly string[]): (request: IncomingMessage) => string {
  const trust = typeof trustProxy === 'boolean' ? () => trustProxy : proxyAddr.compile([...trustProxy]);
  return (request) => countedAddress(proxyAddr(request, trust));
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
