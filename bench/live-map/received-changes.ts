import { quantile } from '../lib/statistics.js';
import type { Figures } from './figures.js';
import type { Received } from './watch-job.js';

/** How long after something happened each watcher saw it. */
export interface Sightings {
  /** Milliseconds; below zero where it was seen before. */
  readonly delaysMs: readonly number[];
  /** Watchers who never saw it, summed up over all that happened. */
  readonly missing: number;
}

/**
 * @param happenedMs of each seat, when what is to be seen of it happened; milliseconds since 1970
 * @param status that the seat has then
 */
export function sightingsOf(
  told: readonly Received[],
  watchers: number,
  happenedMs: ReadonlyMap<number, number>,
  status: 'LOCKED' | 'AVAILABLE',
): Sightings {
  const delaysMs: number[] = [];
  for (const { seats, atMs } of told) {
    for (const seat of seats) {
      const happened = seat.status === status ? happenedMs.get(seat.seatNumber) : undefined;
      if (happened === undefined) continue;
      for (const at of atMs) delaysMs.push(at - happened);
    }
  }
  return { delaysMs, missing: happenedMs.size * watchers - delaysMs.length };
}

/** What is seen before the answer has come is seen at once. */
export function delayColumns(delaysMs: readonly number[]): Figures {
  const sorted = delaysMs.map((delay) => Math.max(0, delay)).sort((one, other) => one - other);
  return {
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}
