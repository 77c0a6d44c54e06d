import type { Seating } from './seating.js';

/** The seat that a key leads to, or null. Keeps the column, or takes the last seat of a shorter row. */
export function seatAfterKey(seating: Seating, from: number, key: string): number | null {
  const { section, row, column } = seating.placeOf(from);
  const inRow = (targetSection: typeof section, targetRow: number, targetColumn: number) => {
    const last = seating.rowLength(targetSection, targetRow) - 1;
    return seating.seatAt(targetSection, targetRow, Math.max(0, Math.min(targetColumn, last)));
  };
  /** Scales the column, because rows of another section may be longer or shorter. */
  const inSection = (index: number, targetRow: 'first' | 'last') => {
    const target = seating.sections[index];
    if (target === undefined) return null;
    const scaled = Math.round(((column + 0.5) / section.seatsPerRow) * target.seatsPerRow - 0.5);
    return inRow(target, targetRow === 'first' ? 0 : lastRow(seating, target.index), scaled);
  };
  switch (key) {
    case 'ArrowLeft':
      return seating.seatAt(section, row, column - 1);
    case 'ArrowRight':
      return seating.seatAt(section, row, column + 1);
    case 'ArrowUp':
      return row > 0 ? inRow(section, row - 1, column) : inSection(section.index - 1, 'last');
    case 'ArrowDown':
      return row < lastRow(seating, section.index)
        ? inRow(section, row + 1, column)
        : inSection(section.index + 1, 'first');
    case 'Home':
      return seating.seatAt(section, row, 0);
    case 'End':
      return inRow(section, row, section.seatsPerRow - 1);
    case 'PageUp':
      return inSection(section.index - 1, 'first');
    case 'PageDown':
      return inSection(section.index + 1, 'first');
    default:
      return null;
  }
}

function lastRow(seating: Seating, sectionIndex: number): number {
  const section = seating.sections[sectionIndex];
  return section === undefined ? 0 : seating.placeOf(section.lastSeatNumber).row;
}
