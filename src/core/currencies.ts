/**
 * The currencies in force by ISO 4217 List One as of 2026-01-01: each code that has a minor unit, by that unit's digits.
 * Server and page use only this list. Node and browsers also know withdrawn codes, and have other digits than ISO.
 *
 * To update it, compare it with List One at each amendment of the standard. Metals, bond units, test codes and the code
 * for no currency have no minor unit and are left out.
 */
const CODES_BY_DIGITS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
    LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
    NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
    SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
    XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const DIGITS_BY_CODE: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_DIGITS)
    .flatMap(([digits, codes]) => codes.split(/\s+/).map((code) => [code, Number(digits)] as const))
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** In alphabetical order. */
export const CURRENCY_CODES: readonly string[] = [...DIGITS_BY_CODE.keys()];

/** How many decimals the currency has: 2 for USD, 0 for JPY, 3 for KWD; undefined if the code is not in force. */
export const minorUnitDigits = (code: string): number | undefined => DIGITS_BY_CODE.get(code);

/** Whether the text is the code of a currency in force, in capitals, such as `USD`. */
export const isCurrency = (code: string): boolean => DIGITS_BY_CODE.has(code);

/** In whole units, as text: dividing a number of SafeInt size could lose its last digit. */
export function decimalOf(amount: number, digits: number): Intl.StringNumericLiteral {
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${amount < 0 ? '-' : ''}${whole}.${text.slice(text.length - digits) || '0'}` as Intl.StringNumericLiteral;
}
