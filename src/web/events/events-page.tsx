import { useQuery } from '@apollo/client/react';
import { Link } from 'wouter';
import { EventsDocument } from '../graphql/generated/graphql.js';
import { FetchFault } from '../network/fetch-error.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { ShowMore } from '../ui/show-more.js';
import { useTitle } from '../ui/use-title.js';
import { EventCard } from './event-card.js';
import './events.css';

const PAGE_SIZE = 12;

/** What is on, soonest first, with what is left of it as it changes. */
export function EventsPage() {
  useTitle('Events');
  const { data, loading, error, fetchMore, refetch } = useQuery(EventsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
  });
  const fault = useRefetchAfterFailure({ error, loading, refetch });
  const events = data?.events;
  return (
    <div className="page">
      <div className="page-head">
        <h1>Events</h1>
        <Link href="/create-event" className="button">
          Create an event
        </Link>
      </div>
      {fault !== undefined && <FetchFault fault={fault} refetch={refetch} />}
      {events === undefined ? (
        loading && fault === undefined && <p className="muted">Loading…</p>
      ) : events.edges.length === 0 ? (
        <p className="empty">
          Nothing is on yet. <Link href="/create-event">Create the first event</Link>
        </p>
      ) : (
        <ul className="events">
          {events.edges.map(({ node }) => (
            <EventCard key={node.id} event={node} />
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
