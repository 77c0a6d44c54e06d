import type { mongo } from 'mongoose';
import type { ChangeDocument } from '../../src/store/models/change.model.js';
import type { SeatLockDocument } from '../../src/store/models/seat-lock.model.js';

/** What one user took or released in a batch. */
export interface Step {
  readonly taken: readonly number[];
  readonly released: readonly number[];
}

/** One version of an event, as its document in `changes` has it. */
export interface Version {
  readonly version: number;
  /** Users in the order in which their commands were decided. */
  readonly steps: readonly Step[];
  /** Of the seats that changed, those that are taken after it. */
  readonly takenSeats: readonly number[];
  readonly changedSeats: readonly number[];
}

type StoredChange = Pick<ChangeDocument, 'version' | 'seats'> & {
  readonly reservations: readonly Pick<ChangeDocument['reservations'][number], 'lockIds'>[];
};

/** Reads all versions of an event of which nothing was booked or extended. */
export async function readHistory(database: mongo.Db, eventId: string): Promise<Version[]> {
  const changes = await database
    .collection<ChangeDocument>('changes')
    .find({ eventId, version: { $gt: 0 } })
    .sort({ version: 1 })
    .toArray();
  const locks = await database.collection<SeatLockDocument>('seatlocks').find({ eventId }).toArray();
  return historyOf(changes, new Map(locks.map(({ _id, seatNumber }) => [_id, seatNumber])));
}

/**
 * @param seatOfLock the seats of all locks that the changes name
 * @throws if a version is missing, or if its seats are not what its locks say
 */
export function historyOf(
  changes: readonly StoredChange[],
  seatOfLock: ReadonlyMap<string, number>,
): Version[] {
  const ownerOfSeat = new Map<number, string>();
  return changes.map(({ version, seats, reservations }, index) => {
    if (version !== index + 1) throw new Error(`Version ${index + 1} is missing: ${version} came instead.`);
    const steps = reservations.map(({ lockIds }): Step => {
      const taken: number[] = [];
      const released: number[] = [];
      for (const lockId of lockIds) {
        const seat = seatOfLock.get(lockId);
        if (seat === undefined)
          throw new Error(`Version ${version} names the lock ${lockId}, which is missing.`);
        if (ownerOfSeat.get(seat) === lockId) {
          ownerOfSeat.delete(seat);
          released.push(seat);
          continue;
        }
        if (ownerOfSeat.has(seat)) throw new Error(`Version ${version} gives seat ${seat} to two users.`);
        ownerOfSeat.set(seat, lockId);
        taken.push(seat);
      }
      return { taken, released };
    });
    for (const { seatNumber, status } of seats) {
      if (ownerOfSeat.has(seatNumber) === (status === 'available')) {
        throw new Error(
          `Version ${version} says that seat ${seatNumber} is ${status}; its locks say otherwise.`,
        );
      }
    }
    const changedSeats = seats.map(({ seatNumber }) => seatNumber);
    return { version, steps, changedSeats, takenSeats: changedSeats.filter((seat) => ownerOfSeat.has(seat)) };
  });
}
