import { mongo } from 'mongoose';
import type { Change } from '../../src/booking/change.js';
import type { Lock } from '../../src/booking/lock.js';
import { newUserId } from '../../src/core/ids.js';
import { changeDocument, lockDocument } from '../../src/store/documents.js';
import type { ChangeDocument } from '../../src/store/models/change.model.js';
import type { EventDocument } from '../../src/store/models/event.model.js';
import type { SeatLockDocument } from '../../src/store/models/seat-lock.model.js';
import { newLock } from '../lib/events.js';
import { SEATS_PER_CHANGE } from './message.js';

/**
 * Changes seats of one event as another server process would, and so without CPU time of the measured server: one
 * transaction writes the locks, the event's version and the changes. One change locks five seats, the next one releases
 * them.
 */
export class ChangeWriter {
  #held: Lock[] = [];
  #nextSeat: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param firstSeat no other writer uses the seats from this one to the last */
  constructor(
    private readonly database: mongo.Db,
    readonly eventId: string,
    private readonly firstSeat: number,
    private readonly totalSeats: number,
  ) {
    this.#nextSeat = firstSeat;
  }

  /** Commits changes in one transaction. @returns the version of the last one */
  commit(changes = 1): Promise<number> {
    // Simultaneous transactions on one event would only conflict.
    const committed = this.#last.then(() => this.#commit(changes));
    this.#last = committed.catch(() => undefined);
    return committed;
  }

  async #commit(changes: number): Promise<number> {
    const now = new Date();
    const made: Lock[] = [];
    const endedIds: string[] = [];
    const announced: Pick<Change, 'seats' | 'reservations'>[] = [];
    for (let index = 0; index < changes; index++) {
      const isRelease = this.#held.length > 0;
      const locks = isRelease ? this.#held : this.#newLocks(now);
      announced.push({
        seats: locks.map(({ seatNumber, expiresAt }) =>
          isRelease
            ? { seatNumber, status: 'available', lockedUntil: null }
            : { seatNumber, status: 'locked', lockedUntil: expiresAt },
        ),
        reservations: [
          { userId: locks[0]?.userId ?? '', lockIds: locks.map(({ id }) => id), bookingIds: [] },
        ],
      });
      if (isRelease) endedIds.push(...locks.map(({ id }) => id));
      else made.push(...locks);
      this.#held = isRelease ? [] : locks;
    }
    const ended = new Set(endedIds);
    const documents = made.map((lock) =>
      lockDocument(ended.has(lock.id) ? { ...lock, status: 'released', endedAt: now } : lock),
    );
    const client = this.database.client as mongo.MongoClient;
    return client.withSession((session) =>
      session.withTransaction(
        async () => {
          const event = await this.database
            .collection<EventDocument>('events')
            .findOneAndUpdate(
              { _id: this.eventId },
              { $inc: { turn: 1, version: changes } },
              { session, returnDocument: 'after', projection: { version: 1 } },
            );
          if (event === null) throw new Error(`There is no event ${this.eventId}.`);
          const locks = this.database.collection<SeatLockDocument>('seatlocks');
          const endings = { $set: { status: 'released', endedAt: now } } as const;
          await locks.updateMany({ _id: { $in: endedIds } }, endings, { session });
          if (documents.length > 0) await locks.insertMany(documents, { session });
          const first = event.version - changes + 1;
          await this.database.collection<ChangeDocument>('changes').insertMany(
            announced.map((change, index) =>
              changeDocument({ ...change, eventId: this.eventId, version: first + index, at: now }),
            ),
            { session },
          );
          return event.version;
        },
        { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
      ),
    );
  }

  #newLocks(now: Date): Lock[] {
    if (this.#nextSeat + SEATS_PER_CHANGE - 1 > this.totalSeats) this.#nextSeat = this.firstSeat;
    const first = this.#nextSeat;
    this.#nextSeat += SEATS_PER_CHANGE;
    const userId = newUserId();
    return Array.from({ length: SEATS_PER_CHANGE }, (_, index) =>
      newLock(this.eventId, first + index, userId, now),
    );
  }
}
