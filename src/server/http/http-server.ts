import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import proxyAddr from '@fastify/proxy-addr';
import serveStatic from '@fastify/static';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { type GraphQLSchema, NoSchemaIntrospectionCustomRule } from 'graphql';
import { type Accounts, unauthenticated } from '../../account/accounts.js';
import type { Clock } from '../../core/clock.js';
import { badUserInput, DomainError } from '../../core/errors.js';
import { correlationIdFrom } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import { errorPresenter, internalError } from '../../graphql/errors.js';
import { countingBadTokens, isAllowedOrigin, viewerOf } from '../access.js';
import { type ReadinessCheck, readiness } from '../health.js';
import { costRule, expensiveFieldsRule, repetitionRule } from '../limits/operation-cost.js';
import { BODY_BYTES_MAX, DRAIN_MS_MAX, serverIsStopping } from '../limits/operation-limits.js';
import type { Metrics } from '../metrics.js';
import { OperationLog } from '../operation-log.js';
import { WebSocketGraphQL } from '../websocket/graphql-over-websocket.js';
import { countedAddress } from './client-address.js';
import { type ContextOfCall, serveGraphQLOverHttp } from './graphql-over-http.js';
import { httpStatusOf, retryAfterOf } from './http-status.js';
import { mayReadMetrics, metricsAreForPrivateAddresses } from './metrics-access.js';
import { authorizationInCookie, serveSession } from './session-cookie.js';

/**
 * Connections that wait to be accepted: when everybody comes back after a restart, Node's own 511 are too few. Whoever
 * finds no room tries again after 1, 3 and 7 s. The kernel gives less where its `net.core.somaxconn` says so.
 */
const BACKLOG_MAX = 16_384;
/** How often it is looked for requests that take too long to come. */
const TIMEOUT_CHECK_EVERY_MS_MAX = 5_000;

/** The caller's own for a call, or ours, under which the log tells what became of it. */
const CORRELATION_ID = 'x-correlation-id';

const ABOUT_TO_STOP: ReadinessCheck = { name: 'server', fault: () => 'is about to stop' };

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly accounts: Accounts;
  readonly contextOfCall: ContextOfCall;
  /** Counts a bad token. @throws RATE_LIMITED */
  readonly badTokenFrom: (address: string) => void;
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
  /** Told when nothing new is taken any more, and what is under way has `DRAIN_MS_MAX` left. */
  readonly onClosing: () => void;
  /** The built pages; undefined where there are none, as in most tests. */
  readonly webRoot: string | undefined;
}

export interface HttpServer {
  /** With the port that was really taken. */
  readonly url: string;
  /** Says at /readyz that it is about to stop; then takes nothing new, answers what is under way, closes every socket with 1001. */
  close(): Promise<void>;
}

/** Everything that listens: GraphQL over both transports, the pages, health and metrics. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { accounts, allowedOrigins, badTokenFrom, metrics, requestTimeoutMs } = options;
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: typeof options.trustProxy === 'boolean' ? options.trustProxy : [...options.trustProxy],
    // Nobody holds a connection by sending a byte at a time, or by leaving an answer unread.
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs,
    http: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, TIMEOUT_CHECK_EVERY_MS_MAX),
    },
    genReqId: ({ headers }) => correlationIdFrom(headers[CORRELATION_ID]),
    // An address that cannot be read: it is refused before there is a route, and so before any hook.
    frameworkErrors: ({ statusCode = 400 }, request, reply) => {
      setCommonHeaders(request, reply);
      answerFault(reply, statusCode, badUserInput('url', 'This address cannot be read.'));
    },
    logger: false,
    // The answer of our own below has the shape of every other error.
    return503OnClosing: false,
  });
  let stopping = false;
  const rules = [
    costRule,
    repetitionRule,
    expensiveFieldsRule,
    ...(options.playground ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  const present = errorPresenter(options.log, options.suggestNames);
  const record = new OperationLog(options.schema, metrics, options.log);
  let closing = false;
  // Without it no answer may be read by a page of another origin.
  if (allowedOrigins.length > 0) {
    await server.register(cors, {
      origin: [...allowedOrigins],
      methods: ['GET', 'POST'],
      allowedHeaders: ['content-type', 'authorization', 'apollo-require-preflight', CORRELATION_ID],
      exposedHeaders: [CORRELATION_ID, 'retry-after'],
      maxAge: 3600,
    });
  }
  answerFaultsLikeGraphQL(server, options.log);
  // A GraphQL body of another type would be a text, and the answer a riddle.
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', (request, reply, next) => {
    setCommonHeaders(request, reply);
    next(closing ? serverIsStopping() : undefined);
  });
  server.addHook('onSend', (_request, reply, _payload, next) => {
    // Whoever comes again is to come over a new connection, which a load balancer sends elsewhere.
    if (stopping) reply.header('connection', 'close');
    next();
  });

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const asked = stopping ? [...options.readinessChecks, ABOUT_TO_STOP] : options.readinessChecks;
    const { ready, checks } = await readiness(asked, options.log);
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
  const apollo = await serveGraphQLOverHttp(
    server,
    options.schema,
    async ({ headers, raw, ip }) => {
      const authorization = headers.authorization ?? (await authorizationInCookie(accounts, raw));
      return countingBadTokens(viewerOf(accounts, authorization), () => badTokenFrom(countedAddress(ip)));
    },
    options.contextOfCall,
    rules,
    present,
    record,
    options.log,
  );
  serveSession(server, accounts, options.clock, badTokenFrom);
  const { webRoot } = options;
  if (webRoot !== undefined) await server.register((pages) => servePages(pages, webRoot, options.playground));

  const webSocket = new WebSocketGraphQL(server.server, {
    schema: options.schema,
    clock: options.clock,
    log: options.log,
    connectionInitTimeoutMs: options.connectionInitTimeoutMs,
    slowReaderMsMax: options.slowReaderMsMax,
    socketsPerAddressMax: options.socketsPerAddressMax,
    isAllowedOrigin: (request) => isAllowedOrigin(request, allowedOrigins),
    addressOf: addressBehind(options.trustProxy),
    viewerOf: (authorization) => viewerOf(accounts, authorization),
    authorizationInCookie: (request) => authorizationInCookie(accounts, request),
    contextOfCall: options.contextOfCall,
    badTokenFrom,
    rules,
    present,
    record,
    observer: metrics,
    onTokensEnded: (listener) => accounts.onTokensEnded(listener),
  });
  metrics.gauge('websocket_open_sockets', 'Open WebSockets.', () => webSocket.openSockets);
  metrics.gauge(
    'websocket_stalled_sockets',
    'Open WebSockets that leave what was sent to them unread.',
    () => webSocket.stalledSockets,
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
      const late = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS_MAX);
      await Promise.all([server.close(), webSocket.close()]);
      clearTimeout(late);
      await apollo.stop();
    },
  };
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const what: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use by another program. Stop that program, or set PORT to another one (0 takes any).`,
    EACCES: `This user may not listen on port ${port}. Set PORT to one above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set HOST to one that is, or to 0.0.0.0 for all of them.`,
    ENOTFOUND: `There is no address called ${host}. Set HOST to one of this machine's, or to 0.0.0.0 for all of them.`,
  };
  return new Error(what[error.code ?? ''] ?? `The server cannot listen: ${error.message}`, { cause: error });
}

const OWN_ORIGIN_ONLY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  // No markup and no library sets a script in an attribute.
  scriptSrcAttr: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  // Sockets to this server too, and to no other: a script that got in could send nothing away.
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};
/** Scripts and styles from this server's files alone. */
const PAGE_POLICY = { useDefaults: false, directives: OWN_ORIGIN_ONLY };
/** GraphiQL's editor, besides, puts styles, pictures and fonts into the page by itself, and runs workers. */
const PLAYGROUND_POLICY = {
  useDefaults: false,
  directives: {
    ...OWN_ORIGIN_ONLY,
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    workerSrc: ["'self'", 'blob:'],
  },
};

/** The addresses inside of the seat-map page, which routes by itself: each can be opened, reloaded and shared. */
const SEAT_MAP_URLS = [
  '/',
  '/events/:id',
  '/events/:id/sales',
  '/create-event',
  '/bookings',
  '/payments',
  '/my-events',
];

/** In a scope of its own: the headers that guard a page are worked out anew for each request, and no answer of /graphql needs them. */
async function servePages(server: FastifyInstance, webRoot: string, withPlayground: boolean): Promise<void> {
  await server.register(helmet, { contentSecurityPolicy: PAGE_POLICY });
  await server.register(serveStatic, {
    root: path.join(webRoot, 'assets'),
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    // The build puts a .br and a .gz beside each of its texts.
    preCompressed: true,
  });
  const send = (reply: FastifyReply, file: string) =>
    reply.header('cache-control', 'no-cache').sendFile(file, webRoot, { cacheControl: false });
  if (withPlayground) {
    const options = { helmet: { contentSecurityPolicy: PLAYGROUND_POLICY } };
    for (const url of ['/playground', '/playground/'])
      server.get(url, options, (_request, reply) => send(reply, 'playground/index.html'));
  }
  if (existsSync(path.join(webRoot, 'index.html'))) {
    for (const url of SEAT_MAP_URLS) server.get(url, (_request, reply) => send(reply, 'index.html'));
    // The page says itself that there is nothing, to who looks for a page; whoever calls by program is told as ever.
    server.get('*', (request, reply) => {
      const wantsPage = request.headers.accept?.includes('text/html');
      return wantsPage ? send(reply.code(404), 'index.html') : reply.callNotFound();
    });
  } else if (withPlayground) server.get('/', (_request, reply) => reply.redirect('/playground'));
}

type Fault = Pick<DomainError, 'code' | 'message' | 'details'>;

/** What every answer has, whatever it is. */
function setCommonHeaders({ id }: Pick<FastifyRequest, 'id'>, reply: Pick<FastifyReply, 'header'>): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header(CORRELATION_ID, id);
}

const answerFault = (reply: FastifyReply, status: number, { code, message, details }: Fault): FastifyReply =>
  reply.code(status).send({ errors: [{ message, extensions: { code, details } }] });

/** What is refused before GraphQL (a body too large, no JSON, a server that stops) has the shape of every other error. */
function answerFaultsLikeGraphQL(server: FastifyInstance, log: Log): void {
  server.setErrorHandler((error: FastifyError | DomainError, request, reply) => {
    const answer = (status: number, fault: Fault) => answerFault(reply, status, fault);
    if (error instanceof DomainError) {
      const retryAfter = retryAfterOf(error.details);
      if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
      return answer(httpStatusOf(error.code), error);
    }
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const field = FIELD_OF_FASTIFY_ERROR[error.code];
      const details = field === undefined ? {} : { field };
      return answer(status, { code: 'BAD_USER_INPUT', message: error.message, details });
    }
    const correlationId = request.id;
    log.error({ err: error, correlationId, url: request.routeOptions.url }, 'A request failed');
    return answer(500, internalError(correlationId));
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('There is nothing here. GraphQL is at /graphql.\n'),
  );
}

const FIELD_OF_FASTIFY_ERROR: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body',
};

/** What a socket's client address counts as, seen through the same proxies as a request's. */
function addressBehind(trustProxy: boolean | readonly string[]): (request: IncomingMessage) => string {
  const trust = typeof trustProxy === 'boolean' ? () => trustProxy : proxyAddr.compile([...trustProxy]);
  return (request) => countedAddress(proxyAddr(request, trust) ?? '');
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
