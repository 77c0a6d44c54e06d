import { setTimeout as wait } from 'node:timers/promises';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { startContender } from '../contenders.js';
import { expiriesRecorded, versionOf } from '../database-version.js';
import { columnsOf, errorsIn, type Figures, lineOf, medianOf, noErrors, sumOf } from '../figures.js';
import { type Granted, lockAtPace } from '../locks.js';
import { delayColumns, sightingsOf } from '../received-changes.js';
import { type LiveSetting, upTo } from '../setting.js';

const WATCHERS = 1_000;
const SEATS = 10_000;
const LATENCY_LOCKS_PER_SECOND = 50;
const EXPIRY_LOCKS_PER_SECOND = 20;
const EXPIRY_LOCK_TTL_SECONDS = 2;
const RECORDED_MS_MAX = 20_000;

/** What happens to a lock: its seat's status afterwards, and when it happened. */
interface Change {
  readonly status: 'LOCKED' | 'AVAILABLE';
  readonly atMs: (lock: Granted) => number;
}

/** How long after the answer to its owner a lock is on every watcher's map. */
export async function latency(setting: LiveSetting): Promise<Report> {
  const locked: Change = { status: 'LOCKED', atMs: ({ answeredMs }) => answeredMs };
  const { watchers, seen } = await delays(setting, locked, LATENCY_LOCKS_PER_SECOND, {});
  return {
    about: `${LATENCY_LOCKS_PER_SECOND} seats locked a second, ${watchers} watchers: from the answer to a lock until each watcher has received it.`,
    rows: [
      {
        watchers,
        'locks/s': LATENCY_LOCKS_PER_SECOND,
        ...columnsOf(seen, ['messagesPerWatcher', 'p50Ms', 'p99Ms', 'maxMs']),
      },
    ],
    goals: [
      atMost(80, `a lock is seen by ${watchers}, p99 in ms`, medianOf(seen, 'p99Ms')),
      atMost(0, 'locks that a watcher was not sent, all rounds', sumOf(seen, 'missing')),
      ...noErrors(seen),
    ],
  };
}

/** How long after a lock's expiry its seat is free on every watcher's map. */
export async function expiry(setting: LiveSetting): Promise<Report> {
  const ttl = String(EXPIRY_LOCK_TTL_SECONDS);
  const expired: Change = { status: 'AVAILABLE', atMs: ({ expiresMs }) => expiresMs };
  const { watchers, seen } = await delays(setting, expired, EXPIRY_LOCKS_PER_SECOND, {
    LOCK_TTL_SECONDS: ttl,
    LOCK_MAX_LIFE_SECONDS: ttl,
  });
  return {
    about: `${EXPIRY_LOCKS_PER_SECOND} locks a second that last ${ttl} s, ${watchers} watchers: from a lock's expiresAt until each watcher has received that its seat is free.`,
    rows: [{ watchers, ...columnsOf(seen, ['locks', 'p50Ms', 'p99Ms', 'maxMs']) }],
    goals: [
      atMost(250, `an expiry is seen by ${watchers}, p99 in ms after expiresAt`, medianOf(seen, 'p99Ms')),
      atMost(0, 'expiries that a watcher saw before expiresAt, all rounds', sumOf(seen, 'tooEarly')),
      atMost(0, 'expiries that a watcher was not sent, all rounds', sumOf(seen, 'missing')),
      ...noErrors(seen),
    ],
  };
}

/** Locks seats at a steady pace, and measures how long after a change each watcher received it. */
async function delays(
  setting: LiveSetting,
  { status, atMs }: Change,
  perSecond: number,
  settings: Readonly<Record<string, string>>,
): Promise<{ watchers: number; seen: readonly Figures[] }> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(environment, 'ours', settings);
  const run = async (durationMs: number) => {
    const eventId = await createEvent(database, SEATS);
    await audience.openMap(ours, eventId, watchers);
    const locks = await lockAtPace(environment, ours.server, eventId, { perSecond, durationMs });
    const happened = new Map(locks.map((lock) => [lock.seatNumber, atMs(lock)]));
    const lastMs = Math.max(...happened.values());
    await wait(Math.max(0, lastMs - Date.now()));
    if (status === 'AVAILABLE')
      await expiriesRecorded(database, eventId, new Date(lastMs + 1), RECORDED_MS_MAX);
    await audience.reach({ version: await versionOf(database, eventId) });
    const taken = await audience.take();
    await audience.close();
    const { delaysMs, missing } = sightingsOf(taken.received, watchers, happened, status);
    const tooEarly = delaysMs.filter((delay) => delay < 0).length;
    const messagesPerWatcher = taken.messages / watchers;
    const columns = { locks: locks.length, messagesPerWatcher, ...delayColumns(delaysMs) };
    return { seen: { ...columns, tooEarly, missing, ...errorsIn(taken) } };
  };
  const results = await runRoundsOf([{ name: 'ours', run }], setting, lineOf);
  await ours.server.stop();
  return { watchers, seen: results('ours', 'seen') };
}
