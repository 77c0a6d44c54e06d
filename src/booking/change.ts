import { countsAsBooked } from './booking.js';
import { EVENT_ORGANIZER, isLive } from './lock.js';
import { type SeatState, seatState } from './seat-state.js';
import type { WorkingSet } from './working-set.js';

/** Which of a user's locks and bookings a batch changed. */
export interface ReservationChange {
  readonly userId: string;
  readonly lockIds: readonly string[];
  readonly bookingIds: readonly string[];
}

/** What one committed batch changed that clients can watch. */
export interface Change {
  readonly eventId: string;
  /** The event's version after this batch; null if no seat changed. */
  readonly version: number | null;
  /** Every seat that changed, as it is after the batch. */
  readonly seats: readonly SeatState[];
  readonly reservations: readonly ReservationChange[];
  /** True if the organizer's settings of the event changed; absent otherwise. */
  readonly settings?: true;
  readonly at: Date;
  /** Of the calls that made the change, to find it in the log; absent if a job made it. */
  readonly correlationIds?: readonly string[];
}

/** The batch's change, or null if it changed nothing that clients can watch. */
export function changeOf(set: WorkingSet, at: Date): Change | null {
  const seatNumbers = new Set<number>();
  const users = new Map<string, { lockIds: string[]; bookingIds: string[] }>();
  const reservationsOf = (userId: string) => {
    let change = users.get(userId);
    if (change === undefined) {
      change = { lockIds: [], bookingIds: [] };
      users.set(userId, change);
    }
    return change;
  };

  for (const { before, after } of set.changedLocks()) {
    const changesSeat =
      before?.status !== after.status || before.expiresAt.getTime() !== after.expiresAt.getTime();
    // A lock that had ended before does not change its seat, which may have another lock by now.
    if (changesSeat && (isLive(after) || (before !== undefined && isLive(before)))) {
      seatNumbers.add(after.seatNumber);
    }
    for (const userId of usersOf(before, after, changesSeat)) reservationsOf(userId).lockIds.push(after.id);
  }
  for (const { before, after } of set.changedBookings()) {
    const visible =
      before?.status !== after.status ||
      before.paymentStatus !== after.paymentStatus ||
      before.ticketIssue !== after.ticketIssue ||
      before.checkedInAt?.getTime() !== after.checkedInAt?.getTime();
    for (const userId of usersOf(before, after, visible)) reservationsOf(userId).bookingIds.push(after.id);
  }
  const hasNewSettings = set.changedSettings() !== null;
  if (seatNumbers.size === 0 && users.size === 0 && !hasNewSettings) return null;

  return {
    eventId: set.event.id,
    version: seatNumbers.size === 0 ? null : set.event.version + 1,
    seats: [...seatNumbers].map((seatNumber) => seatAfter(set, seatNumber)),
    reservations: [...users].map(([userId, change]) => ({ userId, ...change })),
    ...(hasNewSettings && { settings: true }),
    at,
  };
}

/** The users to whom a record looks different: its user if it changed visibly; both users if it changed hands. */
function usersOf(before: Owned | undefined, after: Owned, isVisible: boolean): string[] {
  // Nobody watches what belongs to the event itself among his reservations.
  if (after.userId === EVENT_ORGANIZER) return [];
  if (before !== undefined && before.userId !== after.userId) return [before.userId, after.userId];
  return isVisible ? [after.userId] : [];
}

interface Owned {
  readonly userId: string;
}

function seatAfter(set: WorkingSet, seatNumber: number): SeatState {
  const lock = set.liveLockOfSeat(seatNumber);
  const booking =
    lock?.status === 'used' && lock.bookingId !== null ? set.booking(lock.bookingId) : undefined;
  if (booking !== undefined && !countsAsBooked(booking)) {
    throw new Error(`Lock ${lock?.id} is used by booking ${booking.id}, which is cancelled.`);
  }
  return seatState(seatNumber, lock);
}
