import { badUserInput } from '../core/errors.js';

/** The zone of events without one. */
export const DEFAULT_TIME_ZONE = 'UTC';

/** Longer than every name in the IANA database. */
const NAME_LENGTH_MAX = 50;
/** Refuses an offset such as +02:00, which newer versions of Node accept as a zone: it knows no summer time. */
const NAME = /^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/;

/**
 * The zone's IANA name in IANA's spelling. An alias, such as Asia/Calcutta, stays as it was given: versions of Node differ
 * in which of two names is the main one, and a repeated call must stay equal.
 *
 * @throws BAD_USER_INPUT on `timeZone`
 */
export function checkTimeZone(given: string): string {
  const main = given.length <= NAME_LENGTH_MAX && NAME.test(given) ? mainNameOf(given) : undefined;
  if (main === undefined) {
    throw badUserInput('timeZone', 'This is no IANA time zone, such as Europe/Vienna.');
  }
  return main.toLowerCase() === given.toLowerCase() ? main : given;
}

function mainNameOf(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
