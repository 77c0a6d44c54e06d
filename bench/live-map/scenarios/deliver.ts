import { setTimeout as wait } from 'node:timers/promises';
import { atLeast, atMost, type Goal } from '../../lib/goals.js';
import { cpuMsOf } from '../../lib/processes.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import type { Audience } from '../audience.js';
import {
  CONTENDERS,
  type Contender,
  type ContenderName,
  type Published,
  startContender,
} from '../contenders.js';
import {
  columnsOf,
  deliverOneByOne,
  errorsIn,
  type Figures,
  lineOf,
  medianOf,
  noErrors,
} from '../figures.js';
import { atPace } from '../pace.js';
import { delayColumns } from '../received-changes.js';
import { type LiveSetting, upTo } from '../setting.js';
import type { Received } from '../watch-job.js';

/** The goals apply from this number on: with fewer watchers, the cost of the change itself dominates. */
const MANY = 1_000;
const CHANGES_PER_SECOND = 20;
/** Messages that arrive later after the last change do not count. */
const GRACE_MS = 2_000;
/** How long a server may take to become idle after its watchers have left. */
const SETTLE_MS_MAX = 30_000;
const CHECK_EVERY_MS = 200;
const IDLE_CPU_SHARE = 0.1;

/** The cost of sending a change to all watchers, and the share of watchers that receive twenty changes a second. */
export async function deliver(setting: LiveSetting): Promise<Report> {
  const { environment, audience, watchers } = setting;
  const contenders = new Map<ContenderName, Contender>();
  for (const name of CONTENDERS) contenders.set(name, await startContender(environment, name));
  const steady = upTo(MANY, setting);

  const arms = [...contenders].flatMap(([name, contender]): Arm<Figures>[] => [
    ...watchers.map((count) => ({
      name: armOf(name, count),
      run: async (phaseMs: number) => {
        const map = await contender.newMap();
        await audience.watch(contender, map, count);
        const oneByOne = await deliverOneByOne(contender.server, audience, map, phaseMs);
        await audience.close();
        await settled(contender);
        return { oneByOne };
      },
    })),
    {
      name: steadyArmOf(name),
      run: async (phaseMs) => ({ steady: await deliverSteadily(contender, audience, steady, phaseMs) }),
    },
  ]);
  const results = await runRoundsOf(arms, setting, lineOf);
  for (const { server } of contenders.values()) await server.stop();

  const oneByOne = (name: ContenderName, count: number) => results(armOf(name, count), 'oneByOne');
  const steadily = (name: ContenderName) => results(steadyArmOf(name), 'steady');
  const cpu = (name: ContenderName, count: number) => medianOf(oneByOne(name, count), 'cpuPerDeliveryUs');
  const goals = watchers
    .filter((count) => count >= MANY)
    .flatMap((count): Goal[] => [
      atMost(
        1.3,
        `server CPU of a delivery to ${count}, times the floor`,
        cpu('ours', count) / cpu('broadcast', count),
      ),
      atMost(
        0.1,
        `server CPU of a delivery to ${count}, times the peer`,
        cpu('ours', count) / cpu('peer', count),
      ),
    ]);
  const ours = [...watchers.flatMap((count) => oneByOne('ours', count)), ...steadily('ours')];
  return {
    about:
      'One change of five seats after the other, each once every watcher has the last one: CPU time of the server ' +
      `for one message to one watcher. Then ${CHANGES_PER_SECOND} changes a second without waiting: the share of changes that reached ` +
      'the watchers, in a message of their own or merged, and how long after the change; ' +
      'a change that never arrived counts with the time until the end.',
    rows: [
      ...watchers.flatMap((count) =>
        CONTENDERS.map((name) => ({
          contender: name,
          watchers: count,
          ...columnsOf(oneByOne(name, count), COLUMNS),
        })),
      ),
      ...CONTENDERS.map((name) => ({
        contender: `${name}, ${CHANGES_PER_SECOND} changes/s`,
        watchers: steady,
        ...columnsOf(steadily(name), COLUMNS),
      })),
    ],
    goals: [
      ...goals,
      atLeast(
        1,
        `share of changes that arrived, ${CHANGES_PER_SECOND} a second to ${steady}`,
        medianOf(steadily('ours'), 'arrivedShare'),
      ),
      ...noErrors(ours, ' of ours'),
    ],
  };
}

const COLUMNS = [
  'cpuPerDeliveryUs',
  'bytes',
  'messagesPerWatcher',
  'arrivedShare',
  'p50Ms',
  'p99Ms',
] as const;

const armOf = (name: ContenderName, count: number) => `${name}, watchers: ${count}`;
const steadyArmOf = (name: ContenderName) => `${name}, ${CHANGES_PER_SECOND} changes/s`;

async function deliverSteadily(
  contender: Contender,
  audience: Audience,
  watchers: number,
  phaseMs: number,
): Promise<Figures> {
  const map = await contender.newMap();
  await audience.watch(contender, map, watchers);
  const cpuBefore = await cpuMsOf(contender.server.pid);
  const published: Published[] = [];
  const changes = Math.ceil((CHANGES_PER_SECOND * phaseMs) / 1000);
  const pacing = atPace(CHANGES_PER_SECOND, changes, async () => {
    published.push(await map.change());
  });
  // An overloaded server answers late: the publisher does not wait for it.
  const tooLate = new AbortController();
  const isPublished = await Promise.race([
    pacing.then(() => true),
    wait(phaseMs + GRACE_MS, false, { signal: tooLate.signal }).catch(() => false),
  ]);
  tooLate.abort();
  if (isPublished) await audience.hasReached(lastOf(published), GRACE_MS);
  const endMs = Date.now();
  const cpuMs = (await cpuMsOf(contender.server.pid)) - cpuBefore;
  const taken = await audience.take();
  await pacing;
  await audience.close();
  await settled(contender);
  const delaysMs = arrivals(taken.received, published, endMs);
  const expected = changes * watchers;
  const missing = published.flatMap(({ version, atMs }) => {
    const count = watchers - (delaysMs.get(version)?.length ?? 0);
    return Array.from({ length: Math.max(0, count) }, () => endMs - atMs);
  });
  const arrived = [...delaysMs.values()].flat();
  return {
    cpuPerDeliveryUs: (cpuMs / taken.messages) * 1000,
    arrivedShare: arrived.length / expected,
    messagesPerWatcher: taken.messages / watchers,
    bytes: taken.bytes / taken.messages,
    ...delayColumns([...arrived, ...missing]),
    ...errorsIn(taken),
  };
}

const lastOf = (published: readonly Published[]): Published =>
  published.reduce((last, each) => (each.version > last.version ? each : last));

/** Delays by version: how long after its publication each watcher received it, in a message of its own or merged. */
function arrivals(
  received: readonly Received[],
  published: readonly Published[],
  endMs: number,
): ReadonlyMap<number, number[]> {
  const publishedMs = new Map(published.map(({ version, atMs }) => [version, atMs]));
  const delaysMs = new Map<number, number[]>();
  for (const { previousVersion, version, atMs } of received) {
    for (let covered = (previousVersion ?? version - 1) + 1; covered <= version; covered++) {
      const publishedAtMs = publishedMs.get(covered);
      if (publishedAtMs === undefined) continue;
      const delays = delaysMs.get(covered) ?? [];
      delaysMs.set(covered, delays);
      for (const at of atMs) if (at <= endMs) delays.push(at - publishedAtMs);
    }
  }
  return delaysMs;
}

/** Waits until a server has handled the leave of its watchers and its unsent messages. */
async function settled({ server }: Contender): Promise<void> {
  const endMs = Date.now() + SETTLE_MS_MAX;
  for (let before = await cpuMsOf(server.pid); Date.now() < endMs; ) {
    await wait(CHECK_EVERY_MS);
    const after = await cpuMsOf(server.pid);
    if (after - before < CHECK_EVERY_MS * IDLE_CPU_SHARE) return;
    before = after;
  }
}
