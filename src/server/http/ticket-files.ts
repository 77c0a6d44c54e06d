import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { BookingReads } from '../../booking/booking-reads.js';
import { isVoid } from '../../booking/ticket.js';
import type { Events } from '../../catalog/events.js';
import { placeOf } from '../../catalog/place.js';
import type { Clock } from '../../core/clock.js';
import { calendarFile } from '../../tickets/calendar-file.js';
import { qrImage } from '../../tickets/qr-image.js';
import type { TicketCodes } from '../../tickets/ticket-codes.js';
import { TICKET_ICS_URL, TICKET_KEYS_URL, TICKET_SVG_URL } from '../../tickets/ticket-urls.js';
import { countedAddress } from './client-address.js';
import { answerError } from './error-answers.js';
import { PAGE_POLICY } from './pages.js';

/** Images in memory, 30 KB each. To draw one takes up to 15 ms. */
const IMAGES_MAX = 500;
/** A year, as long as a cache may keep anything: the image of a code never changes. */
const IMAGE_KEPT_SECONDS = 31_536_000;
/** Scanners that fetch the keys before each night have a new key in time. */
const KEYS_KEPT_SECONDS = 3_600;

export interface TicketFiles {
  readonly codes: TicketCodes;
  readonly reads: Pick<BookingReads, 'booking'>;
  readonly events: Pick<Events, 'find' | 'seatingPlan'>;
  readonly clock: Clock;
  /** Counts an image that is not in memory. @throws RATE_LIMITED */
  readonly imageFrom: (address: string) => void;
}

interface WithCode {
  readonly Querystring: { readonly code?: unknown };
}

/**
 * Serves the QR image and the calendar file of a ticket to whoever has its code, and the public keys to everybody.
 *
 * @param countRead counts a calendar file. @throws RATE_LIMITED
 */
export async function serveTickets(
  server: FastifyInstance,
  { codes, reads, events, clock, imageFrom }: TicketFiles,
  countRead: (address: string) => void,
): Promise<void> {
  await server.register(helmet, { contentSecurityPolicy: PAGE_POLICY });
  const images = new LRUCache<string, string>({ max: IMAGES_MAX });

  server.get(TICKET_KEYS_URL, (_request, reply) =>
    reply.header('cache-control', `public, max-age=${KEYS_KEPT_SECONDS}`).send(codes.publicKeys),
  );

  server.get<WithCode>(TICKET_SVG_URL, async ({ query: { code }, ip }, reply) => {
    let image = typeof code === 'string' ? images.get(code) : undefined;
    if (image === undefined) {
      imageFrom(countedAddress(ip));
      // Nobody can have other texts drawn than those that this server has signed.
      if (typeof code !== 'string' || (await codes.claimsIn(code)) === null) return noTicket(reply);
      image = qrImage(code);
      images.set(code, image);
    }
    return reply
      .type('image/svg+xml')
      .header('cache-control', `private, max-age=${IMAGE_KEPT_SECONDS}, immutable`)
      .send(image);
  });

  server.get<WithCode>(TICKET_ICS_URL, async ({ query: { code }, ip }, reply) => {
    countRead(countedAddress(ip));
    const ticket = typeof code === 'string' ? await codes.claimsIn(code) : null;
    const booking = ticket && (await reads.booking(ticket.bookingId));
    const event = booking && (await events.find(booking.eventId));
    if (ticket === null || booking === null || event === null || isVoid(ticket, booking)) {
      return noTicket(reply);
    }
    const place = placeOf(event, await events.seatingPlan(event), booking.seatNumber);
    const entry = {
      id: booking.id,
      startsAt: event.eventDate,
      title: event.name,
      venue: event.venue,
      place: place?.label ?? '',
    };
    return reply
      .type('text/calendar; charset=utf-8')
      .header('content-disposition', 'attachment; filename="ticket.ics"')
      .header('cache-control', 'private, no-cache')
      .send(calendarFile(entry, clock.now()));
  });
}

function noTicket(reply: FastifyReply): FastifyReply {
  const message = 'There is no ticket with this code, or it is void.';
  return answerError(reply, 404, { code: 'BAD_USER_INPUT', message, details: { field: 'code' } });
}
