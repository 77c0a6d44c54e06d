import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StripeProvider } from '../../payments/stripe.js';
import { STRIPE_KEYS } from '../support/fake-stripe.js';
import { ManualClock } from '../support/manual-clock.js';

/**
 * Every request to Stripe is held against Stripe's own OpenAPI description, by stripe-mock. It needs Go and its module
 * proxy. It remembers nothing: what becomes of payments is tested with a fake in src/test/api/stripe.test.ts.
 */

const VERSION = 'v0.203.0';
const DIRECTORY = path.resolve('.cache', `stripe-mock-${VERSION}`);
const PROGRAM = path.join(DIRECTORY, 'stripe-mock');

/** @returns why it cannot be built, or null */
async function build(): Promise<string | null> {
  if (existsSync(PROGRAM)) return null;
  const env = { ...process.env, GOBIN: DIRECTORY, GOFLAGS: '-mod=mod', GOWORK: 'off' };
  return promisify(execFile)('go', ['install', `github.com/stripe/stripe-mock@${VERSION}`], { env }).then(
    () => null,
    (error: Error) => error.message,
  );
}

const missing = await build();
if (missing !== null) process.stderr.write(`Stripe's OpenAPI description is not checked: ${missing}\n`);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(missing !== null)('Stripe’s OpenAPI description', () => {
  let mock: ChildProcess;
  let provider: StripeProvider;
  let output = '';
  beforeAll(async () => {
    const port = await freePort();
    mock = spawn(PROGRAM, ['-http-addr', `127.0.0.1:${port}`, '-strict-version-check=false'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      mock.once('exit', () => reject(new Error(`stripe-mock ended: ${output}`)));
      for (const stream of [mock.stdout, mock.stderr])
        stream?.on('data', (chunk: Buffer) => {
          output += chunk;
          if (output.includes('Listening')) resolve();
        });
    });
    const { stripeSecretKey, stripeWebhookSecret } = STRIPE_KEYS;
    const settings = {
      secretKey: stripeSecretKey.replace('fake', '123'),
      webhookSecret: stripeWebhookSecret,
    };
    const apiUrl = `http://127.0.0.1:${port}`;
    provider = new StripeProvider({ ...settings, apiUrl }, new ManualClock());
  });
  afterAll(() => {
    mock.kill();
  });

  test('accepts a start, a look, a cancel, a refund, and a refund that is repeated', async () => {
    const money = { amount: 3_000, currency: 'EUR' };
    const started = await provider.start({ key: 'pay_1:start', paymentId: 'pay_1', ...money });
    expect(started).toMatchObject({ state: 'open', ...money, clientSecret: expect.stringMatching(/^pi_/) });
    await provider.read(started.providerId);
    await provider.cancel(started.providerId);
    const { providerId } = started;
    for (const isRepeated of [false, true]) {
      const key = 'pay_1:refund:lock_1';
      await provider.refund({ key, paymentId: 'pay_1', providerId, isRepeated, ...money });
    }
    const requests = [...output.matchAll(/Request: (\w+ \/v1\/\w+)/g)].map(([, request]) => request);
    expect(requests).toEqual([
      'POST /v1/payment_intents',
      'GET /v1/payment_intents',
      'POST /v1/payment_intents',
      'POST /v1/refunds',
      'GET /v1/refunds',
      'POST /v1/refunds',
    ]);
  });
});
