import { useQuery } from '@apollo/client/react';
import { Link, useLocation, useSearch } from 'wouter';
import { EventsDocument } from '../graphql/generated/graphql.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { PagedList } from '../ui/paged-list.js';
import { useTitle } from '../ui/use-title.js';
import { EventCard } from './event-card.js';
import { type EventFilter, filterFrom, isFiltered, queryOf, variablesOf } from './event-filter.js';
import { EventFilterForm } from './event-filter-form.js';
import './events.css';

const PAGE_SIZE = 12;

/** Upcoming events with the live number of seats left, as the filter in the page's address says. */
export function EventsPage() {
  useTitle('Events');
  const filter = filterFrom(new URLSearchParams(useSearch()));
  const [path, navigate] = useLocation();
  const change = (changed: EventFilter) => {
    const query = queryOf(changed);
    navigate(query === '' ? path : `${path}?${query}`, { replace: true });
  };
  const variables = { first: PAGE_SIZE, ...variablesOf(filter) };
  const { data, previousData, loading, error, fetchMore, refetch } = useQuery(EventsDocument, {
    variables,
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
      <EventFilterForm filter={filter} onChange={change} />
      <PagedList
        // While another list is loading, the last one stays.
        list={(data ?? previousData)?.events}
        isLoading={loading}
        error={lastError}
        refetch={refetch}
        loadAfter={(after) => fetchMore({ variables: { ...variables, after } })}
        empty={
          isFiltered(filter) ? (
            'No event matches this search.'
          ) : (
            <>
              Nothing is on yet. <Link href="/create-event">Create the first event</Link>
            </>
          )
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
