import type { Truth } from './audit.js';
import { BOOKINGS, SALES, SEAT_MAP, type SeatMapAnswer } from './operations.js';
import type { Data } from './server-api.js';

/** Pages of 100 records. A seat that is often sold and cancelled has many of them. */
const PAGES_MAX = 10_000;

interface Page<Node> {
  readonly nodes: readonly Node[];
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
  for await (const booking of nodesOf<Truth['bookings'][number]>(ask, BOOKINGS, eventId, 'bookings'))
    all.push(booking);
  return all;
}

/** Reads a list of the event, page by page. @throws Error if it has too many pages */
export async function* nodesOf<Node>(
  ask: Ask,
  operation: string,
  eventId: string,
  field: string,
): AsyncGenerator<Node> {
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const event: Record<string, Page<Node>> = await readEvent(ask, operation, { eventId, after });
    const { nodes, pageInfo } = event[field] as Page<Node>;
    yield* nodes;
    if (!pageInfo.hasNextPage) return;
    after = pageInfo.endCursor;
  }
  throw new Error(`The event has more than ${PAGES_MAX} pages of ${field}.`);
}

async function readEvent<Fields>(ask: Ask, operation: string, variables: object): Promise<Fields> {
  const { event } = await ask(operation, variables);
  if (event == null) throw new Error('The event of the sale is gone.');
  return event as Fields;
}
