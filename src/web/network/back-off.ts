/** A pause before a next try, longer with each one, in ms. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Spread, or everybody who lost the same server comes back to it in the same instant.
 *
 * @param tries how many there were already
 */
export function pauseMs({ firstMs, longestMs }: BackOff, tries: number, random = Math.random): number {
  return Math.min(longestMs, firstMs * 2 ** tries) * (0.5 + random() / 2);
}
