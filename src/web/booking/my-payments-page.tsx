import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { MyPaymentsDocument, type MyPaymentsQuery } from '../graphql/generated/graphql.js';
import { Seating } from '../map/seating.js';
import { FetchFault } from '../network/fetch-error.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { formatMoney } from '../text/money.js';
import { formatDate, zoneOfBrowser } from '../text/time.js';
import { ShowMore } from '../ui/show-more.js';
import { useTitle } from '../ui/use-title.js';
import './booking.css';

const PAGE_SIZE = 30;
/** No subscription tells of payments: a refund is seen this long after it at the latest. */
const REFRESH_EVERY_MS = 5_000;

type Payment = NonNullable<MyPaymentsQuery['me']>['payments']['edges'][number]['node'];

const STATUS_WORDS: Readonly<Record<Payment['status'], string>> = {
  PENDING: 'Pending',
  COMPLETED: 'Paid',
  REFUNDED: 'Paid back',
  FAILED: 'Not paid',
};

/** All that the viewer has paid, newest first, with what was given back. */
export function MyPaymentsPage() {
  useTitle('My payments');
  const { viewer, signIn } = useAccount();
  const { data, loading, error, fetchMore, refetch } = useQuery(MyPaymentsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
    skip: !viewer,
    pollInterval: REFRESH_EVERY_MS,
    skipPollAttempt: () => document.hidden,
  });
  const payments = viewer ? data?.me?.payments : undefined;
  const fault = useRefetchAfterFailure({ error: viewer ? error : undefined, loading, refetch });
  return (
    <div className="page narrow">
      <h1>My payments</h1>
      {viewer === null && (
        <p className="empty">
          Sign in to see what you have paid.{' '}
          <button type="button" className="button primary" onClick={() => signIn()}>
            Sign in
          </button>
        </p>
      )}
      {fault !== undefined && viewer && <FetchFault fault={fault} refetch={refetch} />}
      {viewer && payments === undefined && loading && fault === undefined && (
        <p className="muted">Loading…</p>
      )}
      {payments?.edges.length === 0 && (
        <p className="empty">
          You have paid nothing yet. <Link href="/">See what is on</Link>
        </p>
      )}
      {payments !== undefined && payments.edges.length > 0 && (
        <ul className="payments">
          {payments.edges.map(({ node }) => (
            <PaymentCard key={node.id} payment={node} />
          ))}
        </ul>
      )}
      {payments?.pageInfo.hasNextPage && (
        <ShowMore
          load={() => fetchMore({ variables: { first: PAGE_SIZE, after: payments.pageInfo.endCursor } })}
        />
      )}
    </div>
  );
}

function PaymentCard({ payment }: { payment: Payment }) {
  const { event, seats, amount, currency, refundedAmount, status, reason, createdAt } = payment;
  const seating = useMemo(
    () => new Seating(event.sections, event.totalSeats),
    [event.sections, event.totalSeats],
  );
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
      </p>
      <ul className="payment-seats">
        {seats.map(({ seatNumber, refunded }) => (
          <li key={seatNumber}>
            {seating.nameOf(seatNumber)}
            {refunded && status !== 'REFUNDED' && <span className="muted">, paid back</span>}
          </li>
        ))}
      </ul>
      <p>
        <span className={`badge badge-${status.toLowerCase()}`}>{STATUS_WORDS[status]}</span>{' '}
        {status === 'FAILED' && reason}
        {refundedAmount > 0 && status !== 'REFUNDED' && (
          <span className="number">{formatMoney({ amount: refundedAmount, currency })} paid back</span>
        )}
      </p>
    </li>
  );
}
