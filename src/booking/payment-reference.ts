import { createHash } from 'node:crypto';

/** Without letters and digits that look alike (0 O, 1 I L, 2 Z, 5 S, 8 B, U V), and without vowels, which could make words. */
const ALPHABET = '34679CDFGHJKMNPQRTVWXY';
const GROUP_LENGTH = 3;

/** A payment's name for people, such as K7F-4M9. Two payments of many can have the same one: programs use the id. */
export function paymentReference(paymentId: string): string {
  let rest = createHash('sha256').update(paymentId).digest().readUIntBE(0, 6);
  let letters = '';
  while (letters.length < 2 * GROUP_LENGTH) {
    letters += ALPHABET[rest % ALPHABET.length];
    rest = Math.floor(rest / ALPHABET.length);
  }
  return `${letters.slice(0, GROUP_LENGTH)}-${letters.slice(GROUP_LENGTH)}`;
}

/** A reference as somebody typed it, in its own form; null if the text cannot be one. */
export function referenceFrom(typed: string): string | null {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '');
  const isOne =
    letters.length === 2 * GROUP_LENGTH && [...letters].every((letter) => ALPHABET.includes(letter));
  return isOne ? `${letters.slice(0, GROUP_LENGTH)}-${letters.slice(GROUP_LENGTH)}` : null;
}
