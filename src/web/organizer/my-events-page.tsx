import { useQuery } from '@apollo/client/react';
import { Link } from 'wouter';
import { ForViewer } from '../account/for-viewer.js';
import { useAccount } from '../account/viewer.js';
import { EventCard } from '../events/event-card.js';
import { MyEventsDocument } from '../graphql/generated/graphql.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { PagedList } from '../ui/paged-list.js';
import { useTitle } from '../ui/use-title.js';
import '../events/events.css';

const PAGE_SIZE = 12;

/** All events that the viewer organizes, newest first. */
export function MyEventsPage() {
  useTitle('My events');
  const { viewer } = useAccount();
  const { data, loading, error, fetchMore, refetch } = useQuery(MyEventsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
    skip: !viewer,
  });
  const lastError = useRefetchAfterFailure({ error: viewer ? error : undefined, loading, refetch });
  return (
    <div className="page">
      <div className="page-head">
        <h1>My events</h1>
        <Link href="/create-event" className="button">
          Create an event
        </Link>
      </div>
      <ForViewer to="see the events that you organize">
        <PagedList
          list={data?.me?.events}
          isLoading={loading}
          error={lastError}
          refetch={refetch}
          loadAfter={(after) => fetchMore({ variables: { first: PAGE_SIZE, after } })}
          empty={
            <>
              You organize no event yet. <Link href="/create-event">Create one</Link>
            </>
          }
        >
          {(events) => (
            <ul className="events">
              {events.map((event) => (
                <EventCard key={event.id} event={event} withSales />
              ))}
            </ul>
          )}
        </PagedList>
      </ForViewer>
    </div>
  );
}
