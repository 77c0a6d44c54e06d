import { DomainError } from '../core/errors.js';
import { nameFrom, nameKey } from '../core/text.js';
import type { SeatFeature } from './seating-plan.js';
import { typedAmount } from './typed-amount.js';

/** How far a seat may be from the hall's corner, in seat widths. */
const COORDINATE_MAX = 2_000;
/** In small letters, with one underscore for what separates the words. */
const FEATURES: Readonly<Record<string, SeatFeature>> = {
  wheelchair: 'wheelchair',
  companion: 'companion',
  restricted_view: 'restrictedView',
};

/** What a cell of a venue file says, or why it cannot be read. */
export type Cell<Value> = { readonly value: Value } | { readonly problem: string };

export interface Name {
  readonly name: string;
  /** Equal for names that look the same. */
  readonly key: string;
}

export const nameCell = (lengthMax: number): ((text: string) => Cell<Name>) =>
  readOnce((text) => {
    if (text === '') return { problem: 'This is empty.' };
    if (text.includes('\uFFFD')) return { problem: 'A character cannot be read. Save the file as UTF-8.' };
    try {
      const name = nameFrom('', text, lengthMax);
      return { value: { name, key: nameKey(name) } };
    } catch (error) {
      if (error instanceof DomainError) return { problem: error.message };
      throw error;
    }
  });

/** @returns in minor units; null if the cell is empty */
export const priceCell = (currency: string): ((text: string) => Cell<number | null>) =>
  readOnce((text) => {
    if (text === '') return { value: null };
    const read = typedAmount(text, currency);
    if ('problem' in read) return read;
    return read.amount === 0 ? { problem: 'A price is above 0.' } : { value: read.amount };
  });

export const featuresCell: (text: string) => Cell<readonly SeatFeature[]> = (text) => {
  const features = new Set<SeatFeature>();
  const words = text.toLowerCase().replaceAll(/restricted[ _-]*view/g, 'restricted_view');
  for (const word of words.split(/(?:[;,\s]|\band\b)+/)) {
    if (word === '') continue;
    const feature = FEATURES[word];
    if (feature === undefined) {
      const all = Object.keys(FEATURES).join(', ');
      return { problem: `There is no feature “${word}”. The features are ${all}.` };
    }
    features.add(feature);
  }
  if (features.has('wheelchair') && features.has('companion')) {
    return { problem: 'A seat is for a wheelchair or for a companion, not for both.' };
  }
  return { value: [...features] };
};

export function coordinateCell(text: string): Cell<number> {
  if (text === '') return { problem: 'Give both x and y, or neither.' };
  if (!/^[-+]?\d*[.,]?\d+$/.test(text)) return { problem: `“${text}” is no number.` };
  const value = Number(text.replace(',', '.'));
  if (Math.abs(value) <= COORDINATE_MAX) return { value };
  return { problem: `x and y are in seat widths, from -${COORDINATE_MAX} to ${COORDINATE_MAX}.` };
}

/** "16..56": from where to where a standing section is. */
export function rangeCell(text: string): Cell<{ readonly from: number; readonly size: number }> {
  const [from, to, ...others] = text.split('..').map((part) => coordinateCell(part.trim()));
  if (from !== undefined && 'value' in from && to !== undefined && 'value' in to && others.length === 0) {
    if (to.value > from.value) return { value: { from: from.value, size: to.value - from.value } };
  }
  return { problem: 'A standing section is somewhere from … to …: give x and y such as 16..56, or neither.' };
}

/** The same few texts are in most lines of a file. */
function readOnce<Value>(read: (text: string) => Cell<Value>): (text: string) => Cell<Value> {
  const cells = new Map<string, Cell<Value>>();
  return (text) => {
    const earlier = cells.get(text);
    if (earlier !== undefined) return earlier;
    const cell = read(text);
    cells.set(text, cell);
    return cell;
  };
}
