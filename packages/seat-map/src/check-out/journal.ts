import type { TextStorage } from '../core/storage.js';
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
    read(userId, eventId) {
      const text = storage.getItem(keyOf(userId, eventId));
      return text === null ? null : (JSON.parse(text) as Attempt);
    },
    write(attempt) {
      try {
        storage.setItem(keyOf(attempt.userId, attempt.eventId), JSON.stringify(attempt));
      } catch {
        // No space left: the attempt lasts as long as the page.
      }
    },
    remove({ userId, eventId, requestId }) {
      // The user may have started another attempt meanwhile, which must stay.
      if (this.read(userId, eventId)?.requestId === requestId) storage.removeItem(keyOf(userId, eventId));
    },
  };
}
