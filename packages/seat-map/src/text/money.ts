import { decimalOf, isCurrency as isCode, minorUnitDigits } from '../../../../src/core/currencies.js';

export interface Money {
  /** In the currency's minor unit. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

/**
 * In the locale's format: "$95.00", or "$95" for whole amounts if `short`. With the country if the bare symbol means another
 * currency: "CA$95".
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

/** Creating a format costs more than using it a hundred times, and the map formats a price for every seat it describes. */
const formats = new Map<string, Intl.NumberFormat>();

/** With the decimals of ISO 4217, because browsers use different ones for some currencies. */
function format(
  { amount, currency }: Money,
  locale: string | undefined,
  currencyDisplay: 'symbol' | 'name',
  isShort: boolean,
): string {
  const unitDigits = minorUnitDigits(currency) ?? 2;
  const digits = isShort && amount % 10 ** unitDigits === 0 ? 0 : unitDigits;
  const key = `${locale} ${currency} ${currencyDisplay} ${digits}`;
  let numberFormat = formats.get(key);
  if (numberFormat === undefined) {
    numberFormat = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      currencyDisplay,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, numberFormat);
  }
  return numberFormat.format(decimalOf(amount, unitDigits));
}
