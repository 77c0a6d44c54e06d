import { useApolloClient, useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { isolated, type Seating } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import {
  type EventSummaryFragment,
  HeldBackDocument,
  ReleaseHeldBackSeatsDocument,
} from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { formatDate } from '../text/time.js';
import { Notice } from '../ui/notice.js';
import { ShowMore } from '../ui/show-more.js';
import { type HeldBackGroup, heldBackGroups } from './held-back-groups.js';
import { HoldBackMap } from './hold-back-map.js';
import { inParts, seatsText } from './seat-selection.js';

const PAGE_SIZE = 1_000;
/** Seats of one call. */
const SEATS_PER_CALL_MAX = 5_000;

/** Seats that are not for sale, and the map on which they are chosen. */
export function HoldBacks({ event, seating }: { event: EventSummaryFragment; seating: Seating }) {
  const client = useApolloClient();
  const announce = useAnnounce();
  const [isChoosing, setChoosing] = useState(false);
  const [releasing, setReleasing] = useState<HeldBackGroup>();
  const [problem, setProblem] = useState<string>();
  const { data, refetch, fetchMore } = useQuery(HeldBackDocument, {
    variables: { id: event.id, first: PAGE_SIZE },
    fetchPolicy: 'network-only',
  });
  // Each hold-back and release raises the revision; those that end by themselves change what is off sale.
  const { offSaleSeats } = event.availability;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is held back may have changed.
  useEffect(() => void refetch().catch(() => {}), [event.revision, offSaleSeats]);
  const seats = data?.event?.heldBack ?? [];
  const last = seats.at(-1)?.place.seatNumber;

  const release = async (group: HeldBackGroup) => {
    if (releasing !== undefined) return;
    setReleasing(group);
    setProblem(undefined);
    try {
      for (const seatNumbers of inParts(group.seats, SEATS_PER_CALL_MAX)) {
        await client.mutate({
          mutation: ReleaseHeldBackSeatsDocument,
          variables: { eventId: event.id, seatNumbers },
        });
      }
      announce(`${seatsText(group.seats.length)} can be bought again.`);
      await refetch();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setReleasing(undefined);
    }
  };

  return (
    <section className="sales-part" aria-labelledby="held-back-title">
      <div className="bookings-head">
        <h2 id="held-back-title">Held back</h2>
        <button
          type="button"
          className="button"
          aria-expanded={isChoosing}
          onClick={() => setChoosing(!isChoosing)}
        >
          {isChoosing ? 'Close the map' : 'Choose seats on the map'}
        </button>
      </div>
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      {isChoosing && <HoldBackMap event={event} seating={seating} onChanged={() => void refetch()} />}
      {seats.length === 0 ? (
        <p className="empty">No seat is held back. Every free seat can be bought.</p>
      ) : (
        <ul className="held-back">
          {heldBackGroups(seats).map((group) => (
            <li key={JSON.stringify([group.label, group.until])}>
              <div>
                <strong>{isolated(group.label)}</strong> · {seatsText(group.seats.length)}
                {group.until !== null && (
                  <span className="muted"> until {formatDate(group.until, event.timeZone, 'short')}</span>
                )}
                <details>
                  <summary>Which seats</summary>
                  <p>{group.seats.map((seat) => seating.nameOf(seat)).join('; ')}</p>
                </details>
              </div>
              <button
                type="button"
                className="button small"
                aria-label={`Release ${isolated(group.label)}, ${seatsText(group.seats.length)}`}
                aria-disabled={releasing !== undefined}
                onClick={() => void release(group)}
              >
                {releasing === group ? 'Releasing…' : 'Release'}
              </button>
            </li>
          ))}
        </ul>
      )}
      {last !== undefined && seats.length % PAGE_SIZE === 0 && (
        <ShowMore
          load={() =>
            fetchMore({
              variables: { after: last },
              updateQuery: (before, { fetchMoreResult: next }) =>
                before.event == null || next.event == null
                  ? (before as never)
                  : {
                      event: {
                        ...next.event,
                        heldBack: [...(before.event.heldBack ?? []), ...(next.event.heldBack ?? [])] as never,
                      },
                    },
            })
          }
        />
      )}
    </section>
  );
}
