/** How the layout's units become pixels of the screen: `x * scale + x offset`. */
export interface View {
  /** Pixels of a seat with its gap. */
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}
