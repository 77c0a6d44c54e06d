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
  type subscribe,
  type ValidationRule,
} from 'graphql';
import { makeServer, type SubscribePayload } from 'graphql-ws';
import { unauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import { type Clock, monotonicMs } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import { correlationIdFrom, newCorrelationId } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import type { GraphQLContext } from '../../graphql/context.js';
import { codeOf, graphqlErrorOf, type PresentError } from '../../graphql/errors.js';
import type { Broadcast } from '../broadcast/broadcast.js';
import type { ContextOfCall } from '../context-of-call.js';
import { chargeOperation } from '../limits/operation-cost.js';
import {
  DRAIN_MS_MAX,
  firstErrors,
  noSuchOperation,
  OPERATIONS_PER_SOCKET_MAX,
  requireWellFormedVariables,
  SUBSCRIPTIONS_PER_SOCKET_MAX,
  serverIsStopping,
  tooManyInProgress,
} from '../limits/operation-limits.js';
import { ParseScheduler } from '../limits/parse-scheduler.js';
import type { OperationError, OperationLog } from '../operation-log.js';
import { WebSocketConnections } from './connections.js';
import { Documents } from './documents.js';
import { OperationIds } from './operation-ids.js';
import { drained, type SocketState } from './socket-state.js';
import { SocketTokens } from './socket-tokens.js';

export interface WebSocketOptions {
  readonly schema: GraphQLSchema;
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a client may take to send connection_init before it is closed with 4408. */
  readonly connectionInitTimeoutMs: number;
  readonly slowReaderMsMax: number;
  readonly socketsPerAddressMax: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
  /** @throws UNAUTHENTICATED */
  readonly viewerOf: (authorization: unknown) => Promise<Viewer | null>;
  /** Used if a client sends no authorization. */
  readonly authorizationInCookie: (request: IncomingMessage) => Promise<string | undefined>;
  readonly contextOfCall: ContextOfCall;
  /** Besides the rules of GraphQL itself. */
  readonly rules: readonly ValidationRule[];
  readonly present: PresentError;
  readonly record: OperationLog;
  /** Counts a bad token. @throws RATE_LIMITED */
  readonly badTokenFrom: (address: string) => void;
  /** Calls back when tokens may have been revoked: those of one user, or of any user (null). */
  readonly onTokensEnded: (listener: (userId: string | null) => void) => void;
}

/** One operation of a socket. */
interface Call {
  readonly socket: SocketState;
  readonly id: string;
  readonly startMs: number;
  readonly operation: OperationDefinitionNode;
}

/** GraphQL over WebSocket (`graphql-transport-ws`, by graphql-ws): subscriptions, queries and mutations. */
export class WebSocketGraphQL {
  readonly #connections: WebSocketConnections;
  readonly #sockets = new Set<SocketState>();
  readonly #tokens: SocketTokens;
  readonly #documents: Documents;
  readonly #parseScheduler = new ParseScheduler();
  readonly #callOf = new WeakMap<ExecutionArgs, Call>();
  /** Of operations that were refused before they started. */
  readonly #correlationIds = new WeakMap<readonly GraphQLError[], string>();
  #closing = false;

  constructor(
    http: Server,
    private readonly options: WebSocketOptions,
  ) {
    this.#documents = new Documents(options.schema, options.rules);
    this.#tokens = new SocketTokens(options);
    const protocol = makeServer<Record<string, unknown>, SocketState>({
      schema: options.schema,
      execute: (args) => this.#execute(args),
      subscribe: (args) => this.#subscribe(args),
      connectionInitWaitTimeout: options.connectionInitTimeoutMs,
      onConnect: ({ connectionParams, extra }) => this.#tokens.connect(connectionParams, extra),
      onClose: ({ extra }) => {
        this.#sockets.delete(extra);
        this.#tokens.unregister(extra);
      },
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
    options.onTokensEnded((userId) => void this.#tokens.recheck(userId));
  }

  get openSockets(): number {
    return this.#connections.size;
  }

  get stalledSockets(): number {
    return this.#connections.stalled;
  }

  /** Accepts nothing new, answers the queries and mutations in progress, then closes every socket with 1001. */
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

  #subscribe(args: ExecutionArgs): ReturnType<typeof subscribe> {
    const { socket, id } = this.#callOf.get(args) as Call;
    return this.options.broadcast.subscribe(args, socket.connection, id) as ReturnType<typeof subscribe>;
  }

  /** Called when a query or mutation has its answer, or a subscription has started. */
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
      errors: errors.map(operationErrorOf),
    });
    // A client that chose an id gets the one in use. Messages of a subscription are shared and have none.
    const hasChosenId = payload.extensions?.correlationId !== undefined;
    if (!hasChosenId || operation.operation === OperationTypeNode.SUBSCRIPTION) return undefined;
    return { ...(result as ExecutionResult), extensions: { correlationId } };
  }

  async #admit(
    socket: SocketState,
    id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const startMs = monotonicMs();
    const correlationId = correlationIdFrom(payload.extensions?.correlationId);
    const known: { document?: DocumentNode; operation?: OperationDefinitionNode } = {};
    const refuse = (errors: readonly GraphQLError[]) => {
      this.options.record.ended({ correlationId, startMs, ...known, errors: errors.map(operationErrorOf) });
      this.#correlationIds.set(errors, correlationId);
      return errors;
    };
    try {
      if (socket.operations.inProgress > OPERATIONS_PER_SOCKET_MAX)
        throw tooManyInProgress(OPERATIONS_PER_SOCKET_MAX);
      const { address } = socket.connection;
      const { viewer = null } = socket;
      const contextValue = await this.options.contextOfCall(viewer, address, correlationId);
      if (!this.#documents.has(payload.query)) await this.#parseScheduler.slot(address);
      // The socket may have closed while its document waited to be parsed.
      if (!socket.connection.isOpen) return [new GraphQLError('The socket is closed.')];
      if (this.#closing) throw serverIsStopping();
      if (socket.tokenEnded) throw unauthenticated();
      // Parsing costs more than most answers. Of those that waited with the same document, only the first parses it.
      if (!this.#documents.has(payload.query)) contextValue.limits.countAsCall();
      const { document, errors } = this.#documents.get(payload.query);
      if (errors !== undefined) return refuse(errors);
      const operation = getOperationAST(document, payload.operationName);
      if (!operation) throw noSuchOperation(payload.operationName);
      Object.assign(known, { document, operation });
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
        if (socket.operations.subscriptions >= SUBSCRIPTIONS_PER_SOCKET_MAX)
          throw tooManyInProgress(SUBSCRIPTIONS_PER_SOCKET_MAX);
        socket.operations.markAsSubscription(id);
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
    }
  }

  #present(errors: readonly GraphQLError[], correlationId: string): GraphQLFormattedError[] {
    return errors.map((error) => this.options.present(error, correlationId));
  }
}

const operationErrorOf = (error: GraphQLError): OperationError => ({
  code: codeOf(error),
  key: error.path?.[0] === undefined ? undefined : String(error.path[0]),
});

function isPromiseLike<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value>).then === 'function';
}
