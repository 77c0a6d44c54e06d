import { RECENT_CHANGES_MAX } from '../../../src/feed/recent-changes.js';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { CONTENDERS, type ContenderName, mapOf, startContender } from '../contenders.js';
import { columnsOf, errorsIn, type Figures, lineOf, medianOf, noErrors } from '../figures.js';
import { openIdle, settledKb } from '../idle-memory.js';
import { type LiveSetting, mostWatchers } from '../setting.js';

const SEATS = 1_000;
const CHANGES = 10_000;
/** After these, the server keeps as many changes as it ever will for slow watchers. */
const FIRST_CHANGES = 2 * RECENT_CHANGES_MAX;
const CHANGES_AT_ONCE = 100;
/** The spread between garbage collections. */
const FLAT = 1.1;

/** The server's memory for an idle watcher, and its growth by ten thousand changes. */
export async function memory(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const watchers = mostWatchers(setting);
  const perWatcher = (kb: number) => kb / watchers;

  const ours: Arm<Figures> = {
    name: 'ours',
    run: async () => {
      const contender = await startContender(environment, 'ours');
      const database = environment.database(OURS);
      const map = mapOf(database, await createEvent(database, SEATS), SEATS);
      const { emptyKb, idleKb } = await openIdle(audience, contender, map, watchers);
      const changeUpTo = async (from: number, to: number) => {
        for (let changes = from; changes < to; changes += CHANGES_AT_ONCE) {
          await audience.reach({ version: await map.writer.commit(CHANGES_AT_ONCE) });
        }
        return settledKb(contender.server);
      };
      const earlyKb = await changeUpTo(0, FIRST_CHANGES);
      const lateKb = await changeUpTo(FIRST_CHANGES, CHANGES);
      const errors = errorsIn(await audience.take());
      await audience.close();
      await contender.server.stop();
      return {
        memory: {
          idleKb: perWatcher(idleKb - emptyKb),
          grownKb: perWatcher(lateKb - emptyKb),
          growth: lateKb / earlyKb,
          ...errors,
        },
      };
    },
  };
  const others = CONTENDERS.filter((name) => name !== 'ours').map(
    (name): Arm<Figures> => ({
      name,
      run: async () => {
        const contender = await startContender(environment, name);
        const { emptyKb, idleKb } = await openIdle(audience, contender, await contender.newMap(), watchers);
        await audience.close();
        await contender.server.stop();
        return { memory: { idleKb: perWatcher(idleKb - emptyKb) } };
      },
    }),
  );
  const results = await runRoundsOf([ours, ...others], { ...setting, warmsUp: false }, lineOf);

  const of = (name: ContenderName) => results(name, 'memory');
  return {
    about:
      `What ${watchers} watchers add to the server's memory (RSS), each with one subscription on a socket of its own, in a new ` +
      `process each time; and of ours again after ${CHANGES} changes of five seats, ${CHANGES_AT_ONCE} at a time.`,
    rows: CONTENDERS.map((name) => ({
      contender: name,
      watchers,
      ...columnsOf(of(name), ['idleKb', 'grownKb']),
    })),
    goals: [
      atMost(
        0.6,
        'memory of an idle watcher, times the peer',
        medianOf(of('ours'), 'idleKb') / medianOf(of('peer'), 'idleKb'),
      ),
      atMost(
        FLAT,
        `memory after ${CHANGES} changes, times after ${FIRST_CHANGES}`,
        medianOf(of('ours'), 'growth'),
      ),
      ...noErrors(of('ours'), ' of ours'),
    ],
  };
}
