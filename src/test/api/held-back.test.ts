import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  AVAILABILITIES,
  AVAILABILITY,
  BOOK_HELD_BACK,
  CANCEL_BOOKING,
  EVENT_CHANGED,
  EVENT_SETTINGS,
  FIND_EVENTS,
  HELD_BACK,
  HISTORY,
  HOLD_BACK,
  LOCK_SEAT,
  LOCK_SEATS,
  RELEASE_HELD_BACK,
  SALES,
  SEAT_MAP,
} from '../support/operations.js';
import { recount } from '../support/recount.js';
import type { TestApp, TestUser } from '../support/test-app.js';
import { TestServers } from '../support/test-servers.js';

/** Seats that the organizer holds back or books without payment, on two servers. */
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

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
const inMs = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString();
const statusesOf = async (eventId: string, server = other) =>
  (await server.ok(SEAT_MAP, { id: eventId })).event?.seatMap.statuses;
const availabilityOf = async (eventId: string, server = other) =>
  (await server.ok(AVAILABILITY, { id: eventId })).event?.availability;

test('hold-backs amid concurrent locks on two servers: all or none, and no seat has two statuses', async () => {
  const eventId = await app.event(organizer, { totalSeats: 600 });
  const buyers = await app.users(60);
  const label = 'Half of the hall';
  const locks = buyers.map((buyer, index) => {
    const seatNumbers = range(1, 5).map((at) => ((at * 67 + index * 7) % 300) + 1);
    return servers.of(index).call(LOCK_SEATS, { input: { eventId, seatNumbers } }, buyer);
  });
  const halves = [range(1, 300), range(1, 300), range(301, 600)].map((seatNumbers, index) =>
    servers.of(index).call(HOLD_BACK, { input: { eventId, seatNumbers, label } }, organizer),
  );
  const [, , free] = await Promise.all(halves);
  await Promise.all(locks);
  expect(free?.data?.holdBackSeats?.seatNumbers).toHaveLength(300);
  for (const { data, errors } of (await Promise.all(halves)).slice(0, 2)) {
    const taken = errors?.[0]?.extensions.details?.seatNumbers as number[] | undefined;
    expect(taken === undefined ? data?.holdBackSeats?.seatNumbers.length : errors?.length).toBe(
      taken === undefined ? 300 : 1,
    );
  }
  const input = { eventId, seatNumbers: range(1, 300), label, skipTaken: true };
  const { holdBackSeats } = await other.ok(HOLD_BACK, { input }, organizer);

  const { live } = await recount(app.database, eventId);
  expect(live).toHaveLength(600);
  const counts = await availabilityOf(eventId, app);
  expect(counts).toEqual({
    totalSeats: 600,
    availableSeats: 0,
    lockedSeats: 300 - holdBackSeats.seatNumbers.length,
    bookedSeats: 0,
    offSaleSeats: 300 + holdBackSeats.seatNumbers.length,
  });
  expect((await statusesOf(eventId))?.replaceAll('X', '')).toBe('L'.repeat(counts?.lockedSeats ?? 0));

  // One unknown seat among many changes nothing, though many are released in steps.
  const release = { eventId, seatNumbers: range(301, 601) };
  expect(await app.refused(RELEASE_HELD_BACK, release, organizer)).toMatchObject({
    code: 'SEAT_NOT_FOUND',
    details: { field: 'seatNumbers', seatNumbers: [601] },
  });
  expect(await availabilityOf(eventId, app)).toEqual(counts);
});

test('an end frees the seats at its instant on every server, in every count, before and after it is recorded', async () => {
  const eventId = await app.event(organizer, { totalSeats: 5 });
  const buyer = await app.user();
  const until = inMs(60_000);
  const watcher = other.watch(eventId);
  await watcher.next();
  const input = { eventId, seatNumbers: [1, 2, 3], label: 'Sponsors', until };
  await app.ok(HOLD_BACK, { input }, organizer);
  await app.ok(HOLD_BACK, { input: { ...input, seatNumbers: [4, 5], until: null } }, organizer);
  const message = await watcher.until(({ seatAvailabilityChanged }) => seatAvailabilityChanged.version === 2);
  expect(
    message.seatAvailabilityChanged.seats.map(({ status, lockedUntil }) => [status, lockedUntil]),
  ).toContainEqual(['OFF_SALE', null]);
  const { event } = await other.ok(HELD_BACK, { id: eventId, first: 2, after: 2 }, organizer);
  expect(event?.heldBack).toEqual([
    { place: { seatNumber: 3, label: expect.any(String) }, label: 'Sponsors', until },
    { place: { seatNumber: 4, label: expect.any(String) }, label: 'Sponsors', until: null },
  ]);
  const statusOf = async (server: TestApp) =>
    (await server.ok(EVENT_SETTINGS, { id: eventId }, organizer)).event?.status;
  expect(await statusOf(app)).toBe('SOLD_OUT');
  expect((await other.refused(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, buyer)).code).toBe(
    'SEAT_UNAVAILABLE',
  );

  // Counted in the database, as the first server has no map of it; and from the map of the other one.
  const counted = async () => {
    const { events } = await app.ok(AVAILABILITIES, { first: 100 });
    return [events.nodes.find(({ id }) => id === eventId)?.availability, await availabilityOf(eventId)];
  };
  const counts = (availableSeats: number) => ({
    totalSeats: 5,
    availableSeats,
    lockedSeats: 0,
    bookedSeats: 0,
    offSaleSeats: 5 - availableSeats,
  });
  expect(await counted()).toEqual([counts(0), counts(0)]);
  app.clock.advance(60_000);
  expect(await counted()).toEqual([counts(3), counts(3)]);
  expect(await statusOf(app)).toBe('ON_SALE');
  await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, buyer);
  await app.app.jobs.lockExpiry.run();
  expect(await statusesOf(eventId)).toBe('LAAXX');
  const { event: history } = await app.ok(HISTORY, { id: eventId, seatNumber: 2 }, organizer);
  expect(history?.history?.nodes).toMatchObject([
    { kind: 'EXPIRED', before: 'OFF_SALE', after: 'AVAILABLE', actor: 'JOB' },
    { kind: 'HELD_BACK', before: 'AVAILABLE', after: 'OFF_SALE', lockedUntil: until, actor: 'ORGANIZER' },
  ]);
  // A hold-back that has ended leaves no record but the ledger's, in which all seats of a call are one entry.
  const { locks } = await recount(app.database, eventId);
  expect(locks.map(({ status }) => status).sort()).toEqual(['active', 'heldBack', 'heldBack']);
});

test('invitations are booked, have tickets, and are neither sales nor refunds', async () => {
  const eventId = await app.event(organizer, { totalSeats: 40, price: { amount: 2_000, currency: 'EUR' } });
  const hold = { eventId, seatNumbers: range(1, 12), label: 'Guests of the house' };
  await app.ok(HOLD_BACK, { input: hold }, organizer);
  const input = {
    eventId,
    seatNumbers: range(1, 14),
    contactEmail: 'guest@example.com',
    requestId: 'guests',
  };
  const { bookHeldBackSeats } = await other.ok(BOOK_HELD_BACK, { input }, organizer);
  expect(bookHeldBackSeats).toHaveLength(14);
  expect(bookHeldBackSeats[0]).toMatchObject({
    status: 'CONFIRMED',
    isInvitation: true,
    payment: { amount: 0, currency: 'EUR', provider: 'none', contactEmail: 'guest@example.com' },
    ticket: { code: expect.any(String) },
  });
  const again = await app.ok(BOOK_HELD_BACK, { input }, organizer);
  expect(again.bookHeldBackSeats.map(({ id }) => id)).toEqual(bookHeldBackSeats.map(({ id }) => id));
  await app.ok(CANCEL_BOOKING, { id: bookHeldBackSeats[0]?.id as string }, organizer);
  const { event } = await app.ok(SALES, { id: eventId }, organizer);
  expect(event?.sales).toEqual({
    bookedSeats: 13,
    invitedSeats: 13,
    pendingSeats: 0,
    cancelledBookings: 1,
    revenue: [],
    refunded: [],
  });
  const noEmail = { ...input, contactEmail: 'nobody', requestId: 'another' };
  expect(await app.refused(BOOK_HELD_BACK, { input: noEmail }, organizer)).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { field: 'contactEmail' },
  });
  await recount(app.database, eventId);
});

test('watchers of the event, lists by seats left and pages of held-back seats follow', async () => {
  const search = 'Counted night';
  const few = await app.event(organizer, { name: search, totalSeats: 10 });
  const many = await app.event(organizer, { name: search, totalSeats: 20 });
  const order = async () => {
    const find = { first: 1, search, orderBy: 'SEATS_LEFT' as const };
    const first = (await other.ok(FIND_EVENTS, find)).events;
    const second = (await other.ok(FIND_EVENTS, { ...find, after: first.pageInfo.endCursor ?? null })).events;
    return [...first.nodes, ...second.nodes].map(({ id }) => id);
  };
  expect(await order()).toEqual([many, few]);
  const messages = other.subscribe(EVENT_CHANGED, { eventId: many });
  await messages.next();
  await app.ok(HOLD_BACK, { input: { eventId: many, seatNumbers: range(1, 15), label: 'Tour' } }, organizer);
  expect(await order()).toEqual([few, many]);
  const { eventChanged } = await messages.until((each) => each.eventChanged.availability.offSaleSeats === 15);
  expect(eventChanged).toMatchObject({
    revision: 2,
    availability: { availableSeats: 5, offSaleSeats: 15 },
    sections: [{ availability: { availableSeats: 5, offSaleSeats: 15 } }],
  });

  const seatNumbers = range(10, 20);
  const { releaseHeldBackSeats } = await app.ok(RELEASE_HELD_BACK, { eventId: many, seatNumbers }, organizer);
  expect(releaseHeldBackSeats).toMatchObject({ seatNumbers: range(10, 15), event: { revision: 3 } });
  const tooMany = await app.call(HELD_BACK, { id: many, first: 1_001 }, organizer);
  expect(tooMany.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { max: 1_000 } });
});
