// Dates in the viewer's language. Dates of an event are in its venue's time zone, with the zone's name.

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const DATE: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
};

/**
 * "Tue, Dec 22, 2026, 7:30 PM Eastern Standard Time".
 *
 * @param timeZone IANA name, the venue's
 * @param zoneName `short` for little space: "EST", or "GMT+1" if the language has no short name
 */
export function formatDate(iso: string, timeZone: string, zoneName: 'long' | 'short' = 'long'): string {
  return formatIn(timeZone, { ...DATE, timeZoneName: zoneName }).format(new Date(iso));
}

/** "7:30 PM" at the venue. */
export const formatTime = (iso: string, timeZone: string): string =>
  formatIn(timeZone, { hour: 'numeric', minute: '2-digit' }).format(new Date(iso));

/** "Dec 22, 7 PM". @param timeZone IANA name, the venue's */
export const formatHour = (iso: string, timeZone: string): string =>
  formatIn(timeZone, { day: 'numeric', month: 'short', hour: 'numeric' }).format(new Date(iso));

/** The same instant in the viewer's zone, as formatDate; null if it is the same time as at the venue. */
export function viewersDate(iso: string, timeZone: string, viewersZone = zoneOfBrowser()): string | null {
  const date = new Date(iso);
  const [there, here] = [timeZone, viewersZone].map((zone) => formatIn(zone, DATE).format(date));
  return there === here ? null : formatDate(iso, viewersZone);
}

/** IANA name of the browser's time zone. */
export const zoneOfBrowser = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The month and day of a calendar leaf. */
export function calendarLeaf(iso: string, timeZone: string): { month: string; day: string } {
  const date = new Date(iso);
  return {
    month: formatIn(timeZone, { month: 'short' }).format(date),
    day: formatIn(timeZone, { day: 'numeric' }).format(date),
  };
}

/**
 * "in 30 days", "tomorrow", "in 2 hours", "has begun", "2 days ago"; days are calendar days at the venue.
 *
 * @param nowMs by the server's clock, since the epoch
 */
export function fromNow(iso: string, nowMs: number, timeZone: string): string {
  const ms = Date.parse(iso) - nowMs;
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  if (Math.abs(ms) >= DAY_MS) return format.format(dayIn(timeZone, iso) - dayIn(timeZone, nowMs), 'day');
  if (ms <= 0) return 'has begun';
  if (ms >= HOUR_MS) return format.format(Math.round(ms / HOUR_MS), 'hour');
  if (ms >= MINUTE_MS) return format.format(Math.round(ms / MINUTE_MS), 'minute');
  return 'in less than a minute';
}

/** "in 12 seconds", "in 2 minutes", "in 3 hours", rounded up. */
export function waitText(ms: number): string {
  const format = new Intl.RelativeTimeFormat(undefined);
  if (ms > HOUR_MS) return format.format(Math.ceil(ms / HOUR_MS), 'hour');
  if (ms > 90_000) return format.format(Math.ceil(ms / 60_000), 'minute');
  return format.format(Math.max(1, Math.ceil(ms / 1_000)), 'second');
}

/** Calendar days in the zone since the epoch. */
function dayIn(timeZone: string, instant: string | number): number {
  const parts = formatIn(timeZone, { year: 'numeric', month: 'numeric', day: 'numeric' }, 'en').formatToParts(
    new Date(instant),
  );
  const of = (type: 'year' | 'month' | 'day') => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day')) / DAY_MS;
}

/** Creating a format costs more than using it a hundred times, and lists are formatted every second. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string, options: Intl.DateTimeFormatOptions, locale?: string) {
  const key = JSON.stringify([locale, timeZone, options]);
  let format = formats.get(key);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    } catch {
      // The server may know a zone that is newer than this browser.
      format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    }
    formats.set(key, format);
  }
  return format;
}
