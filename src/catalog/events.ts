import type { Page, PageRequest } from '../core/page.js';
import type { Event } from './event.js';

/** What the catalogue asks of the store. */
export interface Events {
  /** @returns false when there is an event with this id already */
  insert(event: Event): Promise<boolean>;
  find(id: string): Promise<Event | null>;
  /** Events in the order of the ids asked for; null where there is none. */
  findMany(ids: readonly string[]): Promise<(Event | null)[]>;
  /** Events that take place after `now`, soonest first. */
  upcoming(now: Date, page: PageRequest): Promise<Page<Event>>;
  /** Events that this user organizes, past ones included, newest first. */
  organizedBy(userId: string, page: PageRequest): Promise<Page<Event>>;
}
