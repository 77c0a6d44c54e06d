import type { Palette, SeatColours } from './palette.js';
import type { Appearance } from './seat-appearance.js';

/**
 * Draws one seat. Each appearance has its own shape, so that nobody depends on colours: an available seat is a square, a
 * locked one a diamond, a booked one a cross, one that is not on sale a dash, and the viewer's own seats are filled with the accent colour.
 */
export function drawSeatShape(
  context: CanvasRenderingContext2D,
  appearance: Appearance,
  [x, y, size]: readonly [x: number, y: number, size: number],
  palette: Palette,
  isLive: boolean,
  colours: SeatColours = palette.available,
): void {
  const middleX = x + size / 2;
  const middleY = y + size / 2;
  context.lineWidth = Math.max(1, size * 0.09);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  switch (appearance) {
    case 'available': {
      roundedSquare(context, x, y, size);
      if (isLive) fill(context, colours.fill);
      stroke(context, isLive ? colours.line : palette.stale);
      return;
    }
    case 'locked': {
      const reach = size * 0.42;
      context.beginPath();
      context.moveTo(middleX, middleY - reach);
      context.lineTo(middleX + reach, middleY);
      context.lineTo(middleX, middleY + reach);
      context.lineTo(middleX - reach, middleY);
      context.closePath();
      if (isLive) fill(context, palette.locked);
      else stroke(context, palette.stale);
      return;
    }
    case 'booked': {
      const reach = size * 0.24;
      context.beginPath();
      context.moveTo(middleX - reach, middleY - reach);
      context.lineTo(middleX + reach, middleY + reach);
      context.moveTo(middleX + reach, middleY - reach);
      context.lineTo(middleX - reach, middleY + reach);
      context.lineWidth = Math.max(1, size * 0.11);
      stroke(context, isLive ? palette.booked : palette.stale);
      return;
    }
    case 'offSale': {
      const reach = size * 0.26;
      context.beginPath();
      context.moveTo(middleX - reach, middleY);
      context.lineTo(middleX + reach, middleY);
      context.lineWidth = Math.max(1, size * 0.11);
      stroke(context, isLive ? palette.booked : palette.stale);
      return;
    }
    case 'picked': {
      roundedSquare(context, x, y, size);
      fill(context, palette.accent);
      context.beginPath();
      context.arc(middleX, middleY, size * 0.16, 0, 2 * Math.PI);
      fill(context, palette.onAccent);
      return;
    }
    case 'held': {
      roundedSquare(context, x, y, size);
      fill(context, palette.accent);
      check(context, middleX, middleY, size, palette.onAccent);
      return;
    }
    case 'pending': {
      context.beginPath();
      context.arc(middleX, middleY, size * 0.4, 0, 2 * Math.PI);
      context.lineWidth = Math.max(1.5, size * 0.16);
      stroke(context, palette.accent);
      return;
    }
    case 'yours': {
      context.beginPath();
      context.arc(middleX, middleY, size * 0.48, 0, 2 * Math.PI);
      fill(context, palette.accent);
      check(context, middleX, middleY, size, palette.onAccent);
    }
  }
}

/** A seat that the viewer does not want to see now: where it is, and nothing else. */
export function drawHiddenSeat(
  context: CanvasRenderingContext2D,
  [x, y, size]: readonly [x: number, y: number, size: number],
  { line }: Palette,
): void {
  context.lineWidth = 1;
  roundedSquare(context, x, y, size);
  stroke(context, line);
}

/** The colour of a seat that is too small for a shape. The statuses differ in lightness. */
export function dotColour(
  appearance: Appearance,
  palette: Palette,
  isLive: boolean,
  colours: SeatColours = palette.available,
): string {
  if (appearance === 'available') return isLive ? colours.dot : palette.stale;
  if (appearance === 'locked') return isLive ? palette.lockedDot : palette.line;
  if (appearance === 'booked' || appearance === 'offSale') return palette.line;
  return palette.accent;
}

function roundedSquare(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  const inset = context.lineWidth / 2;
  context.beginPath();
  context.roundRect(x + inset, y + inset, size - 2 * inset, size - 2 * inset, size * 0.26);
}

function check(context: CanvasRenderingContext2D, x: number, y: number, size: number, colour: string): void {
  context.beginPath();
  context.moveTo(x - size * 0.2, y + size * 0.02);
  context.lineTo(x - size * 0.05, y + size * 0.17);
  context.lineTo(x + size * 0.21, y - size * 0.15);
  context.lineWidth = Math.max(1.5, size * 0.12);
  stroke(context, colour);
}

function fill(context: CanvasRenderingContext2D, colour: string): void {
  context.fillStyle = colour;
  context.fill();
}

function stroke(context: CanvasRenderingContext2D, colour: string): void {
  context.strokeStyle = colour;
  context.stroke();
}
