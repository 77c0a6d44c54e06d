import { OURS } from '../../lib/environment.js';
import { atMost } from '../../lib/goals.js';
import { metricsOf } from '../../lib/measure.js';
import { cpuMsOf } from '../../lib/processes.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { startContender } from '../contenders.js';
import { versionOf } from '../database-version.js';
import { columnsOf, errorsIn, type Figures, lineOf, medianOf, noErrors, sumOf } from '../figures.js';
import { type LiveSetting, mostWatchers } from '../setting.js';

/** Changes of the map while the server is stopped. */
const MISSED_CHANGES = 20;
const GOAL_MS = 10_000;

/**
 * All watchers reconnect at once to a restarted server: with their version, or without. For comparison, the cost of bare
 * sockets without subscriptions.
 */
export async function reconnect(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const watchers = mostWatchers(setting);

  const reconnectAll = async (since: 'known' | 'none'): Promise<Figures> => {
    const before = await startContender(environment, 'ours');
    const map = await before.newMap();
    await audience.watch(before, map, watchers);
    const known = await versionOf(database, map.eventId);
    await before.server.stop();
    await audience.close();
    for (let change = 0; change < MISSED_CHANGES; change++) await map.change();

    const { server, watching } = await startContender(environment, 'ours');
    const cpuBefore = await cpuMsOf(server.pid);
    const clientCpuBefore = await audience.cpuMs();
    const { elapsedMs, retries } = await audience.open({
      ...watching,
      maps: [{ eventId: map.eventId, watchers }],
      since: since === 'known' ? known : null,
      openingAtOnce: watchers,
    });
    const startMs = Date.now();
    await audience.reach({ version: known + MISSED_CHANGES });
    const elapsedAllMs = elapsedMs + Date.now() - startMs;
    const serverCpuMs = (await cpuMsOf(server.pid)) - cpuBefore;
    const clientCpuMs = (await audience.cpuMs()) - clientCpuBefore;
    const taken = await audience.take();
    const metric = await metricsOf(server.url);
    await audience.close();
    await server.stop();
    const wholeMaps = taken.received.filter(({ kind }) => kind === 'SNAPSHOT');
    return {
      elapsedMs: elapsedAllMs,
      serverCpuMs,
      serverCpuPerWatcherMs: serverCpuMs / watchers,
      clientCpuMs,
      retries: Object.values(retries).reduce((sum, count) => sum + count, 0),
      ...retries,
      bytes: taken.bytes / taken.messages,
      wholeMaps: wholeMaps.reduce((sum, { atMs }) => sum + atMs.length, 0),
      snapshots: metric('feed_snapshots_total'),
      executions: metric('feed_built_answers_total'),
      deliveries: metric('feed_sent_messages_total'),
      ...errorsIn(taken),
    };
  };
  const resuming: Arm<Figures> = {
    name: 'with since',
    run: async () => ({ back: await reconnectAll('known') }),
  };
  const fresh: Arm<Figures> = { name: 'without', run: async () => ({ back: await reconnectAll('none') }) };
  const bare: Arm<Figures> = {
    name: 'bare sockets',
    run: async () => {
      const { server, watching, newMap } = await startContender(environment, 'broadcast');
      const { eventId } = await newMap();
      const cpuBefore = await cpuMsOf(server.pid);
      const clientCpuBefore = await audience.cpuMs();
      const maps = [{ eventId, watchers }];
      const { elapsedMs } = await audience.open({ ...watching, maps, since: null, openingAtOnce: watchers });
      const serverCpuMs = (await cpuMsOf(server.pid)) - cpuBefore;
      const clientCpuMs = (await audience.cpuMs()) - clientCpuBefore;
      await audience.close();
      await server.stop();
      return {
        back: { elapsedMs, serverCpuMs, serverCpuPerWatcherMs: serverCpuMs / watchers, clientCpuMs },
      };
    },
  };
  const results = await runRoundsOf([resuming, fresh, bare], { ...setting, warmsUp: false }, lineOf);

  const of = ({ name }: Arm<Figures>) => results(name, 'back');
  const columns = [
    'elapsedMs',
    'serverCpuMs',
    'serverCpuPerWatcherMs',
    'clientCpuMs',
    'retries',
    'bytes',
    'wholeMaps',
    'snapshots',
    'executions',
    'deliveries',
  ];
  return {
    about:
      `${watchers} watchers connect at once to a server that was restarted after ${MISSED_CHANGES} changes; ms: from the first connection until ` +
      'every watcher has the newest map. wholeMaps: watchers that were sent a SNAPSHOT; snapshots, executions and deliveries are counted by the server.',
    rows: [resuming, fresh, bare].map((arm) => ({ arm: arm.name, watchers, ...columnsOf(of(arm), columns) })),
    goals: [
      atMost(GOAL_MS, `${watchers} are current again, ms`, medianOf(of(resuming), 'elapsedMs')),
      atMost(0, 'resumed, and sent a SNAPSHOT, all rounds', sumOf(of(resuming), 'wholeMaps')),
      atMost(GOAL_MS, `${watchers} have a map for the first time, ms`, medianOf(of(fresh), 'elapsedMs')),
      atMost(
        1,
        'messages executed and serialised for watchers that resume',
        medianOf(of(resuming), 'executions'),
      ),
      atMost(1, 'snapshots built for watchers without a version', medianOf(of(fresh), 'snapshots')),
      atMost(
        1,
        'messages executed and serialised for watchers without a version',
        medianOf(of(fresh), 'executions'),
      ),
      ...noErrors([...of(resuming), ...of(fresh)]),
    ],
  };
}
