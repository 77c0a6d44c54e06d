import { formatMoney } from '../text/money.js';
import type { Bay, Layout } from './layout.js';
import type { Palette } from './palette.js';
import { rowName } from './seating.js';
import type { View } from './view.js';

const ROW_LABEL_PX = 22;
/** Between a section's name and the edge of the map. */
const MARGIN_PX = 8;
/** Between a section's name and its price, in heights of their letters. */
const PRICE_GAP = 0.6;

/** Where labels are drawn: the canvas, its size in pixels, and what of the map is in view. */
export interface LabelTarget {
  readonly context: CanvasRenderingContext2D;
  readonly view: View;
  readonly width: number;
  readonly height: number;
  readonly layout: Layout;
  readonly palette: Palette;
}

/** The names of a bay's rows, at both ends of each row. */
export function drawRowNames(target: LabelTarget, bay: Bay): void {
  const size = Math.min(13, Math.round(target.view.scale * 0.55));
  setRowFont(target, size);
  for (const side of [bay.left - 0.7, bay.left + bay.columns + 0.7]) {
    for (const { name, left, top } of rowNames(target, bay, side)) target.context.fillText(name, left, top);
  }
}

/** If rows begin out of view: their names on labels at the left edge of the map. */
export function drawRowLabels(target: LabelTarget): void {
  const { context, view, layout, palette } = target;
  const edge = (ROW_LABEL_PX / 2 + 4 - view.x) / view.scale;
  setRowFont(target, ROW_LABEL_PX * 0.6);
  for (const bay of layout.bays) {
    if (bay.left > edge || bay.left + bay.columns < edge) continue;
    for (const { name, left, top } of rowNames(target, bay, edge)) {
      const half = ROW_LABEL_PX / 2;
      context.beginPath();
      context.roundRect(left - half, top - half, ROW_LABEL_PX, ROW_LABEL_PX, 5);
      context.fillStyle = palette.surface;
      context.fill();
      context.fillStyle = palette.faintText;
      context.fillText(name, left, top);
    }
  }
}

/** The names of sections with their prices. @param areAbove above the seats; otherwise on a label amid them */
export function drawSectionNames(target: LabelTarget, areAbove: boolean): void {
  const { context, layout, palette, width: mapWidth, height: mapHeight } = target;
  const { scale, x, y } = target.view;
  const size = Math.max(11, Math.min(15, scale * 1.05));
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.font = `600 ${size}px ${palette.font}`;
  for (const bay of layout.bays) {
    if (bay.firstRow > 0 || bay.firstColumn > 0) continue;
    const { name, price } = bay.section;
    const room = (bay.columns + 2) * scale;
    const nameWidth = context.measureText(name).width;
    const priceText = price ? formatMoney(price, { short: true }) : '';
    const pricedWidth = nameWidth + size * PRICE_GAP + context.measureText(priceText).width;
    const hasPrice = priceText !== '' && pricedWidth <= room;
    const width = hasPrice ? pricedWidth : nameWidth;
    // A name that overlaps the next one is not drawn. It appears when the map is zoomed in.
    if (width > room) continue;
    // In the middle of the section, or as close to it as the whole name is in view.
    const first = Math.max(bay.left * scale + x, MARGIN_PX) + width / 2;
    const last = Math.min((bay.left + bay.columns) * scale + x, mapWidth - MARGIN_PX) - width / 2;
    const middle = (bay.left + bay.columns / 2) * scale + x;
    const left = first > last ? middle : Math.max(first, Math.min(last, middle));
    const straight = areAbove ? bay.top - 0.7 : bay.top + bay.rows / 2;
    const top = (straight - layout.liftAt((left - x) / scale)) * scale + y;
    if (top < -size || top > mapHeight + size) continue;
    if (!areAbove) {
      context.beginPath();
      context.roundRect(left - width / 2 - 7, top - size - 3, width + 14, size + 10, 6);
      context.fillStyle = palette.surface;
      context.fill();
    }
    context.fillStyle = palette.text;
    // Name and price are separate texts: a right-to-left name would otherwise reorder the price.
    context.fillText(name, left - (width - nameWidth) / 2, top);
    if (hasPrice) {
      context.textAlign = 'right';
      context.fillText(priceText, left + width / 2, top);
      context.textAlign = 'center';
    }
  }
}

export function drawStage({ context, view, layout, palette }: LabelTarget): void {
  const { scale, x, y } = view;
  const { halfWidth, depth, bottom } = layout.stage;
  const lift = layout.liftAt(halfWidth);
  const [left, right] = [-halfWidth * scale + x, halfWidth * scale + x];
  const edge = (bottom - lift) * scale + y;
  const back = (bottom - lift - depth) * scale + y;
  context.beginPath();
  context.moveTo(left, back);
  context.lineTo(right, back);
  context.lineTo(right, edge);
  // A parabola through the middle of its front: the control point is as far beyond it as the ends are before it.
  context.quadraticCurveTo(x, (bottom + lift) * scale + y, left, edge);
  context.closePath();
  context.fillStyle = palette.line;
  context.fill();
  const size = Math.min(12, depth * scale * 0.6);
  if (size < 7) return;
  context.font = `600 ${size}px ${palette.font}`;
  context.letterSpacing = '0.18em';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = palette.faintText;
  context.fillText('STAGE', x, (bottom - (depth + lift) / 2) * scale + y);
  context.letterSpacing = '0px';
}

function setRowFont({ context, palette }: LabelTarget, size: number): void {
  context.fillStyle = palette.faintText;
  context.font = `${size}px ${palette.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
}

/** The names of a bay's rows that are in view. @param side their distance from the middle of the map, in seats */
function* rowNames(
  { view: { scale, x, y }, height, layout }: LabelTarget,
  bay: Bay,
  side: number,
): Generator<{ name: string; left: number; top: number }> {
  for (let row = 0; row < bay.rows; row++) {
    const top = layout.rowNameHeight(bay, row, side) * scale + y;
    if (top < -scale || top > height + scale) continue;
    yield { name: rowName(bay.firstRow + row), left: side * scale + x, top };
  }
}
