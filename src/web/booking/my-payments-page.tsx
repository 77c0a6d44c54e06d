import { useQuery } from '@apollo/client/react';
import { formatMoney } from 'seat-map/map';
import { useSeating } from 'seat-map/react';
import { Link } from 'wouter';
import { ForViewer } from '../account/for-viewer.js';
import { useAccount } from '../account/viewer.js';
import { MyPaymentsDocument, type MyPaymentsQuery } from '../graphql/generated/graphql.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { formatDate, zoneOfBrowser } from '../text/time.js';
import { PagedList } from '../ui/paged-list.js';
import { useTitle } from '../ui/use-title.js';
import './booking.css';

const PAGE_SIZE = 30;
/** No subscription sends payments, so a refund appears after this time at the latest. */
const REFRESH_EVERY_MS = 5_000;

type Payment = NonNullable<MyPaymentsQuery['me']>['payments']['edges'][number]['node'];

const STATUS_LABELS: Readonly<Record<Payment['status'], string>> = {
  PENDING: 'Pending',
  COMPLETED: 'Paid',
  REFUNDED: 'Paid back',
  FAILED: 'Not paid',
};

/** All payments of the viewer with their refunds, newest first. */
export function MyPaymentsPage() {
  useTitle('My payments');
  const { viewer } = useAccount();
  const { data, loading, error, fetchMore, refetch } = useQuery(MyPaymentsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
    skip: !viewer,
    pollInterval: REFRESH_EVERY_MS,
    skipPollAttempt: () => document.hidden,
  });
  const lastError = useRefetchAfterFailure({ error: viewer ? error : undefined, loading, refetch });
  return (
    <div className="page narrow">
      <h1>My payments</h1>
      <ForViewer to="see what you have paid">
        <PagedList
          list={data?.me?.payments}
          isLoading={loading}
          error={lastError}
          refetch={refetch}
          loadAfter={(after) => fetchMore({ variables: { first: PAGE_SIZE, after } })}
          empty={
            <>
              You have paid nothing yet. <Link href="/">See what is on</Link>
            </>
          }
        >
          {(payments) => (
            <ul className="payments">
              {payments.map((payment) => (
                <PaymentCard key={payment.id} payment={payment} />
              ))}
            </ul>
          )}
        </PagedList>
      </ForViewer>
    </div>
  );
}

function PaymentCard({ payment }: { payment: Payment }) {
  const { event, seats, amount, currency, refundedAmount, status, reason, createdAt, reference } = payment;
  const seating = useSeating(event);
  return (
    <li className="payment" data-status={status}>
      <div className="booking-head">
        <h2>
          <Link href={`/events/${event.id}`}>
            <bdi>{event.name}</bdi>
          </Link>
        </h2>
        <span className="number payment-amount">{formatMoney({ amount, currency })}</span>
      </div>
      <p className="muted">
        <time dateTime={createdAt}>{formatDate(createdAt, zoneOfBrowser(), 'short')}</time>
        {', reference '}
        <span className="number">{reference}</span>
      </p>
      <ul className="payment-seats">
        {seats.map(({ seatNumber, refunded }) => (
          <li key={seatNumber}>
            {seating?.nameOf(seatNumber) ?? '…'}
            {refunded && status !== 'REFUNDED' && <span className="muted">, paid back</span>}
          </li>
        ))}
      </ul>
      <p>
        <span className={`badge badge-${status.toLowerCase()}`}>{STATUS_LABELS[status]}</span>{' '}
        {status === 'FAILED' && reason}
        {refundedAmount > 0 && status !== 'REFUNDED' && (
          <span className="number">{formatMoney({ amount: refundedAmount, currency })} paid back</span>
        )}
      </p>
    </li>
  );
}
