import { readFile } from 'node:fs/promises';
import type { NewEvent } from './create-event.js';
import { DEFAULT_TIME_ZONE } from './time-zone.js';
import { venueFromCsv } from './venue-csv.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const CURRENCY = 'USD';

/** The first events of an empty embedded database, so that there is something to see. */
export const demoEvents = (now: Date): Promise<NewEvent[]> =>
  Promise.all([
    demoEvent('Late Show at the Lantern Cinema', 'cinema', evening(now, 14), { orphanRule: 'refuse' }),
    demoEvent('Opening Night at the Riverside Hall', 'theatre', evening(now, 30)),
    demoEvent('Summer Tour at the Harbour Arena', 'arena', evening(now, 60)),
  ]);

async function demoEvent(
  name: string,
  venue: string,
  eventDate: Date,
  rules: Pick<NewEvent, 'orphanRule'> = {},
): Promise<NewEvent> {
  // The folder is beside that of this file, whether it was compiled or not.
  const file = new URL(`../../examples/venues/${venue}.csv`, import.meta.url);
  const read = venueFromCsv(await readFile(file, 'utf8'), CURRENCY);
  if ('faults' in read) throw new Error(`${file.pathname}: ${JSON.stringify(read.faults)}`);
  return { name, eventDate, timeZone: DEFAULT_TIME_ZONE, sections: read.sections, ...rules };
}

/** In UTC, the demo events' time zone. */
function evening(now: Date, days: number): Date {
  const day = new Date(now.getTime() + days * DAY_MS);
  day.setUTCHours(19, 30, 0, 0);
  return day;
}
