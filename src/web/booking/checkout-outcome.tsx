import type { Outcome, Purchase } from 'seat-map/check-out';
import type { Seating } from 'seat-map/map';
import { waitText } from '../text/time.js';
import { Notice } from '../ui/notice.js';
import { adviceOn, notPaidText } from './checkout-text.js';
import { lostText, purchaseText } from './purchase-text.js';

export function titleOf(outcome: Outcome | undefined): string {
  switch (outcome?.kind) {
    case 'booked':
      return 'The seats are yours';
    case 'pending':
      return outcome.clientSecret === null ? 'Payment pending' : 'Pay';
    default:
      return 'Pay';
  }
}

/**
 * The result of a check-out, for the person who paid.
 *
 * @param hasOthers whether other seats of the attempt are still held
 * @param onAgain sends an unanswered attempt again
 */
export function OutcomeNotice({
  outcome,
  seating,
  isGuest,
  hasOthers,
  onAgain,
}: {
  outcome: Outcome;
  seating: Seating;
  isGuest: boolean;
  hasOthers: boolean;
  onAgain: () => void;
}) {
  switch (outcome.kind) {
    case 'booked':
      return (
        <>
          <Notice tone="good">
            Paid and booked. You find them under “My bookings”, on {isGuest ? 'this device' : 'every device'}.
          </Notice>
          <Reference purchase={outcome} />
          <PurchaseNotice purchase={outcome} seating={seating} />
        </>
      );
    case 'pending':
      if (outcome.clientSecret !== null) return null;
      return (
        <>
          <Notice>
            The card network has not answered yet. Your seats are kept until it does; what comes of it is
            shown here by itself.
          </Notice>
          <Reference purchase={outcome} />
          <PurchaseNotice purchase={outcome} seating={seating} />
        </>
      );
    case 'lost':
      return <Notice tone="warning">{lostText(outcome, hasOthers, seating)}</Notice>;
    case 'declined':
      return (
        <Notice tone="warning">
          <strong>{outcome.reason}.</strong> Nothing was paid and your seats are still held.{' '}
          {adviceOn(outcome)}
        </Notice>
      );
    case 'refused':
    case 'cancelled':
    case 'too late':
      return <Notice tone="warning">{notPaidText(outcome)}</Notice>;
    case 'session ended':
      return null;
    case 'unanswered':
      return outcome.retryAfterMs > 0 ? (
        <Notice tone="warning">
          <strong>The server is busy</strong> and asks to be tried again {waitText(outcome.retryAfterMs)}.
          Nothing is paid or booked twice.{' '}
          <button type="button" className="link" onClick={onAgain}>
            Try now
          </button>
        </Notice>
      ) : (
        <Notice tone="warning">
          <strong>No answer from the server yet.</strong> It goes on by itself once the connection is back.
          Nothing is paid or booked twice.{' '}
          <button type="button" className="link" onClick={onAgain}>
            Try now
          </button>
        </Notice>
      );
  }
}

function Reference({ purchase }: { purchase: Purchase }) {
  return (
    <p className="reference">
      Reference <strong className="number">{purchase.payment.reference}</strong>
    </p>
  );
}

function PurchaseNotice({ purchase, seating }: { purchase: Purchase; seating: Seating }) {
  const sentences = purchaseText(purchase, seating);
  if (sentences.length === 0) return null;
  return <Notice tone="warning">{sentences.join(' ')}</Notice>;
}
