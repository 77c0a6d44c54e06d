/** Sets of small whole numbers, one bit for each. */
export const bitsFor = (size: number): Uint32Array => new Uint32Array((size >>> 5) + 1);

export const hasBit = (bits: Uint32Array, index: number): boolean =>
  ((bits[index >>> 5] as number) & (1 << (index & 31))) !== 0;

export function setBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] as number) | (1 << (index & 31));
}

export function clearBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] as number) & ~(1 << (index & 31));
}

/** @returns the first member from `from` to `last`, or -1 */
export function nextBit(bits: Uint32Array, from: number, last: number): number {
  if (from > last) return -1;
  let index = from >>> 5;
  let word = (bits[index] as number) & (-1 << (from & 31));
  while (word === 0) {
    index += 1;
    if (index << 5 > last) return -1;
    word = bits[index] as number;
  }
  const found = (index << 5) + 31 - Math.clz32(word & -word);
  return found <= last ? found : -1;
}

/** @returns the last member from `first` to `from`, or -1 */
export function previousBit(bits: Uint32Array, from: number, first: number): number {
  if (from < first) return -1;
  let index = from >>> 5;
  let word = (bits[index] as number) & (-1 >>> (31 - (from & 31)));
  while (word === 0) {
    index -= 1;
    if ((index << 5) + 31 < first) return -1;
    word = bits[index] as number;
  }
  const found = (index << 5) + 31 - Math.clz32(word);
  return found >= first ? found : -1;
}
