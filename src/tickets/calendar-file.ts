/** What a calendar shows of an event. */
export interface CalendarEntry {
  /** The same for every file about the same thing, so that a calendar replaces its entry. */
  readonly id: string;
  readonly startsAt: Date;
  readonly title: string;
  /** Where to go; null if the organizer has not said. */
  readonly venue: string | null;
  /** The seat. */
  readonly place: string;
}

/** Longer lines are folded. */
const LINE_BYTES_MAX = 75;

/** A file that calendars import: iCalendar, RFC 5545. The event's end is not known, so it has none. */
export function calendarFile({ id, startsAt, title, venue, place }: CalendarEntry, now: Date): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//seat-booking-live//ticket//EN',
    'BEGIN:VEVENT',
    `UID:${id}`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(startsAt)}`,
    `SUMMARY:${escaped(title)}`,
    `LOCATION:${escaped(venue ?? place)}`,
    `DESCRIPTION:${escaped(place)}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** `20261231T193000Z` */
const utc = (instant: Date): string => `${instant.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

const escaped = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');

/** Breaks a line between characters; a continued line begins with a blank, which counts. */
function folded(line: string): string {
  const lines = [''];
  for (const character of line) {
    const next = lines.at(-1) + character;
    if (Buffer.byteLength(next) <= LINE_BYTES_MAX) lines[lines.length - 1] = next;
    else lines.push(` ${character}`);
  }
  return lines.join('\r\n');
}
