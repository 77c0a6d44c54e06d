import { atMost, type Goal } from '../lib/goals.js';
import { exactCpuMsOf } from '../lib/processes.js';
import type { ServerProcess } from '../lib/server-process.js';
import { median } from '../lib/statistics.js';
import { figure } from '../lib/table.js';
import type { Audience } from './audience.js';
import type { MapUnderTest } from './contenders.js';
import type { Taken } from './watch-job.js';

/** The figures of one phase in one round, by name. */
export type Figures = Readonly<Record<string, number>>;

/** The median of the rounds. */
export const medianOf = (rounds: readonly Figures[], key: string): number =>
  median(rounds.map((figures) => figures[key] ?? Number.NaN));

/** The sum of all rounds, for what must not happen. */
export const sumOf = (rounds: readonly Figures[], key: string): number =>
  rounds.reduce((sum, figures) => sum + (figures[key] ?? 0), 0);

/** Medians by column. */
export const columnsOf = (rounds: readonly Figures[], keys: readonly string[]): Figures =>
  Object.fromEntries(keys.map((key) => [key, medianOf(rounds, key)]));

/** A line for the progress display. */
export const lineOf = (phase: string, figures: Figures): string =>
  `${phase}: ${Object.entries(figures)
    .map(([key, value]) => `${key} ${Number.isNaN(value) ? '?' : figure(value)}`)
    .join(', ')}`;

/** Errors of any contender. */
export const errorsIn = ({ outOfOrder, lost }: Taken): Figures => ({ outOfOrder, lost });

/** Goals of every scenario: `errorsIn` found nothing in any round. */
export const noErrors = (rounds: readonly Figures[], whose = ''): Goal[] => [
  atMost(0, `messages${whose} out of order, all rounds`, sumOf(rounds, 'outOfOrder')),
  atMost(0, `sockets${whose} lost, all rounds`, sumOf(rounds, 'lost')),
];

/**
 * Makes at least one change, one after the other, each once every watcher has received the last one, so that no changes are
 * merged and no message waits.
 *
 * @returns the server's CPU time of one message to one watcher
 */
export async function deliverOneByOne(
  server: ServerProcess,
  audience: Audience,
  map: MapUnderTest,
  phaseMs: number,
): Promise<Figures> {
  await audience.take();
  const cpuBefore = await exactCpuMsOf(server.pid);
  const startMs = Date.now();
  let changes = 0;
  do {
    await audience.reach(await map.change());
    changes += 1;
  } while (Date.now() - startMs < phaseMs);
  const cpuMs = (await exactCpuMsOf(server.pid)) - cpuBefore;
  const taken = await audience.take();
  return {
    cpuPerDeliveryUs: (cpuMs / taken.messages) * 1000,
    changes,
    bytes: taken.bytes / taken.messages,
    messagesElsewhere: taken.messagesElsewhere,
    ...errorsIn(taken),
  };
}
