import { createHmac } from 'node:crypto';
import { isObjectType } from 'graphql';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tokens } from '../../account/tokens.js';
import { createSchema } from '../../graphql/schema.js';
import {
  BOOK_HELD_BACK,
  BOOKING,
  BOOKING_TICKET,
  CANCEL_BOOKING,
  CANCEL_EVENT,
  CHECK_IN,
  CHECK_OUT,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  CREATE_EVENT,
  EVENT,
  EVENT_BOOKINGS,
  EVENTS,
  EXTEND_LOCK,
  HELD_BACK,
  HISTORY,
  HOLD_BACK,
  LOCK_SEAT,
  LOCK_SEATS,
  LOG_IN,
  LOG_OUT_EVERYWHERE,
  ME,
  MY_BOOKINGS,
  MY_EVENTS,
  MY_LOCKS,
  MY_PAYMENTS,
  MY_RESERVATIONS_CHANGED,
  PAUSE_SALE,
  PAYMENT,
  REISSUE_TICKET,
  RELEASE_HELD_BACK,
  RELEASE_LOCK,
  RENEW_TOKEN,
  REQUEST_PASSWORD_RESET,
  RESET_PASSWORD,
  RESUME_SALE,
  SALES,
  SEAT_AVAILABILITY_CHANGED,
  SEAT_LOCK,
  SEAT_MAP,
  SETTLE_PAYMENT,
  SIGN_UP,
  SIMULATE_PAYMENT,
  START_GUEST,
  TICKET,
  UPDATE_EVENT,
} from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { type TestApp as App, TestApp, type TestUser, TOKEN_SECRET } from '../support/test-app.js';
import { type Attempt, attempt, bearer, TRANSPORTS, type Transport } from '../support/transports.js';

/**
 * Authorization: every operation of the schema and every nested field with its own resolver, called by everybody who
 * could try, over both transports.
 */

let app: App;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const ROLES = ['nobody', 'stranger', 'owner', 'organizer'] as const;
type Role = (typeof ROLES)[number];

/** An event of the organizer in which the owner has one of each record. */
interface Scene {
  readonly users: Readonly<Record<Role, TestUser | undefined>>;
  readonly owner: TestUser;
  readonly eventId: string;
  /** Active, not paid. */
  readonly lockId: string;
  /** Active, and paid by `paymentId`. */
  readonly paidLockId: string;
  readonly paymentId: string;
  readonly pendingPaymentId: string;
  readonly bookingId: string;
  /** Of the booking's ticket. */
  readonly code: string;
}

const checkOutOf = (eventId: string, seatNumber: number) => ({
  input: {
    eventId,
    seatNumbers: [seatNumber],
    amount: { amount: 1_000, currency: 'USD' },
    requestId: `seat ${seatNumber}`,
  },
});

async function scene(): Promise<Scene> {
  const [owner, stranger, organizer] = (await app.users(3)) as [TestUser, TestUser, TestUser];
  const eventId = await app.event(organizer);
  const seatNumbers = [1, 2, 3, 4];
  const { lockSeats } = await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, owner);
  const [lockId, paidLockId, slowLockId] = lockSeats.map(({ id }) => id) as [string, string, string];
  const pay = async (id: string, cardStatus: 'SUCCESS' | 'PROCESSING') => {
    const input = { lockIds: [id], amount: 1_000, currency: 'USD', cardStatus };
    return (await app.ok(SIMULATE_PAYMENT, { input }, owner)).simulatePayment.paymentId;
  };
  const paymentId = await pay(paidLockId, 'SUCCESS');
  const pendingPaymentId = await pay(slowLockId, 'PROCESSING');
  const { checkOut } = await app.ok(CHECK_OUT, checkOutOf(eventId, 4), owner);
  const bookingId = checkOut.bookings[0]?.id as string;
  const { booking } = await app.ok(BOOKING_TICKET, { id: bookingId }, owner);
  return {
    users: { nobody: undefined, stranger, owner, organizer },
    owner,
    eventId,
    lockId,
    paidLockId,
    paymentId,
    pendingPaymentId,
    bookingId,
    code: booking?.ticket?.code ?? '',
  };
}

let shared: Promise<Scene> | undefined;
/** The scene of all calls that change nothing: to make one takes longer than such a call. */
const sharedScene = () => {
  shared ??= scene();
  return shared;
};

/** The expected result: a code, or a check of the data. */
type Expected = string | ((data: Data, scene: Scene, role: Role) => void);
// biome-ignore lint/suspicious/noExplicitAny: the shape depends on the row.
type Data = any;

interface Row {
  readonly query: Attempt['query'];
  /** May first change the scene. */
  readonly variables?: (scene: Scene, role: Role) => unknown;
  readonly nobody: Expected;
  readonly stranger: Expected;
  readonly owner: Expected;
  readonly organizer: Expected;
  /** Subscriptions do not exist over HTTP. */
  readonly webSocketOnly?: true;
  /** The variables change the scene. */
  readonly changesScene?: true;
}

type Document = Parameters<typeof app.ok>[0];

const row = (
  query: unknown,
  variables: Row['variables'],
  expected: Pick<Row, Role>,
  rest: Pick<Row, 'webSocketOnly' | 'changesScene'> = {},
): Row => ({ query: query as Document as never, ...(variables && { variables }), ...expected, ...rest });

const anyone = (expected: Expected) => ({
  nobody: expected,
  stranger: expected,
  owner: expected,
  organizer: expected,
});
const viewer = (expected: Expected) => ({ ...anyone(expected), nobody: 'UNAUTHENTICATED' });
const ownerOnly = (notFound: string, expected: Expected) => ({
  nobody: 'UNAUTHENTICATED',
  stranger: notFound,
  organizer: notFound,
  owner: expected,
});
/** Changes of the event itself. For others the event does not exist. */
const ofOrganizer = (expected: Expected) => ({
  ...viewer('EVENT_NOT_FOUND'),
  organizer: expected,
});
const organizerOnly = (seen: (event: Data) => void) => {
  const isNull = (data: Data) => expect(Object.values(data.event)).toEqual([null]);
  return { ...anyone(isNull), organizer: (data: Data) => seen(data.event) };
};

const ofEvent = (fields: string) => `query ($id: ID!) { event(id: $id) { ${fields} } }`;
const withId = (of: (scene: Scene) => string) => (scene: Scene) => ({ id: of(scene) });
const PASSWORD = 'a long password';
const seatOfRole = (role: Role) => 11 + ROLES.indexOf(role);

/** By `Type.field`. `User.*` is reached only through `me`: no user can read another. */
const TABLE: Readonly<Record<string, Row>> = {
  'Query.events': row(
    EVENTS,
    undefined,
    anyone(({ events }) => expect(events.nodes.length).toBeGreaterThan(0)),
  ),
  'Query.event': row(
    EVENT,
    withId(({ eventId }) => eventId),
    anyone(({ event }, { eventId }) => expect(event.id).toBe(eventId)),
  ),
  'Query.me': row(
    ME,
    undefined,
    viewer(({ me }, { users }, role) => {
      expect(me).toEqual({ id: users[role]?.id, email: users[role]?.email, isGuest: false });
    }),
  ),
  'Query.seatLock': row(
    SEAT_LOCK,
    withId(({ lockId }) => lockId),
    ownerOnly('LOCK_NOT_FOUND', ({ seatLock }) => expect(seatLock.status).toBe('ACTIVE')),
  ),
  'Query.payment': row(
    PAYMENT,
    ({ paymentId }) => ({ paymentId }),
    ownerOnly('PAYMENT_NOT_FOUND', ({ payment }) => expect(payment.status).toBe('COMPLETED')),
  ),
  'Query.booking': row(
    BOOKING,
    withId(({ bookingId }) => bookingId),
    {
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }) => expect(booking.status).toBe('CONFIRMED')),
      organizer: ({ booking }) => expect(booking.status).toBe('CONFIRMED'),
    },
  ),

  'Query.ticket': row(
    TICKET,
    ({ code }) => ({ code }),
    anyone(({ ticket }, { code }) => expect(ticket.ticket.code).toBe(code)),
  ),

  'Mutation.signUp': row(
    SIGN_UP,
    ({ eventId }, role) => ({ input: { email: `${role}.${eventId}@example.com`, password: PASSWORD } }),
    anyone(({ signUp }, _scene, role) => expect(signUp.user.email).toMatch(`${role}.`)),
  ),
  'Mutation.logIn': row(
    LOG_IN,
    () => ({ input: { email: 'somebody@example.com', password: PASSWORD } }),
    anyone(({ logIn }) => expect(logIn.user.email).toBe('somebody@example.com')),
  ),
  'Mutation.requestPasswordReset': row(
    REQUEST_PASSWORD_RESET,
    () => ({ email: 'somebody@example.com' }),
    anyone(({ requestPasswordReset }) => expect(requestPasswordReset).toBe(true)),
  ),
  'Mutation.resetPassword': row(
    RESET_PASSWORD,
    // A session's token is no link. `mail.test.ts` has the links.
    ({ owner }) => ({ token: owner.token, password: PASSWORD }),
    anyone('RESET_LINK_INVALID'),
  ),
  'Mutation.startGuest': row(
    START_GUEST,
    undefined,
    anyone(({ startGuest }, { users }, role) => {
      expect(startGuest.user).toMatchObject({ email: null, isGuest: true });
      expect(startGuest.user.id).not.toBe(users[role]?.id);
    }),
  ),
  'Mutation.renewToken': row(
    RENEW_TOKEN,
    undefined,
    viewer(({ renewToken }, { users }, role) => expect(renewToken.user.id).toBe(users[role]?.id)),
  ),
  'Mutation.logOutEverywhere': row(
    LOG_OUT_EVERYWHERE,
    undefined,
    viewer(({ logOutEverywhere }, { users }, role) => {
      expect(logOutEverywhere.id).toBe(users[role]?.id);
    }),
  ),
  'Mutation.createEvent': row(
    CREATE_EVENT,
    () => ({ input: { name: 'Mine', eventDate: '2027-01-01T20:00:00Z', totalSeats: 10 } }),
    viewer(({ createEvent }) => expect(createEvent.name).toBe('Mine')),
  ),
  'Mutation.updateEvent': row(
    UPDATE_EVENT,
    ({ eventId }) => ({ input: { eventId, ifRevision: 1, name: 'Renamed' } }),
    ofOrganizer(({ updateEvent }) => expect(updateEvent).toMatchObject({ name: 'Renamed', revision: 2 })),
  ),
  'Mutation.pauseSale': row(
    PAUSE_SALE,
    ({ eventId }) => ({ eventId }),
    ofOrganizer(({ pauseSale }) => expect(pauseSale.status).toBe('PAUSED')),
  ),
  'Mutation.resumeSale': row(
    RESUME_SALE,
    ({ eventId }) => ({ eventId }),
    ofOrganizer(({ resumeSale }) => expect(resumeSale.status).toBe('ON_SALE')),
  ),
  'Mutation.cancelEvent': row(
    CANCEL_EVENT,
    ({ eventId }) => ({ eventId, reason: 'Rain' }),
    ofOrganizer(({ cancelEvent }) => expect(cancelEvent.status).toBe('CANCELLED')),
  ),
  'Mutation.holdBackSeats': row(
    HOLD_BACK,
    ({ eventId }) => ({ input: { eventId, seatNumbers: [9], label: 'Press' } }),
    ofOrganizer(({ holdBackSeats }) => expect(holdBackSeats.seatNumbers).toEqual([9])),
  ),
  'Mutation.releaseHeldBackSeats': row(
    RELEASE_HELD_BACK,
    ({ eventId }) => ({ eventId, seatNumbers: [9] }),
    ofOrganizer(({ releaseHeldBackSeats }) => expect(releaseHeldBackSeats.seatNumbers).toEqual([])),
  ),
  'Mutation.bookHeldBackSeats': row(
    BOOK_HELD_BACK,
    ({ eventId }) => ({
      input: { eventId, seatNumbers: [9], contactEmail: 'guest@example.com', requestId: 'guest' },
    }),
    ofOrganizer(({ bookHeldBackSeats }) => expect(bookHeldBackSeats[0].isInvitation).toBe(true)),
  ),
  'Mutation.lockSeat': row(
    LOCK_SEAT,
    ({ eventId }, role) => ({ input: { eventId, seatNumber: seatOfRole(role) } }),
    viewer(({ lockSeat }, _scene, role) => expect(lockSeat.seatNumber).toBe(seatOfRole(role))),
  ),
  'Mutation.lockSeats': row(
    LOCK_SEATS,
    ({ eventId }, role) => ({ input: { eventId, seatNumbers: [seatOfRole(role)] } }),
    viewer(({ lockSeats }, _scene, role) => expect(lockSeats[0].seatNumber).toBe(seatOfRole(role))),
  ),
  'Mutation.holdSeats': row(
    `mutation ($input: HoldSeatsInput!) { holdSeats(input: $input) { locks { seatNumber } hold { locks { id } } } }`,
    ({ eventId }, role) => ({ input: { eventId, wishes: [{ seatNumbers: [seatOfRole(role)] }] } }),
    viewer(({ holdSeats: { hold } }, _scene, role) => {
      // The owner holds three more.
      expect(hold.locks).toHaveLength(role === 'owner' ? 4 : 1);
    }),
  ),
  'Mutation.extendHold': row(
    `mutation ($eventId: ID!) { extendHold(eventId: $eventId) { expiresAt } }`,
    ({ eventId }) => ({ eventId }),
    { ...viewer(({ extendHold }) => expect(extendHold).toBeNull()), owner: 'LOCK_EXTENSION_LIMIT' },
  ),
  'Mutation.releaseHold': row(
    `mutation ($eventId: ID!, $seatNumbers: [Int!]) {
      releaseHold(eventId: $eventId, seatNumbers: $seatNumbers) { locks { id } }
    }`,
    ({ eventId }) => ({ eventId, seatNumbers: [1] }),
    {
      ...viewer(({ releaseHold }) => expect(releaseHold).toBeNull()),
      owner: ({ releaseHold }) => expect(releaseHold.locks).toHaveLength(2),
    },
  ),
  'Mutation.releaseLock': row(
    RELEASE_LOCK,
    ({ lockId }) => ({ lockId }),
    ownerOnly('LOCK_NOT_FOUND', ({ releaseLock }) => expect(releaseLock.status).toBe('RELEASED')),
  ),
  'Mutation.extendLock': row(
    EXTEND_LOCK,
    ({ lockId }) => ({ lockId }),
    // Just made, so it cannot be extended yet. Only its owner learns that.
    ownerOnly('LOCK_NOT_FOUND', 'LOCK_EXTENSION_LIMIT'),
  ),
  'Mutation.simulatePayment': row(
    SIMULATE_PAYMENT,
    ({ lockId }) => ({
      input: { lockIds: [lockId], amount: 500, currency: 'EUR', cardStatus: 'SUCCESS' },
    }),
    ownerOnly('LOCK_NOT_FOUND', ({ simulatePayment }) => expect(simulatePayment.amount).toBe(500)),
  ),
  'Mutation.settlePayment': row(
    SETTLE_PAYMENT,
    ({ pendingPaymentId }) => ({ input: { paymentId: pendingPaymentId, outcome: 'COMPLETED' } }),
    {
      ...ownerOnly('PAYMENT_NOT_FOUND', ({ settlePayment }) =>
        expect(settlePayment.status).toBe('COMPLETED'),
      ),
      organizer: ({ settlePayment }) => expect(settlePayment.status).toBe('COMPLETED'),
    },
  ),
  'Mutation.confirmBooking': row(
    CONFIRM_BOOKING,
    ({ paidLockId, paymentId }) => ({ input: { lockId: paidLockId, paymentId, requestId: 'r' } }),
    ownerOnly('LOCK_NOT_FOUND', ({ confirmBooking }) => expect(confirmBooking.status).toBe('CONFIRMED')),
  ),
  'Mutation.confirmBookings': row(
    CONFIRM_BOOKINGS,
    ({ paidLockId, paymentId }) => ({ input: { lockIds: [paidLockId], paymentId, requestId: 'r' } }),
    ownerOnly('LOCK_NOT_FOUND', ({ confirmBookings }) => expect(confirmBookings).toHaveLength(1)),
  ),
  'Mutation.checkOut': row(
    CHECK_OUT,
    ({ eventId }) => checkOutOf(eventId, 1),
    ownerOnly('HOLD_EXPIRED', ({ checkOut }) => expect(checkOut.bookings).toHaveLength(1)),
  ),
  'Mutation.cancelBooking': row(
    CANCEL_BOOKING,
    withId(({ bookingId }) => bookingId),
    // The organizer may read a booking, but not cancel it.
    ownerOnly('BOOKING_NOT_FOUND', ({ cancelBooking }) => expect(cancelBooking.status).toBe('CANCELLED')),
  ),

  'Mutation.reissueTicket': row(
    REISSUE_TICKET,
    ({ bookingId }) => ({ bookingId }),
    ownerOnly('BOOKING_NOT_FOUND', ({ reissueTicket }, { code }) => {
      expect(reissueTicket.ticket.code).not.toBe(code);
    }),
  ),
  'Mutation.checkIn': row(
    CHECK_IN,
    ({ eventId, code }) => ({
      input: { eventId, code, scanId: 'scan', at: app.clock.now().toISOString() },
    }),
    {
      ...viewer('EVENT_NOT_FOUND'),
      organizer: ({ checkIn }) => expect(checkIn.result).toBe('ADMITTED'),
    },
  ),

  'Subscription.seatAvailabilityChanged': row(
    SEAT_AVAILABILITY_CHANGED,
    ({ eventId }) => ({ eventId }),
    anyone(({ seatAvailabilityChanged }) => expect(seatAvailabilityChanged.seats).toHaveLength(4)),
    { webSocketOnly: true },
  ),
  'Subscription.eventChanged': row(
    `subscription ($eventId: ID!) { eventChanged(eventId: $eventId) { viewerIsOrganizer sales { bookedSeats } status } }`,
    ({ eventId }) => ({ eventId }),
    anyone(({ eventChanged }, _scene, role) => {
      const sales = role === 'organizer' ? { bookedSeats: 1 } : null;
      expect(eventChanged).toEqual({ viewerIsOrganizer: role === 'organizer', sales, status: 'ON_SALE' });
    }),
    { webSocketOnly: true },
  ),
  'Subscription.myReservationsChanged': row(
    MY_RESERVATIONS_CHANGED,
    ({ eventId }) => ({ eventId }),
    {
      ...viewer(({ myReservationsChanged: { locks, bookings } }) => {
        expect({ locks, bookings }).toEqual({ locks: [], bookings: [] });
      }),
      owner: ({ myReservationsChanged: { locks, bookings } }) => {
        expect([locks.length, bookings.length]).toEqual([4, 1]);
      },
    },
    { webSocketOnly: true },
  ),

  'Event.availability': row(
    EVENT,
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.availability.lockedSeats).toBe(3)),
  ),
  'Event.seatsPerViewerMax': row(
    EVENT,
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.seatsPerViewerMax).toBe(10)),
  ),
  'Event.paymentProvider': row(
    EVENT,
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.paymentProvider).toBe('SIMULATED')),
  ),
  'Event.stripePublishableKey': row(
    EVENT,
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.stripePublishableKey).toBeNull()),
  ),
  'Event.status': row(
    ofEvent('status'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.status).toBe('ON_SALE')),
  ),
  'Event.viewerIsOrganizer': row(
    ofEvent('viewerIsOrganizer'),
    withId(({ eventId }) => eventId),
    anyone(({ event }, _scene, role) => expect(event.viewerIsOrganizer).toBe(role === 'organizer')),
  ),
  'Event.myHold': row(
    ofEvent('myHold { locks { id } }'),
    withId(({ eventId }) => eventId),
    {
      ...anyone(({ event }) => expect(event.myHold).toBeNull()),
      owner: ({ event }) => expect(event.myHold.locks).toHaveLength(3),
    },
  ),
  'Event.seat': row(
    ofEvent('seat(seatNumber: 21) { label section { name } }'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.seat.label).toBe('Main, row B, seat 1')),
  ),
  'Event.seatingPlanUrl': row(
    ofEvent('seatingPlanUrl'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.seatingPlanUrl).toBeNull()),
  ),
  'Event.sections': row(
    ofEvent('sections { name }'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.sections).toEqual([{ name: 'Main' }])),
  ),
  'Section.area': row(
    ofEvent('sections { area { x } }'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.sections).toEqual([{ area: null }])),
  ),
  'Section.availability': row(
    ofEvent('sections { availability { lockedSeats bookedSeats } }'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => {
      expect(event.sections).toEqual([{ availability: { lockedSeats: 3, bookedSeats: 1 } }]);
    }),
  ),
  'Section.largestBlock': row(
    ofEvent('sections { largestBlock }'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.sections).toEqual([{ largestBlock: 20 }])),
  ),
  'Section.rowList': row(
    ofEvent('sections { rowList(first: 1, after: 1) { label firstSeatNumber } }'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => {
      expect(event.sections).toEqual([{ rowList: [{ label: 'B', firstSeatNumber: 21 }] }]);
    }),
  ),
  'SeatLock.place': row(
    `query ($id: ID!) { seatLock(id: $id) { place { label } } }`,
    withId(({ lockId }) => lockId),
    ownerOnly('LOCK_NOT_FOUND', ({ seatLock }) => {
      expect(seatLock.place.label).toBe('Main, row A, seat 1');
    }),
  ),
  'SeatLock.price': row(
    `query ($id: ID!) { seatLock(id: $id) { price { amount } } }`,
    withId(({ lockId }) => lockId),
    ownerOnly('LOCK_NOT_FOUND', ({ seatLock }) => expect(seatLock.price).toBeNull()),
  ),
  'SeatLock.version': row(
    `query ($id: ID!) { seatLock(id: $id) { version } }`,
    withId(({ lockId }) => lockId),
    ownerOnly('LOCK_NOT_FOUND', ({ seatLock }) => expect(seatLock.version).toBe(1)),
  ),
  'Booking.place': row(
    `query ($id: ID!) { booking(id: $id) { place { label } } }`,
    withId(({ bookingId }) => bookingId),
    {
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }) => {
        expect(booking.place.label).toBe('Main, row A, seat 4');
      }),
      organizer: ({ booking }) => expect(booking.place.label).toBe('Main, row A, seat 4'),
    },
  ),
  'Event.seatMap': row(
    SEAT_MAP,
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.seatMap.takenSeats).toHaveLength(4)),
  ),
  'SeatMap.takenSeats': row(
    SEAT_MAP,
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.seatMap.takenSeats).toHaveLength(4)),
  ),
  'SeatMap.lockedSeats': row(
    `query ($id: ID!) { event(id: $id) { seatMap { takenSeats { lockedUntil } lockedSeats { seatNumber } } } }`,
    withId(({ eventId }) => eventId),
    anyone(({ event: { seatMap } }) => {
      const locked = seatMap.takenSeats.filter(
        (seat: { lockedUntil: string | null }) => seat.lockedUntil !== null,
      );
      expect(seatMap.lockedSeats).toHaveLength(locked.length);
    }),
  ),
  'Event.bookings': row(
    EVENT_BOOKINGS,
    withId(({ eventId }) => eventId),
    organizerOnly(({ bookings }) => expect(bookings.nodes).toHaveLength(1)),
  ),
  'Event.history': row(
    HISTORY,
    withId(({ eventId }) => eventId),
    organizerOnly(({ history }) =>
      expect(history.nodes.map(({ kind }: { kind: string }) => kind)).toEqual([
        'BOOKED',
        'LOCKED',
        'LOCKED',
        'LOCKED',
        'LOCKED',
      ]),
    ),
  ),
  'Event.heldBack': row(
    HELD_BACK,
    withId(({ eventId }) => eventId),
    organizerOnly(({ heldBack }) => expect(heldBack).toEqual([])),
  ),
  'Event.sales': row(
    SALES,
    withId(({ eventId }) => eventId),
    organizerOnly(({ sales }) => expect(sales.bookedSeats).toBe(1)),
  ),
  'Event.salesBySection': row(
    ofEvent('salesBySection { section { name } paid { amount } refunded { amount } }'),
    withId(({ eventId }) => eventId),
    organizerOnly(({ salesBySection }) =>
      expect(salesBySection).toEqual([
        { section: { name: 'Main' }, paid: [{ amount: 2_000 }], refunded: [] },
      ]),
    ),
  ),
  'Event.salesByHour': row(
    ofEvent('salesByHour { paid { amount } }'),
    withId(({ eventId }) => eventId),
    organizerOnly(({ salesByHour }) => expect(salesByHour).toEqual([{ paid: [{ amount: 2_000 }] }])),
  ),
  'Booking.price': row(
    `query ($id: ID!) { booking(id: $id) { price { amount } } }`,
    withId(({ bookingId }) => bookingId),
    {
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }) => expect(booking.price.amount).toBe(1_000)),
      organizer: ({ booking }) => expect(booking.price.amount).toBe(1_000),
    },
  ),
  'Event.cancellation': row(
    ofEvent('cancellation { at }'),
    withId(({ eventId }) => eventId),
    anyone(({ event }) => expect(event.cancellation).toBeNull()),
  ),
  'EventCancellation.refunded': row(
    ofEvent('cancellation { bookingsLeft refunded { amount } }'),
    async ({ eventId, users }: Scene) => {
      await app.ok(CANCEL_EVENT, { eventId }, users.organizer);
      const isEnding = async () =>
        (await app.database.events.findById(eventId).lean().exec())?.cancellation?.isEnding;
      await expect.poll(isEnding, { timeout: 10_000 }).toBe(false);
      return { id: eventId };
    },
    {
      ...anyone(({ event }) => expect(event.cancellation).toEqual({ bookingsLeft: 0, refunded: [] })),
      // The booking and the paid lock.
      organizer: ({ event }) => expect(event.cancellation.refunded).toEqual([{ amount: 2_000 }]),
    },
    { changesScene: true },
  ),
  'Booking.event': row(
    `query ($id: ID!) { booking(id: $id) { event { id bookings { nodes { id } } } } }`,
    withId(({ bookingId }) => bookingId),
    {
      // Through a booking, an event shows no more than it shows directly.
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }) => expect(booking.event.bookings).toBeNull()),
      organizer: ({ booking }) => expect(booking.event.bookings.nodes).toHaveLength(1),
    },
  ),
  'Booking.ticket': row(
    BOOKING_TICKET,
    withId(({ bookingId }) => bookingId),
    {
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }, { code }) => expect(booking.ticket.code).toBe(code)),
      organizer: ({ booking }, { code }) => expect(booking.ticket.code).toBe(code),
    },
  ),
  'TicketByCode.event': row(
    `query ($code: String!) { ticket(code: $code) { event { bookings { nodes { id } } } } }`,
    ({ code }) => ({ code }),
    {
      // Through a ticket, an event shows no more than it shows directly.
      ...anyone(({ ticket }) => expect(ticket.event.bookings).toBeNull()),
      organizer: ({ ticket }) => expect(ticket.event.bookings.nodes).toHaveLength(1),
    },
  ),
  'TicketByCode.place': row(
    TICKET,
    ({ code }) => ({ code }),
    anyone(({ ticket }) => expect(ticket.place.label).toBe('Main, row A, seat 4')),
  ),
  'Booking.payment': row(
    BOOKING,
    withId(({ bookingId }) => bookingId),
    {
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }) => expect(booking.payment.status).toBe('COMPLETED')),
      organizer: ({ booking }) => expect(booking.payment.status).toBe('COMPLETED'),
    },
  ),
  'Payment.event': row(MY_PAYMENTS, undefined, {
    ...viewer(({ me }) => expect(me.payments.nodes).toEqual([])),
    owner: ({ me }, { eventId }) => expect(me.payments.nodes[0].event.id).toBe(eventId),
  }),
  'Payment.bookings': row(
    `query ($id: ID!) { booking(id: $id) { payment { bookings { id seatNumber } } } }`,
    withId(({ bookingId }) => bookingId),
    {
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }, { bookingId }) =>
        expect(booking.payment.bookings).toEqual([{ id: bookingId, seatNumber: 4 }]),
      ),
      organizer: ({ booking }) => expect(booking.payment.bookings).toHaveLength(1),
    },
  ),
  'Payment.reference': row(`query { me { payments { nodes { id reference } } } }`, undefined, {
    ...viewer(({ me }) => expect(me.payments.nodes).toEqual([])),
    owner: ({ me }) => expect(me.payments.nodes[0].reference).toMatch(/^\w{3}-\w{3}$/),
  }),
  'Payment.contactEmail': row(
    `query ($id: ID!) { booking(id: $id) { payment { contactEmail } } }`,
    withId(({ bookingId }) => bookingId),
    {
      ...ownerOnly('BOOKING_NOT_FOUND', ({ booking }, { owner }) =>
        expect(booking.payment.contactEmail).toBe(owner.email),
      ),
      organizer: ({ booking }, { owner }) => expect(booking.payment.contactEmail).toBe(owner.email),
    },
  ),
  'User.locks': row(MY_LOCKS, ({ eventId }) => ({ eventId }), {
    ...viewer(({ me }) => expect(me.locks).toEqual([])),
    owner: ({ me }) => expect(me.locks).toHaveLength(3),
  }),
  'User.bookings': row(MY_BOOKINGS, undefined, {
    ...viewer(({ me }) => expect(me.bookings.nodes).toEqual([])),
    owner: ({ me }) => expect(me.bookings.nodes).toHaveLength(1),
  }),
  'User.events': row(MY_EVENTS, undefined, {
    ...viewer(({ me }) => expect(me.events.nodes).toEqual([])),
    organizer: ({ me }) => expect(me.events.nodes).toHaveLength(1),
  }),
  'User.payments': row(MY_PAYMENTS, undefined, {
    ...viewer(({ me }) => expect(me.payments.nodes).toEqual([])),
    owner: ({ me }) => expect(me.payments.nodes).toHaveLength(3),
  }),
};

describe.each(TRANSPORTS)('over %s', (transport) => {
  const rows = Object.entries(TABLE).filter(
    ([, { webSocketOnly }]) => transport !== 'HTTP' || !webSocketOnly,
  );

  beforeAll(async () => {
    // The account that the `logIn` entry uses, made once for both transports.
    const input = { email: 'somebody@example.com', password: PASSWORD };
    await app.call(SIGN_UP, { input });
  });

  test.each(rows)(
    '%s answers nobody, a stranger, the organizer and the owner as the contract says',
    async (...args) => {
      const [name, { query, variables, changesScene, ...expected }] = args;
      const made = await (changesScene || name.startsWith('Mutation.') ? scene() : sharedScene());
      // The owner comes last: success shows that the refused callers changed nothing.
      for (const role of ['nobody', 'stranger', 'organizer', 'owner'] as const) {
        const answer = await attempt(app, transport, {
          query,
          variables: await variables?.(made, role),
          authorization: bearer(made.users[role]),
        });
        const wanted = expected[role];
        const codes = answer.errors?.map(({ extensions }) => extensions.code);
        if (typeof wanted === 'string') expect({ role, codes }).toEqual({ role, codes: [wanted] });
        else {
          expect({ role, codes }).toEqual({ role, codes: undefined });
          wanted(answer.data, made, role);
        }
      }
    },
  );
});

/** What is served as a file: the status for each role. */
const FILES: Readonly<Record<string, Readonly<Record<Role, number>>>> = {
  '/events/<id>/bookings.csv': { nobody: 401, stranger: 404, owner: 404, organizer: 200 },
};

test.each(Object.entries(FILES))('%s is given to whoever may have it', async (path, expected) => {
  const { users, eventId, bookingId } = await sharedScene();
  const statuses: Record<string, number> = {};
  for (const role of ROLES) {
    const authorization = bearer(users[role]);
    const response = await fetch(`${app.url}${path.replace('<id>', eventId)}`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    statuses[role] = response.status;
    expect((await response.text()).includes(bookingId)).toBe(response.status === 200);
  }
  expect(statuses).toEqual(expected);
});

test('every operation of the schema, and every field with a resolver of its own, is in the table', async () => {
  const schema = await createSchema([]);
  const coordinates = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => field.resolve !== undefined)
        .map((field) => `${type.name}.${field.name}`),
    );
  expect(Object.keys(TABLE).sort()).toEqual(coordinates.sort());
});

test('a user can be read by themselves only: no type but AuthPayload and the operations leads to one', async () => {
  const schema = await createSchema([]);
  const leading = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => String(field.type).replace(/[![\]]/g, '') === 'User')
        .map((field) => `${type.name}.${field.name}`),
    );
  expect(leading.sort()).toEqual(['AuthPayload.user', 'Mutation.logOutEverywhere', 'Query.me']);
});

describe('a record of another user gives exactly the same error as a record that does not exist', () => {
  const EVENT_THAT_IS_NOT = '0'.repeat(12);
  const other = (id: string, eventId: string) => [
    id,
    // An unused id of the same event, one of an event that does not exist, and text that is no id.
    id.replace(/.{16}$/, '0'.repeat(16)),
    id.replace(/.{16}$/, '0'.repeat(16)).replace(eventId, EVENT_THAT_IS_NOT),
    'no id',
    '',
    `${id}0`,
  ];
  const cases: Readonly<
    Record<string, { query: unknown; variables: (id: string, scene: Scene) => unknown; id: keyof Scene }>
  > = {
    'Query.seatLock': { query: SEAT_LOCK, id: 'lockId', variables: (id) => ({ id }) },
    'Query.payment': { query: PAYMENT, id: 'paymentId', variables: (paymentId) => ({ paymentId }) },
    'Query.booking': { query: BOOKING, id: 'bookingId', variables: (id) => ({ id }) },
    'Mutation.releaseLock': { query: RELEASE_LOCK, id: 'lockId', variables: (lockId) => ({ lockId }) },
    'Mutation.extendLock': { query: EXTEND_LOCK, id: 'lockId', variables: (lockId) => ({ lockId }) },
    'Mutation.simulatePayment': {
      query: SIMULATE_PAYMENT,
      id: 'lockId',
      variables: (lockId) => ({
        input: { lockIds: [lockId], amount: 1, currency: 'USD', cardStatus: 'SUCCESS' },
      }),
    },
    'Mutation.settlePayment': {
      query: SETTLE_PAYMENT,
      id: 'pendingPaymentId',
      variables: (paymentId) => ({ input: { paymentId, outcome: 'COMPLETED' } }),
    },
    'Mutation.confirmBooking': {
      query: CONFIRM_BOOKING,
      id: 'paidLockId',
      variables: (lockId, { paymentId }) => ({ input: { lockId, paymentId, requestId: 'r' } }),
    },
    'Mutation.confirmBookings': {
      query: CONFIRM_BOOKINGS,
      id: 'paidLockId',
      variables: (lockId, { paymentId }) => ({ input: { lockIds: [lockId], paymentId, requestId: 'r' } }),
    },
    'Mutation.cancelBooking': { query: CANCEL_BOOKING, id: 'bookingId', variables: (id) => ({ id }) },
  };

  test.each(Object.entries(cases))('%s', async (_name, { query, variables, id }) => {
    const made = await sharedScene();
    for (const transport of TRANSPORTS) {
      const answers = [];
      for (const each of other(made[id] as string, made.eventId)) {
        const authorization = bearer(made.users.stranger);
        answers.push(
          await attempt(app, transport, {
            query: query as never,
            variables: variables(each, made),
            authorization,
          }),
        );
      }
      expect(answers[0]?.errors).toHaveLength(1);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
  });

  test("a payment of another user, used with the caller's own locks", async () => {
    const made = await scene();
    const { stranger } = made.users;
    const { lockSeat } = await app.ok(
      LOCK_SEAT,
      { input: { eventId: made.eventId, seatNumber: 50 } },
      stranger,
    );
    const answers = [];
    for (const paymentId of [...other(made.paymentId, made.eventId), made.pendingPaymentId]) {
      const input = { lockId: lockSeat.id, paymentId, requestId: 'r' };
      answers.push(await app.refused(CONFIRM_BOOKING, { input }, stranger));
    }
    expect(answers[0]?.code).toBe('PAYMENT_NOT_FOUND');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});

describe('an invalid token', () => {
  const claims = (sub: string | null, { iss = 'seat-booking-live', exp = true } = {}) => {
    const nowSeconds = app.clock.now().getTime() / 1000;
    const jwt = new SignJWT().setIssuer(iss).setIssuedAt(nowSeconds);
    if (sub !== null) jwt.setSubject(sub);
    return exp ? jwt.setExpirationTime(nowSeconds + 3600) : jwt;
  };
  const key = (secret: string) => new TextEncoder().encode(secret);
  const signed = (jwt: SignJWT, alg = 'HS256', secret = TOKEN_SECRET) =>
    jwt.setProtectedHeader({ alg }).sign(key(secret));
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const payloadOf = (token: string) => token.split('.')[1] as string;

  /** Each made from a user whose own token is valid. */
  const BAD: Readonly<Record<string, (user: TestUser) => Promise<string> | string>> = {
    'no token after Bearer': () => 'Bearer',
    'another scheme': ({ token }) => `Basic ${token}`,
    'no scheme': ({ token }) => token,
    'two tokens': ({ token }) => `Bearer ${token} ${token}`,
    nonsense: () => 'Bearer nonsense',
    'one without its signature': ({ token }) => `Bearer ${token.split('.').slice(0, 2).join('.')}.`,
    'one that was cut short': ({ token }) => `Bearer ${token.slice(0, -4)}`,
    'one whose payload was changed': ({ token }) => {
      const [header, payload, signature] = token.split('.') as [string, string, string];
      const { sub: _sub, ...rest } = JSON.parse(Buffer.from(payload, 'base64url').toString());
      return `Bearer ${header}.${encoded({ ...rest, sub: 'somebody' })}.${signature}`;
    },
    'one of the algorithm "none"': ({ token }) => `Bearer ${encoded({ alg: 'none' })}.${payloadOf(token)}.`,
    'one of the algorithm "none" with a good signature of it': ({ token }) => {
      const text = `${encoded({ alg: 'none' })}.${payloadOf(token)}`;
      return `Bearer ${text}.${createHmac('sha256', TOKEN_SECRET).update(text).digest('base64url')}`;
    },
    'one signed with another key': async ({ id }) =>
      `Bearer ${await signed(claims(id), 'HS256', 'another key, and as long as the right one')}`,
    'one signed with the right key in another algorithm': async ({ id }) =>
      `Bearer ${await signed(claims(id), 'HS512', TOKEN_SECRET)}`,
    'one of another issuer': async ({ id }) => `Bearer ${await signed(claims(id, { iss: 'elsewhere' }))}`,
    'one that never runs out': async ({ id }) => `Bearer ${await signed(claims(id, { exp: false }))}`,
    'one of nobody': async () => `Bearer ${await signed(claims(null))}`,
    'one of a user that there is not': async () => `Bearer ${await signed(claims('0'.repeat(16)))}`,
    'one that is longer than any this server issues': ({ token }) => `Bearer ${token}${'a'.repeat(2_000)}`,
    'one that has run out': async ({ id }) => {
      const tokens = new Tokens(TOKEN_SECRET, 1_000, {
        ...app.clock,
        now: () => new Date(app.clock.now().getTime() - 1_000),
      } as never);
      return `Bearer ${(await tokens.issue(id, new Date(0))).token}`;
    },
    'one ended by a log-out everywhere': async (user) => {
      await app.ok(LOG_OUT_EVERYWHERE, {}, user);
      return `Bearer ${user.token}`;
    },
  };

  test.each(Object.entries(BAD))(
    '%s is UNAUTHENTICATED, even if the operation needs no token',
    async (_name, forge) => {
      const user = await app.user();
      // The user's own token is valid up to here, so it is the forged one that is refused.
      expect((await app.ok(ME, {}, user)).me.id).toBe(user.id);
      const authorization = await forge(user);

      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: '{ events { nodes { id } } }' }),
      });
      expect(response.status).toBe(401);
      const extensions = { code: 'UNAUTHENTICATED', details: {} };
      const message = 'Sign in: this needs a valid token.';
      expect(await response.json()).toEqual({ errors: [{ message, extensions }] });
      for (const name of ['authorization', 'Authorization']) {
        const socket = await RawSocket.open(app.url);
        expect(await socket.init({ [name]: authorization })).toBe(false);
        expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
      }
    },
  );

  test.each([
    { authorization: 1 },
    { authorization: true },
    { authorization: {} },
    { authorization: ['Bearer x'] },
  ])('connectionParams whose authorization is no text (%j) close the socket with 4403', async (params) => {
    const socket = await RawSocket.open(app.url);
    expect(await socket.init(params)).toBe(false);
    expect((await socket.closed).code).toBe(4403);
  });
});

test('a valid token identifies the same user in the HTTP header and in the connectionParams, in any letter case', async () => {
  const user = await app.user();
  const query = '{ me { id } }';
  for (const authorization of [`Bearer ${user.token}`, `bearer ${user.token}`, `BEARER  ${user.token}`]) {
    for (const transport of TRANSPORTS satisfies readonly Transport[]) {
      const answer = await attempt(app, transport, { query, authorization });
      expect(answer).toEqual({ data: { me: { id: user.id } } });
    }
  }
  for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
    const socket = await RawSocket.open(app.url);
    expect(await socket.init({ [name]: `Bearer ${user.token}` })).toBe(true);
    socket.subscribe('1', query);
    expect(await socket.answerTo('1')).toEqual({ data: { me: { id: user.id } } });
  }
});

test('the token of the HTTP upgrade is ignored: a browser could not send one', async () => {
  const user = await app.user();
  const socket = await RawSocket.open(app.url, { headers: { authorization: `Bearer ${user.token}` } });
  expect(await socket.init()).toBe(true);
  socket.subscribe('1', '{ me { id } }');
  expect(await socket.answerTo('1')).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
});
