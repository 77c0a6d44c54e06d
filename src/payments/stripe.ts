import { Stripe } from 'stripe';
import type { Money } from '../catalog/money.js';
import type { Clock } from '../core/clock.js';
import { RefusedForGood } from '../core/delivery.js';
import {
  type NewPayment,
  type Notification,
  type PaymentProvider,
  type ProviderPayment,
  type Refund,
  UnsignedWebhook,
} from './payment-provider.js';
import { fromStripeAmount, stripeAmountProblem, toStripeAmount } from './stripe-amounts.js';

/** How long a call may take. The outbox repeats it. */
const CALL_MS_MAX = 10_000;
/** How old a notification's signature may be. */
const SIGNATURE_SECONDS_MAX = 300;
/** Refunds of one payment that are looked through; it has at most 100 seats. */
const REFUNDS_MAX = 100;

export interface StripeSettings {
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Default: Stripe's own. */
  readonly apiUrl: string | undefined;
}

/**
 * Takes payments by Stripe's PaymentIntents: cards only, because a seat is held for minutes and other methods may take
 * days. docs/decisions/0044-stripe.md says how its states map onto ours.
 */
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  readonly #stripe: Stripe;
  readonly #isLive: boolean;

  constructor(
    private readonly settings: StripeSettings,
    private readonly clock: Clock,
  ) {
    const api = settings.apiUrl === undefined ? undefined : new URL(settings.apiUrl);
    this.#stripe = new Stripe(settings.secretKey, {
      timeout: CALL_MS_MAX,
      maxNetworkRetries: 0,
      telemetry: false,
      ...(api && {
        host: api.hostname,
        port: api.port === '' ? (api.protocol === 'https:' ? 443 : 80) : Number(api.port),
        protocol: api.protocol === 'https:' ? 'https' : 'http',
      }),
    });
    this.#isLive = /^[a-z]+_live_/.test(settings.secretKey);
  }

  async start({ key, paymentId, amount, currency }: NewPayment): Promise<ProviderPayment> {
    const stripeAmount = exactAmount({ amount, currency });
    return answered(async () => {
      const intent = await this.#stripe.paymentIntents.create(
        {
          amount: stripeAmount,
          currency: currency.toLowerCase(),
          allowed_payment_method_types: ['card'],
          metadata: { paymentId },
        },
        { idempotencyKey: key },
      );
      return paymentOf(intent);
    });
  }

  read(providerId: string): Promise<ProviderPayment> {
    return answered(async () => paymentOf(await this.#stripe.paymentIntents.retrieve(providerId)));
  }

  cancel(providerId: string): Promise<ProviderPayment> {
    return answered(async () => {
      try {
        // Without a key: a second cancel changes nothing, and Stripe would repeat "not now" as the answer to a key.
        const options = { cancellation_reason: 'abandoned' } as const;
        return paymentOf(await this.#stripe.paymentIntents.cancel(providerId, options));
      } catch (error) {
        if (codeOf(error) !== 'payment_intent_unexpected_state') throw error;
        return paymentOf(await this.#stripe.paymentIntents.retrieve(providerId));
      }
    });
  }

  async refund({ key, paymentId, providerId, amount, currency, isRepeated }: Refund): Promise<void> {
    if (providerId === null) throw new RefusedForGood('It is not known what Stripe calls this payment.');
    const stripeAmount = exactAmount({ amount, currency });
    // Stripe forgets a key after a day, and until then repeats its answer, also if the refund has failed since.
    const earlier = isRepeated ? await answered(() => this.#refundsOf(providerId, key)) : [];
    if (!earlier.every(hasFailed)) return;
    const idempotencyKey = earlier.length === 0 ? key : `${key}:${earlier.length}`;
    const refund = await answered(() =>
      this.#stripe.refunds.create(
        { payment_intent: providerId, amount: stripeAmount, metadata: { paymentId, messageId: key } },
        { idempotencyKey },
      ),
    );
    if (hasFailed(refund)) throw new RefusedForGood(failureOf(refund));
  }

  async #refundsOf(providerId: string, messageId: string): Promise<Stripe.Refund[]> {
    const refunds = await this.#stripe.refunds.list({ payment_intent: providerId, limit: REFUNDS_MAX });
    return refunds.data.filter(({ metadata }) => metadata?.messageId === messageId);
  }

  readWebhook(body: Buffer, signature: string): Notification {
    const { webhookSecret } = this.settings;
    const nowMs = this.clock.now().getTime();
    let event: Stripe.Event;
    try {
      event = this.#stripe.webhooks.constructEvent(
        body,
        signature,
        webhookSecret,
        SIGNATURE_SECONDS_MAX,
        undefined,
        nowMs,
      );
    } catch (error) {
      throw new UnsignedWebhook(error instanceof Error ? error.message : String(error));
    }
    if (event.livemode !== this.#isLive) return ignored(`it is of ${event.livemode ? 'live' : 'test'} mode`);
    switch (event.type) {
      case 'payment_intent.succeeded':
      case 'payment_intent.canceled':
      case 'payment_intent.payment_failed': {
        const payment = paymentOf(event.data.object);
        if (payment.paymentId === '') return ignored('it is of a payment that was not made here');
        if (event.type === 'payment_intent.payment_failed')
          return { kind: 'declined', payment, notificationId: event.id };
        return { kind: 'payment', payment };
      }
      case 'refund.failed': {
        const messageId = event.data.object.metadata?.messageId;
        if (messageId === undefined) return ignored('it is of a refund that was not made here');
        return { kind: 'refundFailed', messageId, reason: failureOf(event.data.object) };
      }
      default:
        return ignored(`nothing follows from ${event.type}`);
    }
  }

  amountProblem = (money: Money): string | null => stripeAmountProblem(money);
}

const ignored = (why: string): Notification => ({ kind: 'ignored', why });

/** @throws RefusedForGood */
function exactAmount(money: Money): number {
  const problem = stripeAmountProblem(money);
  if (problem !== null) throw new RefusedForGood(problem);
  return toStripeAmount(money);
}

function paymentOf(intent: Stripe.PaymentIntent): ProviderPayment {
  const currency = intent.currency.toUpperCase();
  const state =
    intent.status === 'succeeded' ? 'completed' : intent.status === 'canceled' ? 'cancelled' : 'open';
  const amount = state === 'completed' ? intent.amount_received : intent.amount;
  return {
    providerId: intent.id,
    paymentId: intent.metadata.paymentId ?? '',
    state,
    amount: fromStripeAmount(amount, currency),
    currency,
    clientSecret: intent.client_secret,
  };
}

const hasFailed = ({ status }: Stripe.Refund): boolean => status === 'failed' || status === 'canceled';

const failureOf = ({ id, failure_reason, status }: Stripe.Refund): string =>
  `The refund ${id} failed at Stripe: ${failure_reason ?? status}`;

/** Answers to which the same call would get the same answer again. The others are worth another try. */
const FINAL_STATUS: ReadonlySet<unknown> = new Set([400, 402, 404]);

/**
 * Makes calls whose errors can be logged: those of the package carry the whole answer, with the customer's secret.
 *
 * @throws RefusedForGood, or an Error that is worth another try
 */
async function answered<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { message, type, code, statusCode, requestId } = error;
    const text = [`Stripe answered ${statusCode ?? 'nothing'}: ${message}`, type, code, requestId]
      .filter((part) => part !== undefined)
      .join(', ');
    throw FINAL_STATUS.has(statusCode) ? new RefusedForGood(text) : new Error(text);
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Stripe.errors.StripeError ? error.code : undefined;
