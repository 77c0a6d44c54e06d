import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command } from '../../booking/commands.js';
import { expireLocksCommand } from '../../booking/expire-locks.js';
import { holdSeatsCommand } from '../../booking/hold-seats.js';
import { isLive } from '../../booking/lock.js';
import { lockSeatsCommand } from '../../booking/lock-seats.js';
import { releaseHoldCommand } from '../../booking/release-hold.js';
import { createEvent } from '../../catalog/create-event.js';
import { RULES } from '../../test/support/booking-fixtures.js';
import { silent } from '../../test/support/fake-feed-source.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { withSeed } from '../../test/support/seeded-random.js';
import { dropTestDatabase, openTestDatabase } from '../../test/support/test-database.js';
import type { Database } from '../database.js';
import { EventStore } from '../queries/event-store.js';
import { SeatingPlans } from '../queries/seating-plans.js';
import { BatchTransaction } from './batch-transaction.js';
import { Occupancies } from './occupancies.js';

const SEATS = 60;
const BATCHES = 120;

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => dropTestDatabase(database));

/** What one server process has: its own occupancies and its own batches. */
function process(clock: ManualClock) {
  const plans = new SeatingPlans(database);
  const occupancies = new Occupancies(database, plans);
  const batches = new BatchTransaction(database, () => clock.now(), occupancies, RULES, silent);
  return { occupancies, batches, events: new EventStore(database, plans) };
}

const wish = (quantity: number) => ({
  best: {
    quantity,
    sectionIds: null,
    priceMax: null,
    nearSeat: null,
    adjacency: 'any' as const,
    wheelchairs: 0,
  },
});

/** The free seats by the locks alone. */
async function freeByLocks(eventId: string, now: Date): Promise<number[]> {
  const locks = await database.locks.find({ eventId }).lean().exec();
  const taken = new Set(
    locks
      .filter((lock) => isLive(lock as never) && (lock.status === 'used' || lock.expiresAt > now))
      .map(({ seatNumber }) => seatNumber),
  );
  return Array.from({ length: SEATS }, (_, seat) => seat + 1).filter((seat) => !taken.has(seat));
}

test('after any batches of two processes, each knows the free seats as the locks say', () =>
  withSeed(async (random) => {
    const clock = new ManualClock();
    const servers = [process(clock), process(clock)] as const;
    const { events } = servers[0];
    const eventDate = new Date(clock.now().getTime() + 86_400_000);
    const sections = [{ name: 'Main', rows: 6, seatsPerRow: SEATS / 6 }];
    const event = await createEvent(events, clock, 'olga', { name: 'Night', eventDate, sections }, 10);
    const eventId = event.id;
    const users = ['ann', 'ben', 'cleo', 'dan'];
    const anyCommand = (): Command => {
      const userId = users[random.below(users.length)] as string;
      switch (random.below(6)) {
        case 0:
          return releaseHoldCommand(userId, eventId, null);
        case 1:
          return lockSeatsCommand(userId, eventId, [1 + random.below(SEATS)]);
        case 2:
          return expireLocksCommand(eventId);
        default:
          return holdSeatsCommand(userId, eventId, [wish(1 + random.below(4))], null);
      }
    };
    for (let batch = 0; batch < BATCHES; batch++) {
      if (random.below(4) === 0) clock.advance(random.below(400_000));
      const { batches } = servers[random.below(2)] as (typeof servers)[number];
      const commands = Array.from({ length: 1 + random.below(4) }, anyCommand);
      const { outcomes } = await batches.run(eventId, commands);
      for (const outcome of outcomes) expect(outcome).not.toHaveProperty('fault');
    }
    const now = clock.now();
    for (const { occupancies } of servers) {
      const latest = await events.find(eventId);
      const session = database.client.startSession();
      session.startTransaction();
      const occupancy = await occupancies.load(session, latest as never, now);
      await session.abortTransaction();
      await session.endSession();
      const free = Array.from({ length: SEATS }, (_, seat) => seat + 1).filter((seat) =>
        occupancy.isFree(seat),
      );
      expect(free).toEqual(await freeByLocks(eventId, now));
    }
  }));

test('what an attempt read is not believed after it failed: the next one reads the locks again', async () => {
  const clock = new ManualClock();
  const { batches, occupancies, events } = process(clock);
  const eventDate = new Date(clock.now().getTime() + 86_400_000);
  const { id: eventId } = await createEvent(
    events,
    clock,
    'olga',
    { name: 'Night', eventDate, totalSeats: 3 },
    10,
  );
  const hold = (userId: string) => batches.run(eventId, [holdSeatsCommand(userId, eventId, [wish(1)], null)]);
  expect((await hold('ann')).outcomes).toMatchObject([{ answer: { locks: [{ seatNumber: 1 }] } }]);
  // As after an election: what the process knows is not what the new primary has.
  const [lock] = await database.locks.find({ eventId }).lean().exec();
  const bens = { ...lock, _id: `${lock?._id}x`, seatNumber: 2, userId: 'ben' };
  await database.locks.collection.insertOne(bens as never);
  const { outcomes, attempts } = await hold('cleo');
  expect(outcomes).toMatchObject([{ answer: { locks: [{ seatNumber: 3 }] } }]);
  expect(attempts).toBe(2);

  const current = async () => occupancies.current((await events.find(eventId)) as never, clock.now());
  expect(await current(), 'known after the batch that changed it').not.toBeNull();
  expect((await hold('dan')).outcomes).toMatchObject([{ answer: { refusal: { code: 'soldOut' } } }]);
  expect(await current(), 'known after a batch that changed nothing').not.toBeNull();
});

test('a process that cannot catch up, as some changes are deleted, reads the locks', async () => {
  const clock = new ManualClock();
  const [one, other] = [process(clock), process(clock)];
  const eventDate = new Date(clock.now().getTime() + 86_400_000);
  const night = { name: 'Night', eventDate, totalSeats: 4 };
  const { id: eventId } = await createEvent(one.events, clock, 'olga', night, 10);
  const lock = ({ batches }: typeof one, seat: number) =>
    batches.run(eventId, [lockSeatsCommand('ben', eventId, [seat])]);
  await one.batches.run(eventId, [holdSeatsCommand('ann', eventId, [wish(1)], null)]);
  await lock(other, 2);
  await lock(other, 3);
  await database.changes.deleteOne({ eventId, version: 2 });

  const { outcomes, attempts } = await one.batches.run(eventId, [
    holdSeatsCommand('ann', eventId, [wish(1)], null),
  ]);

  expect(outcomes).toMatchObject([{ answer: { locks: [{ seatNumber: 4 }] } }]);
  expect(attempts).toBe(1);
});
