import type { mongo } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { SeatAvailabilityChangedSubscription } from '../support/gql/graphql.js';
import type { ManualClock } from '../support/manual-clock.js';
import {
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  MY_RESERVATIONS_CHANGED,
  RELEASE_LOCK,
  SEAT_MAP,
  SETTLE_PAYMENT,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { type Messages, TestApp, type TestUser } from '../support/test-app.js';

/** After this time without watchers a map is dropped. */
const IDLE_MAP_MS = 30_000;
const LOCK_TTL_MS = 300_000;
/** How long a process without the job's lease leaves an expiry to the one that has it. */
const LEASE_HOLDER_HEAD_START_MS = 100;

type Update = SeatAvailabilityChangedSubscription['seatAvailabilityChanged'];

/** Pseudo-random numbers, the same for the same seed. */
function randomFrom(seed: number) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(random() * limit);
  return { below, of: <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item };
}

type Seat = Update['seats'][number];

/** One letter a seat. An expired lock counts as free. */
function lettersOf(taken: ReadonlyMap<number, Seat>, totalSeats: number, at: string): string {
  return Array.from({ length: totalSeats }, (_, index) => {
    const seat = taken.get(index + 1);
    if (seat === undefined || seat.status === 'AVAILABLE') return 'A';
    if (seat.status === 'BOOKED') return 'B';
    return Date.parse(seat.lockedUntil as string) > Date.parse(at) ? 'L' : 'A';
  }).join('');
}

/** A client that keeps a map by the contract's rules, and records every map it showed. */
class MapKeeper {
  version: number | null = null;
  taken = new Map<number, Seat>();
  readonly shown: { version: number; serverTime: string; letters: string }[] = [];

  constructor(readonly totalSeats: number) {}

  take(update: Update, isFirst: boolean): void {
    if (update.kind === 'SNAPSHOT') {
      // The database keeps all changes for the whole test: only a watcher without a version gets a SNAPSHOT.
      expect(this.version).toBeNull();
      this.taken = new Map();
    } else {
      expect(update.previousVersion).toBe(this.version);
      if (!isFirst) expect(update.version).toBeGreaterThan(this.version as number);
      else expect(update.version).toBeGreaterThanOrEqual(this.version as number);
    }
    for (const seat of update.seats) this.taken.set(seat.seatNumber, seat);
    this.version = update.version;
    const { version, serverTime } = update;
    const letters = lettersOf(this.taken, this.totalSeats, serverTime);
    expect(update.statuses).toBe(letters);
    this.shown.push({ version, serverTime, letters });
  }
}

describe.each(['shared', 'plain'] as const)('with BROADCAST=%s,', (broadcast) => {
  /** Two servers of one database, with one clock. */
  let one: TestApp;
  let two: TestApp;
  let clock: ManualClock;
  let organizer: TestUser;
  beforeAll(async () => {
    one = await TestApp.start({ config: { broadcast } });
    two = await TestApp.start({ sharing: one, config: { broadcast } });
    clock = one.clock;
    organizer = await one.user();
  });
  afterAll(async () => {
    await two.close({ keepData: true });
    await one.close();
  });

  let eventId: string;
  let user: TestUser;
  beforeEach(async () => {
    eventId = await one.event(organizer, { totalSeats: 20 });
    user = await one.user();
  });

  const lock = async (seatNumber: number, by = user, app = one) =>
    (await app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, by)).lockSeat;
  const lockMany = async (...seats: number[]) => {
    for (const seat of seats) await lock(seat);
  };
  const next = async (watcher: Messages<{ seatAvailabilityChanged: Update }>) =>
    (await watcher.next()).seatAvailabilityChanged;
  /** The map may get a change a moment after the call that made it is answered. */
  const mapAt = async (version: number) => {
    const watcher = one.watch(eventId);
    let update = await next(watcher);
    while (update.version < version) update = await next(watcher);
  };
  const lockedUntil = () => new Date(clock.now().getTime() + LOCK_TTL_MS).toISOString();

  describe('the live map', () => {
    test('is a SNAPSHOT first and then CHANGES, each on top of the version before', async () => {
      await lock(3);
      await mapAt(1);
      const watcher = one.watch(eventId);
      expect(await next(watcher)).toMatchObject({
        eventId,
        kind: 'SNAPSHOT',
        version: 1,
        previousVersion: null,
        seats: [{ seatNumber: 3, status: 'LOCKED', lockedUntil: lockedUntil() }],
        statuses: 'AAL'.padEnd(20, 'A'),
        availability: { totalSeats: 20, availableSeats: 19, lockedSeats: 1, bookedSeats: 0 },
        serverTime: clock.now().toISOString(),
      });
      const second = await lock(5);
      expect(await next(watcher)).toMatchObject({
        kind: 'CHANGES',
        version: 2,
        previousVersion: 1,
        seats: [{ seatNumber: 5, status: 'LOCKED' }],
        statuses: 'AALAL'.padEnd(20, 'A'),
      });
      await one.ok(RELEASE_LOCK, { lockId: second.id }, user);
      expect(await next(watcher)).toMatchObject({
        kind: 'CHANGES',
        version: 3,
        previousVersion: 2,
        seats: [{ seatNumber: 5, status: 'AVAILABLE', lockedUntil: null }],
      });
    });

    test('of an unknown event is EVENT_NOT_FOUND, as are the reservations of one', async () => {
      for (const id of ['zzzzzzzzzzzz', 'no such event']) {
        const error = { errors: [{ extensions: { code: 'EVENT_NOT_FOUND' } }] };
        expect(await one.watch(id).nextAnswer()).toMatchObject(error);
        const reservations = one.subscribe(MY_RESERVATIONS_CHANGED, { eventId: id }, user);
        expect(await reservations.nextAnswer()).toMatchObject(error);
      }
    });

    test('shows on each of two servers changes made through the other, as the same versions', async () => {
      const watchers = [one.watch(eventId), two.watch(eventId)];
      for (const watcher of watchers) await next(watcher);
      for (const [index, app] of [one, two, two, one].entries()) {
        await lock(index + 1, user, app);
        for (const watcher of watchers) {
          expect(await next(watcher)).toMatchObject({
            kind: 'CHANGES',
            version: index + 1,
            previousVersion: index,
            seats: [{ seatNumber: index + 1, status: 'LOCKED' }],
          });
        }
      }
    });
  });

  describe('since', () => {
    test('the present version: empty CHANGES at once, then new changes', async () => {
      await lockMany(1, 2);
      const watcher = one.watch(eventId, 2);
      expect(await next(watcher)).toMatchObject({
        kind: 'CHANGES',
        version: 2,
        previousVersion: 2,
        seats: [],
      });
      await lock(3);
      expect(await next(watcher)).toMatchObject({ kind: 'CHANGES', version: 3, previousVersion: 2 });
    });

    test('an older version: exactly the missed changes, with the newest status of each seat', async () => {
      await lock(1);
      const second = await lock(2);
      await one.ok(RELEASE_LOCK, { lockId: second.id }, user);
      await mapAt(3);
      expect(await next(one.watch(eventId, 1))).toMatchObject({
        kind: 'CHANGES',
        version: 3,
        previousVersion: 1,
        seats: [{ seatNumber: 2, status: 'AVAILABLE' }],
      });
    });

    test('a version from before a restart: the missed changes, from the database', async () => {
      await lockMany(1, 2, 3);
      const restarted = await TestApp.start({ sharing: one, config: { broadcast } });
      onTestFinished(() => restarted.close({ keepData: true }));
      expect(await next(restarted.watch(eventId, 1))).toMatchObject({
        kind: 'CHANGES',
        version: 3,
        previousVersion: 1,
        seats: [{ seatNumber: 2 }, { seatNumber: 3 }],
      });
    });

    test('a version whose changes are no longer stored: a SNAPSHOT', async () => {
      await lockMany(1, 2, 3);
      await one.database.changes.deleteMany({ eventId, version: { $lte: 2 } });
      // Long enough for the map that was used when the event was made to be dropped.
      clock.advance(IDLE_MAP_MS);
      expect(await next(one.watch(eventId, 1))).toMatchObject({
        kind: 'SNAPSHOT',
        version: 3,
        previousVersion: null,
      });
      expect(await next(one.watch(eventId, 2))).toMatchObject({
        kind: 'CHANGES',
        version: 3,
        previousVersion: 2,
      });
    });

    test('a negative version: a SNAPSHOT', async () => {
      await lock(1);
      await mapAt(1);
      expect(await next(one.watch(eventId, -1))).toMatchObject({ kind: 'SNAPSHOT', version: 1 });
    });

    test('an impossible version ahead of the database: a SNAPSHOT with the true one, and CHANGES from there', async () => {
      await lock(1);
      const watcher = one.watch(eventId, 2_147_483_647);
      expect(await next(watcher)).toMatchObject({ kind: 'SNAPSHOT', version: 1, previousVersion: null });
      await lock(2);
      expect(await next(watcher)).toMatchObject({ kind: 'CHANGES', version: 2, previousVersion: 1 });
    });

    test('a version that another server sent: never a SNAPSHOT, however far that server was ahead', async () => {
      const [first, second] = [one.watch(eventId), two.watch(eventId)];
      for (const watcher of [first, second]) await next(watcher);
      for (let seat = 1; seat <= 8; seat++) {
        await lock(seat);
        const { version } = await next(first);
        // The other server may not have received the change yet.
        expect(await next(two.watch(eventId, version))).toMatchObject({
          kind: 'CHANGES',
          previousVersion: version,
        });
      }
    });
  });

  describe('an expiry', () => {
    test('is announced on every server when the clock passes it, without any job, and not before', async () => {
      const watchers = [one.watch(eventId), two.watch(eventId)];
      for (const watcher of watchers) await next(watcher);
      const { id } = await lock(1);
      for (const watcher of watchers) expect(await next(watcher)).toMatchObject({ version: 1 });

      clock.advance(LOCK_TTL_MS - 1);
      await lock(2);
      for (const watcher of watchers) {
        // The next message is about the other seat: nothing was announced too early.
        const update = await next(watcher);
        expect(update).toMatchObject({ version: 2, previousVersion: 1, statuses: 'LL'.padEnd(20, 'A') });
        expect(update.seats.map(({ seatNumber }) => seatNumber)).toEqual([2]);
      }

      clock.advance(1 + LEASE_HOLDER_HEAD_START_MS);
      for (const watcher of watchers) {
        expect(await next(watcher)).toMatchObject({
          kind: 'CHANGES',
          version: 3,
          previousVersion: 2,
          seats: [{ seatNumber: 1, status: 'AVAILABLE', lockedUntil: null }],
          statuses: 'AL'.padEnd(20, 'A'),
          availability: { availableSeats: 19, lockedSeats: 1 },
        });
      }
      const written = await one.database.locks.findById(id).lean().exec();
      expect(written).toMatchObject({ status: 'expired', endedAt: written?.expiresAt });

      // Both servers saw it expire; it was announced once.
      await lock(3);
      for (const watcher of watchers)
        expect(await next(watcher)).toMatchObject({ version: 4, previousVersion: 3 });
    });

    test('shows in every map from the moment it expires, before it is recorded', async () => {
      await lock(1);
      clock.advance(LOCK_TTL_MS);
      expect(await next(one.watch(eventId))).toMatchObject({ seats: [], statuses: ''.padEnd(20, 'A') });
      const { event } = await two.ok(SEAT_MAP, { id: eventId });
      expect(event?.seatMap).toMatchObject({ version: 1, statuses: ''.padEnd(20, 'A'), takenSeats: [] });
    });

    test('is not announced for a lock that was extended in time', async () => {
      const watcher = one.watch(eventId);
      await next(watcher);
      const { id } = await lock(1);
      await next(watcher);
      clock.advance(LOCK_TTL_MS - 1);
      await one.ok(EXTEND_LOCK, { lockId: id }, user);
      expect(await next(watcher)).toMatchObject({
        version: 2,
        seats: [{ seatNumber: 1, lockedUntil: lockedUntil() }],
      });
      clock.advance(1 + LEASE_HOLDER_HEAD_START_MS);
      await lock(2);
      expect(await next(watcher)).toMatchObject({ version: 3, statuses: 'LL'.padEnd(20, 'A') });
    });
  });

  describe('a change stream that breaks', () => {
    /** Kills the cursors of both servers. A cursor between two fetches may not be listed; then the list is read again. */
    async function killCursors(): Promise<void> {
      const ns = `${one.databaseName}.changes`;
      const cursors = new Map<string, mongo.Long>();
      while (cursors.size < 2) {
        const operations = one.database.client.db('admin').aggregate<{ cursor: { cursorId: mongo.Long } }>(
          [
            { $currentOp: { idleCursors: true, allUsers: true } },
            { $match: { ns, 'cursor.cursorId': { $exists: true } } },
          ],
          // One id in a thousand would fit a number and become one, which killCursors does not accept.
          { promoteLongs: false },
        );
        for await (const { cursor } of operations) cursors.set(String(cursor.cursorId), cursor.cursorId);
      }
      const answer = await one.database.connection.db?.command({
        killCursors: 'changes',
        cursors: [...cursors.values()],
      });
      expect(answer?.cursorsKilled).toHaveLength(2);
    }

    test('has its cursor replaced: watchers continue without a gap', async () => {
      const watchers = [one.watch(eventId), two.watch(eventId)];
      for (const watcher of watchers) await next(watcher);
      for (let round = 0; round < 3; round++) {
        await killCursors();
        await lock(round + 1);
        for (const watcher of watchers) {
          expect(await next(watcher)).toMatchObject({
            kind: 'CHANGES',
            version: round + 1,
            previousVersion: round,
            seats: [{ seatNumber: round + 1 }],
          });
        }
      }
    });

    test('that cannot be resumed is started again: watchers get what they missed', async () => {
      const own = await TestApp.start({ config: { broadcast } });
      onTestFinished(() => own.close());
      const someone = await own.user();
      const id = await own.event(someone, { totalSeats: 20 });
      const lockOwn = (seatNumber: number) =>
        own.ok(LOCK_SEAT, { input: { eventId: id, seatNumber } }, someone);
      const watcher = own.watch(id);
      await next(watcher);
      await lockOwn(1);
      expect(await next(watcher)).toMatchObject({ version: 1 });
      // Drops the stream's collection: its content and every resume token are lost.
      await own.database.changes.collection.drop();
      await lockOwn(2);
      await lockOwn(3);
      let update = await next(watcher);
      while (update.version < 3) update = await next(watcher);
      expect(update.statuses).toBe('LLL'.padEnd(20, 'A'));
      await lockOwn(4);
      expect(await next(watcher)).toMatchObject({ kind: 'CHANGES', version: 4, previousVersion: 3 });
    });
  });

  describe('the reservations of a user', () => {
    const pay = async (lockIds: string[], cardStatus: 'SUCCESS' | 'PROCESSING') => {
      const input = { lockIds, amount: 900, currency: 'USD', cardStatus };
      return (await one.ok(SIMULATE_PAYMENT, { input }, user)).simulatePayment.paymentId;
    };
    const confirm = async (lockId: string, paymentId: string) => {
      const input = { lockId, paymentId, requestId: `confirm ${lockId}` };
      return (await one.ok(CONFIRM_BOOKING, { input }, user)).confirmBooking.id;
    };

    test('show on a second device, at another server, after each action of the first one', async () => {
      const device = two.subscribe(MY_RESERVATIONS_CHANGED, { eventId }, user);
      const shown = async (isWished: (shown: { locks: string[]; bookings: string[] }) => boolean) => {
        await device.until(({ myReservationsChanged: { locks, bookings } }) =>
          isWished({
            locks: locks.map(({ seatNumber, status }) => `${seatNumber} ${status}`),
            bookings: bookings.map(
              ({ seatNumber, status, paymentStatus }) => `${seatNumber} ${status} ${paymentStatus}`,
            ),
          }),
        );
      };
      expect(await device.next()).toMatchObject({ myReservationsChanged: { locks: [], bookings: [] } });

      const first = await lock(1);
      await shown(({ locks }) => locks.includes('1 ACTIVE'));

      const bookingId = await confirm(first.id, await pay([first.id], 'SUCCESS'));
      await shown(({ bookings }) => bookings.includes('1 CONFIRMED COMPLETED'));

      await one.ok(CANCEL_BOOKING, { id: bookingId }, user);
      await shown(
        ({ locks, bookings }) => locks.includes('1 RELEASED') && bookings.includes('1 CANCELLED REFUNDED'),
      );

      const second = await lock(2);
      const paymentId = await pay([second.id], 'PROCESSING');
      await confirm(second.id, paymentId);
      await shown(({ bookings }) => bookings.includes('2 PENDING PENDING'));
      await one.ok(SETTLE_PAYMENT, { input: { paymentId, outcome: 'COMPLETED' } }, user);
      await shown(({ bookings }) => bookings.includes('2 CONFIRMED COMPLETED'));

      await lock(3);
      await shown(({ locks }) => locks.includes('3 ACTIVE'));
      clock.advance(LOCK_TTL_MS + LEASE_HOLDER_HEAD_START_MS);
      await shown(({ locks }) => locks.includes('3 EXPIRED'));
    });

    test('are sent to nobody else', async () => {
      const stranger = await one.user();
      const device = one.subscribe(MY_RESERVATIONS_CHANGED, { eventId }, stranger);
      await device.next();
      await lock(1);
      await lock(2, stranger);
      const { myReservationsChanged } = await device.next();
      expect(myReservationsChanged.locks.map(({ seatNumber }) => seatNumber)).toEqual([2]);
    });
  });

  describe('random writers and random watchers on two servers', () => {
    const TOTAL_SEATS = 20;
    const WRITERS = 5;
    const WATCHERS = 8;
    const OPERATIONS = 40;
    const SEED = 1;

    test('no watcher ever has a wrong map, a gap or a version twice', async () => {
      const id = await one.event(organizer, { totalSeats: TOTAL_SEATS });
      const users = await one.users(WRITERS);
      const apps = [one, two];

      const writer = async (me: TestUser, index: number) => {
        const random = randomFrom(SEED * 1_000 + index);
        const locks: string[] = [];
        const payments: { paymentId: string; lockIds: string[]; pending: boolean }[] = [];
        const bookings: string[] = [];
        for (let operation = 0; operation < OPERATIONS; operation++) {
          const app = random.of(apps);
          // Refusals are allowed; only committed changes matter.
          switch (random.below(9)) {
            case 0:
            case 1:
            case 2: {
              const seats = Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(TOTAL_SEATS));
              const input = { eventId: id, seatNumbers: [...new Set(seats)] };
              const { data } = await app.call(LOCK_SEATS, { input }, me);
              locks.push(...(data?.lockSeats?.map((each) => each.id) ?? []));
              break;
            }
            case 3: {
              if (locks.length > 0) await app.call(RELEASE_LOCK, { lockId: random.of(locks) }, me);
              break;
            }
            case 4: {
              if (locks.length > 0) await app.call(EXTEND_LOCK, { lockId: random.of(locks) }, me);
              break;
            }
            case 5: {
              const lockIds = [...new Set(locks.slice(-1 - random.below(2)))];
              if (lockIds.length === 0) break;
              const cardStatus = random.of(['SUCCESS', 'SUCCESS', 'PROCESSING', 'DECLINED'] as const);
              const input = { lockIds, amount: 1_000, currency: 'USD', cardStatus };
              const { data } = await app.call(SIMULATE_PAYMENT, { input }, me);
              if (!data?.simulatePayment) break;
              const { paymentId, status } = data.simulatePayment;
              payments.push({ paymentId, lockIds, pending: status === 'PENDING' });
              break;
            }
            case 6: {
              const payment = payments.at(-1);
              if (payment === undefined) break;
              const { paymentId, lockIds } = payment;
              const input = { paymentId, lockIds, requestId: `${index} ${operation}` };
              const { data } = await app.call(CONFIRM_BOOKINGS, { input }, me);
              bookings.push(...(data?.confirmBookings?.map((each) => each.id) ?? []));
              break;
            }
            case 7: {
              if (bookings.length > 0) await app.call(CANCEL_BOOKING, { id: random.of(bookings) }, me);
              break;
            }
            default: {
              const payment = payments.find(({ pending }) => pending);
              if (payment === undefined) clock.advance(random.below(60_000));
              else {
                const outcome = random.of(['COMPLETED', 'FAILED'] as const);
                await app.call(SETTLE_PAYMENT, { input: { paymentId: payment.paymentId, outcome } }, me);
                payment.pending = false;
              }
            }
          }
        }
      };

      const keepers: MapKeeper[] = [];
      let finalVersion: number | undefined;
      let end: () => void = () => {};
      const ended = new Promise<undefined>((resolve) => {
        end = () => resolve(undefined);
      });
      const watcher = async (index: number) => {
        const random = randomFrom(SEED * 2_000 + index);
        const keeper = new MapKeeper(TOTAL_SEATS);
        keepers.push(keeper);
        const clients = new Map(apps.map((app) => [app, app.socket()]));
        // Leaves and returns at random, until it has reached the last version.
        while (finalVersion === undefined || keeper.version !== finalVersion) {
          const app = random.of(apps);
          const messages = app.watch(id, keeper.version ?? undefined, clients.get(app));
          for (let left = 1 + random.below(6), isFirst = true; left > 0; left--, isFirst = false) {
            const message = next(messages);
            const update = await Promise.race([message, ended]);
            if (update === undefined && !isFirst && keeper.version === finalVersion) break;
            keeper.take(update ?? (await message), isFirst);
          }
          messages.unsubscribe();
        }
      };

      const watching = Promise.all(Array.from({ length: WATCHERS }, (_, index) => watcher(index)));
      // A watcher that finds an error fails the test at once, not only after the writers have ended.
      await Promise.race([watching, Promise.all(users.map(writer))]);
      await one.app.jobs.lockExpiry.run();
      await one.app.jobs.bookingExpiry.run();
      finalVersion = (await one.database.events.findById(id).lean().exec())?.version as number;
      end();
      await watching;

      const changes = await one.database.changes
        .find({ eventId: id, version: { $ne: null } })
        .sort({ version: 1 })
        .lean()
        .exec();
      expect(changes.map(({ version }) => version)).toEqual(changes.map((_, index) => index + 1));
      expect(changes).toHaveLength(finalVersion);

      // The map at each version, derived from the writes only.
      const mapAt: Map<number, Seat>[] = [new Map()];
      for (const { seats } of changes) {
        const taken = new Map(mapAt.at(-1));
        for (const { seatNumber, status, lockedUntil: until } of seats) {
          const shown = {
            seatNumber,
            status: status.toUpperCase(),
            lockedUntil: until?.toISOString() ?? null,
          };
          taken.set(seatNumber, shown as Seat);
        }
        mapAt.push(taken);
      }
      for (const { shown } of keepers) {
        expect(shown.at(-1)?.version).toBe(finalVersion);
        for (const { version, serverTime, letters } of shown) {
          expect(letters).toBe(lettersOf(mapAt[version] as Map<number, Seat>, TOTAL_SEATS, serverTime));
        }
      }

      // The last map is the database's state.
      const now = clock.now();
      const live = await one.database.locks
        .find({ eventId: id, status: { $in: ['active', 'used'] } })
        .lean()
        .exec();
      const held = live.filter(({ status, expiresAt }) => status === 'used' || expiresAt > now);
      const letters = Array.from({ length: TOTAL_SEATS }, (_, index) => {
        const holder = held.find(({ seatNumber }) => seatNumber === index + 1);
        return holder === undefined ? 'A' : holder.status === 'used' ? 'B' : 'L';
      }).join('');
      for (const keeper of keepers)
        expect(lettersOf(keeper.taken, TOTAL_SEATS, now.toISOString())).toBe(letters);
      for (const app of apps) expect((await app.ok(SEAT_MAP, { id })).event?.seatMap.statuses).toBe(letters);
    });
  });
});
