import { countText } from '../text/count.js';
import type { Bounds } from './geometry.js';
import { type DrawnScene, onCanvas } from './scene.js';
import type { Section } from './seating.js';
import { coloursOf, type SectionLook } from './section-looks.js';

const CORNER_PX_MAX = 14;
const TEXT_PX_MIN = 9;
const TEXT_PX_MAX = 18;
const PADDING_PX = 6;

/** Draws a standing section: one shape with its name, and with how many places are left. @param index of the section */
export function drawStandingArea(context: CanvasRenderingContext2D, scene: DrawnScene, index: number): void {
  const { layout, palette, own, isLive } = scene;
  const section = layout.seating.sections[index] as Section;
  const look = scene.looks[index] as SectionLook;
  const placesLeft = isLive ? scene.state.freeInSection(index) : undefined;
  const ownPlaces = [...own.keys()].filter(
    (seat) => seat >= section.firstSeatNumber && seat <= section.lastSeatNumber,
  ).length;
  const { left, top, right, bottom } = onCanvas(scene, layout.standingAreas.get(index) as Bounds);
  const [width, height] = [right - left, bottom - top];
  const isAvailable = look.isShown && placesLeft !== undefined && placesLeft > 0;
  context.beginPath();
  context.roundRect(left, top, width, height, Math.min(CORNER_PX_MAX, width / 4, height / 4));
  // Opaque, so that it covers the numbers drawn before.
  context.fillStyle = isAvailable ? coloursOf(look, palette).fill : palette.surface;
  context.fill();
  context.lineWidth = ownPlaces > 0 ? 3 : 1.5;
  if (ownPlaces > 0) context.strokeStyle = palette.accent;
  else if (isAvailable) context.strokeStyle = coloursOf(look, palette).line;
  else context.strokeStyle = look.isShown ? palette.stale : palette.line;
  context.stroke();
  const lines = [section.name, leftText(placesLeft), ...(ownPlaces > 0 ? [`${ownPlaces} yours`] : [])];
  const size = Math.min(TEXT_PX_MAX, height / (lines.length * 1.5), width / 9);
  if (size < TEXT_PX_MIN) return;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = look.isShown ? palette.text : palette.faintText;
  for (const [line, text] of lines.entries()) {
    context.font = `${line === 0 ? '600 ' : ''}${size}px ${palette.font}`;
    const y = (top + bottom) / 2 + (line - (lines.length - 1) / 2) * size * 1.35;
    context.fillText(text, (left + right) / 2, y, width - 2 * PADDING_PX);
  }
}

function leftText(placesLeft: number | undefined): string {
  if (placesLeft === undefined) return 'Standing';
  return placesLeft === 0 ? 'Sold out' : `Standing · ${countText(placesLeft)} left`;
}
