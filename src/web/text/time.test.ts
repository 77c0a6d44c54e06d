import { describe, expect, test } from 'vitest';
import { calendarLeaf, formatDate, fromNow, viewersDate, waitText } from './time.js';

const NEW_YORK = 'America/New_York';

describe('how far away a time is', () => {
  const now = '2031-05-01T20:00:00.000Z';
  test.each([
    ['in a day and a half, which is the day after tomorrow', '2031-05-03T02:00:00Z', 'UTC', 'in 2 days'],
    ['the same at a venue where that is tomorrow', '2031-05-03T02:00:00Z', NEW_YORK, 'tomorrow'],
    ['in a day', '2031-05-02T21:00:00Z', 'UTC', 'tomorrow'],
    ['two days ago by the calendar', '2031-04-29T23:00:00Z', 'UTC', '2 days ago'],
    ['in less than a day', '2031-05-02T10:00:00Z', 'UTC', 'in 14 hours'],
    ['in minutes', '2031-05-01T20:12:00Z', 'UTC', 'in 12 minutes'],
    ['in seconds', '2031-05-01T20:00:59Z', 'UTC', 'in less than a minute'],
    ['now', '2031-05-01T20:00:00Z', 'UTC', 'has begun'],
    ['a minute ago', '2031-05-01T19:59:00Z', 'UTC', 'has begun'],
    ['half a day ago', '2031-05-01T08:00:00Z', 'UTC', 'has begun'],
  ])('%s', (_name, then, timeZone, words) => {
    expect(fromNow(then, Date.parse(now), timeZone)).toBe(words);
  });
});

describe('a date', () => {
  const date = '2026-12-23T00:30:00.000Z';

  test.each([
    [NEW_YORK, 'Tue, Dec 22, 2026, 7:30 PM Eastern Standard Time'],
    ['Europe/Vienna', 'Wed, Dec 23, 2026, 1:30 AM Central European Standard Time'],
    ['Asia/Kolkata', 'Wed, Dec 23, 2026, 6:00 AM India Standard Time'],
    ['UTC', 'Wed, Dec 23, 2026, 12:30 AM Coordinated Universal Time'],
    // Newer than the browser, perhaps.
    ['Mars/Base', 'Wed, Dec 23, 2026, 12:30 AM Coordinated Universal Time'],
  ])('at a venue in %s is %s, wherever the viewer is', (timeZone, words) => {
    expect(plain(formatDate(date, timeZone))).toBe(words);
  });

  test('where there is little room has a short name for its zone', () => {
    expect(plain(formatDate(date, NEW_YORK, 'short'))).toBe('Tue, Dec 22, 2026, 7:30 PM EST');
  });

  test('in the hour that comes twice says which of the two it is', () => {
    const [first, second] = ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z'].map((iso) =>
      plain(formatDate(iso, NEW_YORK)),
    );
    expect([first, second]).toEqual([
      'Sun, Nov 1, 2026, 1:30 AM Eastern Daylight Time',
      'Sun, Nov 1, 2026, 1:30 AM Eastern Standard Time',
    ]);
  });

  test('is the viewer’s as well where their clock shows another time', () => {
    expect(plain(viewersDate(date, NEW_YORK, 'Europe/London') ?? '')).toBe(
      'Wed, Dec 23, 2026, 12:30 AM Greenwich Mean Time',
    );
    expect(viewersDate(date, 'Europe/Vienna', 'Europe/Rome')).toBeNull();
  });

  test('is on the venue’s day of the calendar', () => {
    expect(calendarLeaf(date, NEW_YORK)).toEqual({ month: 'Dec', day: '22' });
  });
});

test.each([
  [0, 'in 1 second'],
  [11_001, 'in 12 seconds'],
  [90_001, 'in 2 minutes'],
  [3_600_001, 'in 2 hours'],
])('a wait of %i ms is never said to be shorter than it is', (ms, words) => {
  expect(waitText(ms)).toBe(words);
});

/** Versions of ICU differ in which blanks they put between the parts. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ');
