import { setTimeout as wait } from 'node:timers/promises';
import { RECENT_CHANGES_MAX } from '../../../src/feed/recent-changes.js';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { residentKbOf } from '../../lib/processes.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import type { ServerProcess } from '../../lib/server-process.js';
import { CONTENDERS, type Contender, type ContenderName, mapOf, startContender } from '../contenders.js';
import { columnsOf, errorsIn, type Figures, lineOf, medianOf, noErrors } from '../figures.js';
import { type LiveSetting, mostWatchers } from '../setting.js';

const SEATS = 1_000;
/** Before the first measurement, a server executes everything once. */
const WARM_UP_WATCHERS = 100;
const WARM_UP_CHANGES = 20;
const CHANGES = 10_000;
/** After these, the server keeps as many changes as it ever will for slow watchers. */
const FIRST_CHANGES = 2 * RECENT_CHANGES_MAX;
const CHANGES_AT_ONCE = 100;
/** The spread between garbage collections. */
const FLAT = 1.1;
/** A server's memory is read until it no longer grows or shrinks, for at most this time. */
const SETTLE_MS_MAX = 20_000;
const CHECK_EVERY_MS = 1_000;
const STEADY_PART = 0.005;
const STEADY_CHECKS = 3;

/** The server's memory for an idle watcher, and its growth by ten thousand changes. */
export async function memory(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const watchers = mostWatchers(setting);

  const idle = async (contender: Contender, map: Awaited<ReturnType<Contender['newMap']>>) => {
    await audience.watch(contender, map, Math.min(WARM_UP_WATCHERS, watchers));
    for (let change = 0; change < WARM_UP_CHANGES; change++) await audience.reach(await map.change());
    await audience.close();
    const emptyKb = await settledKb(contender.server);
    await audience.watch(contender, map, watchers);
    const idleKb = await settledKb(contender.server);
    return { emptyKb, idleKb };
  };
  const perWatcher = (kb: number) => kb / watchers;

  const ours: Arm<Figures> = {
    name: 'ours',
    run: async () => {
      const contender = await startContender(environment, 'ours');
      const database = environment.database(OURS);
      const map = mapOf(database, await createEvent(database, SEATS), SEATS);
      const { emptyKb, idleKb } = await idle(contender, map);
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
        const { emptyKb, idleKb } = await idle(contender, await contender.newMap());
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

async function settledKb({ pid }: ServerProcess): Promise<number> {
  const endMs = Date.now() + SETTLE_MS_MAX;
  let kb = await residentKbOf(pid);
  for (let steady = 0; steady < STEADY_CHECKS && Date.now() < endMs; ) {
    await wait(CHECK_EVERY_MS);
    const before = kb;
    kb = await residentKbOf(pid);
    steady = Math.abs(kb - before) <= before * STEADY_PART ? steady + 1 : 0;
  }
  return kb;
}
