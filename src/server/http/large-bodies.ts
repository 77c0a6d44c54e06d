import { Readable } from 'node:stream';
import { errorCodes, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Viewer } from '../../account/user.js';
import {
  BODY_BYTES_MAX,
  LARGE_BODIES_MAX,
  LARGE_BODY_BYTES_MAX,
  tooManyLargeBodies,
} from '../limits/operation-limits.js';

/**
 * Who may send a large body is decided by the headers, before the body is read: one for each user at a time, and few at a time
 * in all. A body that does not say its length is a small one.
 */
export class LargeBodies {
  readonly #userIds = new Set<string>();

  constructor(private readonly viewerOf: (request: FastifyRequest) => Promise<Viewer | null>) {}

  /** @throws UNAUTHENTICATED, RATE_LIMITED, TOO_BUSY, or Fastify's error for a body that is too large */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (!(bytes > BODY_BYTES_MAX)) return;
    const viewer = bytes > LARGE_BODY_BYTES_MAX ? null : await this.viewerOf(request);
    if (viewer === null) throw tooLarge(reply);
    const { userId } = viewer;
    if (this.#userIds.has(userId) || this.#userIds.size >= LARGE_BODIES_MAX) throw tooManyLargeBodies();
    this.#userIds.add(userId);
    // Also if the client goes away before it has its answer.
    reply.raw.once('close', () => this.#userIds.delete(userId));
  }
}

/** Stops reading a body of unknown length that is not a small one. */
export async function limitUnknownLength(
  request: FastifyRequest,
  reply: FastifyReply,
  body: NodeJS.ReadableStream,
): Promise<NodeJS.ReadableStream> {
  return request.headers['transfer-encoding'] !== undefined ? Readable.from(small(body, reply)) : body;
}

async function* small(body: NodeJS.ReadableStream, reply: FastifyReply): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw tooLarge(reply);
    yield chunk as Buffer;
  }
}

/** As Fastify does it: the rest of the body is not read, so the connection cannot be used again. */
function tooLarge(reply: FastifyReply): Error {
  reply.header('connection', 'close');
  return new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
}
