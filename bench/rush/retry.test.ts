import { expect, test, vi } from 'vitest';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { Deadline, TRIES_MAX, UnansweredError, withRetries } from './retry.js';
import { NoAnswer, Refusal } from './server-api.js';

const random = new SeededRandom(1);
const AN_HOUR_MS = 3_600_000;
const busy = (code = 'TOO_BUSY') => new Refusal(code, { retryAfterMs: 0 });

test.each([
  ['a busy server', busy()],
  ['a limit of calls', busy('RATE_LIMITED')],
  ['an unknown outcome', new Refusal('OUTCOME_UNKNOWN', {})],
  ['a lost connection', new NoAnswer('other side closed')],
])('after %s the call is repeated', async (_what, error) => {
  const ask = vi.fn().mockRejectedValueOnce(error).mockResolvedValue('done');
  const retried = vi.fn();
  expect(await withRetries(ask, new Deadline(AN_HOUR_MS), random, retried)).toBe('done');
  expect(ask).toHaveBeenCalledTimes(2);
  expect(retried).toHaveBeenCalledTimes(1);
});

test('any other refusal is thrown at once', async () => {
  const ask = vi.fn().mockRejectedValue(new Refusal('SEAT_UNAVAILABLE', { seatNumbers: [1] }));
  await expect(withRetries(ask, new Deadline(AN_HOUR_MS), random, vi.fn())).rejects.toMatchObject({
    code: 'SEAT_UNAVAILABLE',
    details: { seatNumbers: [1] },
  });
  expect(ask).toHaveBeenCalledTimes(1);
});

test('the number of attempts is limited', async () => {
  const ask = vi.fn().mockRejectedValue(busy());
  await expect(withRetries(ask, new Deadline(AN_HOUR_MS), random, vi.fn())).rejects.toThrow(UnansweredError);
  expect(ask).toHaveBeenCalledTimes(TRIES_MAX);
});

test('nothing is repeated after the deadline', async () => {
  const ask = vi.fn().mockRejectedValue(busy());
  await expect(withRetries(ask, new Deadline(0), random, vi.fn())).rejects.toThrow(UnansweredError);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('the deadline cuts a long pause short', async () => {
  const ask = vi.fn().mockRejectedValue(new Refusal('RATE_LIMITED', { retryAfterMs: 60_000 }));
  await expect(withRetries(ask, new Deadline(20), random, vi.fn())).rejects.toThrow('deadline');
  expect(ask).toHaveBeenCalledTimes(1);
});
