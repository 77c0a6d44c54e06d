import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CANCEL_BOOKING,
  CHECK_OUT,
  CREATE_EVENT,
  EVENT_CHANGED,
  EVENT_SETTINGS,
  EVENTS,
  FIND_BOOKINGS,
  LOCK_SEAT,
  LOCK_SEATS,
  MY_EVENTS,
  MY_RESERVATIONS_CHANGED,
  PAUSE_SALE,
  RESUME_SALE,
  SALES,
  SALES_FIGURES,
  SEAT_AVAILABILITY_CHANGED,
  SEAT_MAP,
  SIMULATE_PAYMENT,
  UPDATE_EVENT,
} from '../support/operations.js';
import type { TestApp, TestUser } from '../support/test-app.js';
import { TestServers } from '../support/test-servers.js';

/** What organizers change while a sale runs, on two servers. */
let servers: TestServers;
let app: TestApp;
let other: TestApp;
let organizer: TestUser;
beforeAll(async () => {
  servers = await TestServers.start(2);
  app = servers.first;
  other = servers.of(1);
  organizer = await app.user();
});
afterAll(() => servers.close());

const versionOf = async (eventId: string) => (await app.ok(SEAT_MAP, { id: eventId })).event?.seatMap.version;
const settingsOf = async (eventId: string, server = app) =>
  (await server.ok(EVENT_SETTINGS, { id: eventId }, organizer)).event;

test('a pause amid concurrent locks on two servers: no lock has a version after it', async () => {
  const eventId = await app.event(organizer, { totalSeats: 2_000 });
  // One person cannot have all of them.
  const callers = await app.users(400);
  let seat = 0;
  let locked = 0;
  let reachForty: () => void = () => undefined;
  const fortyLocks = new Promise<void>((resolve) => {
    reachForty = resolve;
  });
  /** Locks one seat after the other until it is refused. */
  const lockAll = async (index: number): Promise<string> => {
    for (;;) {
      const user = callers[Math.floor(seat / 5)] as TestUser;
      seat += 1;
      const input = { eventId, seatNumber: seat };
      const { errors } = await servers.of(index).call(LOCK_SEAT, { input }, user);
      const code = errors?.[0]?.extensions.code as string | undefined;
      // Nothing was done: on a busy machine, two servers conflict for too long.
      if (code === 'TOO_BUSY') continue;
      if (code !== undefined) return code;
      locked += 1;
      if (locked === 40) reachForty();
    }
  };
  const refusals = Promise.all(Array.from({ length: 20 }, (_, index) => lockAll(index)));
  await fortyLocks;
  const { pauseSale } = await other.ok(PAUSE_SALE, { eventId }, organizer);
  const pausedAt = (await versionOf(eventId)) as number;

  expect(new Set(await refusals)).toEqual(new Set(['SALE_PAUSED']));
  expect(pauseSale).toMatchObject({ status: 'PAUSED', revision: 2 });
  expect(await versionOf(eventId)).toBe(pausedAt);
  expect(await app.database.locks.countDocuments({ eventId, version: { $gt: pausedAt } }).exec()).toBe(0);
  expect(await app.database.locks.countDocuments({ eventId }).exec()).toBe(locked);

  const { resumeSale } = await app.ok(RESUME_SALE, { eventId }, organizer);
  expect(resumeSale).toMatchObject({ status: 'ON_SALE', revision: 3 });
  const input = { eventId, seatNumber: 2_000 };
  expect((await other.ok(LOCK_SEAT, { input }, callers[399])).lockSeat.status).toBe('ACTIVE');
});

test('of many updates at one revision on two servers one wins, and the others are told the newer revision', async () => {
  const eventId = await app.event(organizer);
  const names = Array.from({ length: 8 }, (_, index) => `Night ${index}`);
  const answers = await Promise.all(
    names.map((name, index) =>
      servers.of(index).call(UPDATE_EVENT, { input: { eventId, ifRevision: 1, name } }, organizer),
    ),
  );
  const won = answers.flatMap(({ data }) => data?.updateEvent ?? []);
  expect(won).toHaveLength(1);
  const refusals = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions) ?? []);
  expect(refusals).toEqual(Array(7).fill({ code: 'REVISION_CONFLICT', details: { revision: 2 } }));
  expect(await settingsOf(eventId, other)).toMatchObject({ name: won[0]?.name, revision: 2 });
});

test('a price that changes while a seat is held is for later locks', async () => {
  const buyer = await app.user();
  const price = (amount: number) => ({ amount, currency: 'EUR' });
  const eventId = await app.event(organizer, { totalSeats: 10, price: price(2_000) });
  const lock = async (seatNumber: number) =>
    (await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [seatNumber] } }, buyer)).lockSeats[0]
      ?.id as string;
  const first = await lock(1);
  const section = (await settingsOf(eventId))?.sections[0];
  const sectionPrices = [{ sectionId: section?.id as string, price: price(3_500) }];
  await other.ok(UPDATE_EVENT, { input: { eventId, ifRevision: 1, sectionPrices } }, organizer);
  const second = await lock(2);

  const held = await app.call(
    'query($id: ID!) { event(id: $id) { myHold { total { amount } locks { price { amount } place { price { amount } } } } } }',
    { id: eventId },
    buyer,
  );
  const now = { place: { price: { amount: 3_500 } } };
  expect(held.data).toMatchObject({
    event: {
      myHold: {
        total: { amount: 5_500 },
        locks: [
          { price: { amount: 2_000 }, ...now },
          { price: { amount: 3_500 }, ...now },
        ],
      },
    },
  });
  const pay = { lockIds: [first, second], cardStatus: 'SUCCESS' as const };
  const { simulatePayment } = await other.ok(SIMULATE_PAYMENT, { input: pay }, buyer);
  expect(simulatePayment).toMatchObject({ amount: 5_500, currency: 'EUR' });
});

test('the same createEvent again returns the event as it was changed since', async () => {
  const input = { name: 'Gala', eventDate: '2027-01-01T20:00:00Z', totalSeats: 5, requestId: 'gala' };
  const { createEvent } = await app.ok(CREATE_EVENT, { input }, organizer);
  const changes = { name: 'Great gala', venue: 'Opera', eventDate: '2027-02-01T20:00:00Z' };
  await app.ok(UPDATE_EVENT, { input: { eventId: createEvent.id, ifRevision: 1, ...changes } }, organizer);
  const again = await other.ok(CREATE_EVENT, { input }, organizer);
  expect(again.createEvent).toMatchObject({ id: createEvent.id, name: 'Great gala' });
  const another = { ...input, venue: 'Opera' };
  expect((await app.refused(CREATE_EVENT, { input: another }, organizer)).code).toBe('IDEMPOTENCY_CONFLICT');
});

describe('what an event has sold', () => {
  const price = (amount: number) => ({ amount, currency: 'EUR' });
  const section = (name: string, amount: number) => ({
    name,
    rows: 2,
    seatsPerRow: 10,
    price: price(amount),
  });
  const book = async (eventId: string, seatNumbers: number[], contactEmail: string) => {
    const buyer = await app.user();
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, buyer);
    const input = { eventId, contactEmail, requestId: `book ${seatNumbers}` };
    return { buyer, ...(await app.ok(CHECK_OUT, { input }, buyer)).checkOut };
  };
  /** Two sections; one of three bookings is cancelled, and prices rise in between. */
  const sale = async () => {
    const sections = [section('Stalls', 4_000), section('Circle', 2_500)];
    const eventId = await app.event(organizer, { timeZone: 'Asia/Kolkata', sections });
    const first = await book(eventId, [1, 21], 'ann@example.com');
    const sectionId = (await settingsOf(eventId))?.sections[0]?.id as string;
    const sectionPrices = [{ sectionId, price: price(5_000) }];
    await app.ok(UPDATE_EVENT, { input: { eventId, ifRevision: 1, sectionPrices } }, organizer);
    app.clock.advance(3_600_000);
    const second = await book(eventId, [2], 'anna@example.org');
    await app.ok(CANCEL_BOOKING, { id: first.bookings[1]?.id as string }, first.buyer);
    return { eventId, first, second };
  };

  test('its figures by section and by hour are what was paid, refunds apart, and add up to its sales', async () => {
    const { eventId } = await sale();
    const { event } = await other.ok(SALES_FIGURES, { id: eventId }, organizer);
    expect(event?.salesBySection).toEqual([
      { section: { name: 'Stalls' }, paid: [price(9_000)], refunded: [] },
      { section: { name: 'Circle' }, paid: [price(2_500)], refunded: [price(2_500)] },
    ]);
    expect(event?.salesByHour?.map(({ paid, refunded }) => ({ paid, refunded }))).toEqual([
      { paid: [price(6_500)], refunded: [price(2_500)] },
      { paid: [price(5_000)], refunded: [] },
    ]);
    const starts = event?.salesByHour?.map(({ from }) => Date.parse(from)) ?? [];
    // Hours begin at half past there, seen from UTC.
    expect(starts.map((start) => (start / 60_000) % 60)).toEqual([30, 30]);
    const before = event?.salesByHour?.[1]?.from;
    const earlier = await app.ok(SALES_FIGURES, { id: eventId, hours: 1, before }, organizer);
    expect(earlier.event?.salesByHour?.map(({ from }) => Date.parse(from))).toEqual([starts[0]]);
    const { sales } = (await app.ok(SALES, { id: eventId }, organizer)).event ?? {};
    expect(sales).toMatchObject({ revenue: [price(9_000)], refunded: [price(2_500)] });
  });

  test('a booking has the price that was paid, and is found by its id, reference, address, seat and place', async () => {
    const { eventId, first, second } = await sale();
    const find = async (search: string, page: { first?: number; after?: string } = {}) =>
      (await other.ok(FIND_BOOKINGS, { id: eventId, search, ...page }, organizer)).event?.bookings;
    const seatsOf = async (search: string) => (await find(search))?.nodes.map(({ seatNumber }) => seatNumber);
    expect(await seatsOf(first.bookings[0]?.id ?? '')).toEqual([1]);
    expect(await seatsOf(first.payment.reference.toLowerCase())).toEqual(expect.arrayContaining([1, 21]));
    expect(await seatsOf('ANN@')).toHaveLength(2);
    expect(await seatsOf('21')).toEqual([21]);
    expect(await seatsOf('stalls A 2')).toEqual([2]);
    expect(await seatsOf('nobody@example.com')).toEqual([]);
    // Newest first, page by page.
    const page = await find('ann', { first: 2 });
    expect(page?.nodes[0]?.id).toBe(second.bookings[0]?.id);
    expect(page?.pageInfo.hasNextPage).toBe(true);
    const rest = await find('ann', { first: 2, after: page?.pageInfo.endCursor as string });
    expect(
      [...(page?.nodes ?? []), ...(rest?.nodes ?? [])].map(({ seatNumber }) => seatNumber).sort(),
    ).toEqual([1, 2, 21]);
    const { data } = await app.call(
      'query($id: ID!) { event(id: $id) { bookings(search: "2") { nodes { price { amount currency } } } } }',
      { id: eventId },
      organizer,
    );
    expect(data).toEqual({ event: { bookings: { nodes: [{ price: price(5_000) }] } } });
    // A booking of another event is not found.
    const another = await book(
      await app.event(organizer, { sections: [section('Stalls', 1)] }),
      [1],
      'x@y.org',
    );
    expect(await seatsOf(another.bookings[0]?.id ?? '')).toEqual([]);
  });
});

describe('a draft', () => {
  test('is seen by its organizer alone, on every path, until it is published', async () => {
    const stranger = await app.user();
    const eventId = await app.event(organizer, { totalSeats: 10, draft: true });
    const listed = async (server: TestApp) =>
      (await server.ok(EVENTS, { first: 100 }, organizer)).events.nodes.some(({ id }) => id === eventId);
    const watching = async (user?: TestUser) => {
      const codes = [];
      for (const query of [SEAT_AVAILABILITY_CHANGED, MY_RESERVATIONS_CHANGED, EVENT_CHANGED]) {
        const messages = other.subscribe<unknown, object>(query as never, { eventId }, user ?? stranger);
        const answer = await messages.nextAnswer();
        codes.push(answer?.errors?.[0]?.extensions.code ?? 'sent');
        messages.unsubscribe();
      }
      return codes;
    };

    expect(await settingsOf(eventId)).toMatchObject({ status: 'DRAFT' });
    const { me } = await app.ok(MY_EVENTS, { first: 100 }, organizer);
    expect(me.events.nodes.map(({ id }) => id)).toContain(eventId);
    expect((await other.ok(SEAT_MAP, { id: eventId }, organizer)).event?.seatMap.version).toBe(0);
    // The map is in this server's memory now.
    expect(await watching(organizer)).toEqual(['sent', 'sent', 'sent']);
    for (const user of [undefined, stranger])
      expect((await other.ok(SEAT_MAP, { id: eventId }, user)).event).toBeNull();
    expect(await watching()).toEqual(Array(3).fill('EVENT_NOT_FOUND'));
    const input = { eventId, seatNumber: 1 };
    expect((await app.refused(LOCK_SEAT, { input }, stranger)).code).toBe('EVENT_NOT_FOUND');
    expect((await app.refused(LOCK_SEAT, { input }, organizer)).code).toBe('SALE_NOT_OPEN');
    expect((await app.refused(PAUSE_SALE, { eventId }, stranger)).code).toBe('EVENT_NOT_FOUND');
    expect(await listed(app)).toBe(false);

    await app.ok(UPDATE_EVENT, { input: { eventId, ifRevision: 1, published: true } }, organizer);
    expect(await watching()).toEqual(['sent', 'sent', 'sent']);
    expect(await listed(other)).toBe(true);
    expect((await other.ok(LOCK_SEAT, { input }, stranger)).lockSeat.status).toBe('ACTIVE');
  });
});

describe('eventChanged', () => {
  test('tells all watchers of both servers of a pause and of what is sold, with one message for all', async () => {
    const buyer = await app.user();
    const eventId = await app.event(organizer, { totalSeats: 10 });
    const watchers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const messages = servers
          .of(index)
          .subscribe(EVENT_CHANGED, { eventId }, index < 10 ? buyer : undefined);
        expect((await messages.next()).eventChanged).toMatchObject({ status: 'ON_SALE', revision: 1 });
        return messages;
      }),
    );
    const counted = async () => {
      const text = await (await fetch(`${app.url}/metrics`)).text();
      const value = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
      return { built: value('feed_built_answers_total'), sent: value('feed_sent_messages_total') };
    };
    const before = await counted();
    await app.ok(PAUSE_SALE, { eventId }, organizer);
    for (const messages of watchers) {
      const { eventChanged } = await messages.next();
      expect(eventChanged).toMatchObject({ status: 'PAUSED', revision: 2 });
    }
    const after = await counted();
    expect({ built: after.built - before.built, sent: after.sent - before.sent }).toEqual({
      built: 1,
      sent: 10,
    });

    await other.ok(RESUME_SALE, { eventId }, organizer);
    await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, buyer);
    for (const messages of watchers) {
      const { eventChanged } = await messages.until(({ eventChanged: { availability, status } }) => {
        return availability.lockedSeats === 1 && status === 'ON_SALE';
      });
      expect(eventChanged.sections[0]?.availability).toEqual(eventChanged.availability);
    }
  });

  test('tells of the start of the sale at its instant', async () => {
    const opensAt = new Date(app.clock.now().getTime() + 60_000).toISOString();
    const eventId = await app.event(organizer, { totalSeats: 10, salesStartAt: opensAt });
    const messages = other.subscribe(EVENT_CHANGED, { eventId });
    expect((await messages.next()).eventChanged).toMatchObject({
      status: 'SCHEDULED',
      salesStartAt: opensAt,
    });
    app.clock.advance(60_000);
    expect((await messages.next()).eventChanged.status).toBe('ON_SALE');
  });
});
