import { setTimeout as wait } from 'node:timers/promises';
import { LOCK } from './operations.js';
import { quantile } from './statistics.js';
import { type Caller, Refused } from './transports.js';

export const LOCKS_PER_SECOND = 500;
/** More than wait for an answer at a time. */
export const STEADY_CALLERS = 300;

export interface SteadyLocks {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly refused: number;
}

/** Locks one seat after the other at a steady rate, each by another caller. A lock's time begins when it is due. */
export async function lockSteadily(
  callers: readonly Caller[],
  eventId: string,
  phaseMs: number,
): Promise<SteadyLocks> {
  const startMs = performance.now();
  let refused = 0;
  const lockOne = async (index: number): Promise<number> => {
    const dueMs = startMs + (index * 1000) / LOCKS_PER_SECOND;
    await wait(Math.max(0, dueMs - performance.now()));
    const caller = callers[index % callers.length] as Caller;
    const input = { eventId, seatNumber: index + 1 };
    await caller.call(LOCK, { input }, Math.floor(index / callers.length / 10)).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      refused += 1;
    });
    return performance.now() - dueMs;
  };
  const count = Math.floor((LOCKS_PER_SECOND * phaseMs) / 1000);
  const sorted = (await Promise.all(Array.from({ length: count }, (_, index) => lockOne(index)))).sort(
    (one, other) => one - other,
  );
  return {
    perSecond: ((count - refused) * 1000) / (performance.now() - startMs),
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1) as number,
    refused,
  };
}
