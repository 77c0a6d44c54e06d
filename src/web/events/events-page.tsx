import { useQuery } from '@apollo/client/react';
import { Link } from 'wouter';
import { EventsDocument } from '../graphql/generated/graphql.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { PagedList } from '../ui/paged-list.js';
import { useTitle } from '../ui/use-title.js';
import { EventCard } from './event-card.js';
import './events.css';

const PAGE_SIZE = 12;

/** Upcoming events, soonest first, with the live number of seats left. */
export function EventsPage() {
  useTitle('Events');
  const { data, loading, error, fetchMore, refetch } = useQuery(EventsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
  });
  const lastError = useRefetchAfterFailure({ error, loading, refetch });
  return (
    <div className="page">
      <div className="page-head">
        <h1>Events</h1>
        <Link href="/create-event" className="button">
          Create an event
        </Link>
      </div>
      <PagedList
        list={data?.events}
        isLoading={loading}
        error={lastError}
        refetch={refetch}
        loadAfter={(after) => fetchMore({ variables: { first: PAGE_SIZE, after } })}
        empty={
          <>
            Nothing is on yet. <Link href="/create-event">Create the first event</Link>
          </>
        }
      >
        {(events) => (
          <ul className="events">
            {events.map((event) => (
              <EventCard key={event.id} event={event} />
            ))}
          </ul>
        )}
      </PagedList>
    </div>
  );
}
