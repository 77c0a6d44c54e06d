/** All in the viewer's own time zone and words. */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** "Tue, Dec 22, 2026, 7:30 PM" */
export function formatDate(iso: string): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  }).format(new Date(iso));
}

/** "7:30:05 PM" */
export function formatTimeOfDay(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(new Date(ms));
}

/** The month and day of a calendar leaf. */
export function calendarLeaf(iso: string): { month: string; day: string } {
  const date = new Date(iso);
  return {
    month: new Intl.DateTimeFormat(undefined, { month: 'short' }).format(date),
    day: new Intl.DateTimeFormat(undefined, { day: 'numeric' }).format(date),
  };
}

/** "in 30 days", "tomorrow", "in 2 hours"; days as the calendar counts them. @param nowMs since the epoch */
export function fromNow(iso: string, nowMs: number): string {
  const ms = Date.parse(iso) - nowMs;
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  if (Math.abs(ms) >= DAY_MS) {
    const days = (midnight(Date.parse(iso)) - midnight(nowMs)) / DAY_MS;
    // Rounded: a day on which clocks are set is an hour shorter or longer.
    return format.format(Math.round(days), 'day');
  }
  if (Math.abs(ms) >= HOUR_MS) return format.format(Math.round(ms / HOUR_MS), 'hour');
  return format.format(Math.round(ms / 60_000), 'minute');
}

/** "in 12 seconds", "in 2 minutes", "in 3 hours": never less than it takes. */
export function waitWords(ms: number): string {
  const format = new Intl.RelativeTimeFormat(undefined);
  if (ms > HOUR_MS) return format.format(Math.ceil(ms / HOUR_MS), 'hour');
  if (ms > 90_000) return format.format(Math.ceil(ms / 60_000), 'minute');
  return format.format(Math.max(1, Math.ceil(ms / 1_000)), 'second');
}

function midnight(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** What an `<input type="datetime-local">` holds, of an instant in the viewer's zone. */
export function localInputValue(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
