import type { LockDetailsFragment } from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { Notice } from '../ui/notice.js';

/** Says which seats are held no more, while others are. */
export function ExpiredSeats({
  lapsed,
  seating,
}: {
  lapsed: readonly LockDetailsFragment[];
  seating: Seating;
}) {
  return (
    <Notice tone="warning">
      <strong>No longer held:</strong> {lapsed.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ')}
      . {lapsed.length === 1 ? 'Its' : 'Their'} time is over; your other seats are still held.
    </Notice>
  );
}
