import { formatMoney, isCurrency } from 'seat-map/map';
import { typedAmount } from '../../catalog/typed-amount.js';
import { decimalOf, minorUnitDigits } from '../../core/currencies.js';
import type { EventSummaryFragment, UpdateEventInput } from '../graphql/generated/graphql.js';
import { instantsOf, localTimeOf } from './venue-time.js';

/** The form's fields as typed. Times are values of an `<input type="datetime-local">` in the venue's zone; empty: none. */
export interface EventSettingsValues {
  readonly name: string;
  readonly venue: string;
  readonly description: string;
  readonly imageUrl: string;
  readonly date: string;
  readonly refundUntil: string;
  readonly salesStart: string;
  readonly salesEnd: string;
  /** The currency of prices where there are none yet. */
  readonly currency: string;
  /** Of the sections, in their order, in whole units; empty: the buyer names the amount. */
  readonly prices: readonly string[];
}

export type SettingsField = Exclude<keyof EventSettingsValues, 'prices'> | `prices.${number}`;

/** What the form changes of an event. */
export type ChangeableEvent = Pick<
  EventSummaryFragment,
  | 'name'
  | 'venue'
  | 'description'
  | 'imageUrl'
  | 'eventDate'
  | 'timeZone'
  | 'refundUntil'
  | 'salesStartAt'
  | 'salesEndAt'
  | 'sections'
>;

type Changes = Omit<UpdateEventInput, 'eventId' | 'ifRevision'>;

const TIMES = ['date', 'refundUntil', 'salesStart', 'salesEnd'] as const;
const TEXTS = ['name', 'venue', 'description', 'imageUrl'] as const;

/** The currency of the event's prices; undefined if no section has one. */
export const currencyOf = ({ sections }: Pick<ChangeableEvent, 'sections'>): string | undefined =>
  sections.find(({ price }) => price != null)?.price?.currency;

export function valuesOf(event: ChangeableEvent): EventSettingsValues {
  const local = (iso: string | null | undefined) =>
    iso == null ? '' : localTimeOf(Date.parse(iso), event.timeZone);
  return {
    name: event.name,
    venue: event.venue ?? '',
    description: event.description ?? '',
    imageUrl: event.imageUrl ?? '',
    date: local(event.eventDate),
    refundUntil: local(event.refundUntil),
    salesStart: local(event.salesStartAt),
    salesEnd: local(event.salesEndAt),
    currency: currencyOf(event) ?? 'USD',
    prices: event.sections.map(({ price }) =>
      price == null ? '' : decimalOf(price.amount, minorUnitDigits(price.currency) ?? 2),
    ),
  };
}

/** @returns a time that clocks at the venue never show, or a price that cannot be read; or null */
export function settingsProblem(
  values: EventSettingsValues,
  event: ChangeableEvent,
): { field: SettingsField; message: string } | null {
  if (values.date === '') return { field: 'date', message: 'Name a date and a time.' };
  for (const field of TIMES) {
    if (values[field] !== '' && instantsOf(values[field], event.timeZone).length === 0)
      return { field, message: `There is no such time in ${event.timeZone}.` };
  }
  const currency = values.currency.toUpperCase();
  if (!isCurrency(currency)) return { field: 'currency', message: 'Name a currency, such as USD or EUR.' };
  for (const [index, text] of values.prices.entries()) {
    const problem = priceProblem(text, currency, event.sections[index]?.price != null);
    if (problem !== undefined) return { field: `prices.${index}`, message: problem };
  }
  return null;
}

function priceProblem(text: string, currency: string, hasPrice: boolean): string | undefined {
  if (text.trim() === '') return hasPrice ? 'A price can be changed, but not removed.' : undefined;
  const read = typedAmount(text, currency);
  if ('problem' in read) return read.problem;
  return read.amount === 0 ? 'A price is above 0.' : undefined;
}

/** What differs from the event. A time that is left as it is stays exact, with its seconds. */
export function changesOf(values: EventSettingsValues, event: ChangeableEvent): Changes {
  const before = valuesOf(event);
  const isChanged = (field: (typeof TIMES)[number] | (typeof TEXTS)[number]) =>
    values[field].trim() !== before[field];
  /** Where clocks show a time twice, a date and a start are the first one, an end the second. */
  const instant = (local: string, which: 0 | -1): string | null => {
    const ms = instantsOf(local, event.timeZone).at(which);
    return ms === undefined ? null : new Date(ms).toISOString();
  };
  const texts = TEXTS.filter(isChanged).map((field) => [field, values[field].trim()]);
  const sectionPrices = changedPrices(values, event);
  return {
    ...Object.fromEntries(texts),
    ...(isChanged('date') && { eventDate: instant(values.date, 0) }),
    ...(isChanged('refundUntil') && { refundUntil: instant(values.refundUntil, -1) }),
    ...(isChanged('salesStart') && { salesStartAt: instant(values.salesStart, 0) }),
    ...(isChanged('salesEnd') && { salesEndAt: instant(values.salesEnd, -1) }),
    ...(sectionPrices.length > 0 && { sectionPrices }),
  };
}

function changedPrices({ prices, currency: typed }: EventSettingsValues, { sections }: ChangeableEvent) {
  const currency = typed.toUpperCase();
  return sections.flatMap(({ id, price }, index) => {
    const read = typedAmount(prices[index] ?? '', currency);
    if (!('amount' in read) || read.amount === price?.amount) return [];
    return [{ sectionId: id, price: { amount: read.amount, currency } }];
  });
}

/** The price as it will be charged; undefined if it cannot be read. */
export function priceHint(text: string, currency: string): string | undefined {
  const code = currency.toUpperCase();
  const read = isCurrency(code) ? typedAmount(text, code) : undefined;
  return read !== undefined && 'amount' in read
    ? formatMoney({ amount: read.amount, currency: code })
    : undefined;
}

/**
 * The form's field for a field of `UpdateEventInput` that a refusal names; undefined if there is none.
 *
 * @param changes as they were sent
 */
export function settingsField(
  field: unknown,
  changes: Changes,
  { sections }: Pick<ChangeableEvent, 'sections'>,
): SettingsField | undefined {
  if (typeof field !== 'string') return undefined;
  const known: Readonly<Record<string, SettingsField>> = {
    eventDate: 'date',
    refundUntil: 'refundUntil',
    salesStartAt: 'salesStart',
    salesEndAt: 'salesEnd',
  };
  const text = TEXTS.find((name) => name === field);
  const [, at] = /^sectionPrices\[(\d+)\]/.exec(field) ?? [];
  const priced = at === undefined ? undefined : changes.sectionPrices?.[Number(at)]?.sectionId;
  const index = sections.findIndex(({ id }) => id === priced);
  return text ?? known[field] ?? (index >= 0 ? `prices.${index}` : undefined);
}
