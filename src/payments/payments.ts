import type { BookingReads } from '../booking/booking-reads.js';
import type { Commands } from '../booking/commands.js';
import type { ClaimedMessage, OutboxStore, SentMessages } from '../booking/outbox.js';
import type { Payment } from '../booking/payment.js';
import type { ProviderPayments } from '../booking/provider-payments.js';
import type { StartedPayments } from '../booking/started-payments.js';
import type { Money } from '../catalog/money.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { ClientSecrets } from './client-secrets.js';
import { type NotificationObserver, Notifications } from './notifications.js';
import { checkPayments } from './payment-checks.js';
import { PaymentMessages } from './payment-messages.js';
import { type PaymentProvider, UnsignedWebhook } from './payment-provider.js';
import { Settlements } from './settlements.js';

export interface PaymentsOptions {
  /** Undefined if there is no account at a provider. */
  readonly provider: PaymentProvider | undefined;
  /** Who takes new payments. If it is another one, `provider` only ends its earlier payments. */
  readonly takesNewPayments: string;
  readonly commands: Commands;
  readonly reads: Pick<BookingReads, 'payment'>;
  readonly started: ProviderPayments;
  readonly outbox: OutboxStore & SentMessages;
  readonly send: (messages: readonly ClaimedMessage[]) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: NotificationObserver;
}

/** All that a server does with a payment provider. */
export class Payments implements StartedPayments {
  readonly messages: PaymentMessages;
  readonly #settlements: Settlements;
  readonly #secrets: ClientSecrets | undefined;
  readonly #notifications: Notifications | undefined;

  constructor(private readonly options: PaymentsOptions) {
    const { provider, commands, reads, started, outbox, send, clock, log, observer } = options;
    this.#settlements = new Settlements(commands, reads, started, clock, log);
    this.messages = new PaymentMessages(provider, this.#settlements, started, outbox);
    if (provider === undefined) return;
    this.#secrets = new ClientSecrets(provider, this.messages, log);
    const settlements = this.#settlements;
    this.#notifications = new Notifications({ provider, settlements, started, outbox, send, log, observer });
  }

  clientSecretOf(payment: Payment): Promise<string | null> {
    return this.#secrets?.clientSecretOf(payment) ?? Promise.resolve(null);
  }

  amountProblem = (money: Money): string | null => {
    const { provider, takesNewPayments } = this.options;
    return provider?.name === takesNewPayments ? provider.amountProblem(money) : null;
  };

  /** Receives a notification of the provider. @returns false if its signature is not valid; then nothing was done */
  async receive(body: Buffer, signature: string): Promise<boolean> {
    try {
      await this.#notifications?.receive(body, signature);
      return this.#notifications !== undefined;
    } catch (error) {
      if (error instanceof UnsignedWebhook) return false;
      throw error;
    }
  }

  /** Compares payments that are not settled with the provider. @returns how many were settled */
  check(): Promise<number> {
    const { provider, started, clock } = this.options;
    if (provider === undefined) return Promise.resolve(0);
    return checkPayments(provider, this.#settlements, started, clock);
  }
}
