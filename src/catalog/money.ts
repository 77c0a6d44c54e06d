/** An amount in the currency's minor unit (15000 = USD 150.00) and its ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}
