import { useQuery } from '@apollo/client/react';
import { useSyncExternalStore } from 'react';
import { apiErrorOf } from 'seat-map';
import { ForViewer } from '../account/for-viewer.js';
import { useAccount } from '../account/viewer.js';
import { BookingTicketDocument, TicketDocument } from '../graphql/generated/graphql.js';
import { FetchError } from '../network/fetch-error.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { NotFound } from '../ui/not-found.js';
import { TicketSheet } from './ticket-sheet.js';

/**
 * The ticket of a booking. A link with the code in its fragment, which browsers send to no server, shows it to whoever has
 * the link. Without a code, the viewer's own booking is shown.
 */
export function TicketPage({ id }: { id: string }) {
  const code = useFragment();
  if (code !== '') return <LinkedTicket key={code} code={code} />;
  return (
    <ForViewer to="see your ticket">
      <OwnTicket id={id} />
    </ForViewer>
  );
}

function LinkedTicket({ code }: { code: string }) {
  const { data, error, loading, refetch } = useQuery(TicketDocument, {
    variables: { code },
    fetchPolicy: 'network-only',
  });
  const lastError = useRefetchAfterFailure({ error, loading, refetch });
  if (data?.ticket) return <TicketSheet shown={data.ticket} />;
  if (lastError !== undefined) return <Failure error={lastError} refetch={refetch} />;
  return data === undefined ? <p className="page muted">Loading…</p> : <NoTicket />;
}

function OwnTicket({ id }: { id: string }) {
  const { viewer } = useAccount();
  const { data, error, loading, refetch } = useQuery(BookingTicketDocument, {
    variables: { id },
    fetchPolicy: 'network-only',
    skip: !viewer,
  });
  const lastError = useRefetchAfterFailure({ error, loading, refetch });
  if (data?.booking) return <TicketSheet shown={data.booking} reference={data.booking.payment.reference} />;
  if (apiErrorOf(lastError)?.code === 'BOOKING_NOT_FOUND') return <NoTicket />;
  if (lastError !== undefined) return <Failure error={lastError} refetch={refetch} />;
  return <p className="page muted">Loading…</p>;
}

const NoTicket = () => (
  <NotFound
    title="There is no such ticket"
    why="The link may be incomplete, or it belongs to somebody else."
  />
);

function Failure({ error, refetch }: { error: unknown; refetch: () => Promise<unknown> }) {
  return (
    <div className="page narrow">
      <FetchError error={error} refetch={refetch} />
    </div>
  );
}

/** The address's fragment without its #. Another link, opened in the same tab, does not load the page again. */
function useFragment(): string {
  return useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed);
      return () => removeEventListener('hashchange', changed);
    },
    () => location.hash.slice(1),
  );
}
