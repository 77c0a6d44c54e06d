import type { FastifyInstance } from 'fastify';
import { badUserInput } from '../../core/errors.js';

/** The largest notification that is read. Stripe's have a few kilobytes. */
const BODY_BYTES_MAX = 256 * 1024;

/** Where a payment provider sends its notifications. */
export interface PaymentWebhook {
  readonly path: string;
  readonly signatureHeader: string;
  /** @returns false if the signature is not valid; then nothing was done */
  receive(body: Buffer, signature: string): Promise<boolean>;
}

/** To be registered in a scope of its own: the signature is of the body's bytes, so nothing may parse it. */
export async function servePaymentWebhook(server: FastifyInstance, webhook: PaymentWebhook): Promise<void> {
  const { path, signatureHeader } = webhook;
  const unsigned = () => badUserInput(signatureHeader, 'The signature is missing, wrong or too old.');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.post(
    path,
    {
      bodyLimit: BODY_BYTES_MAX,
      // Before the body is read.
      onRequest: async ({ headers }) => {
        if (typeof headers[signatureHeader] !== 'string') throw unsigned();
      },
    },
    async ({ headers, body }, reply) => {
      const isValid =
        Buffer.isBuffer(body) && (await webhook.receive(body, headers[signatureHeader] as string));
      if (!isValid) throw unsigned();
      return reply.send({ received: true });
    },
  );
}
