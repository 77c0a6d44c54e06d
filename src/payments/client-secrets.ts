import { startMessage } from '../booking/outbox-messages.js';
import type { Payment } from '../booking/payment.js';
import type { ProviderPayments } from '../booking/provider-payments.js';
import type { Log } from '../core/log.js';
import type { PaymentMessages } from './payment-messages.js';
import type { PaymentProvider } from './payment-provider.js';

/** How long a check-out waits for the provider. After that the client asks again with the same requestId. */
const ANSWER_MS_MAX = 8_000;

/** Gets the secret with which a customer pays, anew for each call: it is never stored. */
export class ClientSecrets {
  constructor(
    private readonly provider: PaymentProvider,
    private readonly messages: PaymentMessages,
    private readonly started: Pick<ProviderPayments, 'paidFrom'>,
    private readonly log: Log,
  ) {}

  async clientSecretOf(payment: Payment, address: string): Promise<string | null> {
    if (payment.status !== 'pending' || payment.provider !== this.provider.name) return null;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), ANSWER_MS_MAX);
    });
    const secret = this.#read(payment, address).catch((error: unknown) => {
      this.log.warn({ err: error, paymentId: payment.id }, 'The payment provider gave no client secret');
      return null;
    });
    return Promise.race([secret, tooLate]).finally(() => clearTimeout(timer));
  }

  async #read(payment: Payment, address: string): Promise<string | null> {
    // Its message is in the outbox. If another process should send it, the same key gives the same payment.
    const { state, clientSecret } = await this.messages.start(startMessage(payment));
    if (state !== 'open') return null;
    // Before anybody can try a card with the secret.
    await this.started.paidFrom(payment.id, address);
    return clientSecret;
  }
}
