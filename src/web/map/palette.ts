/** The map's colours. They come from the style sheet, which alone decides between dark and light. */
export interface Palette {
  readonly surface: string;
  readonly text: string;
  readonly faintText: string;
  readonly line: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly available: string;
  readonly availableLine: string;
  readonly availableDot: string;
  readonly locked: string;
  readonly lockedDot: string;
  readonly booked: string;
  readonly stale: string;
  readonly font: string;
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return {
    surface: value('--surface'),
    text: value('--text'),
    faintText: value('--text-faint'),
    line: value('--line'),
    accent: value('--accent'),
    onAccent: value('--on-accent'),
    available: value('--seat-available'),
    availableLine: value('--seat-available-line'),
    availableDot: value('--seat-available-dot'),
    locked: value('--seat-locked'),
    lockedDot: value('--seat-locked-dot'),
    booked: value('--seat-booked'),
    stale: value('--seat-stale'),
    font: style.fontFamily,
  };
}
