/**
 * A checksum of a seat map, by which a client can tell that its own map is wrong. docs/api.md has the algorithm for
 * clients, with examples.
 *
 * Every seat that is not available has a hash of two 32-bit words; the digest is the XOR of all hashes. So a changed seat
 * is taken out and put in again, whatever the size of the map.
 */
export class SeatDigest {
  #high = 0;
  #low = 0;

  /**
   * Adds a seat that is not part of the digest, or removes one that is.
   *
   * @param letter the code of its status's letter in `statuses`
   * @param lockedUntilMs when it becomes available by itself; 0 if it does not
   */
  toggle(seatNumber: number, letter: number, lockedUntilMs: number): void {
    const untilHigh = Math.floor(lockedUntilMs / 2 ** 32);
    const untilLow = lockedUntilMs >>> 0;
    this.#high ^= hash(SEED_HIGH, seatNumber, letter, untilHigh, untilLow);
    this.#low ^= hash(SEED_LOW, seatNumber, letter, untilHigh, untilLow);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return hexadecimal(this.#high) + hexadecimal(this.#low);
  }
}

/** Any two different numbers would do; these are the seeds of the digest's first and last 8 digits. */
const SEED_HIGH = 0x9e3779b9;
const SEED_LOW = 0x85ebca6b;

const hash = (seed: number, seatNumber: number, letter: number, untilHigh: number, untilLow: number) =>
  fmix32(fmix32(fmix32(fmix32(seed ^ seatNumber) ^ letter) ^ untilHigh) ^ untilLow);

/** The finalizer of MurmurHash3. */
function fmix32(word: number): number {
  let value = word;
  value ^= value >>> 16;
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  value ^= value >>> 16;
  return value;
}

const hexadecimal = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
