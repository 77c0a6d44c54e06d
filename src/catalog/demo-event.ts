import type { NewEvent } from './create-event.js';
import { DEFAULT_TIME_ZONE } from './time-zone.js';

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

/** The first event of an empty embedded database, so that there is something to see. */
export const demoEvent = (now: Date): NewEvent => ({
  name: 'Opening Night at the Riverside Hall',
  eventDate: inTheEvening(new Date(now.getTime() + MONTH_MS)),
  timeZone: DEFAULT_TIME_ZONE,
  sections: [
    { name: 'Stalls', rows: 8, seatsPerRow: 20, price: { amount: 9_500, currency: 'USD' } },
    { name: 'Circle', rows: 6, seatsPerRow: 18, price: { amount: 6_500, currency: 'USD' } },
    { name: 'Balcony', rows: 4, seatsPerRow: 16, price: { amount: 3_500, currency: 'USD' } },
  ],
});

/** In UTC, the demo event's time zone. */
function inTheEvening(day: Date): Date {
  day.setUTCHours(19, 30, 0, 0);
  return day;
}
