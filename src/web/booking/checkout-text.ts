import type { BookedSeat, HeldSeat } from 'seat-map';
import type { Attempt, Outcome } from 'seat-map/check-out';
import type { Seating } from 'seat-map/map';
import { apiErrorText } from '../network/api-error-text.js';
import { waitText } from '../text/time.js';
import { lostText, purchaseText } from './purchase-text.js';

/** What has come of a check-out, to be read out. @param hasOtherSeats whether the viewer still holds some of its seats */
export function checkoutText(outcome: Outcome, hasOtherSeats: boolean, seating: Seating): string {
  switch (outcome.kind) {
    case 'booked':
      return ['Paid. The seats are yours.', ...purchaseText(outcome, seating)].join(' ');
    case 'pending':
      if (outcome.clientSecret !== null) return 'The seats are reserved for you. Pay for them now.';
      return [
        'Payment pending. The seats are kept for you until the card network has answered.',
        ...purchaseText(outcome, seating),
      ].join(' ');
    case 'lost':
      return lostText(outcome, hasOtherSeats, seating);
    case 'declined':
      return `${outcome.reason}. Your seats are still held. ${adviceOn(outcome)}`;
    case 'refused':
    case 'cancelled':
    case 'too late':
      return notPaidText(outcome);
    case 'session ended':
      return 'You are no longer signed in. Sign in again to go on.';
    case 'unanswered':
      return outcome.retryAfterMs > 0
        ? `The server is busy; try again ${waitText(outcome.retryAfterMs)}. Nothing will be paid twice.`
        : 'No answer from the server yet. Nothing will be paid twice.';
  }
}

/** What to do after a declined card. */
export function adviceOn({ retryable }: Extract<Outcome, { kind: 'declined' }>): string {
  return retryable ? 'Try again, or take another card.' : 'This card cannot be used; take another one.';
}

/** Why the viewer has no seats of a check-out. */
export function notPaidText(
  outcome: Extract<Outcome, { kind: 'refused' | 'cancelled' | 'too late' }>,
): string {
  if (outcome.kind === 'cancelled') return CANCELLED_TEXTS[outcome.paymentStatus];
  if (outcome.kind === 'refused' && outcome.error !== null) return apiErrorText(outcome.error);
  return 'Too little time is left to pay for these seats, and they cannot be held longer. Nothing was paid.';
}

/** For cancelled bookings, by the status of their payment. */
const CANCELLED_TEXTS: Readonly<Record<BookedSeat['paymentStatus'], string>> = {
  FAILED:
    'The card network declined the payment after all. Nothing was paid, and the seats are no longer yours.',
  REFUNDED: 'The booking was cancelled, and the payment was paid back. The seats are no longer yours.',
  COMPLETED: 'The booking was cancelled. What was paid goes back to your card.',
  PENDING: 'The booking was cancelled before the payment had come through.',
};

/** Whether the viewer still holds seats of those that were to be paid for. */
export const hasOthers = ({ seatNumbers }: Attempt, locks: readonly HeldSeat[]): boolean =>
  locks.some(({ seatNumber, status }) => status === 'ACTIVE' && seatNumbers.includes(seatNumber));
