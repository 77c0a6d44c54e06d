import { minorUnitDigits } from '../../core/currencies.js';
import { formatMoney } from './money.js';

/** The most that a price or a payment can be: the API takes it as a 32-bit Int, in minor units. */
export const AMOUNT_MAX = 2 ** 31 - 1;

/** What a person typed as an amount: its minor units, or why it cannot be read. */
export type TypedAmount = { readonly amount: number } | { readonly fault: string };

/** Arabic, Persian and Devanagari digits, by their zero; the others are far too rare at a till. */
const ZEROS = [0x660, 0x6f0, 0x966];
/** Only ever between groups of digits: blanks, also those that do not break, apostrophes, and the Arabic separator. */
const GROUP_MARKS = /[\s'’٬]/g;
const ARABIC_DECIMAL_MARK = /٫/g;
/** Groups of three, or as in India of two before a last one of three. */
const GROUPED = /^\d{1,3}(?:,\d{2,3})*,\d{3}$/;

/**
 * Reads an amount in whole units, as people of any locale may write it: "1,234.50", "1.234,50", "1 234,50", "1’234.50",
 * "1,00,000". A comma or point before the last three digits is read as the locale's separator of thousands only; where it
 * could be a decimal mark as well, the amount is refused, since a wrong guess would be a thousandth or the thousandfold.
 *
 * @param currency an ISO 4217 code in force
 */
export function typedAmount(typed: string, currency: string, locale?: string): TypedAmount {
  const digits = minorUnitDigits(currency) ?? 2;
  const plain = withPlainDigits(typed.trim()).replaceAll(ARABIC_DECIMAL_MARK, '.');
  const hasMarks = plain.search(GROUP_MARKS) >= 0;
  const text = plain.replaceAll(GROUP_MARKS, '_');
  const isNumber = /^\d[\d.,_]*$/.test(text) && /\d$/.test(text);
  if (text === '') return { fault: `Name an amount in ${currency}.` };
  if (!isNumber) return { fault: `“${typed.trim()}” is no amount in ${currency}: write digits only.` };

  const [mark] = text.match(/[.,](?=\d*$)/) ?? [];
  const marks = mark === undefined ? 0 : text.split(mark).length - 1;
  const other = mark === '.' ? ',' : '.';
  const isGrouped = hasMarks || text.includes(other);
  const [, behind = ''] = mark === undefined ? [] : text.split(mark).slice(-2);
  // One mark before three digits can be either, unless another mark separates the thousands already.
  const isEither = marks === 1 && behind.length === 3 && !isGrouped && /^[1-9]\d{0,2}[.,]/.test(text);
  if (isEither && mark !== groupMarkOf(locale)) {
    const whole = text.replace(/[.,]/, '');
    const fewer = digits >= 3 ? `, or ${text}0` : '';
    return { fault: `“${typed.trim()}” can be read in two ways. Write ${whole} for the larger one${fewer}.` };
  }
  const isDecimal = marks === 1 && !isEither;
  const whole = isDecimal ? text.slice(0, text.lastIndexOf(mark ?? '')) : text;
  if (/\D/.test(whole) && !GROUPED.test(whole.replaceAll(oneKindOf(whole), ','))) {
    return { fault: `“${typed.trim()}” is no amount: its digits are not in groups of three.` };
  }
  const fraction = isDecimal ? behind.replace(/0+$/, '') : '';
  if (fraction.length > digits) {
    return {
      fault: digits === 0 ? `${currency} has no decimals.` : `${currency} has at most ${digits} decimals.`,
    };
  }
  const amount = Number(whole.replaceAll(/\D/g, '') + fraction.padEnd(digits, '0'));
  if (amount <= AMOUNT_MAX) return { amount };
  return {
    fault: `At most ${formatMoney({ amount: AMOUNT_MAX, currency }, locale === undefined ? {} : { locale })}.`,
  };
}

/** The one mark between the groups; where there are two kinds, the text is in no groups. */
function oneKindOf(text: string): string {
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
