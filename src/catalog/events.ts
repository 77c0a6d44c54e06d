import type { Page, PageRequest } from '../core/page.js';
import type { Event } from './event.js';
import type { EventSearch } from './event-search.js';
import type { SeatingPlan } from './seating-plan.js';

/** What the catalog needs from the store. */
export interface Events {
  /**
   * @param plan stored under the event's planId, unless it is there already; null if the event has a derived plan
   * @returns false if there is already an event with this id
   */
  insert(event: Event, plan: SeatingPlan | null): Promise<boolean>;
  /** @returns the arrangement of the event's seats */
  seatingPlan(event: Event): Promise<SeatingPlan>;
  /** @returns null if no plan is stored under this id */
  storedPlan(planId: string): Promise<SeatingPlan | null>;
  find(id: string): Promise<Event | null>;
  /** In the order of the ids; null for an id without an event. */
  findMany(ids: readonly string[]): Promise<(Event | null)[]>;
  /** Published events that take place after `now`. */
  upcoming(now: Date, search: EventSearch, page: PageRequest): Promise<Page<Event>>;
  /** Makes all events of an organizer another one's. */
  changeOrganizer(fromUserId: string, toUserId: string): Promise<void>;
  /** Events that this user organizes, past ones included, newest first. */
  organizedBy(userId: string, page: PageRequest): Promise<Page<Event>>;
}
