import { useQuery } from '@apollo/client/react';
import { Link } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { EventCard } from '../events/event-card.js';
import { MyEventsDocument } from '../graphql/generated/graphql.js';
import { FetchFault } from '../network/fetch-error.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { ShowMore } from '../ui/show-more.js';
import { useTitle } from '../ui/use-title.js';
import '../events/events.css';

const PAGE_SIZE = 12;

/** The events that the viewer organizes, newest first, also those that are over. */
export function MyEventsPage() {
  useTitle('My events');
  const { viewer, signIn } = useAccount();
  const { data, loading, error, fetchMore, refetch } = useQuery(MyEventsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
    skip: !viewer,
  });
  const events = viewer ? data?.me?.events : undefined;
  const fault = useRefetchAfterFailure({ error: viewer ? error : undefined, loading, refetch });
  return (
    <div className="page">
      <div className="page-head">
        <h1>My events</h1>
        <Link href="/create-event" className="button">
          Create an event
        </Link>
      </div>
      {viewer === null && (
        <p className="empty">
          Sign in to see the events that you organize.{' '}
          <button type="button" className="button primary" onClick={() => signIn()}>
            Sign in
          </button>
        </p>
      )}
      {fault !== undefined && viewer && <FetchFault fault={fault} refetch={refetch} />}
      {viewer && events === undefined && loading && fault === undefined && <p className="muted">Loading…</p>}
      {events?.edges.length === 0 && (
        <p className="empty">
          You organize no event yet. <Link href="/create-event">Create one</Link>
        </p>
      )}
      {events !== undefined && events.edges.length > 0 && (
        <ul className="events">
          {events.edges.map(({ node }) => (
            <EventCard key={node.id} event={node} withSales />
          ))}
        </ul>
      )}
      {events?.pageInfo.hasNextPage && (
        <ShowMore
          load={() => fetchMore({ variables: { first: PAGE_SIZE, after: events.pageInfo.endCursor } })}
        />
      )}
    </div>
  );
}
