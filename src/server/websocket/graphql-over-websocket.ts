import type { IncomingMessage, Server } from 'node:http';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  specifiedRules,
  subscribe,
  type ValidationRule,
  validate,
} from 'graphql';
import { CloseCode, makeServer, type SubscribePayload } from 'graphql-ws';
import { LRUCache } from 'lru-cache';
import { isUnauthenticated, unauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import { type Alarm, type Clock, monotonicMs } from '../../core/clock.js';
import { DomainError, type ErrorCode } from '../../core/errors.js';
import { correlationIdFrom, newCorrelationId } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import type { GraphQLContext } from '../../graphql/context.js';
import { codeOf, graphqlErrorOf, type PresentError } from '../../graphql/errors.js';
import { authorizationOf } from '../access.js';
import { Broadcaster, type BroadcastObserver } from '../broadcast/broadcaster.js';
import { DOCUMENTS_MAX } from '../http/document-store.js';
import type { ContextOfCall } from '../http/graphql-over-http.js';
import { FirstParses, type Parse } from '../limits/first-parse.js';
import { chargeOperation } from '../limits/map-sized-results.js';
import {
  DRAIN_MS_MAX,
  firstErrors,
  noSuchOperation,
  OPERATIONS_PER_SOCKET_MAX,
  QUERY_TOKENS_MAX,
  requireShortQuery,
  requireWellFormedVariables,
  SUBSCRIPTIONS_PER_SOCKET_MAX,
  serverIsStopping,
  tooManyInProgress,
} from '../limits/operation-limits.js';
import { ParseScheduler } from '../limits/parse-scheduler.js';
import type { OperationError, OperationLog } from '../operation-log.js';
import { TRY_AGAIN_LATER, type WebSocketConnection, WebSocketConnections } from './connections.js';
import { OperationIds } from './operation-ids.js';

/** Sockets whose tokens are looked at together, after log-outs may have been missed: their users share queries. */
export const TOKENS_CHECKED_AT_ONCE_MAX = 100;
/** How long a socket whose token is over may wait for what it asked before. */
const DRAIN_AFTER_TOKEN_END_MS_MAX = 1_000;

export interface WebSocketOptions {
  readonly schema: GraphQLSchema;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a client may take for its connection_init before it is closed with 4408. */
  readonly connectionInitTimeoutMs: number;
  readonly slowReaderMsMax: number;
  readonly socketsPerAddressMax: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
  /** @throws UNAUTHENTICATED */
  readonly viewerOf: (authorization: unknown) => Promise<Viewer | null>;
  /** For a client that names no authorization. */
  readonly authorizationInCookie: (request: IncomingMessage) => Promise<string | undefined>;
  readonly contextOfCall: ContextOfCall;
  /** Beside those of GraphQL itself. */
  readonly rules: readonly ValidationRule[];
  readonly present: PresentError;
  readonly record: OperationLog;
  /** Counts a bad token. @throws RATE_LIMITED */
  readonly badTokenFrom: (address: string) => void;
  readonly observer: BroadcastObserver;
  /** Calls back when tokens may have ended before their time: those of one user, or of anybody (null). */
  readonly onTokensEnded: (listener: (userId: string | null) => void) => void;
}

/** What is known of a socket beside its connection. */
interface SocketState {
  readonly connection: WebSocketConnection;
  /** Until it is signed in; a watcher stays for hours, and its headers need not. */
  request: IncomingMessage | undefined;
  readonly operations: OperationIds;
  authorization?: unknown;
  viewer?: Viewer | null;
  expiry?: Alarm;
  /** Its token is over: nothing new is done for it. */
  tokenEnded?: true;
  /** Its queries and mutations: a subscription is never over by itself. */
  readonly inProgress: Set<PromiseLike<unknown>>;
}

/** One operation of a socket's. */
interface Call {
  readonly socket: SocketState;
  readonly id: string;
  readonly startMs: number;
  readonly operation: OperationDefinitionNode;
}

/** GraphQL over WebSocket, `graphql-transport-ws`, by graphql-ws: subscriptions, and queries and mutations as well. */
export class WebSocketGraphQL {
  readonly #connections: WebSocketConnections;
  readonly #signedIn = new Map<string, Set<SocketState>>();
  readonly #documents = new LRUCache<string, DocumentNode>({ max: DOCUMENTS_MAX });
  readonly #documentTurns = new ParseScheduler();
  readonly #firstReads = new FirstParses((text) => this.#documents.has(text));
  readonly #sockets = new Set<SocketState>();
  readonly #callOf = new WeakMap<ExecutionArgs, Call>();
  /** Of operations that were refused before they began. */
  readonly #correlationIds = new WeakMap<readonly GraphQLError[], string>();
  readonly #shared: Broadcaster;
  readonly #rules: readonly ValidationRule[];
  #closing = false;

  constructor(
    http: Server,
    private readonly options: WebSocketOptions,
  ) {
    this.#rules = [...specifiedRules, ...options.rules];
    this.#shared = new Broadcaster(options.schema, options.observer);
    const protocol = makeServer<Record<string, unknown>, SocketState>({
      schema: options.schema,
      execute: (args) => this.#execute(args),
      subscribe: (args) => this.#subscribe(args),
      connectionInitWaitTimeout: options.connectionInitTimeoutMs,
      onConnect: ({ connectionParams, extra }) => this.#connect(connectionParams, extra),
      onClose: ({ extra }) => this.#unregister(extra),
      onSubscribe: ({ extra }, id, payload) => this.#admit(extra, id, payload),
      onOperation: (_context, _id, payload, args, result) => this.#recordOutcome(args, result, payload),
      onNext: ({ extra }, _id, _payload, args, result) => {
        const { correlationId, deferredSeatLists } = args.contextValue as GraphQLContext;
        extra.operations.defer(deferredSeatLists.takeDeferred(result.data));
        if (result.errors === undefined) return;
        return {
          ...result,
          errors: this.#present(firstErrors(result), correlationId),
        } as FormattedExecutionResult;
      },
      onError: (_context, _id, _payload, errors) =>
        this.#present(firstErrors({ errors }), this.#correlationIds.get(errors) ?? newCorrelationId()),
    });
    this.#connections = new WebSocketConnections(http, {
      ...options,
      opened: (connection, request) => {
        const operations = new OperationIds(connection);
        const socket: SocketState = { connection, request, operations, inProgress: new Set() };
        this.#sockets.add(socket);
        return protocol.opened(operations, socket);
      },
    });
    options.onTokensEnded((userId) => void this.#recheckTokens(userId));
  }

  get openSockets(): number {
    return this.#connections.size;
  }

  get stalledSockets(): number {
    return this.#connections.stalled;
  }

  /** Takes nothing new, answers the queries and mutations that are under way, then closes every socket with 1001. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#sockets].map((socket) => drained(socket, DRAIN_MS_MAX)));
    await this.#connections.close();
  }

  #execute(args: ExecutionArgs): ReturnType<typeof execute> {
    const result = execute(args);
    const inProgress = this.#callOf.get(args)?.socket.inProgress;
    if (inProgress !== undefined && isPromiseLike(result)) {
      const done = () => inProgress.delete(result);
      inProgress.add(result);
      result.then(done, done);
    }
    return result;
  }

  /** Answers that are the same for everybody are made once, and sent without the protocol's library doing each again. */
  async #subscribe(args: ExecutionArgs): ReturnType<typeof subscribe> {
    const call = this.#callOf.get(args);
    const key = this.#shared.keyOf(args);
    if (call === undefined || key === null) return subscribe(args) as ReturnType<typeof subscribe>;
    const { connection } = call.socket;
    return this.#shared.subscribe(args, key, connection, call.id) as ReturnType<typeof subscribe>;
  }

  /** A query or mutation has its answer, or a subscription has begun. */
  #recordOutcome(
    args: ExecutionArgs,
    result: unknown,
    payload: SubscribePayload,
  ): ExecutionResult | undefined {
    const call = this.#callOf.get(args);
    if (call === undefined) return undefined;
    const { errors = [] } = result as ExecutionResult;
    const { correlationId } = args.contextValue as GraphQLContext;
    const { startMs, operation } = call;
    const { document } = args;
    this.options.record.ended({
      correlationId,
      startMs,
      document,
      operation,
      errors: errors.map(errorOfCall),
    });
    // Whoever names one is told which one counts. Of a subscription each message is everybody's.
    const isNamed = payload.extensions?.correlationId !== undefined;
    if (!isNamed || operation.operation === OperationTypeNode.SUBSCRIPTION) return undefined;
    return { ...(result as ExecutionResult), extensions: { correlationId } };
  }

  /** A bad token closes the socket with 4403, as do its end and a log-out everywhere later on. */
  async #connect(
    connectionParams: Readonly<Record<string, unknown>> | undefined,
    socket: SocketState,
  ): Promise<boolean> {
    const { connection, request } = socket;
    socket.request = undefined;
    try {
      socket.authorization =
        authorizationOf(connectionParams) ??
        (request?.headers.cookie && (await this.options.authorizationInCookie(request)));
      const viewer = await this.options.viewerOf(socket.authorization);
      // A socket that closed meanwhile has been forgotten, and must not be remembered again.
      if (!connection.isOpen) return false;
      socket.viewer = viewer;
      if (viewer === null) return true;
      this.#registerViewer(socket, viewer);
      // A log-out that came before the socket was known here is met by the second look, a later one finds the socket.
      await this.options.viewerOf(socket.authorization);
      return true;
    } catch (error) {
      if (isUnauthenticated(error)) {
        try {
          this.options.badTokenFrom(connection.address);
        } catch {
          connection.close(TRY_AGAIN_LATER, 'Too many bad tokens');
        }
        return false;
      }
      this.options.log.error({ err: error }, 'A socket could not be signed in');
      connection.close(TRY_AGAIN_LATER, 'Sign in again');
      return false;
    }
  }

  #registerViewer(socket: SocketState, { userId, tokenExpiresAt }: Viewer): void {
    const sockets = this.#signedIn.get(userId) ?? new Set();
    this.#signedIn.set(userId, sockets.add(socket));
    socket.expiry = this.options.clock.at(tokenExpiresAt, () => this.#end(socket, 'Token expired'));
  }

  #unregister(socket: SocketState): void {
    this.#sockets.delete(socket);
    socket.expiry?.cancel();
    const userId = socket.viewer?.userId;
    if (userId === undefined) return;
    const sockets = this.#signedIn.get(userId);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#signedIn.delete(userId);
  }

  /** Not every socket of a user who logged out is over: one may have been opened with a newer token since. */
  async #recheckTokens(userId: string | null): Promise<void> {
    const sockets =
      userId === null
        ? [...this.#signedIn.values()].flatMap((ofUser) => [...ofUser])
        : [...(this.#signedIn.get(userId) ?? [])];
    for (let looked = 0; looked < sockets.length; looked += TOKENS_CHECKED_AT_ONCE_MAX) {
      const next = sockets.slice(looked, looked + TOKENS_CHECKED_AT_ONCE_MAX);
      await Promise.all(next.map((socket) => this.#recheckToken(socket)));
    }
  }

  async #recheckToken(socket: SocketState): Promise<void> {
    try {
      if (socket.connection.isOpen) await this.options.viewerOf(socket.authorization);
    } catch (error) {
      if (isUnauthenticated(error)) void this.#end(socket, 'Logged out');
      else {
        this.options.log.error({ err: error }, 'Whether a token is still good could not be found out');
        socket.connection.close(TRY_AGAIN_LATER, 'Sign in again');
      }
    }
  }

  /** Closes with 4403, behind the answers to what was asked before: one of them may be the log-out's own. */
  async #end(socket: SocketState, reason: string): Promise<void> {
    socket.tokenEnded = true;
    await drained(socket, DRAIN_AFTER_TOKEN_END_MS_MAX);
    socket.connection.close(CloseCode.Forbidden, reason);
  }

  async #admit(
    socket: SocketState,
    id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const startMs = monotonicMs();
    const correlationId = correlationIdFrom(payload.extensions?.correlationId);
    const known: { document?: DocumentNode; operation?: OperationDefinitionNode } = {};
    let reading: Parse | undefined;
    const refuse = (errors: readonly GraphQLError[]) => {
      this.options.record.ended({ correlationId, startMs, ...known, errors: errors.map(errorOfCall) });
      this.#correlationIds.set(errors, correlationId);
      return errors;
    };
    try {
      if (socket.operations.inProgress > OPERATIONS_PER_SOCKET_MAX)
        throw tooManyInProgress(OPERATIONS_PER_SOCKET_MAX);
      const { address } = socket.connection;
      const { viewer = null } = socket;
      if (viewer === null) reading = await this.#firstReads.begin(payload.query, address);
      const isKnown = reading?.wasKnown ?? true;
      const contextValue = await this.options.contextOfCall(viewer, address, correlationId, isKnown);
      if (!this.#documents.has(payload.query)) await this.#documentTurns.slot(address);
      // What nobody is there for any more takes no time from those who are.
      if (!socket.connection.isOpen) return [new GraphQLError('The socket is closed.')];
      if (this.#closing) throw serverIsStopping();
      if (socket.tokenEnded) throw unauthenticated();
      const { document, errors } = this.#document(payload.query);
      reading?.done();
      if (errors !== undefined) return refuse(errors);
      const operation = getOperationAST(document, payload.operationName);
      if (!operation) throw noSuchOperation(payload.operationName);
      Object.assign(known, { document, operation });
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
        if (socket.operations.subscriptions >= SUBSCRIPTIONS_PER_SOCKET_MAX)
          throw tooManyInProgress(SUBSCRIPTIONS_PER_SOCKET_MAX);
        socket.operations.isSubscription(id);
      }
      requireWellFormedVariables(payload.variables);
      chargeOperation(contextValue.limits, this.options.schema, document, operation, payload.variables);
      const args: ExecutionArgs = {
        schema: this.options.schema,
        document,
        contextValue,
        operationName: payload.operationName,
        variableValues: payload.variables as ExecutionArgs['variableValues'],
      };
      this.#callOf.set(args, { socket, id, startMs, operation });
      return args;
    } catch (error) {
      return refuse([
        error instanceof DomainError
          ? graphqlErrorOf(error)
          : new GraphQLError('', { originalError: error as Error }),
      ]);
    } finally {
      reading?.done();
    }
  }

  /** Parses and validates an operation, or remembers that it did. */
  #document(
    query: string,
  ):
    | { document: DocumentNode; errors?: undefined }
    | { document?: undefined; errors: readonly GraphQLError[] } {
    const remembered = this.#documents.get(query);
    if (remembered !== undefined) return { document: remembered };
    requireShortQuery(query);
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: QUERY_TOKENS_MAX });
    } catch (error) {
      return {
        errors: [clientError('GRAPHQL_PARSE_FAILED', (error as GraphQLError).message, error as GraphQLError)],
      };
    }
    const errors = validate(this.options.schema, document, this.#rules);
    if (errors.length > 0) {
      return {
        errors: errors.map((error) => clientError('GRAPHQL_VALIDATION_FAILED', error.message, error)),
      };
    }
    // Differently laid out, it is the same operation, and shares what is made for it.
    const text = print(document);
    const known = this.#documents.get(text) ?? document;
    this.#documents.set(text, known);
    this.#documents.set(query, known);
    return { document: known };
  }

  #present(errors: readonly GraphQLError[], correlationId: string): GraphQLFormattedError[] {
    return errors.map((error) => this.options.present(error, correlationId));
  }
}

/** Returns once what the socket asked for is answered and its answers are on their way, at the latest after `msMax`. */
async function drained({ inProgress }: SocketState, msMax: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), msMax);
  });
  while (inProgress.size > 0) {
    if ((await Promise.race([late, Promise.allSettled(inProgress)])) === 'late') break;
  }
  clearTimeout(timer);
  await new Promise((resolve) => setImmediate(resolve));
}

const errorOfCall = (error: GraphQLError): OperationError => ({
  code: codeOf(error),
  key: error.path?.[0] === undefined ? undefined : String(error.path[0]),
});

function clientError(code: ErrorCode, message: string, at?: GraphQLError): GraphQLError {
  const place = at && { nodes: at.nodes ?? null, source: at.source ?? null, positions: at.positions ?? null };
  return new GraphQLError(message, { ...place, extensions: { code, details: {} } });
}

function isPromiseLike<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value>).then === 'function';
}
