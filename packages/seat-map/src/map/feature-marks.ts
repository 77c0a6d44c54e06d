import type { SeatFeature } from '../../../../src/catalog/seating-plan.js';

/** Draws the mark of a feature on a seat. Each has its own shape, as the statuses have. */
export function drawFeatureMark(
  context: CanvasRenderingContext2D,
  feature: SeatFeature,
  [x, y, size]: readonly [x: number, y: number, size: number],
  colour: string,
): void {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = Math.max(1, size * 0.09);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  const at = (right: number, down: number) => [x + size * right, y + size * down] as const;
  context.beginPath();
  switch (feature) {
    case 'wheelchair':
      context.arc(...at(0.43, 0.24), size * 0.08, 0, 2 * Math.PI);
      context.fill();
      context.beginPath();
      context.moveTo(...at(0.43, 0.36));
      context.lineTo(...at(0.43, 0.56));
      context.lineTo(...at(0.64, 0.56));
      context.lineTo(...at(0.73, 0.78));
      context.stroke();
      context.beginPath();
      context.arc(...at(0.46, 0.64), size * 0.2, 0.15 * Math.PI, 1.35 * Math.PI);
      context.stroke();
      return;
    case 'companion':
      context.arc(...at(0.5, 0.33), size * 0.13, 0, 2 * Math.PI);
      context.fill();
      context.beginPath();
      context.arc(...at(0.5, 0.78), size * 0.22, Math.PI, 2 * Math.PI);
      context.closePath();
      context.fill();
      return;
    case 'restrictedView':
      context.moveTo(...at(0.22, 0.78));
      context.lineTo(...at(0.78, 0.22));
      context.lineTo(...at(0.78, 0.78));
      context.closePath();
      context.fill();
  }
}
