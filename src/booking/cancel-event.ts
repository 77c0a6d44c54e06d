import type { Event } from '../catalog/event.js';
import { isEventId } from '../core/ids.js';
import { paragraphsFrom } from '../core/text.js';
import type { CancelEvent } from './commands.js';
import type { Draft } from './draft.js';
import { eventNotFound, requireOrganizer } from './refusals.js';

/** Every batch of the event reads it. */
export const REASON_CODE_POINTS_MAX = 500;

/** @throws EVENT_NOT_FOUND, BAD_USER_INPUT */
export function cancelEventCommand(userId: string, eventId: string, reason?: string | null): CancelEvent {
  if (!isEventId(eventId)) throw eventNotFound();
  return {
    kind: 'cancelEvent',
    eventId,
    userId,
    reason: reason ? paragraphsFrom('reason', reason, REASON_CODE_POINTS_MAX) : null,
  };
}

/**
 * Cancels the event for ever: from now on nothing is locked, paid or booked. What is locked and booked is ended step by
 * step (`endReservations`). Cancelling twice changes nothing.
 *
 * @throws EVENT_NOT_FOUND
 */
export function cancelEvent(draft: Draft, { userId, reason }: CancelEvent, now: Date): Event {
  const { event } = draft;
  requireOrganizer(event, userId);
  if (event.cancellation !== null) return event;
  const cancellation = { at: now, reason, refunded: [], isEnding: true };
  return draft.putEvent({ ...event, cancellation, revision: event.revision + 1 });
}
