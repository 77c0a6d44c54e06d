/**
 * A payment pays for one or more locks of one event.
 *
 *     (card refused) ─▶ failed
 *     (card accepted) ▶ completed ─▶ refunded     every share was refunded
 *     (card slow) ────▶ pending ──▶ completed | failed, by settlement
 *                       pending ──▶ failed               it can no longer buy any seat (SEATS_NO_LONGER_HELD)
 *                       failed (SEATS_NO_LONGER_HELD) ▶ completed | failed, by a late settlement
 *
 * When a booking ends, or a lock ends without a booking, its share of a completed payment is refunded. Shares of a pending
 * payment are refunded when it settles.
 */
export type PaymentStatus = 'pending' | 'completed' | 'failed' | 'refunded';

/** The part of a payment that is for one lock's seat. */
export interface Share {
  readonly lockId: string;
  readonly seatNumber: number;
  /** In the minor unit of the payment's currency. */
  readonly amount: number;
  readonly refunded: boolean;
}

export interface Payment {
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly shares: readonly Share[];
  readonly amount: number;
  readonly refundedAmount: number;
  readonly currency: string;
  /** Where the tickets go; null for payments that no check-out made. */
  readonly contactEmail: string | null;
  /** Who takes the money, such as `simulated`. */
  readonly provider: string;
  readonly status: PaymentStatus;
  /** Null unless failed. */
  readonly reason: string | null;
  /** Whether another payment for the same lock can succeed. Null unless failed. */
  readonly retryable: boolean | null;
  readonly createdAt: Date;
  /** When it left `pending`. */
  readonly processedAt: Date | null;
}

/** The reason of a payment that failed because its locks and bookings had ended. The network may still settle it. */
export const SEATS_NO_LONGER_HELD = 'The seats were no longer held';

export const CARD_DECLINED = 'Card was declined';

/** Whether the card network has not settled it yet. */
export const awaitsSettlement = ({ status, reason }: Payment): boolean =>
  status === 'pending' || (status === 'failed' && reason === SEATS_NO_LONGER_HELD);

/** The provider that charges nobody. */
export const SIMULATED = 'simulated';

/** The provider of a payment of 0, with which an organizer books without payment. */
export const NO_PROVIDER = 'none';
/** Its currency where no seat of the event has a price: ISO 4217's code for no currency. */
export const NO_CURRENCY = 'XXX';

export type CardStatus = 'success' | 'declined' | 'insufficientFunds' | 'expired' | 'processing';
export type SettlementOutcome = 'completed' | 'failed';

export type CardAnswer = Pick<Payment, 'status' | 'reason' | 'retryable'>;

/** The answer comes later, as a settlement. */
export const NOT_ANSWERED: CardAnswer = { status: 'pending', reason: null, retryable: null };

/** The answers of the simulated card network. */
export const CARD_ANSWERS: Readonly<Record<CardStatus, CardAnswer>> = {
  success: { status: 'completed', reason: null, retryable: null },
  processing: NOT_ANSWERED,
  declined: { status: 'failed', reason: CARD_DECLINED, retryable: true },
  insufficientFunds: { status: 'failed', reason: 'Insufficient funds in account', retryable: true },
  expired: { status: 'failed', reason: 'Card has expired', retryable: false },
};

export const shareOf = (payment: Payment, lockId: string): Share | undefined =>
  payment.shares.find((share) => share.lockId === lockId);

/** The shares that were refunded since an earlier state, which is undefined for a new payment. */
export const newlyRefunded = (before: Payment | undefined, after: Payment): Share[] =>
  after.shares.filter((share, index) => share.refunded && !before?.shares[index]?.refunded);

/** Refunds one lock's share of a completed payment. A second refund changes nothing. */
export function refundShare(payment: Payment, lockId: string): Payment {
  const share = shareOf(payment, lockId);
  if (payment.status !== 'completed' || share === undefined || share.refunded) return payment;
  const shares = payment.shares.map((each) => (each === share ? { ...each, refunded: true } : each));
  return {
    ...payment,
    shares,
    refundedAmount: payment.refundedAmount + share.amount,
    status: shares.every((each) => each.refunded) ? 'refunded' : 'completed',
  };
}
