import { setTimeout as wait } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { TICK_MS } from '../../../src/feed/live-map.js';
import type { SeatLockDocument } from '../../../src/store/models/seat-lock.model.js';
import { OURS } from '../../environment.js';
import { createEvent } from '../../events.js';
import { atMost } from '../../goals.js';
import { type Arm, runRoundsOf } from '../../rounds.js';
import type { Report } from '../../scenario.js';
import { quantile } from '../../statistics.js';
import { startContender } from '../contenders.js';
import { columnsOf, type Figures, faultsIn, lineOf, medianOf, sumOf } from '../figures.js';
import { type Granted, lockAtPace } from '../locks.js';
import { type LiveSetting, upTo } from '../setting.js';
import { sightingsOf } from '../sightings.js';
import { lapsesWritten, versionOf } from '../truth.js';

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

  const open = async () => {
    const eventId = await createEvent(database, SEATS, (seat) => (seat <= LAPSES ? 'locked' : 'available'));
    return {
      eventId,
      // As if they had the map already: with so many seats taken, sending it to everybody takes longer than the lapses.
      watch: () => audience.open({ ...ours.watching, maps: [{ eventId, watchers }], since: NEW }),
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
      await watch();
      await audience.take();
      const locks = await lock();
      const taken = await audience.take();
      await audience.close();
      return { lapse: { ...latencyColumns(locks), ...faultsIn(taken) } };
    },
  };
  const lapsing: Arm<Figures> = {
    name: `${LAPSES} locks lapse`,
    run: async () => {
      const { eventId, watch, lock } = await open();
      const firstMs = Date.now() + LEAD_MS;
      const expiresMs = await letLapse(database, eventId, firstMs);
      await watch();
      await audience.take();
      if (Date.now() > firstMs) throw new Error('The locks lapsed before everybody watched.');
      await wait(firstMs - Date.now());
      const locks = await lock();
      await lapsesWritten(database, eventId, new Date(firstMs + LAPSE_MS), WRITTEN_MS_MAX);
      const writtenMs = Date.now();
      await audience.reach({ version: await versionOf(database, eventId) });
      const taken = await audience.take();
      await audience.close();

      const lapses = taken.told.filter(({ seats }) => seats.some(({ seatNumber }) => seatNumber <= LAPSES));
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
          writtenMs: writtenMs - firstMs - LAPSE_MS,
          tooEarly: sorted.filter((delay) => delay < 0).length,
          missing,
          ...faultsIn(taken),
        },
      };
    },
  };
  const results = await runRoundsOf([quiet, lapsing], setting, lineOf);
  await ours.server.stop();

  const of = ({ name }: Arm<Figures>) => results(name, 'lapse');
  const all = [...of(quiet), ...of(lapsing)];
  const columns = ['p50Ms', 'p99Ms', 'messagesPerWatcher', 'messagesPerTick', 'seenP99Ms', 'seenAllMs'];
  return {
    about:
      `${LAPSES} locks of one event lapse within a second, ${watchers} watchers; meanwhile ${LOCKS_PER_SECOND} other seats are locked a second, whose ` +
      'p50 and p99 these are. seenP99Ms: from a lock’s expiresAt to each watcher hearing of it; seenAllMs: from the last ' +
      'expiresAt to everybody having heard of everything.',
    rows: [quiet, lapsing].map((arm) => ({ arm: arm.name, watchers, ...columnsOf(of(arm), columns) })),
    goals: [
      atMost(
        1,
        `messages to a watcher, for each tick of ${TICK_MS} ms`,
        medianOf(of(lapsing), 'messagesPerTick'),
      ),
      atMost(
        2,
        'p99 of a lock meanwhile, times quiet',
        medianOf(of(lapsing), 'p99Ms') / medianOf(of(quiet), 'p99Ms'),
      ),
      atMost(0, 'lapses that a watcher saw before expiresAt, all rounds', sumOf(all, 'tooEarly')),
      atMost(0, 'lapses that a watcher was not told of, all rounds', sumOf(all, 'missing')),
      atMost(0, 'messages out of order, all rounds', sumOf(all, 'outOfOrder')),
      atMost(0, 'sockets lost, all rounds', sumOf(all, 'lost')),
    ],
  };
}

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
