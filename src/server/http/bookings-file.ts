import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { unauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import type { Booking } from '../../booking/booking.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import { eventNotFound } from '../../booking/refusals.js';
import type { Events } from '../../catalog/events.js';
import { DomainError } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import type { PagePosition } from '../../core/page.js';
import { BookingsCsv } from './bookings-csv.js';
import { answerError } from './error-answers.js';

/** Files that a process writes at a time. */
const FILES_AT_ONCE_MAX = 2;
/** When a refused caller may ask again. */
const RETRY_AFTER_MS = 5_000;
/** Bookings that are read and written at a time: so few that a buyer's call hardly waits for them. */
const ROWS_AT_ONCE_MAX = 25;
/**
 * The pauses between them on a server that has nothing else to do, and on one whose event loop is never idle: buyers come
 * first. So 100,000 rows take four minutes at least, and up to 18 during a rush.
 */
const PAUSE_MS = { idle: 12, busy: 250 };
/** The longest that a file may take, so that a client that reads slowly does not keep the others out. */
const FILE_MS_MAX = 30 * 60_000;

export interface BookingsFiles {
  readonly events: Pick<Events, 'find' | 'seatingPlan'>;
  readonly reads: Pick<BookingReads, 'bookingsOfEvent' | 'payments'>;
  readonly log: Log;
}

/**
 * Serves all bookings of an event to its organizer as CSV, newest first.
 *
 * @param viewerOf who sends the request; null without a token. @throws UNAUTHENTICATED for an invalid token
 * @param countCall @throws RATE_LIMITED
 */
export function serveBookingsFiles(
  server: FastifyInstance,
  { events, reads, log }: BookingsFiles,
  viewerOf: (request: FastifyRequest) => Promise<Viewer | null>,
  countCall: (viewer: Viewer, request: FastifyRequest) => void,
): void {
  /** The organizers whose files are being written. */
  const writing = new Set<string>();

  server.get<{ Params: { eventId: string } }>(
    '/events/:eventId/bookings.csv',
    // It would read all bookings to count the bytes.
    { exposeHeadRoute: false },
    async (request, reply) => {
      const viewer = await viewerOf(request);
      if (viewer === null) throw unauthenticated();
      const { userId } = viewer;
      countCall(viewer, request);
      const event = await events.find(request.params.eventId);
      if (event?.organizerId !== userId) return answerError(reply, 404, eventNotFound());
      const csv = new BookingsCsv(event, await events.seatingPlan(event));
      if (writing.has(userId) || writing.size >= FILES_AT_ONCE_MAX) throw tooManyFiles();
      writing.add(userId);
      const file = Readable.from(linesOf(event.id, csv), { objectMode: false });
      file.once('close', () => writing.delete(userId));
      const late = setTimeout(() => file.destroy(), FILE_MS_MAX);
      file.once('close', () => clearTimeout(late));
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="bookings-${event.id}.csv"`)
        .header('cache-control', 'no-store')
        .send(file);
    },
  );

  /** The stream asks for the next lines once its client has read those before, so nothing piles up. */
  async function* linesOf(eventId: string, csv: BookingsCsv): AsyncGenerator<string> {
    try {
      yield csv.header;
      let after: PagePosition | null = null;
      let before = performance.eventLoopUtilization();
      for (;;) {
        // Pages and no cursor: nothing stays open in the database while the client reads.
        const page = await reads.bookingsOfEvent(eventId, { first: ROWS_AT_ONCE_MAX, after });
        if (page.nodes.length === 0) return;
        const ids = [...new Set(page.nodes.map(({ paymentId }) => paymentId))];
        const payments = (await reads.payments(ids)).filter((payment) => payment !== null);
        yield csv.lines(page.nodes, new Map(payments.map((payment) => [payment.id, payment])));
        if (!page.hasNextPage) return;
        const last = page.nodes.at(-1) as Booking;
        after = { at: last.createdAt, id: last.id };
        const { utilization } = performance.eventLoopUtilization(before);
        before = performance.eventLoopUtilization();
        await wait(PAUSE_MS.idle + (PAUSE_MS.busy - PAUSE_MS.idle) * utilization);
      }
    } catch (error) {
      // The status is sent already. The connection is cut, so the client sees that the file is not complete.
      log.error({ err: error, eventId }, 'A file of bookings was not completed');
      throw error;
    }
  }
}

const tooManyFiles = (): DomainError =>
  new DomainError('TOO_BUSY', 'Another file of bookings is being written. Try again when it is complete.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
