import { cpuMsOf, type ServerProcess } from '../lib/processes.js';
import { median } from '../lib/statistics.js';
import { figure } from '../lib/table.js';
import type { Audience } from './audience.js';
import type { MapUnderTest } from './contenders.js';
import type { Taken } from './watch-job.js';

/** What was measured in one phase of one round, by what it is. */
export type Figures = Readonly<Record<string, number>>;

/** A median of the rounds. */
export const medianOf = (rounds: readonly Figures[], key: string): number =>
  median(rounds.map((figures) => figures[key] ?? Number.NaN));

/** Of all rounds together: for what must not happen. */
export const sumOf = (rounds: readonly Figures[], key: string): number =>
  rounds.reduce((sum, figures) => sum + (figures[key] ?? 0), 0);

/** Medians by the names of the columns. */
export const columnsOf = (rounds: readonly Figures[], keys: readonly string[]): Figures =>
  Object.fromEntries(keys.map((key) => [key, medianOf(rounds, key)]));

/** A line for the progress display. */
export const lineOf = (phase: string, figures: Figures): string =>
  `${phase}: ${Object.entries(figures)
    .map(([key, value]) => `${key} ${Number.isNaN(value) ? '?' : figure(value)}`)
    .join(', ')}`;

/** What is wrong whoever sends it. */
export const faultsIn = ({ outOfOrder, lost }: Taken): Figures => ({ outOfOrder, lost });

/** Fewer would say more of when the process was looked at than of what it did. */
const CHANGES_MIN = 3;

/**
 * Changes seats over and over, each time once every watcher has heard of the last change, so that nothing is merged
 * and nothing waits.
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
  const cpuBefore = await cpuMsOf(server.pid);
  const startMs = Date.now();
  let changes = 0;
  for (; changes < CHANGES_MIN || Date.now() - startMs < phaseMs; changes++) {
    await audience.reach(await map.change());
  }
  const cpuMs = (await cpuMsOf(server.pid)) - cpuBefore;
  const taken = await audience.take();
  return {
    cpuPerDeliveryUs: (cpuMs / taken.messages) * 1000,
    changes,
    bytes: taken.bytes / taken.messages,
    messagesElsewhere: taken.messagesElsewhere,
    ...faultsIn(taken),
  };
}
