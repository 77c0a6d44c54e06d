import type { Environment } from './environment.js';
import { type Goal, goalTable } from './goals.js';
import type { Figures } from './measure.js';
import { figure, markdownTable } from './table.js';

/** What a scenario may use, and for how long. */
export interface Setting {
  readonly environment: Environment;
  /** Counted ones, beside the one that warms up. */
  readonly rounds: number;
  /** How long a phase takes new work. */
  readonly phaseMs: number;
  /** Rounds after the first counted one are left out where they would end later. Milliseconds since 1970. */
  readonly endMs?: number | undefined;
  /** Told how many rounds were counted. */
  readonly counted?: (rounds: number) => void;
}

export type Row = Readonly<Record<string, string | number>>;

/** What a scenario has measured. */
export interface Report {
  /** How, in one sentence. */
  readonly about: string;
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

const HEADINGS: Readonly<Record<string, string>> = {
  perSecond: '/s',
  p50Ms: 'p50 ms',
  p99Ms: 'p99 ms',
  p999Ms: 'p99.9 ms',
  serverCpuUs: 'server µs',
  mongodCpuUs: 'mongod µs',
  commandsPerBatch: 'a batch',
  retriesPerBatch: 'retries a batch',
  answerBytes: 'bytes',
  cpuPerDeliveryUs: 'server µs a delivery',
  bytes: 'bytes',
  arrivedShare: 'arrived',
  messagesPerWatcher: 'messages a watcher',
  idleKb: 'KB an idle watcher',
  grownKb: 'KB a watcher later',
  elapsedMs: 'ms',
  maxMs: 'max ms',
  serverCpuMs: 'server CPU ms',
  outOfOrder: 'out of order',
  lost: 'lost sockets',
};

export function textOf({ about, rows, goals }: Report): string {
  const keys = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => keys.map((key) => cellOf(row[key])));
  const table = markdownTable(
    keys.map((key) => HEADINGS[key] ?? key),
    cells,
  );
  return `${about}\n\n${table}\n${goals.length > 0 ? `${goalTable(goals)}\n` : ''}`;
}

const cellOf = (value: string | number | undefined) =>
  typeof value === 'number' ? figure(value) : (value ?? '');

/** The figures that every phase has, in the order of a table's columns. */
export const phaseColumns = (figures: Figures): Row => ({
  perSecond: figures.perSecond,
  p50Ms: figures.p50Ms,
  p99Ms: figures.p99Ms,
  p999Ms: figures.p999Ms,
  serverCpuUs: figures.serverCpuUs,
  mongodCpuUs: figures.mongodCpuUs,
  commandsPerBatch: figures.commandsPerBatch,
  retriesPerBatch: figures.retriesPerBatch,
  refusals: figures.refusals,
});
