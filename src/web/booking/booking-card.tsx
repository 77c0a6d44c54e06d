import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { formatMoney, type Seating } from 'seat-map/map';
import { Link } from 'wouter';
import { type BookingDetailsFragment, CancelBookingDocument } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { useRetryUntilAnswered } from '../network/use-retry-until-answered.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { statusLabel } from './booking-status.js';

/** One booking with its status and a button to cancel it. */
export function BookingCard({ booking, seating }: { booking: BookingDetailsFragment; seating: Seating }) {
  const client = useApolloClient();
  const untilAnswered = useRetryUntilAnswered();
  const [isConfirming, setConfirming] = useState(false);
  const [isWorking, setWorking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const name = seating.nameOf(booking.seatNumber);
  // What was paid, and not what the seat costs today.
  const { price } = booking;

  const cancel = async () => {
    if (isWorking) return;
    setWorking(true);
    setProblem(undefined);
    try {
      await untilAnswered(() =>
        client.mutate({ mutation: CancelBookingDocument, variables: { id: booking.id } }),
      );
      setConfirming(false);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setWorking(false);
    }
  };

  return (
    <li className="booking" data-status={booking.status}>
      <div className="booking-head">
        <span className="booking-name">{name}</span>
        <span className="number">{formatMoney(price, { short: true })}</span>
      </div>
      <div className="booking-foot">
        <span className={`badge badge-${booking.status.toLowerCase()}`}>{statusLabel(booking)}</span>
        {booking.status === 'CONFIRMED' && (
          <Link href={`/bookings/${booking.id}/ticket`} className="link" aria-label={`Ticket for ${name}`}>
            Ticket
          </Link>
        )}
        {booking.status !== 'CANCELLED' && (
          <button
            type="button"
            className="link"
            onClick={() => setConfirming(true)}
            aria-label={`Cancel ${name}`}
          >
            Cancel
          </button>
        )}
      </div>
      {problem !== undefined && !isConfirming && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      {isConfirming && (
        <Modal
          title="Cancel this booking?"
          description={`${name} will be free for others at once${booking.status === 'CONFIRMED' ? `, and ${formatMoney(price)} goes back to your card` : ''}.`}
          onClose={() => setConfirming(false)}
          canClose={!isWorking}
        >
          {problem !== undefined && (
            <Notice tone="warning" alert>
              {problem}
            </Notice>
          )}
          <div className="row end">
            <button type="button" className="button" data-first-focus onClick={() => setConfirming(false)}>
              Keep it
            </button>
            <button
              type="button"
              className="button danger"
              aria-disabled={isWorking}
              onClick={() => void cancel()}
            >
              Cancel the booking
            </button>
          </div>
        </Modal>
      )}
    </li>
  );
}
