import { get, type IncomingMessage } from 'node:http';
import fastify from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Booking } from '../../booking/booking.js';
import { derivedPlan } from '../../catalog/seating-plan.js';
import { EVENT_ID, eventOf, later } from '../../test/support/booking-fixtures.js';
import { captureLog } from '../../test/support/captured-log.js';
import { serveBookingsFiles } from './bookings-file.js';
import { answerErrorsLikeGraphQL } from './error-answers.js';

/** Ids are long, so that few pages fill the buffers of a socket. */
const idOf = (index: number) => `book_${index}_${'x'.repeat(20_000)}`;

/** What a row needs. */
const bookingAt = (index: number) =>
  ({
    id: idOf(index),
    seatNumber: 1,
    paymentId: 'pay',
    createdAt: later(-index),
    checkedInAt: null,
  }) as Booking;

/** A server with events of many organizers; each event has this number of bookings. */
async function serving(total: number, failAtPage = Number.POSITIVE_INFINITY) {
  const { log, lines } = captureLog();
  const pages: number[] = [];
  const server = fastify();
  answerErrorsLikeGraphQL(server, log);
  serveBookingsFiles(
    server,
    {
      events: {
        find: async (id) => eventOf({ id, organizerId: `organizer of ${id}` }),
        seatingPlan: async (event) => derivedPlan(event.sections, event.totalSeats),
      },
      reads: {
        bookingsOfEvent: async (_, { first, after }) => {
          if (pages.length + 1 >= failAtPage) throw new Error('The database is gone');
          const from = after === null ? 0 : Number(after.id.split('_')[1]) + 1;
          pages.push(from);
          const count = Math.min(first, total - from);
          const nodes = Array.from({ length: count }, (_each, index) => bookingAt(from + index));
          return { nodes, hasNextPage: from + count < total };
        },
        payments: async () => [],
      },
      log,
    },
    async ({ headers }) => ({ userId: String(headers.user) }) as never,
    () => {},
  );
  const address = await server.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    server.server.closeAllConnections();
    await server.close();
  });
  const request = (eventId = EVENT_ID) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { user: `organizer of ${eventId}` };
      get(`${address}/events/${eventId}/bookings.csv`, { headers, agent: false }, resolve).on(
        'error',
        reject,
      );
    });
  return { request, pages, lines };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

test('the file has every booking once, read in pages of 25', async () => {
  const { request, pages } = await serving(51);
  const response = await request();
  expect(response.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="bookings-${EVENT_ID}.csv"`,
    'cache-control': 'no-store',
  });
  const rows = (await textOf(response)).trim().split('\r\n').slice(1);
  expect(rows.map((row) => row.split(',')[0])).toEqual(Array.from({ length: 51 }, (_, index) => idOf(index)));
  expect(pages).toEqual([0, 25, 50]);
});

test('a server without time to spare pauses a quarter of a second after each page', async () => {
  const { request } = await serving(201);
  let isBusy = true;
  const keepBusy = () => isBusy && setImmediate(keepBusy);
  keepBusy();
  const startMs = performance.now();
  await textOf(await request());
  isBusy = false;
  // Nine pages and eight pauses.
  expect(performance.now() - startMs).toBeGreaterThan(1_800);
});

test('nothing is read ahead of a client that does not read, and its leaving ends the file, or 30 minutes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  // More than any socket buffers.
  const { request, pages, lines } = await serving(10_000_000);
  const response = await request();
  // It is never read. Once the buffers are full, no further page is read.
  let before = -1;
  const isStill = () => {
    const same = pages.length === before;
    before = pages.length;
    return same;
  };
  await expect.poll(isStill, { interval: 300 }).toBe(true);

  // The same organizer, and one more than two at a time, are told to come back.
  const expectRefusal = async (eventId: string) => {
    const refused = await request(eventId);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
    expect(await textOf(refused)).toContain('TOO_BUSY');
  };
  const begins = (eventId?: string) =>
    expect
      .poll(async () => {
        const next = await request(eventId);
        next.destroy();
        return next.statusCode;
      })
      .toBe(200);
  await expectRefusal(EVENT_ID);
  const second = await request('event1111111');
  await expectRefusal('event2222222');
  second.destroy();
  await begins('event2222222');
  // The first one still keeps its place, but not for ever.
  vi.advanceTimersByTime(30 * 60_000);
  await expect(textOf(response)).rejects.toThrow('aborted');
  await begins();
  expect(lines).toEqual([]);
});

test('a failure cuts the connection, so that nobody takes a part for all of it', async () => {
  const { request, lines } = await serving(1_000, 3);
  await expect(textOf(await request())).rejects.toThrow('aborted');
  expect(lines.map(({ msg }) => msg)).toEqual(['A file of bookings was not completed']);
});
