import type { Money } from '../catalog/money.js';

/**
 * Who takes the money. No method is called inside a transaction, and those that change something are called only by
 * messages of the outbox.
 */
export interface PaymentProvider extends RefundingProvider {
  /**
   * Asks for a payment that the customer can then make. The same key again gives the same payment.
   *
   * @throws RefusedForGood if it never will
   */
  start(payment: NewPayment): Promise<ProviderPayment>;
  read(providerId: string): Promise<ProviderPayment>;
  /** Cancels a payment, unless it is completed. A second call changes nothing. @returns the payment as it is then */
  cancel(providerId: string): Promise<ProviderPayment>;
  /** @throws UnsignedWebhook if the signature is missing, wrong or too old */
  readWebhook(body: Buffer, signature: string): Notification;
  /** Why it cannot take exactly this amount, or null. */
  amountProblem(money: Money): string | null;
}

/** Gives money back. Payments of an earlier time may have a provider that starts no payments here any more. */
export interface RefundingProvider {
  /** As it is stored with each payment, e.g. `stripe`. */
  readonly name: string;
  /**
   * Gives a part of a payment back. The same key again has no second effect.
   *
   * @throws RefusedForGood if it never will
   */
  refund(refund: Refund): Promise<void>;
}

export interface NewPayment extends Money {
  /** The idempotency key: the id of the message. */
  readonly key: string;
  readonly paymentId: string;
}

export interface Refund extends Money {
  readonly key: string;
  readonly paymentId: string;
  /** Null if the provider does not know the payment: a simulated one. */
  readonly providerId: string | null;
  /** Whether an earlier call with this key may have had its effect. */
  readonly isRepeated: boolean;
}

/** A payment as the provider knows it. */
export interface ProviderPayment extends Money {
  /** The provider's id. */
  readonly providerId: string;
  readonly paymentId: string;
  /** `completed` and `cancelled` are final. */
  readonly state: 'open' | 'completed' | 'cancelled';
  /** With it the customer pays, and nobody else may see it. It is never stored or logged. */
  readonly clientSecret: string | null;
}

/** What a provider tells by itself. It may come twice, late and in any order. */
export type Notification =
  | { readonly kind: 'payment'; readonly payment: ProviderPayment }
  /** A card was declined; the customer may try another one. */
  | { readonly kind: 'declined'; readonly payment: ProviderPayment; readonly notificationId: string }
  /** A refund that was accepted did not reach its receiver, so the money is still here. */
  | { readonly kind: 'refundFailed'; readonly messageId: string; readonly reason: string }
  | { readonly kind: 'ignored'; readonly why: string };
export class UnsignedWebhook extends Error {}
