import type { ClaimedMessage } from './outbox.js';

/** Mails to the buyers of an event that it has another date. */
export interface DateNotices {
  /** Writes the mails of the next buyers, if the event has a notice. @returns those that this process may send */
  next(eventId: string): Promise<{ readonly mails: readonly ClaimedMessage[]; readonly hasMore: boolean }>;
}
