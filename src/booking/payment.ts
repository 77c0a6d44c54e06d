/**
 * A payment pays for one or more locks of one event.
 *
 *     (card refused) ─▶ failed
 *     (card accepted) ▶ completed ─▶ refunded     every share went back
 *     (card slow) ────▶ pending ──▶ completed | failed, by settlement
 *                       pending ──▶ failed               no seat is left that it could buy (SEATS_NO_LONGER_HELD)
 *                       failed (SEATS_NO_LONGER_HELD) ▶ completed | failed, by a late settlement
 *
 * Money follows the seat: whatever ends a lock without a booking, or a booking, gives its share back if the payment
 * is completed; the shares of a pending payment are given back when it settles.
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
  /** Who takes the money, such as `simulated`. */
  readonly provider: string;
  readonly status: PaymentStatus;
  /** Null unless failed. */
  readonly reason: string | null;
  /** Whether another try with the same lock can help. Null unless failed. */
  readonly retryable: boolean | null;
  readonly createdAt: Date;
  /** When it left `pending`. */
  readonly processedAt: Date | null;
}

/** Why a payment failed that nobody refused: its locks and bookings ended first. The network may still settle it. */
export const SEATS_NO_LONGER_HELD = 'The seats were no longer held';

/** Whether the card network has not said yet what became of the money. */
export const awaitsSettlement = ({ status, reason }: Payment): boolean =>
  status === 'pending' || (status === 'failed' && reason === SEATS_NO_LONGER_HELD);

/** The provider that charges nobody. */
export const SIMULATED = 'simulated';

export type CardStatus = 'success' | 'declined' | 'insufficientFunds' | 'expired' | 'processing';
export type SettlementOutcome = 'completed' | 'failed';

/** What the simulated card network answers. */
export const CARD_ANSWERS: Readonly<
  Record<CardStatus, { status: PaymentStatus; reason: string | null; retryable: boolean | null }>
> = {
  success: { status: 'completed', reason: null, retryable: null },
  processing: { status: 'pending', reason: null, retryable: null },
  declined: { status: 'failed', reason: 'Card was declined', retryable: true },
  insufficientFunds: { status: 'failed', reason: 'Insufficient funds in account', retryable: true },
  expired: { status: 'failed', reason: 'Card has expired', retryable: false },
};

export const shareOf = (payment: Payment, lockId: string): Share | undefined =>
  payment.shares.find((share) => share.lockId === lockId);

/** Gives one lock's share of a completed payment back. Giving it back twice changes nothing. */
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
