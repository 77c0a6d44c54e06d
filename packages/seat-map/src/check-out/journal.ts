import type { CardStatus } from '../core/generated/operations.js';
import { keptIn, type TextStorage } from '../core/storage.js';

/** What a buyer has asked to pay for. */
export interface Attempt {
  readonly userId: string;
  readonly eventId: string;
  readonly seatNumbers: readonly number[];
  /** What the buyer was shown. */
  readonly total: { readonly amount: number; readonly currency: string };
  /** Whether the buyer named a part of the sum, because a seat has no price. Default: no. */
  readonly isNamed?: boolean;
  /** How a simulated card answers. Default: it pays. */
  readonly card?: CardStatus | null;
  /** Where the tickets go. A guest must give it. Default: the account's own address. */
  readonly contactEmail?: string;
  readonly requestId: string;
}

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
