import type { Event } from '../catalog/event.js';
import { isEventId } from '../core/ids.js';
import type { SetSalePaused } from './commands.js';
import type { Draft } from './draft.js';
import { eventNotFound, requireNotCancelled, requireOrganizer } from './refusals.js';

/** @throws EVENT_NOT_FOUND */
export function setSalePausedCommand(userId: string, eventId: string, isPaused: boolean): SetSalePaused {
  if (!isEventId(eventId)) throw eventNotFound();
  return { kind: 'setSalePaused', eventId, userId, isPaused };
}

/**
 * While the sale is paused nothing is locked. What is held can be paid. Pausing twice changes nothing.
 *
 * @throws EVENT_NOT_FOUND, EVENT_CLOSED once it is cancelled
 */
export function setSalePaused(draft: Draft, { userId, isPaused }: SetSalePaused): Event {
  const { event } = draft;
  requireOrganizer(event, userId);
  requireNotCancelled(event);
  if (event.isPaused === isPaused) return event;
  return draft.putEvent({ ...event, isPaused, revision: event.revision + 1 });
}
