import type { Layout } from './layout.js';
import type { Section } from './seating.js';

/**
 * The seat that a key leads to, or null. Left and right stay in the row, across aisles; up and down go to the nearest seat of
 * the next row.
 *
 * @param isShown sections that are not shown are skipped
 */
export function seatAfterKey(
  layout: Layout,
  from: number,
  key: string,
  isShown: (section: Section) => boolean = () => true,
): number | null {
  const { seating } = layout;
  const { section, row, column } = seating.placeOf(from);
  const inRow = (targetSection: Section, targetRow: number) =>
    nearestInRow(layout, targetSection, targetRow, from);
  /** @param step 1 towards the back */
  const inRowBehind = (step: 1 | -1) => {
    const target = row + step;
    if (target >= 0 && target < seating.rowCount(section)) return inRow(section, target);
    return inSectionBehind(step, step === 1 ? 'first' : 'last');
  };
  const inSectionBehind = (step: 1 | -1, targetRow: 'first' | 'last') => {
    for (let index = section.index + step; ; index += step) {
      const target = seating.sections[index];
      if (target === undefined) return null;
      if (!isShown(target)) continue;
      const last = seating.rowCount(target) - 1;
      // A section beside this one may be far away, so the same share of the row is what comes closest.
      const length = seating.rowLength(target, targetRow === 'first' ? 0 : last);
      const share = (column + 0.5) / seating.rowLength(section, row);
      return seating.seatAt(target, targetRow === 'first' ? 0 : last, Math.round(share * length - 0.5));
    }
  };
  const last = seating.rowLength(section, row) - 1;
  switch (key) {
    case 'ArrowLeft':
      return seating.seatAt(section, row, column + (isReversed(layout, section, row) ? 1 : -1));
    case 'ArrowRight':
      return seating.seatAt(section, row, column + (isReversed(layout, section, row) ? -1 : 1));
    case 'ArrowUp':
      return inRowBehind(isUpsideDown(layout, section) ? 1 : -1);
    case 'ArrowDown':
      return inRowBehind(isUpsideDown(layout, section) ? -1 : 1);
    case 'Home':
      return seating.seatAt(section, row, 0);
    case 'End':
      return seating.seatAt(section, row, last);
    case 'PageUp':
      return inSectionBehind(-1, 'first');
    case 'PageDown':
      return inSectionBehind(1, 'first');
    default:
      return null;
  }
}

function nearestInRow(layout: Layout, section: Section, row: number, from: number): number | null {
  const { x, y } = layout.positionOf(from);
  let nearest: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  const first = layout.seating.seatAt(section, row, 0) as number;
  for (let column = 0; column < layout.seating.rowLength(section, row); column++) {
    const at = layout.positionOf(first + column);
    const distance = Math.hypot(at.x - x, at.y - y);
    if (distance >= least) continue;
    least = distance;
    nearest = first + column;
  }
  return nearest;
}

/** Whether the row's seats are numbered from the right to the left of the map. */
function isReversed(layout: Layout, section: Section, row: number): boolean {
  const length = layout.seating.rowLength(section, row);
  const first = layout.seating.seatAt(section, row, 0) as number;
  return layout.positionOf(first + length - 1).x < layout.positionOf(first).x - 0.5;
}

/** Whether the section's rows follow each other from the bottom to the top of the map. */
function isUpsideDown(layout: Layout, section: Section): boolean {
  const { seating } = layout;
  const front = seating.seatAt(section, 0, 0) as number;
  const back = seating.seatAt(section, seating.rowCount(section) - 1, 0) as number;
  return layout.positionOf(back).y < layout.positionOf(front).y - 0.5;
}
