import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TicketCodes } from '../../tickets/ticket-codes.js';
import { codeBlocks } from '../support/documents.js';
import { Scene } from '../support/event-fixture.js';
import {
  BOOKING,
  BOOKING_TICKET,
  CANCEL_BOOKING,
  CHECK_IN,
  REISSUE_TICKET,
  TICKET,
} from '../support/operations.js';
import type { TestApp } from '../support/test-app.js';
import { TestServers } from '../support/test-servers.js';

/** Tickets at the entrances of an event, whose scanners use two servers of one database. */

let servers: TestServers;
let app: TestApp;
beforeAll(async () => {
  servers = await TestServers.start(2);
  app = servers.first;
});
afterAll(() => servers.close());

const ticketOf = async ({ user }: Scene, id: string) =>
  (await app.ok(BOOKING_TICKET, { id }, user)).booking?.ticket;

/** Books a seat. */
async function bookedTicket(scene: Scene, seatNumber: number) {
  const { bookingId } = await scene.book(seatNumber);
  const ticket = await ticketOf(scene, bookingId);
  if (ticket == null) throw new Error('A confirmed booking has no ticket.');
  return { bookingId, ...ticket };
}

/** The event's organizer scans at one of many entrances. */
async function scan({ eventId, user }: Scene, code: string, scanId: string, entrance = 0) {
  const input = { eventId, code, scanId, at: app.clock.now().toISOString() };
  const answer = await servers.of(entrance).call(CHECK_IN, { input }, user);
  if (answer.data?.checkIn == null) throw new Error(JSON.stringify(answer.errors));
  return answer.data.checkIn;
}

const fetchFile = (path: string) => fetch(`${app.url}${path}`);

test('a confirmed booking has a ticket, which whoever has its code can see, draw and put into a calendar', async () => {
  const scene = await Scene.make(app, { name: 'Opening; night', totalSeats: 20, timeZone: 'Europe/Vienna' });
  const { bookingId, code, svgUrl, icsUrl } = await bookedTicket(scene, 3);

  const shown = {
    status: 'CONFIRMED',
    event: { name: 'Opening; night' },
    place: { label: 'Main, row A, seat 3' },
    ticket: { code, svgUrl, icsUrl, checkedInAt: null },
  };
  expect(await app.ok(TICKET, { code })).toEqual({ ticket: shown });
  expect(await app.ok(TICKET, { code: 'no code' })).toEqual({ ticket: null });
  const image = await fetchFile(svgUrl);
  expect(image.headers.get('content-type')).toBe('image/svg+xml');
  expect(image.headers.get('cache-control')).toContain('immutable');
  expect(await image.text()).toMatch(/^<svg /);
  const calendar = await fetchFile(icsUrl);
  expect(calendar.headers.get('content-type')).toMatch(/^text\/calendar/);
  expect(await calendar.text()).toContain(
    '\r\nSUMMARY:Opening\\; night\r\nLOCATION:Main\\, row A\\, seat 3\r\n',
  );

  await app.ok(REISSUE_TICKET, { bookingId }, scene.user);
  expect(await app.ok(TICKET, { code })).toEqual({ ticket: { ...shown, ticket: null } });
  const newer = (await ticketOf(scene, bookingId))?.code as string;
  expect(newer).not.toBe(code);
  await app.ok(CANCEL_BOOKING, { id: bookingId }, scene.user);
  expect(await ticketOf(scene, bookingId)).toBeNull();
  const cancelled = { ...shown, status: 'CANCELLED', ticket: null };
  expect(await app.ok(TICKET, { code: newer })).toEqual({ ticket: cancelled });
  expect((await fetchFile(icsUrl)).status).toBe(404);
});

test('no other text is drawn, and none causes a fault', async () => {
  for (const query of [
    '',
    '?code=',
    '?code=hello',
    '?code=a.b.c',
    '?code=1&code=2',
    `?code=${'x'.repeat(5_000)}`,
  ]) {
    for (const file of ['qr.svg', 'event.ics']) {
      const response = await fetchFile(`/tickets/${file}${query}`);
      expect(response.status, query.slice(0, 20)).toBe(404);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
  }
});

test('the scanner of the API guide reads a ticket without a network, and nothing else', async () => {
  const scene = await Scene.make(app);
  const { bookingId, code } = await bookedTicket(scene, 7);
  const keys = await (await fetchFile('/tickets/keys.json')).json();

  const source = codeBlocks('docs/api.md', 'js').find((block) => block.includes('readTicket')) ?? '';
  expect(source.trim().split('\n').length).toBeLessThanOrEqual(10);
  const { readTicket } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`
  );
  const ticket = { event: scene.eventId, seat: 7, booking: bookingId, issue: 1 };
  expect(readTicket(code, keys)).toEqual(ticket);
  const [header, , signature] = code.split('.');
  const changed = Buffer.from(JSON.stringify({ ...ticket, seat: 8 })).toString('base64url');
  expect(readTicket(`${header}.${changed}.${signature}`, keys)).toBeNull();
  for (const text of ['', 'hello', 'a.b.c']) expect(readTicket(text, keys)).toBeNull();
});

test('whatever is scanned gets an answer', async () => {
  const scene = await Scene.make(app);
  const elsewhere = await Scene.make(app);
  const { code: ofOtherEvent } = await bookedTicket(elsewhere, 1);
  const claims = { bookingId: 'book_1', eventId: scene.eventId, seatNumber: 1, issue: 1 };
  const ofOtherServer = await (await TicketCodes.from('another server')).codeOf(claims);

  const nobody = { booking: null, checkedInAt: null };
  expect(await scan(scene, ofOtherEvent, 'other event')).toEqual({ result: 'WRONG_EVENT', ...nobody });
  for (const text of [ofOtherServer, '', 'hello', '\u0000', '🎭', '5'.repeat(60_000)]) {
    expect(await scan(scene, text, 'garbage')).toEqual({ result: 'UNKNOWN', ...nobody });
  }
});

describe('one ticket', () => {
  test('at 50 entrances at once is admitted at one of them, over two servers, again and again', async () => {
    const scene = await Scene.make(app);
    for (let seatNumber = 1; seatNumber <= 6; seatNumber++) {
      const { code, bookingId } = await bookedTicket(scene, seatNumber);
      app.clock.advance(1_000);
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, gate) => scan(scene, code, `${seatNumber} at ${gate}`, gate)),
      );
      const results = answers.map(({ result }) => result).sort();
      expect(results).toEqual(['ADMITTED', ...Array(49).fill('ALREADY_ADMITTED')]);
      const checkedInAt = app.clock.now().toISOString();
      for (const answer of answers) {
        expect(answer.checkedInAt).toBe(checkedInAt);
        expect(answer.booking).toEqual({ id: bookingId, seatNumber, ticket: { checkedInAt } });
      }
      // Scanners that lost the answers send their scans again, to the other server.
      app.clock.advance(1_000);
      const again = await Promise.all(
        answers.map((_, gate) => scan(scene, code, `${seatNumber} at ${gate}`, gate + 1)),
      );
      expect(again).toEqual(answers);
    }
  });

  test('is admitted or cancelled, and never both', async () => {
    const scene = await Scene.make(app);
    for (let seatNumber = 1; seatNumber <= 10; seatNumber++) {
      const { code, bookingId } = await bookedTicket(scene, seatNumber);
      const scanned = () => scan(scene, code, `seat ${seatNumber}`, 0);
      const cancelled = () => servers.of(1).call(CANCEL_BOOKING, { id: bookingId }, scene.user);
      const [answer, cancellation] =
        seatNumber % 2 === 0
          ? await Promise.all([scanned(), cancelled()])
          : await Promise.all([cancelled(), scanned()]).then(([cancel, scan]) => [scan, cancel] as const);
      const { booking } = await app.ok(BOOKING, { id: bookingId }, scene.user);
      const refunded = booking?.payment.refundedAmount;
      if (answer.result === 'ADMITTED') {
        expect(cancellation.errors?.[0]?.extensions.code).toBe('BOOKING_NOT_CANCELLABLE');
        expect([booking?.status, refunded]).toEqual(['CONFIRMED', 0]);
      } else {
        expect(answer.result).toBe('CANCELLED');
        expect(cancellation.errors).toBeUndefined();
        expect([booking?.status, refunded]).toEqual(['CANCELLED', 100]);
      }
    }
  });

  test('of a booking that an earlier release made is like any other', async () => {
    const scene = await Scene.make(app);
    const { bookingId } = await scene.book(1);
    await app.database.bookings.collection.updateOne(
      { _id: bookingId as never },
      { $unset: { ticketIssue: 1, checkedInAt: 1 } },
    );
    const { code = '' } = (await ticketOf(scene, bookingId)) ?? {};
    const { reissueTicket } = await app.ok(REISSUE_TICKET, { bookingId }, scene.user);
    expect((await scan(scene, code, 'first')).result).toBe('CANCELLED');
    expect((await scan(scene, reissueTicket?.ticket?.code ?? '', 'second')).result).toBe('ADMITTED');
    expect((await ticketOf(scene, bookingId))?.checkedInAt).toBe(app.clock.now().toISOString());
  });
});
