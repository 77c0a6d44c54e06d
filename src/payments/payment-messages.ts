import type { OutboxStore } from '../booking/outbox.js';
import {
  type CancelPayment,
  type RefundShare,
  type StartPayment,
  startMessageId,
} from '../booking/outbox-messages.js';
import type { ProviderPayments } from '../booking/provider-payments.js';
import { RefusedForGood, WaitsForEarlier } from '../core/delivery.js';
import type { PaymentProvider, ProviderPayment, RefundingProvider } from './payment-provider.js';
import type { Settlements } from './settlements.js';
import { simulatedProvider } from './simulated.js';

const START_REFUSED = 'The payment provider refused the payment';

/** Sends the outbox's messages about payments to the provider of each payment. */
export class PaymentMessages {
  /** Starts in progress, by payment: a check-out waits for the start that its batch has caused. */
  readonly #starting = new Map<string, Promise<ProviderPayment>>();

  /** @param provider who takes payments; undefined if nobody does, or simulated ones only */
  constructor(
    private readonly provider: PaymentProvider | undefined,
    private readonly settlements: Settlements,
    private readonly started: ProviderPayments,
    private readonly outbox: Pick<OutboxStore, 'isWaiting'>,
  ) {}

  async startPayment(message: StartPayment): Promise<void> {
    await this.start(message);
  }

  /** Several calls for one payment share one start. One that was started before is only read. */
  start(message: StartPayment): Promise<ProviderPayment> {
    const { paymentId } = message;
    const starting = this.#starting.get(paymentId) ?? this.#start(message);
    if (!this.#starting.has(paymentId)) {
      this.#starting.set(paymentId, starting);
      const forget = () => this.#starting.delete(paymentId);
      starting.then(forget, forget);
    }
    return starting;
  }

  async #start(message: StartPayment): Promise<ProviderPayment> {
    const { paymentId, provider: name } = message;
    const provider = this.#taking(name);
    const started = await this.started.find(paymentId);
    const payment = started ? await provider.read(started.providerId) : await this.#create(provider, message);
    await this.settlements.settle(name, payment);
    return payment;
  }

  /** Never for a payment that can be paid already: the provider may have forgotten the key, or refuse it now. */
  async #create(provider: PaymentProvider, { id, paymentId, amount, currency }: StartPayment) {
    try {
      return await provider.start({ key: id, paymentId, amount, currency });
    } catch (error) {
      if (error instanceof RefusedForGood) await this.settlements.refused(paymentId, START_REFUSED);
      throw error;
    }
  }

  async cancelPayment({ paymentId, provider: name }: CancelPayment): Promise<void> {
    const provider = this.#taking(name);
    const providerId = await this.#providerIdOf(paymentId);
    // Nobody can pay what was never started.
    if (providerId === null) return;
    const payment = await provider.cancel(providerId);
    await this.settlements.settle(name, payment);
    if (payment.state === 'open') throw new Error('The payment is in progress and cannot be cancelled yet.');
  }

  async refundShare(
    { id, paymentId, provider: name, ...money }: RefundShare,
    isRepeated: boolean,
  ): Promise<void> {
    const provider = this.#refunding(name);
    const providerId = provider === simulatedProvider ? null : await this.#providerIdOf(paymentId);
    if (providerId === null && provider !== simulatedProvider)
      throw new RefusedForGood('It is not known what the provider calls this payment.');
    const { amount, currency } = money;
    await provider.refund({ key: id, paymentId, providerId, amount, currency, isRepeated });
  }

  /** @throws WaitsForEarlier while the payment's start is still to be sent */
  async #providerIdOf(paymentId: string): Promise<string | null> {
    const started = await this.started.find(paymentId);
    if (started !== null) return started.providerId;
    if (await this.outbox.isWaiting(startMessageId(paymentId))) {
      throw new WaitsForEarlier('The payment was not started yet.');
    }
    return null;
  }

  #refunding = (name: string): RefundingProvider =>
    name === simulatedProvider.name ? simulatedProvider : this.#taking(name);

  /** @throws an error that is worth another try: the operator may have removed the settings by mistake */
  #taking(name: string): PaymentProvider {
    if (this.provider?.name !== name)
      throw new Error(`The provider ${name} is not configured on this server.`);
    return this.provider;
  }
}
