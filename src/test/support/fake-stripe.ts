import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';

/**
 * A small Stripe that remembers: PaymentIntents, refunds, idempotency keys and events. It can lose answers, refuse and
 * delay, and leaves it to the test when, how often and in which order its notifications arrive.
 */

export const STRIPE_KEYS = {
  stripeSecretKey: 'sk_test_fake',
  stripePublishableKey: 'pk_test_fake',
  stripeWebhookSecret: 'whsec_fake',
};

export interface Intent {
  readonly id: string;
  readonly amount: number;
  amount_received: number;
  readonly currency: string;
  status: 'requires_payment_method' | 'processing' | 'succeeded' | 'canceled';
  readonly client_secret: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface FakeRefund {
  readonly id: string;
  readonly payment_intent: string;
  readonly amount: number;
  status: 'succeeded' | 'failed';
  failure_reason?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface FakeEvent {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly data: { readonly object: object };
}

/** A call of the server, e.g. `POST /v1/refunds`. */
export interface FakeCall {
  readonly route: string;
  readonly key: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const refusal = (status: number, code: string, message = code): Answer => ({
  status,
  body: { error: { type: 'invalid_request_error', code, message } },
});

export class FakeStripe {
  readonly intents = new Map<string, Intent>();
  readonly refunds: FakeRefund[] = [];
  /** All calls, in the order of their arrival. */
  readonly calls: FakeCall[] = [];
  /** Events that were not delivered yet. */
  readonly events: FakeEvent[] = [];
  /** Whether the answer to a call is lost after the call had its effect. */
  losesAnswer: (call: FakeCall) => boolean = () => false;
  /** What a call is answered instead of having an effect. */
  refuses: (call: FakeCall) => Answer | null = () => null;
  /** Waits before each call is looked at. */
  delay: () => Promise<unknown> = () => Promise.resolve();
  /** Called for each new event, in place of keeping it for `deliver`. */
  onEvent: ((event: FakeEvent) => void) | undefined;
  readonly #answers = new Map<string, { readonly body: string; readonly answer: Answer }>();
  #ids = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeStripe> {
    const server = createServer();
    const fake = new FakeStripe(server);
    server.on('request', (request, response) => void fake.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The PaymentIntents of one of our payments. */
  intentsOf = (paymentId: string): Intent[] =>
    [...this.intents.values()].filter(({ metadata }) => metadata.paymentId === paymentId);

  /** What is kept of a PaymentIntent's money. */
  kept(intent: Intent): number {
    const refunded = this.refunds
      .filter(({ payment_intent, status }) => payment_intent === intent.id && status === 'succeeded')
      .reduce((sum, { amount }) => sum + amount, 0);
    return intent.amount_received - refunded;
  }

  /** The customer pays. @returns whether the PaymentIntent still could be paid */
  pay(intent: Intent): boolean {
    if (intent.status !== 'requires_payment_method' && intent.status !== 'processing') return false;
    intent.status = 'succeeded';
    intent.amount_received = intent.amount;
    this.#emit('payment_intent.succeeded', intent);
    return true;
  }

  decline(intent: Intent): void {
    this.#emit('payment_intent.payment_failed', intent);
  }

  /** As Stripe does after a day. */
  forgetKeys(): void {
    this.#answers.clear();
  }

  failRefund(refund: FakeRefund): void {
    refund.status = 'failed';
    refund.failure_reason = 'lost_or_stolen_card';
    this.#emit('refund.failed', refund);
  }

  event = (type: string, object: object, livemode = false): FakeEvent => ({
    id: `evt_${++this.#ids}`,
    type,
    livemode,
    data: { object: structuredClone(object) },
  });

  /** Delivers all events that were not delivered yet. @returns the HTTP statuses */
  async deliver(serverUrl: string, atMs?: number): Promise<number[]> {
    const statuses: number[] = [];
    for (const event of this.events.splice(0)) statuses.push(await sendEvent(serverUrl, event, atMs));
    return statuses;
  }

  #emit(type: string, object: object): void {
    const event = this.event(type, object);
    if (this.onEvent === undefined) this.events.push(event);
    else this.onEvent(event);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '', this.url);
    const key = request.headers['idempotency-key'] as string | undefined;
    const call = { route: `${request.method} ${url.pathname.replace(/pi_\w+/, ':id')}`, key };
    await this.delay();
    this.calls.push(call);
    const answer = this.refuses(call) ?? this.#repeatable(call, url, body);
    if (this.losesAnswer(call)) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  }

  /** The same key gets the same answer, also if that was an error. */
  #repeatable(call: FakeCall, url: URL, body: string): Answer {
    const earlier = call.key === undefined ? undefined : this.#answers.get(call.key);
    if (earlier !== undefined) {
      return earlier.body === body ? earlier.answer : refusal(400, 'idempotency_error');
    }
    const answer = this.#perform(call.route, url, new URLSearchParams(body));
    // Stripe keeps the answer as it was, whatever happens to the object later.
    if (call.key !== undefined) this.#answers.set(call.key, { body, answer: structuredClone(answer) });
    return answer;
  }

  #perform(route: string, url: URL, input: URLSearchParams): Answer {
    const intent = this.intents.get(/pi_\w+/.exec(url.pathname)?.[0] ?? '');
    switch (route) {
      case 'POST /v1/payment_intents':
        return this.#create(input);
      case 'GET /v1/payment_intents/:id':
        return intent ? { status: 200, body: intent } : refusal(404, 'resource_missing');
      case 'POST /v1/payment_intents/:id/cancel':
        if (intent === undefined) return refusal(404, 'resource_missing');
        if (intent.status !== 'requires_payment_method')
          return refusal(400, 'payment_intent_unexpected_state');
        intent.status = 'canceled';
        this.#emit('payment_intent.canceled', intent);
        return { status: 200, body: intent };
      case 'POST /v1/refunds':
        return this.#refund(input);
      case 'GET /v1/refunds': {
        const of = url.searchParams.get('payment_intent');
        const data = this.refunds.filter(({ payment_intent }) => payment_intent === of);
        return { status: 200, body: { object: 'list', data, has_more: false } };
      }
      default:
        return refusal(404, 'url_invalid', route);
    }
  }

  #create(input: URLSearchParams): Answer {
    const id = `pi_${++this.#ids}`;
    const intent: Intent = {
      id,
      amount: Number(input.get('amount')),
      amount_received: 0,
      currency: input.get('currency') ?? '',
      status: 'requires_payment_method',
      client_secret: `${id}_secret_${this.#ids}`,
      metadata: metadataIn(input),
    };
    this.intents.set(id, intent);
    return { status: 200, body: intent };
  }

  #refund(input: URLSearchParams): Answer {
    const intent = this.intents.get(input.get('payment_intent') ?? '');
    const amount = Number(input.get('amount'));
    if (intent === undefined) return refusal(404, 'resource_missing');
    if (amount > this.kept(intent)) return refusal(400, 'charge_already_refunded');
    const refund: FakeRefund = {
      id: `re_${++this.#ids}`,
      payment_intent: intent.id,
      amount,
      status: 'succeeded',
      metadata: metadataIn(input),
    };
    this.refunds.push(refund);
    return { status: 200, body: refund };
  }
}

function metadataIn(input: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...input].flatMap(([name, value]) => {
      const [, field] = /^metadata\[(\w+)\]$/.exec(name) ?? [];
      return field === undefined ? [] : [[field, value]];
    }),
  );
}

/** Sends a signed event to a server. @returns the HTTP status */
export async function sendEvent(
  serverUrl: string,
  event: FakeEvent,
  atMs: number = Date.now(),
  secret: string = STRIPE_KEYS.stripeWebhookSecret,
): Promise<number> {
  const payload = JSON.stringify({ object: 'event', ...event });
  const timestamp = Math.floor(atMs / 1_000);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const { status } = await fetch(`${serverUrl}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
    body: payload,
  });
  return status;
}
