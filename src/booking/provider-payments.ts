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
  /** Notes from which address its customer pays, until it is settled. */
  paidFrom(paymentId: string, address: string): Promise<void>;
  /** Counts a declined card of a payment, each notification once. */
  declined(paymentId: string, notificationId: string, max: number): Promise<Declined>;
}

export interface Declined {
  /** Up to `max`. */
  readonly declines: number;
  /** The customer's address, if the notification is new and the address is known. */
  readonly address: string | null;
}
