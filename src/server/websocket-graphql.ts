import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { CloseCode, handleProtocols } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { LRUCache } from 'lru-cache';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Viewer } from '../account/user.js';
import type { Alarm, Clock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import { newProcessId } from '../core/ids.js';
import type { Log } from '../core/log.js';
import type { GraphQLContext } from '../graphql/context.js';
import { graphqlErrorOf, presentError } from '../graphql/errors.js';
import { authorizationOf } from './access.js';
import type { ContextOfCall } from './http-graphql.js';
import { queryTooLong } from './http-graphql.js';
import {
  BODY_BYTES_MAX,
  OPERATIONS_PER_SOCKET_MAX,
  QUERY_LENGTH_MAX,
  QUERY_TOKENS_MAX,
} from './operation-limits.js';

/** Between a ping and the next; a socket that has not answered the last one by then is gone. */
const KEEP_ALIVE_MS = 12_000;
/** Operations whose parsed and validated document is remembered: maps send the same one thousands of times. */
const DOCUMENTS_MAX = 500;

export interface WebSocketOptions {
  readonly schema: GraphQLSchema;
  readonly clock: Clock;
  readonly log: Log;
  readonly connectionInitTimeoutMs: number;
  readonly socketsPerAddressMax: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
  /** @throws UNAUTHENTICATED */
  readonly viewerOf: (authorization: unknown) => Promise<Viewer | null>;
  readonly contextOfCall: ContextOfCall;
  readonly onLoggedOut: (listener: (userId: string) => void) => void;
}

interface SocketExtra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  viewer?: Viewer | null;
  expiry?: Alarm;
  [key: PropertyKey]: unknown;
}

/** GraphQL over WebSocket, `graphql-transport-ws`, by graphql-ws: subscriptions, and queries and mutations as well. */
export class WebSocketGraphQL {
  readonly #server: WebSocketServer;
  readonly #stop: () => void | Promise<void>;
  readonly #socketsOfAddress = new Map<string, number>();
  readonly #socketsOfUser = new Map<string, Set<WebSocket>>();
  readonly #documents = new LRUCache<string, DocumentNode>({ max: DOCUMENTS_MAX });

  constructor(
    http: Server,
    private readonly options: WebSocketOptions,
  ) {
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: BODY_BYTES_MAX,
      perMessageDeflate: false,
      handleProtocols,
    });
    const { dispose } = useServer<Record<string, unknown>, SocketExtra>(
      {
        schema: options.schema,
        execute,
        subscribe,
        connectionInitWaitTimeout: options.connectionInitTimeoutMs,
        onConnect: ({ connectionParams, extra }) => this.#connect(connectionParams, extra as SocketExtra),
        onClose: ({ extra }) => this.#forget(extra as SocketExtra),
        onSubscribe: ({ extra, subscriptions }, _id, payload) =>
          this.#prepare(extra as SocketExtra, Object.keys(subscriptions).length, payload),
        onNext: (_context, _id, _payload, args, result) => {
          if (result.errors === undefined) return;
          const { correlationId } = args.contextValue as GraphQLContext;
          return {
            ...result,
            errors: this.#present(result.errors, correlationId),
          } as FormattedExecutionResult;
        },
        onError: (_context, _id, _payload, errors) => this.#present(errors, newProcessId()),
      },
      this.#server,
      KEEP_ALIVE_MS,
    );
    this.#stop = dispose;
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    options.onLoggedOut((userId) => {
      for (const socket of this.#socketsOfUser.get(userId) ?? [])
        socket.close(CloseCode.Forbidden, 'Logged out');
    });
  }

  get openSockets(): number {
    return this.#server.clients.size;
  }

  /** Completes what is subscribed and closes every socket with 1001. */
  async close(): Promise<void> {
    await this.#stop();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { isAllowedOrigin, addressOf, socketsPerAddressMax } = this.options;
    const address = addressOf(request);
    const refusal =
      request.url?.split('?')[0] !== '/graphql'
        ? '404 Not Found'
        : !isAllowedOrigin(request)
          ? '403 Forbidden'
          : (this.#socketsOfAddress.get(address) ?? 0) >= socketsPerAddressMax
            ? '429 Too Many Requests'
            : null;
    if (refusal !== null) {
      refuse(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#socketsOfAddress.set(address, (this.#socketsOfAddress.get(address) ?? 0) + 1);
      webSocket.once('close', () => {
        const left = (this.#socketsOfAddress.get(address) ?? 1) - 1;
        if (left > 0) this.#socketsOfAddress.set(address, left);
        else this.#socketsOfAddress.delete(address);
      });
      this.#server.emit('connection', webSocket, request);
    });
  }

  /** A bad token closes the socket with 4403, as do its end and a log-out everywhere later on. */
  async #connect(
    connectionParams: Readonly<Record<string, unknown>> | undefined,
    extra: SocketExtra,
  ): Promise<boolean> {
    try {
      extra.viewer = await this.options.viewerOf(authorizationOf(connectionParams));
    } catch (error) {
      if (error instanceof DomainError) return false;
      this.options.log.error({ err: error }, 'A socket could not be opened');
      throw new Error('Internal server error');
    }
    const { viewer, socket } = extra;
    if (viewer === null) return true;
    const sockets = this.#socketsOfUser.get(viewer.userId) ?? new Set();
    this.#socketsOfUser.set(viewer.userId, sockets.add(socket));
    extra.expiry = this.options.clock.at(viewer.tokenExpiresAt, () =>
      socket.close(CloseCode.Forbidden, 'Token expired'),
    );
    return true;
  }

  #forget({ viewer, socket, expiry }: SocketExtra): void {
    expiry?.cancel();
    if (viewer == null) return;
    const sockets = this.#socketsOfUser.get(viewer.userId);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#socketsOfUser.delete(viewer.userId);
  }

  async #prepare(
    { viewer, request }: SocketExtra,
    underWay: number,
    payload: { query: string; operationName?: string | null | undefined; variables?: unknown },
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    try {
      if (underWay > OPERATIONS_PER_SOCKET_MAX) {
        const details = { limit: OPERATIONS_PER_SOCKET_MAX, retryAfterMs: 1_000 };
        throw new DomainError('RATE_LIMITED', 'Too many operations on one socket.', details);
      }
      const address = this.options.addressOf(request);
      const contextValue = await this.options.contextOfCall(viewer ?? null, address, newProcessId());
      const { document, errors } = this.#document(payload.query);
      if (errors !== undefined) return errors;
      const args: ExecutionArgs = {
        schema: this.options.schema,
        document,
        contextValue,
        operationName: payload.operationName,
        variableValues: payload.variables as ExecutionArgs['variableValues'],
      };
      if (!getOperationAST(document, payload.operationName)) {
        return [clientError('BAD_USER_INPUT', 'There is no such operation in the document.')];
      }
      return args;
    } catch (error) {
      return [
        error instanceof DomainError
          ? graphqlErrorOf(error)
          : new GraphQLError('', { originalError: error as Error }),
      ];
    }
  }

  /** Parses and validates an operation, or remembers that it did. */
  #document(
    query: string,
  ):
    | { document: DocumentNode; errors?: undefined }
    | { document?: undefined; errors: readonly GraphQLError[] } {
    const known = this.#documents.get(query);
    if (known !== undefined) return { document: known };
    if (query.length > QUERY_LENGTH_MAX) throw queryTooLong();
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: QUERY_TOKENS_MAX });
    } catch (error) {
      return {
        errors: [clientError('GRAPHQL_PARSE_FAILED', (error as GraphQLError).message, error as GraphQLError)],
      };
    }
    const errors = validate(this.options.schema, document);
    if (errors.length > 0) {
      return {
        errors: errors.map((error) => clientError('GRAPHQL_VALIDATION_FAILED', error.message, error)),
      };
    }
    this.#documents.set(query, document);
    return { document };
  }

  #present(errors: readonly GraphQLError[], correlationId: string): GraphQLFormattedError[] {
    return errors.map((error) => presentError(error, correlationId, this.options.log));
  }
}

function clientError(code: string, message: string, at?: GraphQLError): GraphQLError {
  const place = at && { nodes: at.nodes ?? null, source: at.source ?? null, positions: at.positions ?? null };
  return new GraphQLError(message, { ...place, extensions: { code } });
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
