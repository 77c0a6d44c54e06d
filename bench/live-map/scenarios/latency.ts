import { atMost } from '../../lib/goals.js';
import { runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { startContender } from '../contenders.js';
import { columnsOf, errorsIn, lineOf, medianOf, noErrors, sumOf } from '../figures.js';
import { delayColumns, sightingsOf } from '../received-changes.js';
import { type LiveSetting, upTo } from '../setting.js';
import { lockWhileWatched } from '../watched-locks.js';

const WATCHERS = 1_000;
const LOCKS_PER_SECOND = 50;

/** How long after the answer to its owner a lock is on every watcher's map. */
export async function latency(setting: LiveSetting): Promise<Report> {
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(setting.environment, 'ours');

  const run = async (phaseMs: number) => {
    const pace = { perSecond: LOCKS_PER_SECOND, durationMs: phaseMs };
    const { locks, taken } = await lockWhileWatched(setting, ours, watchers, pace);
    const answered = new Map(locks.map(({ seatNumber, answeredMs }) => [seatNumber, answeredMs]));
    const { delaysMs, missing } = sightingsOf(taken.received, watchers, answered, 'LOCKED');
    const messagesPerWatcher = taken.messages / watchers;
    return { seen: { messagesPerWatcher, ...delayColumns(delaysMs), missing, ...errorsIn(taken) } };
  };
  const results = await runRoundsOf([{ name: 'ours', run }], setting, lineOf);
  await ours.server.stop();

  const seen = results('ours', 'seen');
  return {
    about: `${LOCKS_PER_SECOND} seats locked a second, ${watchers} watchers: from the answer to a lock until each watcher has received it.`,
    rows: [
      {
        watchers,
        'locks/s': LOCKS_PER_SECOND,
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
