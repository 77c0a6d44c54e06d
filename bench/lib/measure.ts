import type { Environment } from './environment.js';
import type { LoadJob, LoadResult, Work } from './load-job.js';
import { cpuMsOf } from './processes.js';
import type { ServerProcess } from './server-process.js';
import { median, quantile } from './statistics.js';
import { figure } from './table.js';

/** One phase of one contender in one round. CPU times and latencies are of all operations, including refused ones. */
export interface Measurement {
  /** Successful operations. */
  readonly perSecond: number;
  /** From the first call to the last answer. */
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Of all servers together. */
  readonly serverCpuUs: number;
  readonly mongodCpuUs: number;
  /** NaN if the server has no batches. */
  readonly commandsPerBatch: number;
  readonly retriesPerBatch: number;
  readonly done: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly refusalsWithSuggestions: number;
}

export interface Measured {
  readonly measurement: Measurement;
  readonly done: readonly Work[];
}

/** Runs a job and measures its cost. */
export async function measure(
  { load, mongodPid }: Pick<Environment, 'load' | 'mongodPid'>,
  servers: readonly ServerProcess[],
  job: Omit<LoadJob, 'urls'>,
): Promise<Measured> {
  await load.ask({ open: { ...job, urls: servers.map(({ url }) => url) } });
  const batchesBefore = await batchesOf(servers);
  const cpuBefore = await cpuOf(servers, mongodPid);
  const result = (await load.ask('run')) as LoadResult;
  const cpuAfter = await cpuOf(servers, mongodPid);
  const batchesAfter = await batchesOf(servers);
  await load.ask('close');
  return {
    measurement: measurementOf(result, {
      serverCpuMs: cpuAfter.serverMs - cpuBefore.serverMs,
      mongodCpuMs: cpuAfter.mongodMs - cpuBefore.mongodMs,
      batches: batchesAfter.batches - batchesBefore.batches,
      commands: batchesAfter.commands - batchesBefore.commands,
      retries: batchesAfter.retries - batchesBefore.retries,
    }),
    done: result.done,
  };
}

/** Resources used during a run. */
export interface Cost {
  readonly serverCpuMs: number;
  readonly mongodCpuMs: number;
  readonly batches: number;
  readonly commands: number;
  readonly retries: number;
}

export function measurementOf(
  result: Omit<LoadResult, 'done'> & { done: { length: number } },
  cost: Cost,
): Measurement {
  const operations = result.latenciesMs.length;
  const sorted = [...result.latenciesMs].sort((one, other) => one - other);
  return {
    perSecond: (result.done.length / result.elapsedMs) * 1000,
    elapsedMs: result.elapsedMs,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    p999Ms: quantile(sorted, 0.999),
    serverCpuUs: (cost.serverCpuMs / operations) * 1000,
    mongodCpuUs: (cost.mongodCpuMs / operations) * 1000,
    commandsPerBatch: cost.commands / cost.batches,
    retriesPerBatch: cost.retries / cost.batches,
    done: result.done.length,
    refusals: result.refusals,
    refusalsWithSuggestions: result.refusalsWithSuggestions,
  };
}

async function cpuOf(servers: readonly ServerProcess[], mongodPid: number) {
  const ofServers = await Promise.all(servers.map(({ pid }) => cpuMsOf(pid)));
  return { serverMs: ofServers.reduce((sum, ms) => sum + ms, 0), mongodMs: await cpuMsOf(mongodPid) };
}

/** Totals of the servers' batches; 0 for servers that report none. */
export async function batchesOf(servers: readonly ServerProcess[]) {
  const sums = { batches: 0, commands: 0, retries: 0 };
  for (const { url } of servers) {
    const metric = await metricsOf(url);
    sums.batches += metric('booking_batch_commands_count');
    sums.commands += metric('booking_batch_commands_sum');
    sums.retries += metric('booking_batch_retries_total');
  }
  return sums;
}

/** @returns the value of a metric by name; 0 if the server has no such metric */
export async function metricsOf(url: string): Promise<(name: string) => number> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  return (name) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? 0);
}

/** The medians of several rounds. Refusals are the sum of all rounds. */
export interface Figures
  extends Omit<Measurement, 'elapsedMs' | 'done' | 'refusals' | 'refusalsWithSuggestions'> {
  readonly refusals: number;
}

export function figuresOf(measurements: readonly Measurement[]): Figures {
  const of = (key: Exclude<keyof Figures, 'refusals'>) => median(measurements.map((each) => each[key]));
  return {
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    p999Ms: of('p999Ms'),
    serverCpuUs: of('serverCpuUs'),
    mongodCpuUs: of('mongodCpuUs'),
    commandsPerBatch: of('commandsPerBatch'),
    retriesPerBatch: of('retriesPerBatch'),
    refusals: measurements.reduce((sum, { refusals }) => sum + sumOf(refusals), 0),
  };
}

const sumOf = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** A line for the progress display. */
export function lineOf(phase: string, each: Measurement): string {
  if (Number.isNaN(each.p50Ms)) return `${phase}: nothing to do`;
  const refusals = Object.entries(each.refusals).map(([code, count]) => `, ${count} × ${code}`);
  const batch = Number.isNaN(each.commandsPerBatch) ? '' : `, batches of ${figure(each.commandsPerBatch)}`;
  return (
    `${phase}: ${figure(each.perSecond)}/s, p50 ${figure(each.p50Ms)} ms, p99 ${figure(each.p99Ms)} ms, ` +
    `CPU ${figure(each.serverCpuUs)} + ${figure(each.mongodCpuUs)} µs${batch}${refusals.join('')}`
  );
}
