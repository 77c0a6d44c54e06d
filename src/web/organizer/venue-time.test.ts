import { describe, expect, test } from 'vitest';
import { instantsOf, isTimeZone, localTimeOf, zoneName } from './venue-time.js';

const iso = (local: string, timeZone: string) =>
  instantsOf(local, timeZone).map((instant) => new Date(instant).toISOString().slice(0, 16));

describe('a time at a venue', () => {
  test.each([
    ['in winter', '2026-12-22T19:30', 'America/New_York', ['2026-12-23T00:30']],
    ['in summer', '2026-07-22T19:30', 'America/New_York', ['2026-07-22T23:30']],
    ['in the hour that clocks skip', '2027-03-14T02:30', 'America/New_York', []],
    ['in its first minute', '2027-03-14T02:00', 'America/New_York', []],
    ['right before it', '2027-03-14T01:59', 'America/New_York', ['2027-03-14T06:59']],
    ['right after it', '2027-03-14T03:00', 'America/New_York', ['2027-03-14T07:00']],
    ['that occurs twice', '2026-11-01T01:30', 'America/New_York', ['2026-11-01T05:30', '2026-11-01T06:30']],
    ['right after that hour', '2026-11-01T02:00', 'America/New_York', ['2026-11-01T07:00']],
    ['skipped in Vienna', '2027-03-28T02:30', 'Europe/Vienna', []],
    ['twice in Vienna', '2027-10-31T02:30', 'Europe/Vienna', ['2027-10-31T00:30', '2027-10-31T01:30']],
    ['where half an hour is skipped', '2027-10-03T02:15', 'Australia/Lord_Howe', []],
    ['where the offset has minutes', '2026-12-22T19:30', 'Asia/Kolkata', ['2026-12-22T14:00']],
    ['at midnight', '2026-12-22T00:00', 'Asia/Tokyo', ['2026-12-21T15:00']],
    ['on a day that was skipped entirely', '2011-12-30T12:00', 'Pacific/Apia', []],
    ['in UTC', '2026-12-22T19:30', 'UTC', ['2026-12-22T19:30']],
    ['that does not exist', '2026-02-31T19:30', 'UTC', []],
    ['that is not typed yet', '', 'UTC', []],
  ])('%s', (_, local, timeZone, instants) => expect(iso(local, timeZone)).toEqual(instants));

  test('is what a clock there shows at the instant, through a year of any zone', () => {
    const start = Date.UTC(2027, 0, 1);
    for (const timeZone of [
      'America/New_York',
      'Australia/Lord_Howe',
      'Europe/Dublin',
      'Africa/Casablanca',
    ]) {
      for (let hour = 0; hour < 365 * 24; hour += 7) {
        const instant = start + hour * 3_600_000;
        expect(instantsOf(localTimeOf(instant, timeZone), timeZone)).toContain(instant);
      }
    }
  });
});

test.each([
  ['Europe/Vienna', true],
  ['Asia/Kolkata', true],
  ['UTC', true],
  ['Europe/Linz', false],
  ['+02:00', false],
  ['', false],
  // An older name, which the server accepts only in IANA's spelling.
  ['us/eastern', false],
])('%s is a time zone: %s', (text, isOne) => expect(isTimeZone(text)).toBe(isOne));

test.each([
  ['america/new_york', 'America/New_York'],
  ['UTC', 'UTC'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['US/Eastern', 'US/Eastern'],
  ['nowhere/x', 'nowhere/x'],
])('the zone that is typed as %s is called %s', (typed, name) => expect(zoneName(typed)).toBe(name));
