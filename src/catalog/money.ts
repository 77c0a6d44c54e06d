/** An amount in the currency's minor unit (15000 = USD 150.00) and its ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Whether the text is an ISO 4217 code in capitals, such as `USD`. */
export const isCurrency = (code: string): boolean => CURRENCIES.has(code);
