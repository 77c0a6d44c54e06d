import { quantile } from '../lib/statistics.js';
import type { FaultName } from './faults.js';
import { ROUND_CHECKS, type RoundCheck, type RoundResult } from './round.js';

const EXAMPLES_MAX = 5;

interface Spread {
  readonly median: number;
  readonly worst: number;
}

/** All rounds of one fault. */
export interface FaultSummary {
  readonly fault: FaultName;
  readonly rounds: number;
  readonly passed: boolean;
  /** Number of findings of each kind, in all rounds. */
  readonly findings: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly unknown: number;
  readonly bookings: number;
  readonly repeated: number;
  readonly resumes: number;
  readonly seatOperations: number;
  /** Null for rounds of a payment provider, during which the database works. */
  readonly writesContinuedMs: Spread | null;
  readonly figures: Readonly<Record<string, Spread>>;
  /** The servers' log lines of level error or worse. */
  readonly errors: Readonly<Record<string, number>>;
}

export function summarize(
  fault: FaultName,
  results: readonly RoundResult[],
  errorsOfServers: readonly ReadonlyMap<string, number>[],
): FaultSummary {
  const sum = (of: (result: RoundResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const checks = Object.keys(ROUND_CHECKS) as RoundCheck[];
  const findings = Object.fromEntries(
    checks.map((check) => [check, sum((result) => result.findings[check].length)]),
  );
  const names = new Set(results.flatMap(({ figures }) => Object.keys(figures)));
  const errors: Record<string, number> = {};
  for (const counts of errorsOfServers) {
    for (const [message, count] of counts) errors[message] = (errors[message] ?? 0) + count;
  }
  return {
    fault,
    rounds: results.length,
    passed: Object.values(findings).every((count) => count === 0),
    findings,
    calls: sum(({ calls }) => calls),
    unknown: sum(({ unknown }) => unknown),
    bookings: sum(({ bookings }) => bookings),
    repeated: sum(({ repeated }) => repeated),
    resumes: sum(({ resumes }) => resumes),
    seatOperations: sum(({ seatOperations }) => seatOperations),
    writesContinuedMs: results.every(({ writesContinuedMs }) => writesContinuedMs === null)
      ? null
      : spreadOf(results.map(({ writesContinuedMs }) => writesContinuedMs ?? Number.POSITIVE_INFINITY)),
    figures: Object.fromEntries(
      [...names].map((name) => [name, spreadOf(results.flatMap(({ figures }) => figures[name] ?? []))]),
    ),
    errors,
  };
}

function spreadOf(all: readonly number[]): Spread {
  const sorted = [...all].sort((a, b) => a - b);
  return { median: Math.round(quantile(sorted, 0.5)), worst: Math.round(sorted.at(-1) ?? 0) };
}

/** The results as text. */
export const reportOf = {
  round(fault: FaultName, number: number, result: RoundResult): string {
    const { writesContinuedMs, calls, unknown, bookings, repeated, resumes, findings } = result;
    const figures = Object.entries(result.figures).map(([name, value]) => ` · ${name} ${value.toFixed(0)}`);
    const lines = [
      `${fault} ${number}: writes continued after ${writesContinuedMs?.toFixed(0) ?? '–'} ms · ${calls} calls, ${unknown} without ` +
        `an answer · ${bookings} bookings, ${repeated} requests repeated · watchers resumed ${resumes} times${figures.join('')}`,
    ];
    for (const [check, found] of Object.entries(findings)) {
      if (found.length === 0) continue;
      lines.push(`  ${found.length} ${ROUND_CHECKS[check as RoundCheck]}`);
      lines.push(...found.slice(0, EXAMPLES_MAX).map((example) => `    ${example}`));
    }
    return `${lines.join('\n')}\n`;
  },

  fault(summary: FaultSummary): string {
    const spread = ({ median, worst }: Spread) => `${median} (worst ${worst})`;
    const errors = Object.entries(summary.errors).map(([message, count]) => `${count} × ${message}`);
    return [
      `${summary.fault}, ${summary.rounds} rounds: ${summary.passed ? 'every audit clean' : 'FINDINGS'}`,
      `  ${summary.bookings} bookings, ${summary.calls} calls, ${summary.unknown} without an answer, ${summary.repeated} requests repeated, ${summary.seatOperations} steps checked`,
      ...(summary.writesContinuedMs === null
        ? []
        : [`  writes continued after ${spread(summary.writesContinuedMs)} ms`]),
      ...Object.entries(summary.figures).map(([name, figure]) => `  ${name} ${spread(figure)}`),
      ...(errors.length > 0 ? [`  logged as errors: ${errors.join(', ')}`] : []),
      '',
    ].join('\n');
  },
};
