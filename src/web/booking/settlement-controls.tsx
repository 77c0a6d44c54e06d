import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import {
  type BookingDetailsFragment,
  type SettlementOutcome,
  SettlePaymentDocument,
} from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error.js';
import { useUntilAnswered } from '../network/use-retry-until-answered.js';
import { formatDate } from '../text/time.js';
import { Notice } from '../ui/notice.js';

/** Plays the card network, which answers a pending payment whenever it does. @param booking one that it pays for */
export function CardNetwork({ booking, timeZone }: { booking: BookingDetailsFragment; timeZone: string }) {
  const client = useApolloClient();
  const untilAnswered = useUntilAnswered();
  const [isWorking, setWorking] = useState(false);
  const [fault, setFault] = useState<string>();
  const answer = async (outcome: SettlementOutcome) => {
    if (isWorking) return;
    setWorking(true);
    setFault(undefined);
    const input = { paymentId: booking.paymentId, outcome };
    try {
      await untilAnswered(() => client.mutate({ mutation: SettlePaymentDocument, variables: { input } }));
    } catch (error) {
      setFault(messageOf(error));
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
      {fault !== undefined && (
        <Notice tone="warning" alert>
          {fault}
        </Notice>
      )}
    </li>
  );
}
