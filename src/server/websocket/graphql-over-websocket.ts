import type { IncomingMessage, Server } from 'node:http';
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  OperationTypeNode,
  type subscribe,
} from 'graphql';
import { makeServer, type SubscribePayload } from 'graphql-ws';
import { unauthenticated } from '../../account/accounts.js';
import type { Clock } from '../../core/clock.js';
import { correlationIdFrom, newCorrelationId } from '../../core/ids.js';
import type { GraphQLContext } from '../../graphql/context.js';
import type { PresentError } from '../../graphql/errors.js';
import type { Broadcast } from '../broadcast/broadcast.js';
import type { OpenConnections } from '../connections/open-connections.js';
import type { AdmittedOperation, OperationAdmission } from '../connections/operation-admission.js';
import {
  DRAIN_MS_MAX,
  firstErrors,
  OPERATIONS_PER_SOCKET_MAX,
  SUBSCRIPTIONS_PER_SOCKET_MAX,
  serverIsStopping,
  tooManyInProgress,
} from '../limits/operation-limits.js';
import { WebSocketConnections } from './connections.js';
import { OperationIds } from './operation-ids.js';
import { drained, type SocketState } from './socket-state.js';
import { SocketTokens, type SocketTokensOptions } from './socket-tokens.js';

export interface WebSocketOptions extends SocketTokensOptions {
  readonly schema: GraphQLSchema;
  readonly broadcast: Broadcast;
  readonly admission: OperationAdmission;
  readonly openConnections: OpenConnections;
  readonly clock: Clock;
  /** How long a client may take to send connection_init before it is closed with 4408. */
  readonly connectionInitTimeoutMs: number;
  readonly slowReaderMsMax: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly present: PresentError;
}

/** One operation of a socket. */
interface Call extends AdmittedOperation {
  readonly socket: SocketState;
  readonly id: string;
}

/** GraphQL over WebSocket (`graphql-transport-ws`, by graphql-ws): subscriptions, queries and mutations. */
export class WebSocketGraphQL {
  readonly #connections: WebSocketConnections;
  readonly #sockets = new Set<SocketState>();
  readonly #tokens: SocketTokens;
  readonly #callOf = new WeakMap<ExecutionArgs, Call>();
  /** Of operations that were refused before they started. */
  readonly #correlationIds = new WeakMap<readonly GraphQLError[], string>();
  #closing = false;

  constructor(
    http: Server,
    private readonly options: WebSocketOptions,
  ) {
    this.#tokens = new SocketTokens(options);
    const protocol = makeServer<Record<string, unknown>, SocketState>({
      schema: options.schema,
      execute: (args) => this.#execute(args),
      subscribe: (args) => this.#subscribe(args),
      connectionInitWaitTimeout: options.connectionInitTimeoutMs,
      onConnect: ({ connectionParams, extra }) => this.#tokens.connect(connectionParams, extra),
      onClose: ({ extra }) => {
        this.#sockets.delete(extra);
        extra.forgetToken?.();
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
  }

  /** Accepts nothing new, and answers the queries and mutations in progress. */
  async drain(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#sockets].map((socket) => drained(socket, DRAIN_MS_MAX)));
  }

  /** Accepts no more sockets. Resolves once all of them are closed. */
  close(): Promise<void> {
    return this.#connections.close();
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
    this.options.admission.started(call, errors);
    const { correlationId } = args.contextValue as GraphQLContext;
    const { operation } = call;
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
    const correlationId = correlationIdFrom(payload.extensions?.correlationId);
    const { connection, operations, viewer = null } = socket;
    const admitted = await this.options.admission.admit(payload, {
      viewer,
      address: connection.address,
      correlationId,
      isOpen: () => connection.isOpen,
      requireRoom: () => {
        if (operations.inProgress > OPERATIONS_PER_SOCKET_MAX)
          throw tooManyInProgress(OPERATIONS_PER_SOCKET_MAX);
      },
      requireReady: () => {
        if (this.#closing) throw serverIsStopping();
        if (socket.tokenEnded) throw unauthenticated();
      },
      requireAllowed: ({ operation }) => {
        if (operation !== OperationTypeNode.SUBSCRIPTION) return;
        if (operations.subscriptions >= SUBSCRIPTIONS_PER_SOCKET_MAX)
          throw tooManyInProgress(SUBSCRIPTIONS_PER_SOCKET_MAX);
        operations.markAsSubscription(id);
      },
    });
    if ('errors' in admitted) {
      this.#correlationIds.set(admitted.errors, correlationId);
      return admitted.errors;
    }
    this.#callOf.set(admitted.args, { ...admitted, socket, id });
    return admitted.args;
  }

  #present(errors: readonly GraphQLError[], correlationId: string): GraphQLFormattedError[] {
    return errors.map((error) => this.options.present(error, correlationId));
  }
}

function isPromiseLike<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value>).then === 'function';
}
