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
  const read = venueFromCsv(await readExample(`examples/venues/${venue}.csv`), CURRENCY);
  if ('faults' in read) throw new Error(`The demo venue ${venue} has faults: ${JSON.stringify(read.faults)}`);
  return { name, eventDate, timeZone: DEFAULT_TIME_ZONE, sections: read.sections, ...rules };
}

/** From the nearest folder above this file that has it: the compiler writes this file to folders of different depth. */
async function readExample(name: string): Promise<string> {
  let folder = new URL('.', import.meta.url);
  for (;;) {
    try {
      return await readFile(new URL(name, folder), 'utf8');
    } catch (error) {
      const above = new URL('..', folder);
      if (above.href === folder.href) throw error;
      folder = above;
    }
  }
}

/** In UTC, the demo events' time zone. */
function evening(now: Date, days: number): Date {
  const day = new Date(now.getTime() + days * DAY_MS);
  day.setUTCHours(19, 30, 0, 0);
  return day;
}
