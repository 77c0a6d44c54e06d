import type { Environment } from './environment.js';
import { type Goal, goalTable } from './goals.js';
import { figure, markdownTable } from './table.js';

/** The environment and the length of a scenario. */
export interface Setting {
  readonly environment: Environment;
  /** Counted rounds, without the warm-up round. */
  readonly rounds: number;
  /** How long a phase accepts new work. */
  readonly phaseMs: number;
  /** Rounds that would end later are left out, except the first counted one. Milliseconds since 1970. */
  readonly endMs?: number | undefined;
  /** Called with the number of counted rounds. */
  readonly counted?: (rounds: number) => void;
}

export type Row = Readonly<Record<string, string | number>>;

/** The results of a scenario. */
export interface Report {
  /** How it was measured, in one or two sentences. */
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
