import { expect, test } from 'vitest';
import type { Palette } from './palette.js';
import { APPEARANCE_LABELS, type Appearance } from './seat-appearance.js';
import { drawSeatShape } from './seat-shapes.js';

/** A palette with the same colour everywhere. */
const ONE_COLOUR = new Proxy({}, { get: () => 'black' }) as Palette;
const OUTLINES = ['roundRect', 'arc', 'moveTo', 'lineTo'] as const;

/** The outlines of a seat's shape in order, without colours. */
function outlinesOf(appearance: Appearance, isLive: boolean): string {
  const outlines: string[] = [];
  const context = { beginPath() {}, closePath() {}, fill() {}, stroke() {} } as Record<string, unknown>;
  for (const outline of OUTLINES) context[outline] = () => outlines.push(outline);
  drawSeatShape(context as unknown as CanvasRenderingContext2D, appearance, [0, 0, 20], ONE_COLOUR, isLive);
  return outlines.join(' ');
}

test.each([true, false])(
  'seats of different statuses differ in shape, and not only in colour (live: %s)',
  (isLive) => {
    const appearances = Object.keys(APPEARANCE_LABELS) as Appearance[];
    const shapes = appearances.map((appearance) => outlinesOf(appearance, isLive));
    expect(new Set(shapes).size).toBe(appearances.length);
    expect(shapes).not.toContain('');
  },
);
