import DataLoader from 'dataloader';
import type { mongo } from 'mongoose';
import type { Change } from '../../booking/change.js';
import { LIVE_LOCK_STATUSES } from '../../booking/lock.js';
import { seatState } from '../../booking/seat-state.js';
import type { Event } from '../../catalog/event.js';
import { isEventId } from '../../core/ids.js';
import type { FeedSource, SeatChange } from '../../feed/feed-source.js';
import type { SeatMapSnapshot } from '../../feed/seat-map.js';
import type { Database } from '../database.js';
import { EVENT_FIELDS, eventFrom } from '../documents.js';
import type { ChangeDocument } from '../models/change.model.js';
import type { EventDocument } from '../models/event.model.js';
import type { SeatLockDocument } from '../models/seat-lock.model.js';
import { readSnapshot } from './read-snapshot.js';

/** How many events' versions one query reads. */
const VERSIONS_PER_READ_MAX = 1_000;

/** Reads seat maps, versions and changes for the feed. */
export class SeatMapReads implements FeedSource {
  /** Reads within one iteration of the event loop share a query. */
  readonly #versions = new DataLoader((ids: readonly string[]) => this.#readVersions(ids), {
    cache: false,
    maxBatchSize: VERSIONS_PER_READ_MAX,
    batchScheduleFn: (read) => setImmediate(read),
  });

  /** @param delivered the time of the last change that this process received, so that no read is older */
  constructor(
    private readonly database: Database,
    private readonly delivered: () => mongo.Timestamp | undefined,
  ) {}

  async readSeatMap(eventId: string): Promise<SeatMapSnapshot | null> {
    if (!isEventId(eventId)) return null;
    return readSnapshot(this.#session(), async (session) => {
      const event = await this.database.events
        .findById(eventId, { totalSeats: 1, version: 1, isDraft: 1, organizerId: 1 }, { session })
        .lean()
        .exec();
      if (event === null) return null;
      const live = { eventId, status: { $in: [...LIVE_LOCK_STATUSES] } };
      const locks = await this.database.locks
        .find(live, { _id: 0, seatNumber: 1, status: 1, expiresAt: 1 }, { session })
        .sort({ seatNumber: 1 })
        .lean<Pick<SeatLockDocument, 'seatNumber' | 'status' | 'expiresAt'>[]>()
        .exec();
      return {
        totalSeats: event.totalSeats,
        version: event.version,
        draftOf: event.isDraft ? event.organizerId : null,
        taken: locks.map((lock) => seatState(lock.seatNumber, lock)),
      };
    });
  }

  readVersion(eventId: string): Promise<number | null> {
    return this.#versions.load(eventId);
  }

  async readEvent(eventId: string): Promise<Event | null> {
    const session = this.#session();
    try {
      const event = await this.database.events
        .findById(eventId, EVENT_FIELDS, { session })
        .read('primary')
        .readConcern('majority')
        .lean<EventDocument>()
        .exec();
      return event && eventFrom(event);
    } finally {
      await session.endSession();
    }
  }

  async readChanges(eventId: string, after: number, limit: number): Promise<SeatChange[]> {
    const session = this.#session();
    try {
      const documents = await this.database.changes
        .find({ eventId, version: { $gt: Math.max(0, after) } }, null, { session })
        .sort({ version: 1 })
        .limit(limit)
        .read('primary')
        .readConcern('majority')
        .lean<ChangeDocument[]>()
        .exec();
      return documents.map((document) => document as Change as SeatChange);
    } finally {
      await session.endSession();
    }
  }

  async #readVersions(eventIds: readonly string[]): Promise<(number | null)[]> {
    const wanted = new Set(eventIds.filter(isEventId));
    // Not "majority": shortly after an election that can be older than what callers were answered. If a version read
    // here is rolled back, the feed waits for it in vain and reads again.
    const events = await this.database.events
      .find({ _id: { $in: [...wanted] } }, { version: 1 })
      .read('primary')
      .readConcern('local')
      .lean()
      .exec();
    const versions = new Map(events.map((event) => [event._id, event.version]));
    return eventIds.map((eventId) => versions.get(eventId) ?? null);
  }

  /** Its reads see at least what the change stream has delivered, even on a newly elected primary. */
  #session(): mongo.ClientSession {
    const session = this.database.client.startSession({ causalConsistency: true });
    const delivered = this.delivered();
    if (delivered !== undefined) session.advanceOperationTime(delivered);
    return session;
  }
}
