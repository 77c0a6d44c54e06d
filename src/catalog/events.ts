import type { Page, PageRequest } from '../core/page.js';
import type { Event } from './event.js';

/** What the catalog needs from the store. */
export interface Events {
  /** @returns false if there is already an event with this id */
  insert(event: Event): Promise<boolean>;
  find(id: string): Promise<Event | null>;
  /** In the order of the ids; null for an id without an event. */
  findMany(ids: readonly string[]): Promise<(Event | null)[]>;
  /** Events that take place after `now`, soonest first. */
  upcoming(now: Date, page: PageRequest): Promise<Page<Event>>;
  /** Events that this user organizes, past ones included, newest first. */
  organizedBy(userId: string, page: PageRequest): Promise<Page<Event>>;
}
