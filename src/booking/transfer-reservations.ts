import { eventInRecordId } from '../core/ids.js';
import type { BookingReads } from './booking-reads.js';
import type { Commands, TransferReservations, Transferred } from './commands.js';
import type { Draft } from './draft.js';
import { isRequestOf, requestIdOf } from './idempotent-request.js';

/** How many records of each kind the transfers of one batch move; the rest follows in further commands. */
export const TRANSFERRED_AT_ONCE_MAX = 500;
/** Events of one user whose commands are in the queues at a time. */
const EVENTS_AT_ONCE_MAX = 16;

/**
 * Gives everything that a user has in all events to another one. Safe to repeat: it moves what is still there.
 *
 * @throws TOO_BUSY, OUTCOME_UNKNOWN
 */
export async function transferAllReservations(
  commands: Commands,
  reads: Pick<BookingReads, 'eventsOfUser'>,
  fromUserId: string,
  toUserId: string,
): Promise<void> {
  const eventIds = await reads.eventsOfUser(fromUserId);
  for (let first = 0; first < eventIds.length; first += EVENTS_AT_ONCE_MAX) {
    const next = eventIds.slice(first, first + EVENTS_AT_ONCE_MAX);
    await Promise.all(
      next.map(async (eventId) => {
        const command: TransferReservations = { kind: 'transferReservations', eventId, fromUserId, toUserId };
        while ((await commands.submit(command)).hasMore);
      }),
    );
  }
}

/**
 * Moves a user's locks, payments, bookings and requests of the event to another user. No seat changes its status, and the
 * seat limit refuses nothing: it counts all of them for new locks.
 */
export function transferReservations(draft: Draft, command: TransferReservations): Transferred {
  const { fromUserId, toUserId: userId } = command;
  let moved = 0;
  const theirs = <Record extends { readonly userId: string }>(records: Iterable<Record>): Record[] => {
    const found = [...records].filter((record) => record.userId === fromUserId);
    moved += found.length;
    return found;
  };
  for (const lock of theirs(draft.locksBeforeCommand())) draft.putLock({ ...lock, userId });
  for (const payment of theirs(draft.paymentsBeforeCommand())) draft.putPayment({ ...payment, userId });
  for (const booking of theirs(draft.bookingsBeforeCommand())) draft.putBooking({ ...booking, userId });
  for (const request of draft.requestsBeforeCommand()) {
    if (!isRequestOf(fromUserId, request) || eventInRecordId(request.resultIds[0] ?? '') !== command.eventId)
      continue;
    const id = requestIdOf(userId, request);
    draft.removeRequest(request.id);
    // If both used the same requestId, the receiver's own call keeps its answer.
    if (draft.request(id) === undefined) draft.putRequest({ ...request, id });
    moved += 1;
  }
  return { moved, hasMore: draft.hasMoreToTransfer };
}
