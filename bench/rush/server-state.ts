import type { Truth } from './audit.js';
import { BOOKINGS, SALES, SEAT_MAP, type SeatMapAnswer } from './operations.js';
import type { Data } from './server-api.js';

/** Pages of 100 bookings. A seat that is often sold and cancelled has many bookings. */
const PAGES_MAX = 10_000;

interface BookingPage {
  readonly nodes: Truth['bookings'];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Sends an operation as the event's organizer, with retries. */
export type Ask = (operation: string, variables: object) => Promise<Data>;

export async function readSeatMap(ask: Ask, eventId: string): Promise<SeatMapAnswer> {
  return (await readEvent<{ seatMap: SeatMapAnswer }>(ask, SEAT_MAP, { eventId })).seatMap;
}

/** Reads the event's state from the API, the seat map last. */
export async function readTruth(ask: Ask, eventId: string): Promise<Truth> {
  const bookings = await readBookings(ask, eventId);
  const { sales } = await readEvent<{ sales: { revenue: { amount: number }[] } }>(ask, SALES, { eventId });
  const seatMap = await readSeatMap(ask, eventId);
  return {
    seatMap,
    bookings,
    revenue: sales.revenue.reduce((sum, { amount }) => sum + amount, 0),
    readMs: Date.now(),
  };
}

async function readBookings(ask: Ask, eventId: string): Promise<Truth['bookings']> {
  const all: Truth['bookings'][number][] = [];
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const { bookings }: { bookings: BookingPage } = await readEvent(ask, BOOKINGS, { eventId, after });
    all.push(...bookings.nodes);
    if (!bookings.pageInfo.hasNextPage) return all;
    after = bookings.pageInfo.endCursor;
  }
  throw new Error(`The event has more than ${PAGES_MAX} pages of bookings.`);
}

async function readEvent<Fields>(ask: Ask, operation: string, variables: object): Promise<Fields> {
  const { event } = await ask(operation, variables);
  if (event == null) throw new Error('The event of the sale is gone.');
  return event as Fields;
}
