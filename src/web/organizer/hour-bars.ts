import type { Money } from 'seat-map/map';

const HOUR_MS = 3_600_000;
/** More bars than this are too narrow on a phone. */
const HOURS_MAX = 48;

/** What was paid in an hour, as the API answers it. */
export interface PaidInHour {
  readonly from: string;
  readonly paid: readonly Money[];
  readonly refunded: readonly Money[];
}

/** One bar of the plot, in the minor unit of one currency. */
export interface HourBar {
  readonly from: string;
  readonly paid: number;
  readonly refunded: number;
}

/** The currencies of the sums, each once. */
export const currenciesOf = (sums: readonly { readonly paid: readonly Money[] }[]): string[] => [
  ...new Set(sums.flatMap(({ paid }) => paid.map(({ currency }) => currency))),
];

export const amountIn = (sums: readonly Money[], currency: string): number =>
  sums.find((sum) => sum.currency === currency)?.amount ?? 0;

/**
 * A bar for each hour from the first to the last, also for those without payments.
 *
 * @param hours oldest first
 */
export function hourBars(hours: readonly PaidInHour[], currency: string): HourBar[] {
  const first = hours[0];
  const last = hours.at(-1);
  if (first === undefined || last === undefined) return [];
  const byStart = new Map(hours.map((hour) => [Date.parse(hour.from), hour]));
  const end = Date.parse(last.from);
  const start = Math.max(Date.parse(first.from), end - (HOURS_MAX - 1) * HOUR_MS);
  const bars: HourBar[] = [];
  for (let at = start; at <= end; at += HOUR_MS) {
    const hour = byStart.get(at);
    bars.push({
      from: new Date(at).toISOString(),
      paid: amountIn(hour?.paid ?? [], currency),
      refunded: amountIn(hour?.refunded ?? [], currency),
    });
  }
  return bars;
}
