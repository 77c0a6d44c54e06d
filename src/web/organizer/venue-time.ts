/**
 * Converts a wall-clock time at a venue to an instant. Uses `Intl` instead of a library: the browser has the rules of every
 * zone, and only the instants at which a clock there shows a given time are needed.
 */

const DAY_MS = 86_400_000;

/**
 * @param local of an `<input type="datetime-local">`
 * @returns no instant if clocks skip this time or it is no valid time; two instants in the hour that occurs twice
 */
export function instantsOf(local: string, timeZone: string): number[] {
  const shownMs = Date.parse(`${local}:00Z`);
  // The parser reads February 31 as March 3.
  if (Number.isNaN(shownMs) || new Date(shownMs).toISOString().slice(0, 16) !== local) return [];
  // Clocks change at most once in two days, so the offset is that of the day before or of the day after.
  const candidates = [-DAY_MS, DAY_MS].map((ms) => shownMs - offsetMs(shownMs + ms, timeZone));
  const instants = candidates.filter((instant) => instant + offsetMs(instant, timeZone) === shownMs);
  return [...new Set(instants)].sort((a, b) => a - b);
}

/** The value of an `<input type="datetime-local">` for an instant in the zone. */
export function localTimeOf(instant: number, timeZone: string): string {
  return new Date(instant + offsetMs(instant, timeZone)).toISOString().slice(0, 16);
}

/** @param text a name as `zoneName` spells it */
export function isTimeZone(text: string): boolean {
  // The server refuses offsets, which newer browsers accept as zones, and names that start with a small letter.
  return /^[A-Z]/.test(text) && mainNameOf(text) !== undefined;
}

/** "America/New_York" for "america/new_york". Older names and unknown zones stay as typed. */
export function zoneName(typed: string): string {
  const main = mainNameOf(typed);
  return main?.toLowerCase() === typed.toLowerCase() ? main : typed;
}

function mainNameOf(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The time that a clock in the zone shows, to the second. */
function clockIn(timeZone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  clocks.set(timeZone, clock);
  return clock;
}

/** The offset that is added to UTC to get the zone's time. */
function offsetMs(instant: number, timeZone: string): number {
  const parts = clockIn(timeZone).formatToParts(instant);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const shownMs = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shownMs - Math.floor(instant / 1_000) * 1_000;
}
