import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ErrorCode, SeatMapError } from './api-error.js';
import { untilAnswered, WAIT_MS_MAX } from './retry.js';

const refused = (code: ErrorCode, retryAfterMs?: number) =>
  new SeatMapError({ code, message: 'Too many calls. Nothing was done.', details: { retryAfterMs } });

describe('a call that is sent until it is answered', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Sends a call that fails with these errors and then succeeds. Returns when it was sent, and the reported waits. */
  const send = async (...errors: readonly Error[]) => {
    const sentAtMs: number[] = [];
    const waits: number[] = [];
    const startMs = Date.now();
    const answer = untilAnswered(
      async () => {
        sentAtMs.push(Date.now() - startMs);
        const error = errors[sentAtMs.length - 1];
        if (error) throw error;
        return 'done';
      },
      { firstPauseMs: 1, onWait: (waitMs) => waits.push(waitMs) },
    ).catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    return { answer: await answer, sentAtMs, waits };
  };

  test.each(['TOO_BUSY', 'RATE_LIMITED'] as const)(
    'is not sent again before the pause that %s asks for, and reports the pause',
    async (code) => {
      const { answer, sentAtMs, waits } = await send(refused(code, 7_000), refused(code, 20_000));
      expect([answer, waits]).toEqual(['done', [7_000, 20_000]]);
      const [first = 0, second = 0, third = 0] = sentAtMs;
      expect([second - first >= 7_000, third - second >= 20_000]).toEqual([true, true]);
    },
  );

  test('fails at once if the pause is too long', async () => {
    const error = refused('RATE_LIMITED', WAIT_MS_MAX * 10);
    const { answer, sentAtMs, waits } = await send(error);
    expect([answer, sentAtMs, waits]).toEqual([error, [0], []]);
  });

  test('is not sent again once it is no longer wanted', async () => {
    let sent = 0;
    let isWanted = true;
    const error = refused('TOO_BUSY', 7_000);
    const call = async () => {
      sent += 1;
      throw error;
    };
    const answer = untilAnswered(call, { isWanted: () => isWanted }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(6_000);
    isWanted = false;
    await vi.runAllTimersAsync();
    expect([await answer, sent]).toEqual([error, 1]);
  });

  test('reports no wait after its last attempt', async () => {
    const { sentAtMs, waits } = await send(...Array(10).fill(refused('TOO_BUSY', 1_000)));
    expect([sentAtMs.length, waits.length]).toEqual([6, 5]);
  });
});
