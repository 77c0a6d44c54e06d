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
import { lapsesWritten, versionOf } from '../database-version.js';
import { columnsOf, type Figures, faultsIn, lineOf, medianOf, sumOf } from '../figures.js';
import { type Granted, lockAtPace } from '../locks.js';
import { sightingsOf } from '../received-changes.js';
import { type LiveSetting, upTo } from '../setting.js';

const WATCHERS = 1_000;
const LAPSES = 10_000;
const SEATS = 2 * LAPSES;
/** All of them lapse within it. */
const LAPSE_MS = 1_000;
/** Until the first one lapses: time for every watcher to have the map with all of them locked. */
const LEAD_MS = 20_000;
/** The version of an event in which nothing has changed. */
const NEW = 0;
/** Somebody else's mutations while they do, and as long without. */
const LOCKS_PER_SECOND = 50;
const LOCKING_MS = 6_000;
const WRITTEN_MS_MAX = 60_000;

/** Ten thousand locks that lapse in one second: what it is to those who watch, and to those who lock other seats. */
export async function massLapse(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(environment, 'ours');
  // Started second, so that the first one holds the lease of the sweeps.
  const second = await startContender(environment, 'ours');
  const atSecond = new Audience(environment);

  const one: readonly WatchedServer[] = [{ server: ours, audience }];
  const processes = [ours.server, second.server];
  const two: readonly WatchedServer[] = [...one, { server: second, audience: atSecond }];

  const open = async () => {
    const eventId = await createEvent(database, SEATS, (seat) => (seat <= LAPSES ? 'locked' : 'available'));
    return {
      eventId,
      // As if they had the map already: with so many seats taken, sending it to everybody takes longer than the lapses.
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
          firstSeat: LAPSES + 1,
        }),
    };
  };
  const quiet: Arm<Figures> = {
    name: 'nothing lapses',
    run: async () => {
      const { watch, lock } = await open();
      await watch(one);
      await audience.take();
      const locks = await lock();
      const taken = await audience.take();
      await audience.close();
      return { lapse: { ...latencyColumns(locks), ...faultsIn(taken) } };
    },
  };
  const lapsing = (name: string, servers: readonly WatchedServer[]): Arm<Figures> => ({
    name,
    run: async () => {
      const { eventId, watch, lock } = await open();
      const firstMs = Date.now() + LEAD_MS;
      const expiresMs = await letLapse(database, eventId, firstMs);
      await watch(servers);
      await all(servers, (watched) => watched.audience.take());
      if (Date.now() > firstMs) throw new Error('The locks lapsed before everybody watched.');
      await wait(firstMs - Date.now());
      const before = await batchesOf(processes);
      const locks = await lock();
      await lapsesWritten(database, eventId, new Date(firstMs + LAPSE_MS), WRITTEN_MS_MAX);
      const writtenMs = Date.now();
      const after = await batchesOf(processes);
      const version = await versionOf(database, eventId);
      await all(servers, (watched) => watched.audience.reach({ version }));
      const taken = await all(servers, (watched) => watched.audience.take());
      await all(servers, (watched) => watched.audience.close());

      const told = taken.flatMap((each) => each.told);
      const lapses = told.filter(({ seats }) => seats.some(({ seatNumber }) => seatNumber <= LAPSES));
      const { delaysMs, missing } = sightingsOf(lapses, watchers, expiresMs, 'AVAILABLE');
      const sorted = delaysMs.toSorted((one, other) => one - other);
      const times = lapses.flatMap(({ atMs }) => atMs);
      const [beginMs, endMs] = times.reduce(
        ([first, last], at) => [Math.min(first, at), Math.max(last, at)],
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      );
      const messagesPerWatcher = times.length / watchers;
      return {
        lapse: {
          ...latencyColumns(locks),
          messagesPerWatcher,
          messagesPerTick: messagesPerWatcher / ((endMs - beginMs) / TICK_MS + 1),
          seenP99Ms: quantile(sorted, 0.99),
          seenAllMs: endMs - firstMs - LAPSE_MS,
          retriesPerBatch: (after.retries - before.retries) / (after.batches - before.batches),
          writtenMs: writtenMs - firstMs - LAPSE_MS,
          tooEarly: sorted.filter((delay) => delay < 0).length,
          missing,
          outOfOrder: sumOf(taken.map(faultsIn), 'outOfOrder'),
          lost: sumOf(taken.map(faultsIn), 'lost'),
        },
      };
    },
  });
  const atOne = lapsing(`${LAPSES} locks lapse, one server`, one);
  const atTwo = lapsing(`${LAPSES} locks lapse, two servers`, two);
  const arms = [quiet, atOne, atTwo];
  const results = await runRoundsOf(arms, setting, lineOf);
  await atSecond.stop();
  await second.server.stop();
  await ours.server.stop();

  const of = ({ name }: Arm<Figures>) => results(name, 'lapse');
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
      `${LAPSES} locks of one event lapse within a second, ${watchers} watchers; meanwhile ${LOCKS_PER_SECOND} other seats are locked a second, whose ` +
      'p50 and p99 these are. seenP99Ms: from a lock’s expiresAt to each watcher hearing of it; seenAllMs: from the last ' +
      'expiresAt to everybody having heard of everything; writtenMs: from there to the last lapse being in the database. ' +
      'With two servers half of the watchers are at each, and one of them holds the lease of the sweeps.',
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
        'until the last lapse is written down with two servers, times with one',
        medianOf(of(atTwo), 'writtenMs') / medianOf(of(atOne), 'writtenMs'),
      ),
      atMost(0, 'lapses that a watcher saw before expiresAt, all rounds', sumOf(rounds, 'tooEarly')),
      atMost(0, 'lapses that a watcher was not told of, all rounds', sumOf(rounds, 'missing')),
      atMost(0, 'messages out of order, all rounds', sumOf(rounds, 'outOfOrder')),
      atMost(0, 'sockets lost, all rounds', sumOf(rounds, 'lost')),
    ],
  };
}

/** A server, and those who watch at it. */
interface WatchedServer {
  readonly server: Contender;
  readonly audience: Audience;
}

const all = <Result>(
  servers: readonly WatchedServer[],
  ask: (watched: WatchedServer, index: number) => Promise<Result>,
): Promise<Result[]> => Promise.all(servers.map(ask));

/** Spreads the ends of an event's locks evenly over a second. @returns when each seat's lock is over */
async function letLapse(
  database: mongo.Db,
  eventId: string,
  firstMs: number,
): Promise<ReadonlyMap<number, number>> {
  const locks = database.collection<SeatLockDocument>('seatlocks');
  const afterFirst = { $mod: ['$seatNumber', LAPSE_MS] };
  await locks.updateMany({ eventId, status: 'active' }, [
    { $set: { expiresAt: { $add: [new Date(firstMs), afterFirst] } } },
  ]);
  const seats = Array.from({ length: LAPSES }, (_, index) => index + 1);
  return new Map(seats.map((seat) => [seat, firstMs + (seat % LAPSE_MS)]));
}

function latencyColumns(locks: readonly Granted[]): Figures {
  const sorted = locks
    .map(({ beganMs, answeredMs }) => answeredMs - beganMs)
    .sort((one, other) => one - other);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}
