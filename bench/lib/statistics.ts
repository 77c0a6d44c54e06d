/** A quantile of sorted values; NaN without values. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** The median without NaN values; NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + high) / 2 : high;
}

/** The bounds between which the true median is with a probability of 95 %, whatever the values' distribution. */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = [...values].sort((one, other) => one - other);
  // How many of the values are below the median is a binomial distribution.
  const rank = Math.max(1, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  return [sorted[rank - 1] ?? Number.NaN, sorted.at(-rank) ?? Number.NaN];
}

const RESAMPLES = 2_000;

/**
 * How many percent the second value of a typical pair is above the first one: by the medians of all first and all second
 * values.
 *
 * @param pairs each of two measurements that were made one right after the other
 * @returns with the interval that has the true value with 90 % confidence (bootstrap: pairs are drawn again)
 */
export function percentAbove(
  pairs: readonly (readonly [number, number])[],
  random: { below(limit: number): number },
): { readonly percent: number; readonly low: number; readonly high: number } {
  const percentOf = (drawn: typeof pairs) =>
    100 * (median(drawn.map(([, second]) => second)) / median(drawn.map(([first]) => first)) - 1);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    percentOf(pairs.map(() => pairs[random.below(pairs.length)] as (typeof pairs)[number])),
  ).sort((one, other) => one - other);
  return { percent: percentOf(pairs), low: quantile(resampled, 0.05), high: quantile(resampled, 0.95) };
}
