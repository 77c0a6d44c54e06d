import { quantile } from '../lib/statistics.js';
import type { Figures } from './figures.js';
import type { Received } from './watch-job.js';

/** How long after an event of interest each watcher received it. */
export interface Sightings {
  /** Milliseconds. Negative if it was received before. */
  readonly delaysMs: readonly number[];
  /** Deliveries that never came, of all seats and watchers. */
  readonly missing: number;
}

/**
 * @param happenedMs the time of the change by seat, in milliseconds since 1970
 * @param status the seat's status after the change
 */
export function sightingsOf(
  received: readonly Received[],
  watchers: number,
  happenedMs: ReadonlyMap<number, number>,
  status: 'LOCKED' | 'AVAILABLE',
): Sightings {
  const delaysMs: number[] = [];
  for (const { seats, atMs } of received) {
    for (const seat of seats) {
      const happened = seat.status === status ? happenedMs.get(seat.seatNumber) : undefined;
      if (happened === undefined) continue;
      for (const at of atMs) delaysMs.push(at - happened);
    }
  }
  return { delaysMs, missing: happenedMs.size * watchers - delaysMs.length };
}

/** Quantiles of delays, in milliseconds. */
export interface DelayFigures extends Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A message that comes before the caller's answer counts as 0 ms. */
export function delayColumns(delaysMs: readonly number[]): DelayFigures {
  const sorted = delaysMs.map((delay) => Math.max(0, delay)).sort((one, other) => one - other);
  return {
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}
