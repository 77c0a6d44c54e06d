import type { EventSettingsFragment, UpdateEventInput } from '../graphql/generated/graphql.js';
import { instantsOf, localTimeOf } from './venue-time.js';

/** The form's fields as typed. Times are values of an `<input type="datetime-local">` in the venue's zone; empty: none. */
export interface EventSettingsValues {
  readonly name: string;
  readonly venue: string;
  readonly date: string;
  readonly salesStart: string;
  readonly salesEnd: string;
}

type Changes = Omit<UpdateEventInput, 'eventId' | 'ifRevision'>;

export function valuesOf(event: EventSettingsFragment): EventSettingsValues {
  const local = (iso: string | null | undefined) =>
    iso == null ? '' : localTimeOf(Date.parse(iso), event.timeZone);
  return {
    name: event.name,
    venue: event.venue ?? '',
    date: local(event.eventDate),
    salesStart: local(event.salesStartAt),
    salesEnd: local(event.salesEndAt),
  };
}

/** @returns a time that clocks at the venue never show, or null */
export function settingsProblem(
  values: EventSettingsValues,
  timeZone: string,
): { field: 'date' | 'salesStart' | 'salesEnd'; message: string } | null {
  if (values.date === '') return { field: 'date', message: 'Name a date and a time.' };
  for (const field of ['date', 'salesStart', 'salesEnd'] as const) {
    if (values[field] !== '' && instantsOf(values[field], timeZone).length === 0)
      return { field, message: `There is no such time in ${timeZone}.` };
  }
  return null;
}

/** What differs from the event. A time that is left as it is stays exact, with its seconds. */
export function changesOf(values: EventSettingsValues, event: EventSettingsFragment): Changes {
  const before = valuesOf(event);
  const isChanged = (field: keyof EventSettingsValues) => values[field].trim() !== before[field];
  /** Where clocks show a time twice, a date and a start are the first one, an end the second. */
  const instant = (local: string, which: 0 | -1): string | null => {
    const ms = instantsOf(local, event.timeZone).at(which);
    return ms === undefined ? null : new Date(ms).toISOString();
  };
  return {
    ...(isChanged('name') && { name: values.name }),
    ...(isChanged('venue') && { venue: values.venue }),
    ...(isChanged('date') && { eventDate: instant(values.date, 0) }),
    ...(isChanged('salesStart') && { salesStartAt: instant(values.salesStart, 0) }),
    ...(isChanged('salesEnd') && { salesEndAt: instant(values.salesEnd, -1) }),
  };
}

/** The form's field for a field of `UpdateEventInput` that a refusal names; undefined if there is none. */
export function settingsField(field: unknown): keyof EventSettingsValues | undefined {
  if (field === 'name' || field === 'venue') return field;
  if (field === 'eventDate') return 'date';
  if (field === 'salesStartAt') return 'salesStart';
  return field === 'salesEndAt' ? 'salesEnd' : undefined;
}
