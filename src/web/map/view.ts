/** Converts layout units to screen pixels: `layoutX * scale + x`. */
export interface View {
  /** Pixels per seat with its gap. */
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}
