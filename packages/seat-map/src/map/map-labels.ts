import { formatMoney } from '../text/money.js';
import { type Bounds, overlap } from './geometry.js';
import { boxInView, type Scene } from './scene.js';
import type { Section } from './seating.js';

const ROW_LABEL_PX = 22;
/** A row with fewer seats has its label at its first seat only. */
const LABELLED_TWICE_FROM = 4;
const FIRST = ['first'] as const;
const BOTH = ['first', 'last'] as const;
/** Between a section's name and the edge of the map. */
const MARGIN_PX = 8;
/** Between a section's name and its price, in heights of their letters. */
const PRICE_GAP = 0.6;
/** Between a section's first row and its name. */
const NAME_ABOVE = 0.7;

/** A text that may lie over seats. It has a ground of its own then, and so can be drawn again without growing bolder. */
export interface Label {
  /** On the canvas. */
  readonly box: Bounds;
  readonly draw: () => void;
}

/** The labels of the rows in view, at both ends of each row. */
export function drawRowLabels(context: CanvasRenderingContext2D, scene: Scene): void {
  const { layout, view } = scene;
  setRowFont(context, scene, Math.min(13, Math.round(view.scale * 0.55)));
  for (const { section, row, label } of rowsInView(scene)) {
    for (const end of layout.seating.rowLength(section, row) < LABELLED_TWICE_FROM ? FIRST : BOTH) {
      const { x, y } = layout.rowLabelSpot(section, row, end);
      context.fillText(label, x * view.scale + view.x, y * view.scale + view.y, 2 * view.scale);
    }
  }
}

/** If rows begin out of view: their labels at the left edge of the map. */
export function edgeRowLabels(context: CanvasRenderingContext2D, scene: Scene): Label[] {
  const { layout, view, palette } = scene;
  const left = ROW_LABEL_PX / 2 + 4;
  const edge = (left - view.x) / view.scale;
  const half = ROW_LABEL_PX / 2;
  const setFont = () => setRowFont(context, scene, ROW_LABEL_PX * 0.6);
  setFont();
  return [...rowsInView(scene)].flatMap(({ section, row, label }) => {
    const y = layout.heightOfRowAt(section, row, edge);
    if (y === null) return [];
    const middle = y * view.scale + view.y;
    const width = Math.max(ROW_LABEL_PX, context.measureText(label).width + 8);
    const box = { left: left - half, right: left - half + width, top: middle - half, bottom: middle + half };
    const draw = () => {
      drawGround(context, box, 5, palette.surface);
      setFont();
      context.fillText(label, box.left + width / 2, middle);
    };
    return [{ box, draw }];
  });
}

/** The names of sections with their prices. @param areAbove above the seats; otherwise on a label amid them */
export function sectionNames(context: CanvasRenderingContext2D, scene: Scene, areAbove: boolean): Label[] {
  const { layout, palette, looks, width: mapWidth, height: mapHeight } = scene;
  const { scale, x, y } = scene.view;
  const size = Math.max(11, Math.min(15, scale * 1.05));
  const font = `600 ${size}px ${palette.font}`;
  context.font = font;
  const labels: Label[] = [];
  for (const section of layout.seating.sections) {
    // A standing area has its name within.
    if (section.kind === 'standing') continue;
    const spot = layout.nameSpotOf(section);
    const { name, price } = section;
    const room = (spot.right - spot.left + 2) * scale;
    const nameWidth = context.measureText(name).width;
    const priceText = price ? formatMoney(price, { short: true }) : '';
    const pricedWidth = nameWidth + size * PRICE_GAP + context.measureText(priceText).width;
    const hasPrice = priceText !== '' && pricedWidth <= room;
    const width = hasPrice ? pricedWidth : nameWidth;
    // A name that overlaps the next one is not drawn. It appears when the map is zoomed in.
    if (width > room) continue;
    // In the middle of the section, or as close to it as the whole name is in view.
    const first = Math.max(spot.left * scale + x, MARGIN_PX) + width / 2;
    const last = Math.min(spot.right * scale + x, mapWidth - MARGIN_PX) - width / 2;
    const middle = ((spot.left + spot.right) / 2) * scale + x;
    const left = first > last ? middle : Math.max(first, Math.min(last, middle));
    const at = (left - x) / scale;
    const height = areAbove
      ? layout.topOfSectionAt(section, at) - NAME_ABOVE
      : (spot.top + spot.bottom) / 2 - layout.liftAt(at);
    const top = height * scale + y;
    if (top < -size || top > mapHeight + size) continue;
    const [leftEdge, rightEdge] = [left - width / 2, left + width / 2];
    const box = { left: leftEdge - 7, right: rightEdge + 7, top: top - size - 3, bottom: top + 7 };
    const draw = () => {
      if (!areAbove) drawGround(context, box, 6, palette.surface);
      context.font = font;
      context.textBaseline = 'alphabetic';
      context.fillStyle = looks[section.index]?.isShown ? palette.text : palette.faintText;
      // Name and price are separate texts: a right-to-left name would otherwise reorder the price.
      context.textAlign = 'center';
      context.fillText(name, leftEdge + nameWidth / 2, top);
      context.textAlign = 'right';
      if (hasPrice) context.fillText(priceText, rightEdge, top);
    };
    labels.push({ box, draw });
  }
  return labels;
}

function drawGround(
  context: CanvasRenderingContext2D,
  { left, right, top, bottom }: Bounds,
  radius: number,
  colour: string,
): void {
  context.beginPath();
  context.roundRect(left, top, right - left, bottom - top, radius);
  context.fillStyle = colour;
  context.fill();
}

export function drawStage(context: CanvasRenderingContext2D, { view, layout, palette }: Scene): void {
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

function setRowFont(context: CanvasRenderingContext2D, { palette }: Scene, size: number): void {
  context.fillStyle = palette.faintText;
  context.font = `${size}px ${palette.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
}

/** The rows of which some part is in view. */
function* rowsInView(scene: Scene): Generator<{ section: Section; row: number; label: string }> {
  const { layout } = scene;
  const view = boxInView(scene);
  for (const section of layout.seating.sections) {
    if (!overlap(layout.boundsOfSection(section), view)) continue;
    for (const [row, { label }] of section.rows.entries()) {
      if (overlap(layout.boundsOfRow(section, row), view)) yield { section, row, label };
    }
  }
}
