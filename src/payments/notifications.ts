import type { ClaimedMessage, OutboxStore, SentMessages } from '../booking/outbox.js';
import { cancelMessage } from '../booking/outbox-messages.js';
import type { ProviderPayments } from '../booking/provider-payments.js';
import type { Log } from '../core/log.js';
import type { PaymentProvider, ProviderPayment } from './payment-provider.js';
import type { Settlements } from './settlements.js';

/** Declined cards of one payment. With the last one it is cancelled, so that nobody tests stolen cards on it. */
export const DECLINES_MAX = 5;

export interface NotificationObserver {
  /** A refund that had been sent failed later. */
  attempted(kind: 'refundShare', outcome: 'given_up'): void;
}

export interface NotificationsOptions {
  readonly provider: PaymentProvider;
  readonly settlements: Settlements;
  readonly started: ProviderPayments;
  readonly outbox: Pick<OutboxStore, 'add'> & SentMessages;
  readonly send: (messages: readonly ClaimedMessage[]) => void;
  /** Counts a declined card of an address. */
  readonly declinedFrom: (address: string) => void;
  readonly log: Log;
  readonly observer: NotificationObserver;
}

/** Receives what the provider tells by itself. */
export class Notifications {
  constructor(private readonly options: NotificationsOptions) {}

  /**
   * The signature is checked before anything else. Once this returns, the provider need not repeat the notification.
   *
   * @throws UnsignedWebhook
   */
  async receive(body: Buffer, signature: string): Promise<void> {
    const { provider, settlements, log } = this.options;
    const notification = provider.readWebhook(body, signature);
    switch (notification.kind) {
      case 'payment':
        await settlements.settle(provider.name, notification.payment);
        return;
      case 'declined':
        await this.#declined(notification.payment, notification.notificationId);
        return;
      case 'refundFailed':
        await this.#refundFailed(notification.messageId, notification.reason);
        return;
      case 'ignored':
        log.debug({ why: notification.why }, 'A notification of the payment provider was ignored');
    }
  }

  async #declined(payment: ProviderPayment, notificationId: string): Promise<void> {
    const { settlements, started, outbox, send, declinedFrom, log } = this.options;
    const provider = this.options.provider.name;
    const { paymentId } = payment;
    if ((await settlements.settle(provider, payment)) === null) return;
    const { declines, address } = await started.declined(paymentId, notificationId, DECLINES_MAX);
    if (address !== null) declinedFrom(address);
    if (declines < DECLINES_MAX) return;
    log.warn({ paymentId, declines: DECLINES_MAX }, 'Too many cards were declined; the payment is cancelled');
    send([await outbox.add(cancelMessage({ id: paymentId, provider }))]);
  }

  async #refundFailed(messageId: string, reason: string): Promise<void> {
    const { outbox, log, observer } = this.options;
    if (!(await outbox.failSent(messageId, reason))) return;
    log.error({ messageId, reason }, 'A refund failed after it was accepted: somebody has to look at it');
    observer.attempted('refundShare', 'given_up');
  }
}
