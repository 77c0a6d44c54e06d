import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import proxyAddr from '@fastify/proxy-addr';
import serveStatic from '@fastify/static';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Accounts } from '../account/accounts.js';
import type { Clock } from '../core/clock.js';
import { newProcessId } from '../core/ids.js';
import type { Log } from '../core/log.js';
import { isAllowedOrigin, viewerOf } from './access.js';
import { type ReadinessCheck, readiness } from './health.js';
import { type ContextOfCall, serveGraphQLOverHttp } from './http-graphql.js';
import type { Metrics } from './metrics.js';
import { BODY_BYTES_MAX } from './operation-limits.js';
import { WebSocketGraphQL } from './websocket-graphql.js';

/** How long requests under way may take once the server stops taking new ones. */
const DRAIN_MS_MAX = 8_000;

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly accounts: Accounts;
  readonly contextOfCall: ContextOfCall;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readinessChecks: readonly ReadinessCheck[];
  readonly connectionInitTimeoutMs: number;
  readonly socketsPerAddressMax: number;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean | readonly string[];
  /** The built pages; undefined where there are none, as in most tests. */
  readonly webRoot: string | undefined;
}

export interface HttpServer {
  /** With the port that was really taken. */
  readonly url: string;
  /** Takes nothing new, answers what is under way, closes every socket with 1001. */
  close(): Promise<void>;
}

/** Everything that listens: GraphQL over both transports, the pages, health and metrics. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { accounts, allowedOrigins, metrics } = options;
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: typeof options.trustProxy === 'boolean' ? options.trustProxy : [...options.trustProxy],
    genReqId: () => newProcessId(),
    logger: false,
    return503OnClosing: true,
  });
  let closing = false;
  await server.register(helmet, { contentSecurityPolicy: contentSecurityPolicy() });
  await server.register(cors, {
    origin: [...allowedOrigins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['content-type', 'authorization', 'apollo-require-preflight'],
    maxAge: 3600,
  });
  answerFaultsLikeGraphQL(server, options.log);

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await readiness(options.readinessChecks);
    const isReady = ready && !closing;
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ok' : closing ? 'stopping' : 'not ready', checks });
  });
  server.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  const apollo = await serveGraphQLOverHttp(
    server,
    options.schema,
    (request) => viewerOf(accounts, request.headers.authorization),
    options.contextOfCall,
    options.log,
  );
  if (options.webRoot !== undefined) await servePages(server, options.webRoot);

  const webSocket = new WebSocketGraphQL(server.server, {
    schema: options.schema,
    clock: options.clock,
    log: options.log,
    connectionInitTimeoutMs: options.connectionInitTimeoutMs,
    socketsPerAddressMax: options.socketsPerAddressMax,
    isAllowedOrigin: (request) => isAllowedOrigin(request, allowedOrigins),
    addressOf: addressBehind(options.trustProxy),
    viewerOf: (authorization) => viewerOf(accounts, authorization),
    contextOfCall: options.contextOfCall,
    onLoggedOut: (listener) => accounts.onLoggedOut(listener),
  });
  metrics.gauge('websocket_open_sockets', 'Open WebSockets.', () => webSocket.openSockets);

  await server.listen({ host: options.host, port: options.port });
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${isEverywhere(options.host) ? 'localhost' : options.host}:${port}`,
    close: async () => {
      closing = true;
      await webSocket.close();
      const late = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS_MAX);
      await server.close();
      clearTimeout(late);
      await apollo.stop();
    },
  };
}

/** Scripts and styles from this server alone; GraphiQL's editor sets styles in attributes and runs workers. */
function contentSecurityPolicy() {
  return {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", 'ws:', 'wss:'],
      workerSrc: ["'self'", 'blob:'],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  };
}

async function servePages(server: FastifyInstance, webRoot: string): Promise<void> {
  await server.register(serveStatic, {
    root: path.join(webRoot, 'assets'),
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
  });
  const page = (url: string, file: string) =>
    server.get(url, (_request, reply) =>
      reply.header('cache-control', 'no-cache').sendFile(file, webRoot, { cacheControl: false }),
    );
  page('/playground', 'playground/index.html');
  if (existsSync(path.join(webRoot, 'index.html'))) page('/', 'index.html');
  else server.get('/', (_request, reply) => reply.redirect('/playground'));
}

/** What Fastify itself refuses (a body too large, no JSON, an unknown path) has the shape of every other error. */
function answerFaultsLikeGraphQL(server: FastifyInstance, log: Log): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const extensions = { code: 'BAD_USER_INPUT', details: {} };
      return reply.code(status).send({ errors: [{ message: error.message, extensions }] });
    }
    const correlationId = request.id;
    log.error({ err: error, correlationId, url: request.routeOptions.url }, 'A request failed');
    const extensions = { code: 'INTERNAL_SERVER_ERROR', details: { correlationId } };
    return reply
      .code(status)
      .send({ errors: [{ message: 'Something went wrong on our side.', extensions }] });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type('text/plain')
      .send('There is nothing here. GraphQL is at /graphql, a playground at /playground.\n'),
  );
}

/** A socket's client address, seen through the same proxies as a request's. */
function addressBehind(trustProxy: boolean | readonly string[]): (request: IncomingMessage) => string {
  const trust = typeof trustProxy === 'boolean' ? () => trustProxy : proxyAddr.compile([...trustProxy]);
  return (request) => proxyAddr(request, trust) ?? '';
}

const isEverywhere = (host: string) => host === '0.0.0.0' || host === '::';
