import type { LogLine } from '../lib/server-process.js';

/** One run of a job on one server. */
export interface JobRun {
  readonly job: string;
  readonly server: string;
  /** When it started; milliseconds since 1970. */
  readonly atMs: number;
}

export function jobRunsOf(server: string, lines: readonly LogLine[]): JobRun[] {
  return lines.flatMap(({ msg, job, time, durationMs = 0 }) =>
    msg === 'Job ran' && job !== undefined ? [{ job, server, atMs: time - durationMs }] : [],
  );
}

/**
 * @param runs of one job
 * @returns the periods in which it ran more than once, on any server
 */
export function ranTwice(runs: readonly JobRun[], periodMs: number): string[] {
  const inPeriod = new Map<number, JobRun[]>();
  for (const run of runs) {
    const period = Math.floor(run.atMs / periodMs);
    inPeriod.set(period, [...(inPeriod.get(period) ?? []), run]);
  }
  return [...inPeriod.values()]
    .filter((some) => some.length > 1)
    .map(
      (some) =>
        `${some[0]?.job} ran ${some.length} times in one period, on ${some.map(({ server }) => server)}`,
    );
}

/** @returns the server that ran the job last before a time */
export const ownerAt = (runs: readonly JobRun[], instantMs: number): string | undefined =>
  runs.filter(({ atMs }) => atMs <= instantMs).sort((a, b) => b.atMs - a.atMs)[0]?.server;

/** @returns how long after a time another server ran the job; null if none did */
export function takenOverAfterMs(runs: readonly JobRun[], owner: string, instantMs: number): number | null {
  const times = runs
    .filter(({ server, atMs }) => server !== owner && atMs > instantMs)
    .map(({ atMs }) => atMs);
  return times.length === 0 ? null : Math.min(...times) - instantMs;
}
