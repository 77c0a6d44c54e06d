import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { type Seating } from 'seat-map/map';
import { seatsNamed } from '../../catalog/seats-named.js';
import { SeatHistoryDocument } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { formatDate } from '../text/time.js';
import { Field } from '../ui/field.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { ShowMore } from '../ui/show-more.js';
import { actorText, kindText } from './history-text.js';

const PAGE_SIZE = 20;

/** Asks for a seat, also one that nobody has booked. */
export function SeatHistoryForm({
  seating,
  onSeat,
}: {
  seating: Seating;
  onSeat: (seatNumber: number) => void;
}) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  return (
    <section className="sales-part" aria-labelledby="history-title">
      <h2 id="history-title">History of a seat</h2>
      <form
        className="history-form"
        onSubmit={(event) => {
          event.preventDefault();
          const [seat, another] = seatsNamed(seating.plan, text.trim());
          if (seat === undefined)
            setProblem('There is no such seat. Write for example “Stalls C 12”, or its number.');
          else if (another !== undefined) setProblem('Several seats have this name. Add the section.');
          else {
            setProblem(undefined);
            onSeat(seat);
          }
        }}
      >
        <Field
          label="Place or seat number"
          hint="Why did somebody lose this seat? Everything that happened to it, for 400 days."
          problem={problem}
          value={text}
          onChange={({ target }) => setText(target.value)}
          button={
            <button type="submit" className="button">
              Show
            </button>
          }
        />
      </form>
    </section>
  );
}

/** What happened to a seat, newest first. */
export function SeatHistory({
  eventId,
  seatNumber,
  seating,
  timeZone,
  onClose,
}: {
  eventId: string;
  seatNumber: number;
  seating: Seating;
  timeZone: string;
  onClose: () => void;
}) {
  const variables = { id: eventId, seatNumber, first: PAGE_SIZE };
  const { data, loading, error, fetchMore } = useQuery(SeatHistoryDocument, {
    variables,
    // It changes at any time, and nothing tells of that.
    fetchPolicy: 'no-cache',
  });
  const history = data?.event?.history;
  return (
    <Modal title={`History of ${seating.nameOf(seatNumber)}`} onClose={onClose}>
      {error !== undefined && (
        <Notice tone="warning" alert>
          {messageOf(error)}
        </Notice>
      )}
      <div role="status">
        {loading && history == null && <p className="muted">Loading…</p>}
        {history?.nodes.length === 0 && <p className="empty">Nothing has happened to this seat yet.</p>}
      </div>
      <ol className="seat-history">
        {history?.nodes.map(({ at, kind, actor, lockedUntil, bookingId }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry has no id, and the list only grows at its end.
          <li key={index}>
            <time dateTime={at} className="muted">
              {formatDate(at, timeZone, 'short')}
            </time>
            <span>
              {kindText(kind)}, {actorText(actor)}
              {lockedUntil != null && <>, until {formatDate(lockedUntil, timeZone, 'short')}</>}.
            </span>
            {bookingId != null && <span className="muted number">{bookingId}</span>}
          </li>
        ))}
      </ol>
      {history?.pageInfo.hasNextPage && (
        <ShowMore
          load={() =>
            fetchMore({
              variables: { after: history.pageInfo.endCursor },
              updateQuery: (before, { fetchMoreResult: next }) => {
                const [old, more] = [before.event?.history, next.event?.history];
                if (old == null || more == null || next.event == null) return before as never;
                return {
                  event: { ...next.event, history: { ...more, nodes: [...old.nodes, ...more.nodes] } },
                };
              },
            })
          }
        />
      )}
    </Modal>
  );
}
