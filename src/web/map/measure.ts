/** What can be measured of the map by whoever opens the browser's performance tools. */
export type Measured =
  /** From its data to its first picture. */
  | 'seat-map:first-draw'
  /** A message, with all that the page does because of it: state, drawing, rendering. */
  | 'seat-map:change'
  /** A picture drawn as a whole. */
  | 'seat-map:draw';

/** Only the last of each is kept: a page may be open for days. @param startMs of performance.now() */
export function measure(name: Measured, startMs: number, detail?: { readonly seats: number }): void {
  performance.clearMeasures(name);
  performance.measure(name, { start: startMs, detail });
}
