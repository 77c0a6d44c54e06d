import { changedEvent, type EventChanges } from '../catalog/change-event.js';
import type { Event } from '../catalog/event.js';
import { DomainError } from '../core/errors.js';
import { isEventId } from '../core/ids.js';
import type { UpdateEvent } from './commands.js';
import type { Draft } from './draft.js';
import { eventNotFound, requireNotCancelled, requireOrganizer } from './refusals.js';
import type { Rules } from './rules.js';

/** @throws EVENT_NOT_FOUND */
export function updateEventCommand(
  userId: string,
  eventId: string,
  ifRevision: number,
  changes: EventChanges,
): UpdateEvent {
  if (!isEventId(eventId)) throw eventNotFound();
  return { kind: 'updateEvent', eventId, userId, ifRevision, changes };
}

/**
 * Changes the event, if it still is as its organizer has seen it.
 *
 * @throws EVENT_NOT_FOUND, EVENT_CLOSED once it is cancelled, REVISION_CONFLICT, BAD_USER_INPUT
 */
export function updateEvent(draft: Draft, command: UpdateEvent, now: Date, rules: Rules): Event {
  const { event } = draft;
  requireOrganizer(event, command.userId);
  requireNotCancelled(event);
  if (event.revision !== command.ifRevision) {
    throw new DomainError('REVISION_CONFLICT', 'The event was changed meanwhile. Read it again.', {
      revision: event.revision,
    });
  }
  const changed = changedEvent(event, command.changes, now, rules.seatsPerViewerMax);
  const revision = event.revision + 1;
  const hasNewDate = changed.eventDate.getTime() !== event.eventDate.getTime();
  // Of a draft, too: it can have invitations.
  const dateNotice = hasNewDate ? { revision, afterUserId: null } : event.dateNotice;
  return draft.putEvent({ ...changed, dateNotice, revision });
}
