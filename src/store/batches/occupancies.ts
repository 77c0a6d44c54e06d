import { LRUCache } from 'lru-cache';
import type { mongo } from 'mongoose';
import { LIVE_LOCK_STATUSES } from '../../booking/lock.js';
import { Occupancy } from '../../booking/occupancy.js';
import { type SeatState, seatState } from '../../booking/seat-state.js';
import type { Event } from '../../catalog/event.js';
import { geometryOf } from '../../catalog/seating-geometry.js';
import { monotonicMs } from '../../core/clock.js';
import type { Database } from '../database.js';
import type { ChangeDocument } from '../models/change.model.js';
import type { SeatLockDocument } from '../models/seat-lock.model.js';
import type { SeatingPlans } from '../queries/seating-plans.js';
import { readOne } from './combined-read.js';
import { runStatement } from './statement.js';

/** Seats of all events whose occupancy a process keeps: about 55 bytes each, with those of the seating geometry. */
const SEATS_MAX = 2_000_000;
/** The least that an event counts as: that many seats take as much memory as its objects. */
const SEATS_OF_EVENT_MIN = 200;
/** How long the occupancy of an event that nobody asks about is kept. */
const IDLE_MS = 10 * 60_000;
/** How many changes are read to catch up. Beyond, reading all taken seats costs less. */
const CATCH_UP_MAX = 200;

/**
 * Which seats of the events in demand are free. Free seats have no records, so finding them in the database would mean to
 * read every taken one. It is a cache with a version, never a second truth: a batch uses it only at the version that its
 * claim returned, and brings it there first.
 */
export class Occupancies {
  readonly #cached = new LRUCache<string, Occupancy>({
    maxSize: SEATS_MAX,
    sizeCalculation: ({ geometry }) => geometry.totalSeats + SEATS_OF_EVENT_MIN,
    ttl: IDLE_MS,
    updateAgeOnGet: true,
    perf: { now: monotonicMs },
  });

  constructor(
    private readonly database: Database,
    private readonly plans: SeatingPlans,
  ) {}

  /** The event's occupancy if it is in memory at this version, so that the batch keeps it current. */
  current(event: Event, now: Date): Occupancy | null {
    const cached = this.#cached.get(event.id);
    if (cached?.version !== event.version) return null;
    return begun(cached, now);
  }

  /** The event's occupancy at its version, as the batch's transaction sees it. */
  async load(session: mongo.ClientSession, event: Event, now: Date): Promise<Occupancy> {
    const cached = this.#cached.get(event.id);
    if (cached !== undefined && (await this.#catchUp(session, cached, event))) return begun(cached, now);
    // Idle ones are dropped here, when memory is needed, so that no timer has to.
    this.#cached.purgeStale();
    const geometry = geometryOf(await this.plans.of(event));
    const occupancy = new Occupancy(geometry, event.version, await this.#takenSeats(session, event.id));
    this.#cached.set(event.id, occupancy);
    return begun(occupancy, now);
  }

  /** The batch that changed it was committed. */
  committed(occupancy: Occupancy, version: number): void {
    occupancy.version = version;
    occupancy.checkpoint();
  }

  /**
   * A batch that read or changed it was not committed, or nobody knows whether it was. Before its commit, a transaction
   * may have read what a new primary does not have, and a claim may have had a later time than the next one.
   */
  forget(eventId: string): void {
    this.#cached.delete(eventId);
  }

  /** Applies the changes since its version. @returns false if that is not possible or not worth while */
  async #catchUp(session: mongo.ClientSession, occupancy: Occupancy, event: Event): Promise<boolean> {
    const missing = event.version - occupancy.version;
    if (missing < 0 || missing > CATCH_UP_MAX) return false;
    if (missing === 0) return true;
    const changes = await readOne<ChangeDocument>(this.database, session, {
      model: this.database.changes,
      match: { eventId: event.id, version: { $gt: occupancy.version, $lte: event.version } },
      fields: { _id: 0, version: 1, seats: 1 },
    });
    // Changes are deleted after a day.
    if (changes.length !== missing) return false;
    changes.sort((a, b) => (a.version as number) - (b.version as number));
    for (const { seats } of changes) for (const seat of seats) occupancy.set(seat);
    occupancy.version = event.version;
    return true;
  }

  /**
   * In one list for each status: to read a document for each seat costs this process twice the CPU time. A list has at
   * most 32 bytes a seat, 3.2 MB for the largest event, and MongoDB allows 16 MB.
   */
  async #takenSeats(session: mongo.ClientSession, eventId: string): Promise<SeatState[]> {
    const pipeline = [
      { $match: { eventId, status: { $in: [...LIVE_LOCK_STATUSES] } } },
      { $group: { _id: '$status', seats: { $push: '$seatNumber' }, expiries: { $push: '$expiresAt' } } },
    ];
    const aggregate = this.database.locks.collection.collectionName;
    const { cursor } = await runStatement(this.database, session, { aggregate, pipeline, cursor: {} });
    return (cursor.firstBatch as TakenSeats[]).flatMap(({ _id: status, seats, expiries }) =>
      seats.map((seat, index) => seatState(seat, { status, expiresAt: expiries[index] as Date })),
    );
  }
}

interface TakenSeats {
  readonly _id: SeatLockDocument['status'];
  readonly seats: readonly number[];
  readonly expiries: readonly Date[];
}

function begun(occupancy: Occupancy, now: Date): Occupancy {
  occupancy.advanceTo(now);
  occupancy.checkpoint();
  return occupancy;
}
