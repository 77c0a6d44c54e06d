import { expect, test } from 'vitest';
import { type JobRun, jobRunsOf, ownerAt, ranTwice, takenOverAfterMs } from './job-runs.js';

const run = (server: string, atMs: number): JobRun => ({ job: 'lock-expiry', server, atMs });

test('a run is a log line, and started its duration earlier', () => {
  const line = { level: 20, time: 1_050, msg: 'Job ran', job: 'lock-expiry', durationMs: 50 };
  expect(jobRunsOf('one', [line, { level: 30, time: 2_000, msg: 'Stopping' }])).toEqual([run('one', 1_000)]);
});

test('two servers that run a job in one period are found', () => {
  expect(ranTwice([run('one', 0), run('one', 2_010), run('two', 4_000)], 2_000)).toEqual([]);
  expect(ranTwice([run('one', 0), run('two', 1_999)], 2_000)).toHaveLength(1);
});

test('the server that ran the job last is its owner, until another one takes over', () => {
  const runs = [run('one', 0), run('two', 2_000), run('two', 4_000), run('one', 8_000)];
  expect(ownerAt(runs, 5_000)).toBe('two');
  expect(takenOverAfterMs(runs, 'two', 5_000)).toBe(3_000);
  expect(takenOverAfterMs(runs, 'one', 5_000)).toBeNull();
});
