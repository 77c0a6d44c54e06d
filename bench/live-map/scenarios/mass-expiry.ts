import { setTimeout as wait } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { TICK_MS } from '../../../src/feed/tick-schedule.js';
import type { SeatLockDocument } from '../../../src/store/models/seat-lock.model.js';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { batchesOf } from '../../lib/measure.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { quantile } from '../../lib/statistics.js';
import { Audience } from '../audience.js';
import { type Contender, startContender } from '../contenders.js';
import { expiriesRecorded, versionOf } from '../database-version.js';
import { columnsOf, errorsIn, type Figures, lineOf, medianOf, noErrors, sumOf } from '../figures.js';
import { type Granted, lockAtPace } from '../locks.js';
import { sightingsOf } from '../received-changes.js';
import { type LiveSetting, upTo } from '../setting.js';

const WATCHERS = 1_000;
const EXPIRIES = 10_000;
const SEATS = 2 * EXPIRIES;
/** All locks expire within this time. */
const EXPIRY_MS = 1_000;
/** Time until the first expiry, in which every watcher gets the map with all seats locked. */
const LEAD_MS = 20_000;
/** The version of an unchanged event. */
const NEW = 0;
/** Other mutations during the expiries, and for as long without expiries. */
const LOCKS_PER_SECOND = 50;
const LOCKING_MS = 6_000;
const RECORDED_MS_MAX = 60_000;

/** Ten thousand locks expire in one second: the effect on watchers, and on callers who lock other seats. */
export async function massExpiry(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(environment, 'ours');
  // Started second, so that the first one holds the lease of the job.
  const second = await startContender(environment, 'ours');
  const atSecond = new Audience(environment);

  const one: readonly WatchedServer[] = [{ server: ours, audience }];
  const processes = [ours.server, second.server];
  const two: readonly WatchedServer[] = [...one, { server: second, audience: atSecond }];

  const open = async () => {
    const eventId = await createEvent(database, SEATS, (seat) => (seat <= EXPIRIES ? 'locked' : 'available'));
    return {
      eventId,
      // Watchers start with the empty map: sending a snapshot with so many taken seats to all takes longer than the expiries.
      watch: (servers: readonly WatchedServer[]) =>
        all(servers, ({ server, audience: own }, index) =>
          own.open({
            ...server.watching,
            maps: [{ eventId, watchers: Math.floor((watchers + index) / servers.length) }],
            since: NEW,
          }),
        ),
      lock: () =>
        lockAtPace(environment, ours.server, eventId, {
          perSecond: LOCKS_PER_SECOND,
          durationMs: LOCKING_MS,
          firstSeat: EXPIRIES + 1,
        }),
    };
  };
  const quiet: Arm<Figures> = {
    name: 'nothing expires',
    run: async () => {
      const { watch, lock } = await open();
      await watch(one);
      await audience.take();
      const locks = await lock();
      const taken = await audience.take();
      await audience.close();
      return { expiry: { ...latencyColumns(locks), ...errorsIn(taken) } };
    },
  };
  const expiring = (name: string, servers: readonly WatchedServer[]): Arm<Figures> => ({
    name,
    run: async () => {
      const { eventId, watch, lock } = await open();
      const firstMs = Date.now() + LEAD_MS;
      const expiresMs = await letExpire(database, eventId, firstMs);
      await watch(servers);
      await all(servers, (watched) => watched.audience.take());
      if (Date.now() > firstMs) throw new Error('The locks expired before every watcher was subscribed.');
      await wait(firstMs - Date.now());
      const before = await batchesOf(processes);
      const locks = await lock();
      await expiriesRecorded(database, eventId, new Date(firstMs + EXPIRY_MS), RECORDED_MS_MAX);
      const recordedMs = Date.now();
      const after = await batchesOf(processes);
      const version = await versionOf(database, eventId);
      await all(servers, (watched) => watched.audience.reach({ version }));
      const taken = await all(servers, (watched) => watched.audience.take());
      await all(servers, (watched) => watched.audience.close());

      const received = taken.flatMap((each) => each.received);
      const expiries = received.filter(({ seats }) => seats.some(({ seatNumber }) => seatNumber <= EXPIRIES));
      const { delaysMs, missing } = sightingsOf(expiries, watchers, expiresMs, 'AVAILABLE');
      const sorted = delaysMs.toSorted((one, other) => one - other);
      const times = expiries.flatMap(({ atMs }) => atMs);
      const [beginMs, endMs] = times.reduce(
        ([first, last], at) => [Math.min(first, at), Math.max(last, at)],
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      );
      const messagesPerWatcher = times.length / watchers;
      return {
        expiry: {
          ...latencyColumns(locks),
          messagesPerWatcher,
          messagesPerTick: messagesPerWatcher / ((endMs - beginMs) / TICK_MS + 1),
          seenP99Ms: quantile(sorted, 0.99),
          seenAllMs: endMs - firstMs - EXPIRY_MS,
          retriesPerBatch: (after.retries - before.retries) / (after.batches - before.batches),
          writtenMs: recordedMs - firstMs - EXPIRY_MS,
          tooEarly: sorted.filter((delay) => delay < 0).length,
          missing,
          outOfOrder: sumOf(taken.map(errorsIn), 'outOfOrder'),
          lost: sumOf(taken.map(errorsIn), 'lost'),
        },
      };
    },
  });
  const atOne = expiring(`${EXPIRIES} locks expire, one server`, one);
  const atTwo = expiring(`${EXPIRIES} locks expire, two servers`, two);
  const arms = [quiet, atOne, atTwo];
  const results = await runRoundsOf(arms, setting, lineOf);
  await atSecond.stop();
  await second.server.stop();
  await ours.server.stop();

  const of = ({ name }: Arm<Figures>) => results(name, 'expiry');
  const rounds = arms.flatMap(of);
  const columns = [
    'p50Ms',
    'p99Ms',
    'messagesPerWatcher',
    'messagesPerTick',
    'seenP99Ms',
    'seenAllMs',
    'writtenMs',
    'retriesPerBatch',
  ];
  return {
    about:
      `${EXPIRIES} locks of one event expire within a second, ${watchers} watchers; meanwhile ${LOCKS_PER_SECOND} other seats are locked a second, whose ` +
      'p50 and p99 these are. seenP99Ms: from a lock’s expiresAt until each watcher has received it; seenAllMs: from the last ' +
      'expiresAt until every watcher has everything; writtenMs: from the last expiresAt until every expiry is in the database. ' +
      'With two servers each has half of the watchers, and one of them holds the lease of the job.',
    rows: arms.map((arm) => ({ arm: arm.name, watchers, ...columnsOf(of(arm), columns) })),
    goals: [
      atMost(
        1,
        `messages to a watcher, for each tick of ${TICK_MS} ms`,
        medianOf(of(atOne), 'messagesPerTick'),
      ),
      atMost(
        2,
        'p99 of a lock meanwhile, times quiet',
        medianOf(of(atOne), 'p99Ms') / medianOf(of(quiet), 'p99Ms'),
      ),
      atMost(
        1.5,
        'until the last expiry is recorded with two servers, times with one',
        medianOf(of(atTwo), 'writtenMs') / medianOf(of(atOne), 'writtenMs'),
      ),
      atMost(0, 'expiries that a watcher saw before expiresAt, all rounds', sumOf(rounds, 'tooEarly')),
      atMost(0, 'expiries that a watcher was not sent, all rounds', sumOf(rounds, 'missing')),
      ...noErrors(rounds),
    ],
  };
}

/** A server and its watchers. */
interface WatchedServer {
  readonly server: Contender;
  readonly audience: Audience;
}

const all = <Result>(
  servers: readonly WatchedServer[],
  ask: (watched: WatchedServer, index: number) => Promise<Result>,
): Promise<Result[]> => Promise.all(servers.map(ask));

/** Spreads the expiries of an event's locks evenly over a second. @returns the time of each seat's expiry */
async function letExpire(
  database: mongo.Db,
  eventId: string,
  firstMs: number,
): Promise<ReadonlyMap<number, number>> {
  const locks = database.collection<SeatLockDocument>('seatlocks');
  const afterFirst = { $mod: ['$seatNumber', EXPIRY_MS] };
  await locks.updateMany({ eventId, status: 'active' }, [
    { $set: { expiresAt: { $add: [new Date(firstMs), afterFirst] } } },
  ]);
  const seats = Array.from({ length: EXPIRIES }, (_, index) => index + 1);
  return new Map(seats.map((seat) => [seat, firstMs + (seat % EXPIRY_MS)]));
}

function latencyColumns(locks: readonly Granted[]): Figures {
  const sorted = locks
    .map(({ startedMs, answeredMs }) => answeredMs - startedMs)
    .sort((one, other) => one - other);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}
