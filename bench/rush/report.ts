import { quantile } from '../lib/statistics.js';
import { CHECKS, type Check, type Findings, findingLines, isClean } from './audit.js';
import type { RushOptions } from './options.js';
import type { SaleResult } from './sale.js';
import { isPauseClean, type PauseResult, pauseLines } from './sale-pause.js';
import { ENDINGS, type Ending } from './sale-record.js';

interface StepFigures {
  readonly answers: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The result of one sale, as it is written as JSON. Durations are in milliseconds. */
export interface Summary {
  readonly at: string;
  readonly node: string;
  readonly seed: number;
  readonly server: string;
  readonly fans: number;
  readonly seats: SaleResult['seats'];
  readonly watchers: SaleResult['watchers'] & { readonly count: number };
  readonly accounts: number;
  readonly signUpMs: number;
  readonly saleMs: number;
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  readonly bookings: number;
  /** From the first arrival to the last booking. */
  readonly bookingsPerSecond: number;
  readonly bookingsInBusiestSecond: number;
  /** From a step's first call to its answer, including retries. */
  readonly steps: Readonly<Record<string, StepFigures>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly retries: Readonly<Record<string, number>>;
  readonly doubleClicks: number;
  readonly dropped: number;
  readonly expiryWaits: number;
  readonly pause: PauseResult | null;
  readonly audit: Findings;
  readonly passed: boolean;
}

export function summarize(result: SaleResult, options: RushOptions, seed: number): Summary {
  const { record, findings } = result;
  const { bookedAtMs } = record;
  const bookingMs = (bookedAtMs.at(-1) ?? result.startedAtMs) - result.startedAtMs;
  const endings: Partial<Record<Ending, number>> = {};
  for (const { ending } of record.visits)
    if (ending !== undefined) endings[ending] = (endings[ending] ?? 0) + 1;
  return {
    at: new Date().toISOString(),
    node: process.version,
    seed,
    server: options.endpoint?.origin ?? 'its own',
    fans: options.fans,
    seats: result.seats,
    watchers: { count: options.watchers, ...result.watchers },
    accounts: result.accounts,
    signUpMs: result.signUpMs,
    saleMs: result.saleMs,
    endings,
    bookings: bookedAtMs.length,
    bookingsPerSecond: bookingMs === 0 ? 0 : (bookedAtMs.length / bookingMs) * 1000,
    bookingsInBusiestSecond: busiestSecond(bookedAtMs),
    steps: Object.fromEntries([...record.stepMs].map(([step, all]) => [step, figuresOf(all)])),
    refusals: Object.fromEntries(record.refusals),
    retries: Object.fromEntries(record.retries),
    doubleClicks: record.doubleClicks,
    dropped: record.dropped,
    expiryWaits: record.expiryWaits,
    pause: result.pause,
    audit: findings,
    passed: isClean(findings) && (result.pause === null || isPauseClean(result.pause)),
  };
}

function figuresOf(all: readonly number[]): StepFigures {
  const sorted = [...all].sort((a, b) => a - b);
  return { answers: all.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

/** @param atMs in order */
function busiestSecond(atMs: readonly number[]): number {
  let most = 0;
  let first = 0;
  atMs.forEach((ms, index) => {
    while (ms - (atMs[first] as number) > 1000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

/** The result as text. */
export function reportOf(summary: Summary): string {
  const { seats, watchers } = summary;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([what, times]) => `${times} × ${what}`)
      .join(', ') || 'none';
  const endings = Object.entries(summary.endings).map(([ending, fans]) => [ENDINGS[ending as Ending], fans]);
  const lines = [
    `${summary.fans} fans, ${seats.available + seats.locked + seats.booked} seats, ${watchers.count} watchers, seed ${summary.seed}`,
    `Before the sale: ${summary.accounts} accounts signed up in ${seconds(summary.signUpMs)}`,
    `The sale took ${seconds(summary.saleMs)}: ${summary.bookings} bookings, ${summary.bookingsPerSecond.toFixed(0)} a second until the last one, ${summary.bookingsInBusiestSecond} in the busiest second`,
    `Fans: ${counts(Object.fromEntries(endings))}`,
    `Seats in the end: ${seats.booked} booked, ${seats.locked} locked, ${seats.available} available`,
    `Refusals: ${counts(summary.refusals)}`,
    `Double clicks ${summary.doubleClicks} · connections dropped ${summary.dropped} · waits for an expiry ${summary.expiryWaits} · retries: ${counts(summary.retries)}`,
    `Watchers: ${watchers.messages} messages, resumed ${watchers.resumes} times`,
    '',
    `${'step'.padEnd(10)}${'answers'.padStart(9)}${'p50 ms'.padStart(10)}${'p99 ms'.padStart(10)}`,
    ...Object.entries(summary.steps).map(
      ([step, { answers, p50Ms, p99Ms }]) =>
        `${step.padEnd(10)}${String(answers).padStart(9)}${p50Ms.toFixed(0).padStart(10)}${p99Ms.toFixed(0).padStart(10)}`,
    ),
    '',
    'Audit, read from the API',
    ...Object.entries(CHECKS).flatMap(([check, what]) => findingLines(summary.audit[check as Check], what)),
    ...(summary.pause === null ? [] : pauseLines(summary.pause)),
    summary.passed ? 'Every count that must be 0 is 0.' : 'A count that must be 0 is NOT 0.',
  ];
  return `${lines.join('\n')}\n`;
}
