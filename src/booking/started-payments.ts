import type { Money } from '../catalog/money.js';
import type { Payment } from './payment.js';

/** What a client needs to talk to the provider of a payment. */
export interface StartedPayments {
  /**
   * The same for every call about one payment.
   *
   * @returns null if the client has nothing to tell the provider
   */
  clientSecretOf(payment: Payment): Promise<string | null>;
  /** Why the provider cannot take exactly this amount, or null. */
  amountProblem(money: Money): string | null;
}
