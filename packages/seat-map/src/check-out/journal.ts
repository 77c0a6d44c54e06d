import { keptIn, type TextStorage } from '../core/storage.js';
import type { Attempt } from './attempt.js';

/** Stores an attempt until its outcome is known. */
export interface Journal {
  read(userId: string, eventId: string): Attempt | null;
  write(attempt: Attempt): void;
  remove(attempt: Attempt): void;
}

/** With sessionStorage an attempt survives a reload and belongs to one tab. */
export function journalIn(storage: TextStorage): Journal {
  const keyOf = (userId: string, eventId: string) => `check-out ${userId} ${eventId}`;
  return {
    read: (userId, eventId) => keptIn<Attempt>(storage, keyOf(userId, eventId)),
    write: (attempt) => storage.setItem(keyOf(attempt.userId, attempt.eventId), JSON.stringify(attempt)),
    remove({ userId, eventId, requestId }) {
      // The user may have started another attempt meanwhile, which must stay.
      if (this.read(userId, eventId)?.requestId === requestId) storage.removeItem(keyOf(userId, eventId));
    },
  };
}
