import { formatMoney, isCurrency } from 'seat-map/map';
import { typedAmount } from '../../catalog/typed-amount.js';
import type { CreateEventInput, SectionInput } from '../graphql/generated/graphql.js';
import { instantsOf } from './venue-time.js';

/** The form's fields as typed. */
export interface NewEventForm {
  readonly name: string;
  /** The value of an `<input type="datetime-local">`, in the venue's zone. */
  readonly date: string;
  /** IANA name of the venue's zone. */
  readonly timeZone: string;
  /** If the clock shows the time twice that night: which of the two; empty if not chosen. */
  readonly whichOfTwo: '' | 'first' | 'second';
  readonly venue: string;
  readonly description: string;
  readonly imageUrl: string;
  readonly currency: string;
  readonly seatsFrom: 'sections' | 'file';
  readonly sections: readonly SectionForm[];
  /** In the venue's zone, as the date; empty: the server's default. */
  readonly salesStart: string;
  readonly salesEnd: string;
  /** Empty: the server's limit. */
  readonly seatsPerPerson: string;
  /** Whether a pick may leave no single free seat. */
  readonly forbidsOrphans: boolean;
  /** Whether the organizer alone sees the event until it is published. */
  readonly isDraft: boolean;
}

export interface SectionForm {
  readonly name: string;
  readonly rows: string;
  readonly seatsPerRow: string;
  /** In whole units; empty: the buyer names the amount. */
  readonly price: string;
}

/** The name of a field of the form. */
export type FormField =
  | 'name'
  | 'date'
  | 'timeZone'
  | 'venue'
  | 'description'
  | 'imageUrl'
  | SaleField
  | `sections.${number}.${keyof SectionForm}`;

type SaleField = 'salesStart' | 'salesEnd' | 'seatsPerPerson';

export const SEATS_MAX = 100_000;

/** @returns a problem of the section, or null */
export function sectionProblem(
  section: SectionForm,
  currency: string,
): { field: keyof SectionForm; message: string } | null {
  if (section.name.trim() === '') return { field: 'name', message: 'Name the section.' };
  for (const field of ['rows', 'seatsPerRow'] as const) {
    if (!(wholeNumber(section[field]) >= 1)) return { field, message: 'A whole number, 1 or more.' };
  }
  if (section.price.trim() !== '' && isCurrency(currency)) {
    const read = typedAmount(section.price, currency.toUpperCase());
    if ('problem' in read) return { field: 'price', message: read.problem };
    if (read.amount === 0) return { field: 'price', message: 'A price is above 0.' };
  }
  return null;
}

/** The price as it will be charged, shown so that the organizer can check it; undefined if it cannot be read. */
export function priceAsRead({ price }: SectionForm, currency: string): string | undefined {
  const code = currency.toUpperCase();
  const read = isCurrency(code) ? typedAmount(price, code) : undefined;
  return read !== undefined && 'amount' in read
    ? formatMoney({ amount: read.amount, currency: code })
    : undefined;
}

/** NaN if a section is not filled in yet. */
export function seatsOf(sections: readonly SectionForm[]): number {
  return sections.reduce(
    (seats, { rows, seatsPerRow }) => seats + wholeNumber(rows) * wholeNumber(seatsPerRow),
    0,
  );
}

/** The event's date; undefined if it is not filled in or does not exist. */
export function instantOf({ date, timeZone, whichOfTwo }: NewEventForm): number | undefined {
  const [first, second] = instantsOf(date, timeZone);
  if (second === undefined) return first;
  return { '': undefined, first, second }[whichOfTwo];
}

/** @param nowMs by the server's clock; undefined before it is known */
export function dateProblem(form: NewEventForm, nowMs: number | undefined): string | undefined {
  if (form.date === '') return 'Name a date and a time.';
  if (instantsOf(form.date, form.timeZone).length === 0) {
    return `There is no such time in ${form.timeZone}: clocks go forward then. Take an earlier or a later one.`;
  }
  const instant = instantOf(form);
  const isPast = instant !== undefined && nowMs !== undefined && instant <= nowMs;
  return isPast ? 'A date that is still to come.' : undefined;
}

/** @returns a problem of the sale's fields, or null */
export function saleProblem(form: NewEventForm): { field: SaleField; message: string } | null {
  for (const field of ['salesStart', 'salesEnd'] as const) {
    if (form[field] !== '' && instantsOf(form[field], form.timeZone).length === 0) {
      return { field, message: `There is no such time in ${form.timeZone}.` };
    }
  }
  if (form.seatsPerPerson.trim() !== '' && !(wholeNumber(form.seatsPerPerson) >= 1)) {
    return { field: 'seatsPerPerson', message: 'A whole number, 1 or more.' };
  }
  return null;
}

/** @param fromFile the sections that a file makes; undefined if the form's own are wanted */
export function createEventInput(form: NewEventForm, fromFile?: SectionInput[]): CreateEventInput {
  const currency = form.currency.toUpperCase();
  return {
    name: form.name.trim(),
    eventDate: new Date(instantOf(form) ?? Number.NaN).toISOString(),
    timeZone: form.timeZone,
    ...aboutInput(form),
    sections: fromFile ?? typedSections(form, currency),
    ...saleInput(form),
    ...(form.isDraft && { draft: true }),
  };
}

const aboutInput = ({ venue, description, imageUrl }: NewEventForm) => ({
  ...(venue.trim() !== '' && { venue: venue.trim() }),
  ...(description.trim() !== '' && { description: description.trim() }),
  ...(imageUrl.trim() !== '' && { imageUrl: imageUrl.trim() }),
});

/** Where clocks show a time twice, a sale starts at the first one and ends at the second. */
function saleInput({ timeZone, salesStart, salesEnd, seatsPerPerson, forbidsOrphans }: NewEventForm) {
  const [start] = instantsOf(salesStart, timeZone);
  const end = instantsOf(salesEnd, timeZone).at(-1);
  return {
    ...(start !== undefined && { salesStartAt: new Date(start).toISOString() }),
    ...(end !== undefined && { salesEndAt: new Date(end).toISOString() }),
    ...(seatsPerPerson.trim() !== '' && { seatsPerViewerMax: wholeNumber(seatsPerPerson) }),
    ...(forbidsOrphans && { orphanRule: 'REFUSE' as const }),
  };
}

const typedSections = ({ sections }: NewEventForm, currency: string): SectionInput[] =>
  sections.map(({ name, rows, seatsPerRow, price }) => {
    const read = typedAmount(price, currency);
    return {
      name: name.trim(),
      rows: wholeNumber(rows),
      seatsPerRow: wholeNumber(seatsPerRow),
      ...('amount' in read && { price: { amount: read.amount, currency } }),
    };
  });

/** The form's field for a field of `CreateEventInput` that a refusal names; undefined if there is none. */
export function formField(field: unknown): FormField | undefined {
  if (field === 'name' || field === 'venue' || field === 'description' || field === 'imageUrl') return field;
  if (field === 'eventDate') return 'date';
  if (field === 'timeZone') return 'timeZone';
  if (field === 'salesStartAt') return 'salesStart';
  if (field === 'salesEndAt') return 'salesEnd';
  if (field === 'seatsPerViewerMax') return 'seatsPerPerson';
  if (typeof field !== 'string') return undefined;
  const [, index, part] = /^sections\[(\d+)\]\.(name|rows|seatsPerRow|price)\b/.exec(field) ?? [];
  return index === undefined
    ? undefined
    : (`sections.${Number(index)}.${part as keyof SectionForm}` as const);
}

function wholeNumber(text: string): number {
  return /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : Number.NaN;
}
