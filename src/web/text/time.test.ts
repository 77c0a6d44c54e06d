import { describe, expect, test } from 'vitest';
import { calendarLeaf, formatDate, fromNow, viewersDate, waitText } from './time.js';

const NEW_YORK = 'America/New_York';

describe('a relative time', () => {
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
  ])('%s', (_name, then, timeZone, text) => {
    expect(fromNow(then, Date.parse(now), timeZone)).toBe(text);
  });
});

describe('a date', () => {
  const date = '2026-12-23T00:30:00.000Z';

  test.each([
    [NEW_YORK, 'Tue, Dec 22, 2026, 7:30 PM Eastern Standard Time'],
    ['Europe/Vienna', 'Wed, Dec 23, 2026, 1:30 AM Central European Standard Time'],
    ['Asia/Kolkata', 'Wed, Dec 23, 2026, 6:00 AM India Standard Time'],
    ['UTC', 'Wed, Dec 23, 2026, 12:30 AM Coordinated Universal Time'],
    // A zone that the browser does not know.
    ['Mars/Base', 'Wed, Dec 23, 2026, 12:30 AM Coordinated Universal Time'],
  ])('at a venue in %s is %s, regardless of the viewer’s zone', (timeZone, text) => {
    expect(plain(formatDate(date, timeZone))).toBe(text);
  });

  test('has a short name for its zone in the short format', () => {
    expect(plain(formatDate(date, NEW_YORK, 'short'))).toBe('Tue, Dec 22, 2026, 7:30 PM EST');
  });

  test('in the hour that occurs twice shows which of the two it is', () => {
    const [first, second] = ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z'].map((iso) =>
      plain(formatDate(iso, NEW_YORK)),
    );
    expect([first, second]).toEqual([
      'Sun, Nov 1, 2026, 1:30 AM Eastern Daylight Time',
      'Sun, Nov 1, 2026, 1:30 AM Eastern Standard Time',
    ]);
  });

  test('is shown in the viewer’s zone too if their clock differs', () => {
    expect(plain(viewersDate(date, NEW_YORK, 'Europe/London') ?? '')).toBe(
      'Wed, Dec 23, 2026, 12:30 AM Greenwich Mean Time',
    );
    expect(viewersDate(date, 'Europe/Vienna', 'Europe/Rome')).toBeNull();
  });

  test('has the day of the venue’s calendar', () => {
    expect(calendarLeaf(date, NEW_YORK)).toEqual({ month: 'Dec', day: '22' });
  });
});

test.each([
  [0, 'in 1 second'],
  [11_001, 'in 12 seconds'],
  [90_001, 'in 2 minutes'],
  [3_600_001, 'in 2 hours'],
])('a wait of %i ms is rounded up', (ms, text) => {
  expect(waitText(ms)).toBe(text);
});

/** Versions of ICU use different spaces between the parts. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ');
