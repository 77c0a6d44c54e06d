import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atLeast, atMost } from '../../lib/goals.js';
import { measure } from '../../lib/measure.js';
import { firstSeats, planOf } from '../../lib/plan.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { startContender } from '../contenders.js';
import { versionOf } from '../database-version.js';
import { columnsOf, errorsIn, type Figures, lineOf, medianOf, noErrors, sumOf } from '../figures.js';
import { type LiveSetting, upTo } from '../setting.js';

const WATCHERS = 5_000;
const CALLERS = 64;
const SEATS = 100_000;
/** More than the server can execute. */
const SEATS_PER_SECOND_MAX = 6_000;

/** Locks a second while thousands watch, against nobody watching. */
export async function buyers(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(environment, 'ours');

  const lock = async (eventId: string, phaseMs: number): Promise<Figures> => {
    const seats = firstSeats(eventId, Math.ceil((SEATS_PER_SECOND_MAX * phaseMs) / 1000));
    const plan = await planOf(environment.users, CALLERS, seats);
    const job = { transport: 'http', step: 'lock', durationMs: phaseMs, ...plan } as const;
    const { measurement } = await measure(environment, [ours.server], job);
    const { perSecond, p50Ms, p99Ms, commandsPerBatch, refusals } = measurement;
    const refused = Object.values(refusals).reduce((sum, count) => sum + count, 0);
    return { perSecond, p50Ms, p99Ms, commandsPerBatch, refused };
  };
  const nobody: Arm<Figures> = {
    name: 'nobody watches',
    run: async (phaseMs) => ({ lock: await lock(await createEvent(database, SEATS), phaseMs) }),
  };
  const many: Arm<Figures> = {
    name: `${watchers} watch`,
    run: async (phaseMs) => {
      const eventId = await createEvent(database, SEATS);
      await audience.openMap(ours, eventId, watchers);
      const locks = await lock(eventId, phaseMs);
      await audience.reach({ version: await versionOf(database, eventId) });
      const taken = await audience.take();
      await audience.close();
      return {
        lock: { ...locks, messagesPerWatcher: taken.messages / watchers, ...errorsIn(taken) },
      };
    },
  };
  const results = await runRoundsOf([nobody, many], setting, lineOf);
  await ours.server.stop();

  const of = ({ name }: Arm<Figures>) => results(name, 'lock');
  const columns = ['perSecond', 'p50Ms', 'p99Ms', 'commandsPerBatch', 'messagesPerWatcher'];
  return {
    about: `${CALLERS} callers over HTTP lock seats of one event, with ${watchers} watchers of its map and with none; all on this machine, including the watchers.`,
    rows: [nobody, many].map((arm) => ({ arm: arm.name, ...columnsOf(of(arm), columns) })),
    goals: [
      atLeast(
        0.7,
        `locks/s with ${watchers} watchers, times those with none`,
        medianOf(of(many), 'perSecond') / medianOf(of(nobody), 'perSecond'),
      ),
      atMost(0, 'refusals, all rounds', sumOf([...of(nobody), ...of(many)], 'refused')),
      ...noErrors(of(many)),
    ],
  };
}
