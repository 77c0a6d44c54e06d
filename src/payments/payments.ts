import type { BookingReads } from '../booking/booking-reads.js';
import type { Commands } from '../booking/commands.js';
import type { ClaimedMessage, OutboxStore, SentMessages } from '../booking/outbox.js';
import type { Payment } from '../booking/payment.js';
import type { ProviderPayments } from '../booking/provider-payments.js';
import type { StartedPayments } from '../booking/started-payments.js';
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
  readonly commands: Commands;
  readonly reads: Pick<BookingReads, 'payment'>;
  readonly started: ProviderPayments;
  readonly outbox: OutboxStore & SentMessages;
  readonly send: (messages: readonly ClaimedMessage[]) => void;
  /** Counts a declined card of an address. */
  readonly declinedFrom: (address: string) => void;
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
    const { provider, commands, reads, started, outbox, clock, log } = options;
    this.#settlements = new Settlements(commands, reads, started, clock, log);
    this.messages = new PaymentMessages(provider, this.#settlements, started, outbox);
    if (provider === undefined) return;
    this.#secrets = new ClientSecrets(provider, this.messages, started, log);
    this.#notifications = new Notifications({ ...options, provider, settlements: this.#settlements });
  }

  clientSecretOf(payment: Payment, address: string): Promise<string | null> {
    return this.#secrets?.clientSecretOf(payment, address) ?? Promise.resolve(null);
  }

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
