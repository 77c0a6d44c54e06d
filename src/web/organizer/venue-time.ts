/**
 * A wall-clock time at a venue, as an instant. By `Intl` and not by a library: the browser knows the rules of every zone
 * already, and all that is asked of them is at which instants a clock there shows a given time.
 */

const DAY_MS = 86_400_000;

/**
 * @param local of an `<input type="datetime-local">`
 * @returns none where clocks skip this time, two in the hour that comes twice; none as well where it is no time
 */
export function instantsOf(local: string, timeZone: string): number[] {
  const shownMs = Date.parse(`${local}:00Z`);
  // February 31 is parsed as March 3.
  if (Number.isNaN(shownMs) || new Date(shownMs).toISOString().slice(0, 16) !== local) return [];
  // Clocks are not set twice within two days: the zone's offset at the instant is the one before it or the one after it.
  const candidates = [-DAY_MS, DAY_MS].map((ms) => shownMs - offsetMs(shownMs + ms, timeZone));
  const instants = candidates.filter((instant) => instant + offsetMs(instant, timeZone) === shownMs);
  return [...new Set(instants)].sort((a, b) => a - b);
}

/** What an `<input type="datetime-local">` holds, of an instant in the zone. */
export function localTimeOf(instant: number, timeZone: string): string {
  return new Date(instant + offsetMs(instant, timeZone)).toISOString().slice(0, 16);
}

/** @param text a name as `zoneName` spells it */
export function isTimeZone(text: string): boolean {
  // The server refuses an offset, which newer browsers take as a zone, and a name that begins with a small letter.
  return /^[A-Z]/.test(text) && mainNameOf(text) !== undefined;
}

/** "America/New_York" of "america/new_york". An older name of a zone, and what is no zone, stays as it was typed. */
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

/** What a clock in the zone shows, to the second. */
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

/** What is added to UTC to get the zone's time. */
function offsetMs(instant: number, timeZone: string): number {
  const parts = clockIn(timeZone).formatToParts(instant);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const shownMs = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shownMs - Math.floor(instant / 1_000) * 1_000;
}
