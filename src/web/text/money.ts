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
  return format(money, locale, {
    currencyDisplay: 'symbol',
    ...(short && { trailingZeroDisplay: 'stripIfInteger' }),
  });
}

/** As it is read aloud: "95 US dollars". */
export function spokenMoney(money: Money, locale?: string): string {
  return format(money, locale, { currencyDisplay: 'name', trailingZeroDisplay: 'stripIfInteger' });
}

/** @param decimal what a person typed, in whole units: "95" or "95.50" @returns the amount in the minor unit, or null where it is none */
export function minorAmount(decimal: string, currency: string): number | null {
  const match = /^(\d{1,9})(?:[.,](\d+))?$/.exec(decimal.trim());
  if (match === null) return null;
  const digits = fractionDigits(currency);
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return null;
  return Number(match[1]) * 10 ** digits + Number(fraction.padEnd(digits, '0') || '0');
}

export function isCurrency(text: string): boolean {
  return Intl.supportedValuesOf('currency').includes(text.toUpperCase());
}

/** A format costs more to make than to use a hundred times, and a map says a price for each seat that it names. */
const formats = new Map<string, Intl.NumberFormat>();

function format({ amount, currency }: Money, locale: string | undefined, options: Intl.NumberFormatOptions) {
  const key = `${locale} ${currency} ${options.currencyDisplay} ${options.trailingZeroDisplay}`;
  let known = formats.get(key);
  if (known === undefined) {
    known = new Intl.NumberFormat(locale, { style: 'currency', currency, ...options });
    formats.set(key, known);
  }
  return known.format(amount / 10 ** fractionDigits(currency));
}

const digitsOf = new Map<string, number>();

/** 2 for USD, 0 for JPY, 3 for KWD. */
function fractionDigits(currency: string): number {
  let digits = digitsOf.get(currency);
  if (digits === undefined) {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    digitsOf.set(currency, digits);
  }
  return digits;
}
