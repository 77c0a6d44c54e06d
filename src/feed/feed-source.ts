import type { Change } from '../booking/change.js';
import type { Event } from '../catalog/event.js';
import type { SeatMapSnapshot } from './seat-map.js';

/** A committed batch that changed seats. */
export type SeatChange = Change & { readonly version: number };

/** What the feed reads from the database. */
export interface FeedSource {
  /** Event and live locks in one primary snapshot, causally after every change that the stream has delivered. */
  readSeatMap(eventId: string): Promise<SeatMapSnapshot | null>;
  /** The event's version, never older than a change that a watcher was notified of. Null if the event does not exist. */
  readVersion(eventId: string): Promise<number | null>;
  /** The event with every change of its settings that the stream has delivered. Null if it does not exist. */
  readEvent(eventId: string): Promise<Event | null>;
  /** Committed changes with versions above `after`, in order, at most `limit` of them. */
  readChanges(eventId: string, after: number, limit: number): Promise<SeatChange[]>;
}
