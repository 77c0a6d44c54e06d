import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, GraphQLError, OperationTypeNode } from 'graphql';
import { isUnauthenticated, unauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import { badUserInput, DomainError, type ErrorDetails } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import type { GraphQLContext } from '../../graphql/context.js';
import { fillPlaceholders } from '../../graphql/deferred-seat-lists.js';
import { codeOf, graphqlErrorOf, type PresentError } from '../../graphql/errors.js';
import { countingBadTokens } from '../access.js';
import type { Broadcast } from '../broadcast/broadcast.js';
import type { ClientConnectionOptions } from '../connections/client-connection.js';
import { type OpenConnections, REFUSED_SECONDS } from '../connections/open-connections.js';
import type {
  AdmittedOperation,
  OperationAdmission,
  RefusedOperation,
} from '../connections/operation-admission.js';
import type { TokenEnds } from '../connections/token-ends.js';
import { firstErrors, serverIsStopping } from '../limits/operation-limits.js';
import { refuse } from '../limits/rate-limited.js';
import { countedAddress } from './client-address.js';
import { EventStream } from './event-stream.js';
import { httpStatusOf, retryAfterOf } from './http-status.js';
import { operationIn } from './operation-in-body.js';

export interface EventStreamsOptions extends ClientConnectionOptions {
  readonly broadcast: Broadcast;
  readonly admission: OperationAdmission;
  readonly openConnections: OpenConnections;
  readonly tokenEnds: TokenEnds;
  readonly log: Log;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  /** From the header, or from the cookie of this server's own page. */
  readonly authorizationOf: (request: FastifyRequest) => Promise<unknown>;
  /** @throws UNAUTHENTICATED */
  readonly viewerOf: (authorization: unknown) => Promise<Viewer | null>;
  readonly present: PresentError;
  /** Counts a bad token. @throws RATE_LIMITED */
  readonly badTokenFrom: (address: string) => void;
}

/**
 * Subscriptions over server-sent events, where WebSockets are blocked: graphql-sse's protocol in its distinct connections
 * mode, one request for each subscription.
 */
export function serveEventStreams(server: FastifyInstance, options: EventStreamsOptions): void {
  const streams = new EventStreams(options);
  server.post(
    '/graphql/stream',
    {
      // Before the body is read.
      onRequest: async ({ raw, headers }) => {
        if (!options.isAllowedOrigin(raw))
          throw new DomainError('FORBIDDEN', 'Pages of this origin may not subscribe. See ALLOWED_ORIGINS.');
        if (!/text\/(event-stream|\*)|\*\/\*/.test(headers.accept ?? '*/*'))
          throw badUserInput('accept', 'The answer is a `text/event-stream`, which has to be accepted.');
      },
    },
    (request, reply) => streams.answer(request, reply),
  );
}

class EventStreams {
  constructor(private readonly options: EventStreamsOptions) {}

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { admission, openConnections } = this.options;
    const requested = operationIn(request.body);
    const address = countedAddress(request.ip);
    const authorization = await this.options.authorizationOf(request);
    const viewer = await countingBadTokens(this.options.viewerOf(authorization), () =>
      this.options.badTokenFrom(address),
    );
    const requireRoom = () => {
      if (!openConnections.hasRoomFor(address))
        refuse(REFUSED_SECONDS * 1_000, 'Too many connections from your network.');
    };
    const correlationId = request.id;
    const admitted = await admission.admit(requested, {
      viewer,
      address,
      correlationId,
      isOpen: () => !request.raw.socket.destroyed,
      requireRoom,
      requireReady: () => {
        if (openConnections.isStopping) throw serverIsStopping();
      },
      requireAllowed: ({ operation }) => {
        if (operation !== OperationTypeNode.SUBSCRIPTION)
          throw badUserInput(
            'query',
            'Only subscriptions are answered here. Other operations go to /graphql.',
          );
      },
    });
    // Others of this address may have been opened since this one arrived.
    requireRoom();
    const refusal =
      'errors' in admitted ? this.#refusedBeforeStream(admitted, reply, correlationId) : undefined;
    if (refusal !== undefined) return refusal;
    const stream = EventStream.open(reply, address, openConnections.shared, this.options);
    if (stream === null)
      throw badUserInput('url', 'Send this request on a connection that has no other request in progress.');
    const closed = openConnections.add(stream);
    stream.onClose(closed);
    if ('errors' in admitted) this.#end(stream, admitted, correlationId);
    else {
      if (viewer !== null) this.#endWithToken(stream, viewer, authorization, correlationId);
      void this.#run(stream, admitted);
    }
    return reply;
  }

  /** Not about the operation itself, but about its caller or this server: clients expect an HTTP status. */
  #refusedBeforeStream(
    { errors }: RefusedOperation,
    reply: FastifyReply,
    correlationId: string,
  ): FastifyReply | undefined {
    const [error] = errors;
    const status = error === undefined ? 400 : httpStatusOf(codeOf(error));
    if (status === 400) return undefined;
    const shown = this.#present(errors, correlationId);
    const retryAfter = retryAfterOf((shown[0]?.extensions?.details ?? {}) as ErrorDetails);
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
    return reply.code(status).send({ errors: shown });
  }

  #endWithToken(stream: EventStream, viewer: Viewer, authorization: unknown, correlationId: string): void {
    const end = () => this.#end(stream, { errors: [graphqlErrorOf(unauthenticated())] }, correlationId);
    const holder = {
      authorization,
      get isOpen() {
        return stream.isOpen;
      },
      tokenEnded: end,
      tokenUncertain: () => stream.closeForStop(),
    };
    stream.onClose(this.options.tokenEnds.watch(holder, viewer));
    this.options.viewerOf(authorization).catch((error: unknown) => {
      if (isUnauthenticated(error)) end();
      else stream.closeForStop();
    });
  }

  /** Sends the errors, and says that the operation has ended. */
  #end(stream: EventStream, refused: RefusedOperation, correlationId: string): void {
    void stream.send([Buffer.from(JSON.stringify({ errors: this.#present(refused.errors, correlationId) }))]);
    stream.complete();
  }

  async #run(stream: EventStream, admitted: AdmittedOperation): Promise<void> {
    const { args } = admitted;
    const { correlationId } = args.contextValue as GraphQLContext;
    try {
      const results = await this.options.broadcast.subscribe(args, stream, '');
      if (!(Symbol.asyncIterator in results)) {
        this.options.admission.started(admitted, results.errors ?? []);
        await this.#send(stream, results, args.contextValue as GraphQLContext);
      } else {
        this.options.admission.started(admitted, []);
        stream.onClose(() => void results.return?.());
        if (!stream.isOpen) await results.return?.();
        for await (const result of results)
          await this.#send(stream, result, args.contextValue as GraphQLContext);
      }
      stream.complete();
    } catch (error) {
      this.#end(stream, { errors: [new GraphQLError('', { originalError: error as Error })] }, correlationId);
    }
  }

  async #send(
    stream: EventStream,
    result: ExecutionResult,
    { correlationId, deferredSeatLists }: GraphQLContext,
  ): Promise<void> {
    const deferred = deferredSeatLists.takeDeferred(result.data);
    const errors = result.errors && this.#present(firstErrors(result), correlationId);
    await stream.send(fillPlaceholders(JSON.stringify({ ...result, errors }), deferred));
  }

  #present(errors: readonly GraphQLError[], correlationId: string) {
    return errors.map((error) => this.options.present(error, correlationId));
  }
}
