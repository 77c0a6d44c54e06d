import type { CreateEventInput } from '../graphql/generated/graphql.js';
import { isCurrency, minorAmount } from '../text/money.js';

/** What the form holds, as it was typed. */
export interface NewEventForm {
  readonly name: string;
  /** Of an `<input type="datetime-local">`, in the viewer's zone. */
  readonly date: string;
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
    const amount = minorAmount(section.price, currency);
    if (amount === null || amount === 0)
      return { field: 'price', message: `An amount in ${currency.toUpperCase()}.` };
  }
  return null;
}

/** NaN where a section is not filled in yet. */
export function seatsOf(sections: readonly SectionForm[]): number {
  return sections.reduce(
    (seats, { rows, seatsPerRow }) => seats + wholeNumber(rows) * wholeNumber(seatsPerRow),
    0,
  );
}

export function createEventInput(form: NewEventForm): CreateEventInput {
  const currency = form.currency.toUpperCase();
  return {
    name: form.name.trim(),
    eventDate: new Date(form.date).toISOString(),
    sections: form.sections.map(({ name, rows, seatsPerRow, price }) => {
      const amount = price.trim() === '' ? null : minorAmount(price, currency);
      return {
        name: name.trim(),
        rows: wholeNumber(rows),
        seatsPerRow: wholeNumber(seatsPerRow),
        ...(amount !== null && { price: { amount, currency } }),
      };
    }),
  };
}

function wholeNumber(text: string): number {
  return /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : Number.NaN;
}
