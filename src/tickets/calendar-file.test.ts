import { expect, test } from 'vitest';
import { calendarFile } from './calendar-file.js';

/** What RFC 5545 (3.1 and 3.3.11) asks of a calendar file. */

const NOW = new Date('2026-11-22T10:00:00.123Z');
const entry = {
  id: 'book_1',
  startsAt: new Date('2026-12-31T19:30:00.000Z'),
  title: 'A night out',
  venue: 'City Hall, Main St; 1',
  place: 'Stalls, row C; seat 12',
};

test('lines end with CRLF, instants are in UTC, and special characters are escaped', () => {
  expect(
    calendarFile({ ...entry, title: 'Back\\slash, semi;colon\nand a second line' }, NOW).split('\r\n'),
  ).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//seat-booking-live//ticket//EN',
    'BEGIN:VEVENT',
    'UID:book_1',
    'DTSTAMP:20261122T100000Z',
    'DTSTART:20261231T193000Z',
    'SUMMARY:Back\\\\slash\\, semi\\;colon\\nand a second line',
    'LOCATION:City Hall\\, Main St\\; 1',
    'DESCRIPTION:Stalls\\, row C\\; seat 12',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]);
});

test('a line has at most 75 bytes, and is never broken inside a character', () => {
  for (const title of ['x'.repeat(67), 'x'.repeat(68), '席'.repeat(200), `x${'🎭'.repeat(100)}`]) {
    const file = calendarFile({ ...entry, title }, NOW);
    for (const line of file.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(file.replaceAll('\r\n ', '')).toContain(`SUMMARY:${title}\r\n`);
  }
});
