import type { LogLine } from './server.js';

/** One run of a job, by whichever server. */
export interface JobRun {
  readonly job: string;
  readonly server: string;
  /** When it began; milliseconds since 1970. */
  readonly atMs: number;
}

export function jobRunsOf(server: string, lines: readonly LogLine[]): JobRun[] {
  return lines.flatMap(({ msg, job, time, durationMs = 0 }) =>
    msg === 'Job ran' && job !== undefined ? [{ job, server, atMs: time - durationMs }] : [],
  );
}

/**
 * @param runs of one job
 * @returns the periods in which it ran more than once, whoever ran it
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

/** @returns who ran the job last before an instant */
export const ownerAt = (runs: readonly JobRun[], instantMs: number): string | undefined =>
  runs.filter(({ atMs }) => atMs <= instantMs).sort((a, b) => b.atMs - a.atMs)[0]?.server;

/** @returns how long after an instant a server other than this one ran the job; null: none did */
export function takenOverAfterMs(runs: readonly JobRun[], owner: string, instantMs: number): number | null {
  const times = runs
    .filter(({ server, atMs }) => server !== owner && atMs > instantMs)
    .map(({ atMs }) => atMs);
  return times.length === 0 ? null : Math.min(...times) - instantMs;
}
