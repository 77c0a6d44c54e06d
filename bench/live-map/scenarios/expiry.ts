import { setTimeout as wait } from 'node:timers/promises';
import { OURS } from '../../lib/environment.js';
import { atMost } from '../../lib/goals.js';
import { runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { startContender } from '../contenders.js';
import { expiriesRecorded } from '../database-version.js';
import { columnsOf, errorsIn, lineOf, medianOf, noErrors, sumOf } from '../figures.js';
import type { Granted } from '../locks.js';
import { delayColumns, sightingsOf } from '../received-changes.js';
import { type LiveSetting, upTo } from '../setting.js';
import { lockWhileWatched } from '../watched-locks.js';

const WATCHERS = 1_000;
const LOCK_TTL_SECONDS = 2;
const LOCKS_PER_SECOND = 20;
const RECORDED_MS_MAX = 20_000;

/** How long after a lock's expiry its seat is free on every watcher's map. */
export async function expiry(setting: LiveSetting): Promise<Report> {
  const { environment } = setting;
  const database = environment.database(OURS);
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(environment, 'ours', {
    LOCK_TTL_SECONDS: String(LOCK_TTL_SECONDS),
    LOCK_MAX_LIFE_SECONDS: String(LOCK_TTL_SECONDS),
  });

  const run = async (phaseMs: number) => {
    const pace = { perSecond: LOCKS_PER_SECOND, durationMs: phaseMs };
    const untilRecorded = async (eventId: string, locks: readonly Granted[]) => {
      const lastMs = Math.max(...locks.map(({ expiresMs }) => expiresMs));
      await wait(Math.max(0, lastMs - Date.now()));
      await expiriesRecorded(database, eventId, new Date(lastMs + 1), RECORDED_MS_MAX);
    };
    const { locks, taken } = await lockWhileWatched(setting, ours, watchers, pace, untilRecorded);
    const expired = new Map(locks.map(({ seatNumber, expiresMs }) => [seatNumber, expiresMs]));
    const { delaysMs, missing } = sightingsOf(taken.received, watchers, expired, 'AVAILABLE');
    const tooEarly = delaysMs.filter((delay) => delay < 0).length;
    return {
      seen: {
        expiries: locks.length,
        ...delayColumns(delaysMs),
        tooEarly,
        missing,
        ...errorsIn(taken),
      },
    };
  };
  const results = await runRoundsOf([{ name: 'ours', run }], setting, lineOf);
  await ours.server.stop();

  const seen = results('ours', 'seen');
  return {
    about: `${LOCKS_PER_SECOND} locks a second that last ${LOCK_TTL_SECONDS} s, ${watchers} watchers: from a lock's expiresAt until each watcher has received that its seat is free.`,
    rows: [{ watchers, ...columnsOf(seen, ['expiries', 'p50Ms', 'p99Ms', 'maxMs']) }],
    goals: [
      atMost(250, `an expiry is seen by ${watchers}, p99 in ms after expiresAt`, medianOf(seen, 'p99Ms')),
      atMost(0, 'expiries that a watcher saw before expiresAt, all rounds', sumOf(seen, 'tooEarly')),
      atMost(0, 'expiries that a watcher was not sent, all rounds', sumOf(seen, 'missing')),
      ...noErrors(seen),
    ],
  };
}
