import type { HeldSeat } from 'seat-map';
import type { Seating } from 'seat-map/map';
import { Notice } from '../ui/notice.js';

/** Says which seats have expired while others are still held. */
export function ExpiredSeats({ expired, seating }: { expired: readonly HeldSeat[]; seating: Seating }) {
  return (
    <Notice tone="warning">
      <strong>No longer held:</strong>{' '}
      {expired.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ')}.{' '}
      {expired.length === 1 ? 'Its' : 'Their'} time is over; your other seats are still held.
    </Notice>
  );
}
