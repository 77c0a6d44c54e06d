import type { Payment } from './payment.js';

/** What a client needs to talk to the provider of a payment. */
export interface StartedPayments {
  /**
   * The same for every call about one payment.
   *
   * @param address whose declined cards will count
   * @returns null if the client has nothing to tell the provider
   */
  clientSecretOf(payment: Payment, address: string): Promise<string | null>;
}
