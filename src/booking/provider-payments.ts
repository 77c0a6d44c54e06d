/** What is kept about a payment that was started at a provider. */
export interface StartedPayment {
  readonly paymentId: string;
  readonly provider: string;
  /** The provider's id. */
  readonly providerId: string;
  /** How often it was compared with the provider. */
  readonly checks: number;
}

export interface ProviderPayments {
  find(paymentId: string): Promise<StartedPayment | null>;
  /** Stores the provider's id, unless there is one already. @returns the stored one */
  started(payment: Omit<StartedPayment, 'checks'>, checkAt: Date): Promise<StartedPayment>;
  /** Payments of the provider that are not settled, and whose next comparison is due, oldest first. */
  dueForCheck(provider: string, limit: number): Promise<StartedPayment[]>;
  checkAgain(paymentId: string, checkAt: Date): Promise<void>;
  /** It is compared no more. */
  settled(paymentId: string): Promise<void>;
  /** Counts a declined card, each notification once. @returns how many there were, up to `max` */
  declined(paymentId: string, notificationId: string, max: number): Promise<number>;
}
