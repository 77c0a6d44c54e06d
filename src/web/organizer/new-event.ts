import type { CreateEventInput } from '../graphql/generated/graphql.js';
import { formatMoney, isCurrency } from '../text/money.js';
import { typedAmount } from '../text/typed-amount.js';
import { instantsOf } from './venue-time.js';

/** What the form holds, as it was typed. */
export interface NewEventForm {
  readonly name: string;
  /** Of an `<input type="datetime-local">`, in the venue's zone. */
  readonly date: string;
  /** IANA name of the venue's zone. */
  readonly timeZone: string;
  /** Where clocks show the time twice that night: which of the two; empty where nobody has said. */
  readonly whichOfTwo: '' | 'first' | 'second';
  readonly currency: string;
  readonly sections: readonly SectionForm[];
}

export interface SectionForm {
  readonly name: string;
  readonly rows: string;
  readonly seatsPerRow: string;
  /** In whole units; empty: who pays names the amount. */
  readonly price: string;
}

/** A field of the form by its name there. */
export type FormField = 'name' | 'date' | 'timeZone' | `sections.${number}.${keyof SectionForm}`;

export const SEATS_MAX = 100_000;

/** @returns a fault of a section, or null */
export function sectionFault(
  section: SectionForm,
  currency: string,
): { field: keyof SectionForm; message: string } | null {
  if (section.name.trim() === '') return { field: 'name', message: 'Name the section.' };
  for (const field of ['rows', 'seatsPerRow'] as const) {
    if (!(wholeNumber(section[field]) >= 1)) return { field, message: 'A whole number, 1 or more.' };
  }
  if (section.price.trim() !== '' && isCurrency(currency)) {
    const read = typedAmount(section.price, currency.toUpperCase());
    if ('fault' in read) return { field: 'price', message: read.fault };
    if (read.amount === 0) return { field: 'price', message: 'A price is above 0.' };
  }
  return null;
}

/** The price as it will be charged, so that nobody is surprised by how it was read; undefined where it cannot be. */
export function priceAsRead({ price }: SectionForm, currency: string): string | undefined {
  const code = currency.toUpperCase();
  const read = isCurrency(code) ? typedAmount(price, code) : undefined;
  return read !== undefined && 'amount' in read
    ? formatMoney({ amount: read.amount, currency: code })
    : undefined;
}

/** NaN where a section is not filled in yet. */
export function seatsOf(sections: readonly SectionForm[]): number {
  return sections.reduce(
    (seats, { rows, seatsPerRow }) => seats + wholeNumber(rows) * wholeNumber(seatsPerRow),
    0,
  );
}

/** When the event is; undefined where its form does not say so yet, or the time does not exist. */
export function instantOf({ date, timeZone, whichOfTwo }: NewEventForm): number | undefined {
  const [first, second] = instantsOf(date, timeZone);
  if (second === undefined) return first;
  return { '': undefined, first, second }[whichOfTwo];
}

/** @param nowMs by the server's clock; undefined before it is known */
export function dateFault(form: NewEventForm, nowMs: number | undefined): string | undefined {
  if (form.date === '') return 'Name a date and a time.';
  if (instantsOf(form.date, form.timeZone).length === 0) {
    return `There is no such time in ${form.timeZone}: clocks go forward then. Take an earlier or a later one.`;
  }
  const instant = instantOf(form);
  const isPast = instant !== undefined && nowMs !== undefined && instant <= nowMs;
  return isPast ? 'A date that is still to come.' : undefined;
}

export function createEventInput(form: NewEventForm): CreateEventInput {
  const currency = form.currency.toUpperCase();
  return {
    name: form.name.trim(),
    eventDate: new Date(instantOf(form) ?? Number.NaN).toISOString(),
    timeZone: form.timeZone,
    sections: form.sections.map(({ name, rows, seatsPerRow, price }) => {
      const read = typedAmount(price, currency);
      return {
        name: name.trim(),
        rows: wholeNumber(rows),
        seatsPerRow: wholeNumber(seatsPerRow),
        ...('amount' in read && { price: { amount: read.amount, currency } }),
      };
    }),
  };
}

/** Where the form shows a refusal that names a field of `CreateEventInput`; undefined where it has no such field. */
export function formField(field: unknown): FormField | undefined {
  if (field === 'name') return 'name';
  if (field === 'eventDate') return 'date';
  if (field === 'timeZone') return 'timeZone';
  if (typeof field !== 'string') return undefined;
  const [, index, part] = /^sections\[(\d+)\]\.(name|rows|seatsPerRow|price)\b/.exec(field) ?? [];
  return index === undefined
    ? undefined
    : (`sections.${Number(index)}.${part as keyof SectionForm}` as const);
}

function wholeNumber(text: string): number {
  return /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : Number.NaN;
}
