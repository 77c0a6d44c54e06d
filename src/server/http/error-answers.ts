import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import { internalError } from '../../graphql/errors.js';
import { httpStatusOf, retryAfterOf } from './http-status.js';

/** A call's id, which the client may choose. Log lines about the call have it. */
export const CORRELATION_ID = 'x-correlation-id';

type ShownError = Pick<DomainError, 'code' | 'message' | 'details'>;

export function setCommonHeaders(
  { id }: Pick<FastifyRequest, 'id'>,
  reply: Pick<FastifyReply, 'header'>,
): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header(CORRELATION_ID, id);
}

export const answerError = (
  reply: FastifyReply,
  status: number,
  { code, message, details }: ShownError,
): FastifyReply => reply.code(status).send({ errors: [{ message, extensions: { code, details } }] });

/**
 * Requests that are refused before GraphQL (body too large, no JSON, server stopping) get an answer like any GraphQL
 * error.
 */
export function answerErrorsLikeGraphQL(server: FastifyInstance, log: Log): void {
  server.setErrorHandler((error: FastifyError | DomainError, request, reply) => {
    const answer = (status: number, shown: ShownError) => answerError(reply, status, shown);
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
