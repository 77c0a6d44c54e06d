import { isCurrency as isCode, minorUnitDigits } from '../../core/currencies.js';

export interface Money {
  /** In the currency's minor unit. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

/**
 * As people of this locale write it: "$95.00", or "$95" for whole amounts where `short`. With the country where a bare
 * symbol is another currency's: "CA$95".
 */
export function formatMoney(money: Money, { short = false, locale = undefined as string | undefined } = {}) {
  return format(money, locale, 'symbol', short);
}

/** As it is read aloud: "95 US dollars". */
export function spokenMoney(money: Money, locale?: string): string {
  return format(money, locale, 'name', true);
}

/** @param code in small letters or capitals */
export const isCurrency = (code: string): boolean => isCode(code.toUpperCase());

/** A format costs more to make than to use a hundred times, and a map says a price for each seat that it names. */
const formats = new Map<string, Intl.NumberFormat>();

/** With as many digits as ISO 4217 says: browsers have their own for some currencies, and each has others. */
function format(
  { amount, currency }: Money,
  locale: string | undefined,
  currencyDisplay: 'symbol' | 'name',
  isShort: boolean,
): string {
  const unitDigits = minorUnitDigits(currency) ?? 2;
  const digits = isShort && amount % 10 ** unitDigits === 0 ? 0 : unitDigits;
  const key = `${locale} ${currency} ${currencyDisplay} ${digits}`;
  let known = formats.get(key);
  if (known === undefined) {
    known = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      currencyDisplay,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, known);
  }
  return known.format(decimalOf(amount, unitDigits));
}

/** In whole units; as text, since a sum of SafeInt size may lose its last digit as a quotient. */
function decimalOf(amount: number, digits: number): Intl.StringNumericLiteral {
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${amount < 0 ? '-' : ''}${whole}.${text.slice(text.length - digits) || '0'}` as Intl.StringNumericLiteral;
}
