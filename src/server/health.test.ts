import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { captureLog } from '../test/support/captured-log.js';
import { readiness } from './health.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a process is ready if every check is ok, and reports each of them', async () => {
  const { log } = captureLog();
  const good = { name: 'good', problem: () => null };
  expect(await readiness([good], log)).toEqual({ ready: true, checks: { good: 'ok' } });
  const lagging = { name: 'lagging', problem: async () => 'is behind' };
  expect(await readiness([good, lagging], log)).toEqual({
    ready: false,
    checks: { good: 'ok', lagging: 'is behind' },
  });
});

test('a check that throws is not ok, and its error is only logged', async () => {
  const { log, lines } = captureLog();
  for (const problem of [
    () => {
      throw new Error('connect ECONNREFUSED 10.0.0.5');
    },
    () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5')),
  ]) {
    expect(await readiness([{ name: 'database', problem }], log)).toEqual({
      ready: false,
      checks: { database: 'does not work' },
    });
  }
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({ check: 'database', err: { message: 'connect ECONNREFUSED 10.0.0.5' } });
});

test('a check that does not answer within a second is not ok, and does not hide the others', async () => {
  const { log } = captureLog();
  const result = readiness(
    [
      { name: 'hanging', problem: () => new Promise<null>(() => undefined) },
      { name: 'good', problem: () => null },
    ],
    log,
  );
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await result).toEqual({
    ready: false,
    checks: { hanging: 'no answer within 1000 ms', good: 'ok' },
  });
});

test('a check in progress is not started again, but is once it has ended', async () => {
  const { log } = captureLog();
  const answers: ((problem: string | null) => void)[] = [];
  const database = {
    name: 'database',
    problem: () => new Promise<string | null>((resolve) => answers.push(resolve)),
  };
  const results = [readiness([database], log), readiness([database], log)];
  await vi.advanceTimersByTimeAsync(1_000);
  // It is late, but still in progress.
  results.push(readiness([database], log));
  expect(answers).toHaveLength(1);
  answers[0]?.(null);
  expect((await Promise.all(results)).map(({ ready }) => ready)).toEqual([false, false, true]);
  const again = readiness([database], log);
  expect(answers).toHaveLength(2);
  answers[1]?.('is behind');
  expect((await again).checks).toEqual({ database: 'is behind' });
});
