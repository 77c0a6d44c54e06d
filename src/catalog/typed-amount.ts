import { minorUnitDigits } from '../core/currencies.js';
import { AMOUNT_MAX } from './money.js';

/** A typed amount in minor units, or why it cannot be read. */
export type TypedAmount = { readonly amount: number } | { readonly problem: string };

/** Arabic, Persian and Devanagari digits, by their zero. Others are too rare to support. */
const ZEROS = [0x660, 0x6f0, 0x966];
/** Characters that can only separate groups of digits: all kinds of spaces, apostrophes, and the Arabic separator. */
const GROUP_MARKS = /[\s'’٬]/g;
const ARABIC_DECIMAL_MARK = /٫/g;
/** Groups of three, or as in India of two before a last group of three. */
const GROUPED = /^\d{1,3}(?:,\d{2,3})*,\d{3}$/;

/**
 * Reads an amount in whole units, in the format of any locale: "1,234.50", "1.234,50", "1 234,50", "1’234.50", "1,00,000".
 * A single comma or point before exactly three digits counts as a thousands separator only if it is the locale's. Otherwise it
 * could also be a decimal mark, and the amount is refused: a wrong guess would be off by a factor of 1,000.
 *
 * @param currency an ISO 4217 code in force
 */
export function typedAmount(typed: string, currency: string, locale?: string): TypedAmount {
  const digits = minorUnitDigits(currency) ?? 2;
  const plain = withPlainDigits(typed.trim()).replaceAll(ARABIC_DECIMAL_MARK, '.');
  const hasMarks = plain.search(GROUP_MARKS) >= 0;
  const text = plain.replaceAll(GROUP_MARKS, '_');
  const isNumber = /^\d[\d.,_]*$/.test(text) && /\d$/.test(text);
  if (text === '') return { problem: `Name an amount in ${currency}.` };
  if (!isNumber) return { problem: `“${typed.trim()}” is no amount in ${currency}: write digits only.` };

  const [mark] = text.match(/[.,](?=\d*$)/) ?? [];
  const marks = mark === undefined ? 0 : text.split(mark).length - 1;
  const other = mark === '.' ? ',' : '.';
  const isGrouped = hasMarks || text.includes(other);
  const [, behind = ''] = mark === undefined ? [] : text.split(mark).slice(-2);
  // A single mark before three digits is ambiguous, unless another mark separates the thousands.
  const isAmbiguous = marks === 1 && behind.length === 3 && !isGrouped && /^[1-9]\d{0,2}[.,]/.test(text);
  if (isAmbiguous && mark !== groupMarkOf(locale)) {
    const whole = text.replace(/[.,]/, '');
    const fewer = digits >= 3 ? `, or ${text}0` : '';
    return {
      problem: `“${typed.trim()}” can be read in two ways. Write ${whole} for the larger one${fewer}.`,
    };
  }
  const isDecimal = marks === 1 && !isAmbiguous;
  const whole = isDecimal ? text.slice(0, text.lastIndexOf(mark ?? '')) : text;
  if (/\D/.test(whole) && !GROUPED.test(whole.replaceAll(firstMarkOf(whole), ','))) {
    return { problem: `“${typed.trim()}” is no amount: its digits are not in groups of three.` };
  }
  const fraction = isDecimal ? behind.replace(/0+$/, '') : '';
  if (fraction.length > digits) {
    return {
      problem: digits === 0 ? `${currency} has no decimals.` : `${currency} has at most ${digits} decimals.`,
    };
  }
  const amount = Number(whole.replaceAll(/\D/g, '') + fraction.padEnd(digits, '0'));
  if (amount <= AMOUNT_MAX) return { amount };
  const max = new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: digits });
  return { problem: `At most ${max.format(AMOUNT_MAX / 10 ** digits)}.` };
}

/** The first group mark. Text with a second kind then does not match GROUPED. */
function firstMarkOf(text: string): string {
  const [first = ''] = text.match(/\D/) ?? [];
  return first;
}

function withPlainDigits(text: string): string {
  return text.replaceAll(/[^\p{ASCII}]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    const zero = ZEROS.find((first) => code >= first && code <= first + 9);
    return zero === undefined ? character : String(code - zero);
  });
}

function groupMarkOf(locale: string | undefined): string | undefined {
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(1_234_567);
  return parts.find(({ type }) => type === 'group')?.value;
}
