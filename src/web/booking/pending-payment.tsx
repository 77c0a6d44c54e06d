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

/** How long a pending payment is waited for. @param booking one of the payment's bookings */
export function PendingPayment({
  booking,
  timeZone,
  isSimulated,
  onPay,
}: {
  booking: BookingDetailsFragment;
  timeZone: string;
  isSimulated: boolean;
  /** Opens the provider's form, if the user has still to pay and closed it. */
  onPay: (() => void) | undefined;
}) {
  const keptUntil =
    booking.expiresAt === null ? '' : `Kept until ${formatDate(booking.expiresAt, timeZone, 'short')}.`;
  return (
    <li className="card-network">
      <span className="muted">
        {keptUntil} {isSimulated && 'The simulated card network can answer now:'}
      </span>
      {onPay && (
        <button type="button" className="button primary small" onClick={onPay}>
          Pay now
        </button>
      )}
      {isSimulated && <SimulatedAnswers paymentId={booking.paymentId} />}
    </li>
  );
}

/** Lets the user answer a pending payment in place of the card network. */
function SimulatedAnswers({ paymentId }: { paymentId: string }) {
  const client = useApolloClient();
  const untilAnswered = useRetryUntilAnswered();
  const [isWorking, setWorking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const answer = async (outcome: SettlementOutcome) => {
    if (isWorking) return;
    setWorking(true);
    setProblem(undefined);
    const input = { paymentId, outcome };
    try {
      await untilAnswered(() => client.mutate({ mutation: SettlePaymentDocument, variables: { input } }));
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <>
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
    </>
  );
}
