import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import {
  type BookingDetailsFragment,
  type SettlementOutcome,
  SettlePaymentDocument,
} from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { useRetryUntilAnswered } from '../network/use-retry-until-answered.js';
import { formatDate } from '../text/time.js';
import { Notice } from '../ui/notice.js';

/** Lets the user answer a pending payment in place of the card network. @param booking one of the payment's bookings */
export function SettlementControls({
  booking,
  timeZone,
}: {
  booking: BookingDetailsFragment;
  timeZone: string;
}) {
  const client = useApolloClient();
  const untilAnswered = useRetryUntilAnswered();
  const [isWorking, setWorking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const answer = async (outcome: SettlementOutcome) => {
    if (isWorking) return;
    setWorking(true);
    setProblem(undefined);
    const input = { paymentId: booking.paymentId, outcome };
    try {
      await untilAnswered(() => client.mutate({ mutation: SettlePaymentDocument, variables: { input } }));
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <li className="card-network">
      <span className="muted">
        {booking.expiresAt && `Kept until ${formatDate(booking.expiresAt, timeZone, 'short')}. `}
        The simulated card network can answer now:
      </span>
      <div className="row">
        <button
          type="button"
          className="button small"
          aria-disabled={isWorking}
          onClick={() => void answer('COMPLETED')}
        >
          Accepts
        </button>
        <button
          type="button"
          className="button small"
          aria-disabled={isWorking}
          onClick={() => void answer('FAILED')}
        >
          Declines
        </button>
      </div>
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
    </li>
  );
}
