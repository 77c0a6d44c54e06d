import { figure, markdownTable } from './table.js';

/** A limit for a figure. */
export interface Goal {
  readonly what: string;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** NaN if it was not measured. */
  readonly measured: number;
}

export const atLeast = (limit: number, what: string, measured: number): Goal => ({
  what,
  bound: 'at least',
  limit,
  measured,
});

export const atMost = (limit: number, what: string, measured: number): Goal => ({
  what,
  bound: 'at most',
  limit,
  measured,
});

/** @returns undefined if it was not measured */
export function isMet({ bound, limit, measured }: Goal): boolean | undefined {
  if (Number.isNaN(measured)) return undefined;
  return bound === 'at least' ? measured >= limit : measured <= limit;
}

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const met = isMet(goal);
    return [
      goal.what,
      `${goal.bound === 'at least' ? '≥' : '≤'} ${Number(goal.limit.toPrecision(3))}`,
      figure(goal.measured),
      met === undefined ? 'not measured' : met ? 'met' : 'not met',
    ];
  });
  return markdownTable(['goal', 'limit', 'measured', ''], rows);
}
