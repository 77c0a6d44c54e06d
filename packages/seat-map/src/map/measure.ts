/** Measurements of the map in the browser's performance tools. */
export type Measured =
  /** From the map's data to its first drawing. */
  | 'seat-map:first-draw'
  /** Everything that the page does after a message: state, drawing, rendering. */
  | 'seat-map:change'
  /** A full drawing of the map. */
  | 'seat-map:draw';

/** Only the last measurement of each name is kept, as a page may be open for days. @param startMs from performance.now() */
export function measure(name: Measured, startMs: number, detail?: { readonly seats: number }): void {
  performance.clearMeasures(name);
  performance.measure(name, { start: startMs, detail });
}
