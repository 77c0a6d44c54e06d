import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../core/errors.js';
import { Scene } from '../support/event-fixture.js';
import {
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  CREATE_EVENT,
  EVENT_BOOKINGS,
  EVENTS,
  LOCK_SEAT,
  LOCK_SEATS,
  ME,
  MY_BOOKINGS,
  MY_EVENTS,
  MY_PAYMENTS,
  RELEASE_LOCK,
  SEAT_AVAILABILITY_CHANGED,
  SETTLE_PAYMENT,
  SIGN_UP,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { type TestApp as App, TestApp } from '../support/test-app.js';
import { type Attempt, attempt, onlyError, TRANSPORTS, textOf } from '../support/transports.js';

/** Input that is invalid in every state: it is refused with the name of the field, and nothing changes. */

let app: App;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const NO_EVENT = '0'.repeat(12);

/** Everything stored, except what each batch writes for itself: a refusal is a batch as well. */
async function stored(): Promise<unknown> {
  const collections = await app.database.connection.db?.collections();
  const contents = (collections ?? []).map(async (collection) => [
    collection.collectionName,
    await collection
      .find({}, { projection: { turn: 0, claimedAt: 0, recentBatchIds: 0 } })
      .sort({ _id: 1 })
      .toArray(),
  ]);
  return Object.fromEntries(await Promise.all(contents));
}

describe('input that is always invalid', () => {
  const long = 'x'.repeat(5_000);
  const many = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const INT_MAX = 2 ** 31 - 1;

  let scene: Scene;
  let lockId: string;
  let otherLockId: string;
  let bookingId: string;
  beforeAll(async () => {
    scene = await Scene.make(app);
    lockId = await scene.lock(1);
    bookingId = (await scene.book(2)).bookingId;
    const other = await scene.attempt('');
    expect(other.authorization).toBeDefined();
    const eventId = await app.event(scene.user);
    otherLockId = (await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, scene.user)).lockSeat.id;
  });

  type Wrong = readonly [what: string, input: () => unknown, code: ErrorCode, field: string];
  const eventDate = '2027-01-01T20:00:00.000Z';
  const seat = (seatNumber: unknown) => () => ({ input: { eventId: scene.eventId, seatNumber } });
  const seats = (seatNumbers: unknown) => () => ({ input: { eventId: scene.eventId, seatNumbers } });
  const newEvent = (input: object) => () => ({
    input: { name: 'A night', eventDate, totalSeats: 10, ...input },
  });
  const sections = (list: object[], rest: object = { totalSeats: undefined }) =>
    newEvent({
      sections: list.map((section, index) => ({ name: `S${index}`, rows: 1, seatsPerRow: 1, ...section })),
      ...rest,
    });
  const payment = (input: object) => () => ({
    input: { lockIds: [lockId], amount: 100, currency: 'USD', cardStatus: 'SUCCESS', ...input },
  });
  const confirmation = (input: object) => () => ({
    input: { lockId, paymentId: 'none', requestId: 'r', ...input },
  });
  const credentials = (input: object) => () => ({
    input: { email: 'new@example.com', password: 'a long password', ...input },
  });

  const TABLE: Readonly<Record<string, { readonly query: unknown; readonly wrong: readonly Wrong[] }>> = {
    lockSeat: {
      query: LOCK_SEAT,
      wrong: [
        [
          'an event id that is none',
          () => ({ input: { eventId: 'no id', seatNumber: 1 } }),
          'EVENT_NOT_FOUND',
          'eventId',
        ],
        [
          'an empty event id',
          () => ({ input: { eventId: '', seatNumber: 1 } }),
          'EVENT_NOT_FOUND',
          'eventId',
        ],
        [
          'an over-long event id',
          () => ({ input: { eventId: long, seatNumber: 1 } }),
          'EVENT_NOT_FOUND',
          'eventId',
        ],
        [
          'an event id with an operator in it',
          () => ({ input: { eventId: { $ne: '' }, seatNumber: 1 } }),
          'BAD_USER_INPUT',
          'eventId',
        ],
        ['no event id', () => ({ input: { seatNumber: 1 } }), 'BAD_USER_INPUT', 'eventId'],
        ['seat 0', seat(0), 'SEAT_NOT_FOUND', 'seatNumber'],
        ['seat -1', seat(-1), 'SEAT_NOT_FOUND', 'seatNumber'],
        ['the seat behind the last one', seat(101), 'SEAT_NOT_FOUND', 'seatNumber'],
        ['the largest number', seat(INT_MAX), 'SEAT_NOT_FOUND', 'seatNumber'],
        ['a larger one', seat(INT_MAX + 1), 'BAD_USER_INPUT', 'seatNumber'],
        ['half a seat', seat(1.5), 'BAD_USER_INPUT', 'seatNumber'],
        ['a text for a seat', seat('1'), 'BAD_USER_INPUT', 'seatNumber'],
        ['null for a seat', seat(null), 'BAD_USER_INPUT', 'seatNumber'],
        [
          'a field that there is not',
          () => ({ input: { eventId: scene.eventId, seatNumber: 3, seat: 3 } }),
          'BAD_USER_INPUT',
          'seat',
        ],
        ['no input', () => ({}), 'BAD_USER_INPUT', 'input'],
        ['null for the input', () => ({ input: null }), 'BAD_USER_INPUT', 'input'],
        ['a text for the input', () => ({ input: 'x' }), 'BAD_USER_INPUT', 'input'],
      ],
    },
    lockSeats: {
      query: LOCK_SEATS,
      wrong: [
        ['no seats', seats([]), 'BAD_USER_INPUT', 'seatNumbers'],
        ['101 seats', seats(many(101)), 'BAD_USER_INPUT', 'seatNumbers'],
        ['a seat twice', seats([3, 4, 3]), 'BAD_USER_INPUT', 'seatNumbers'],
        ['one seat, which there is not', seats([0]), 'SEAT_NOT_FOUND', 'seatNumbers'],
        ['a seat that there is not among others', seats([3, 101]), 'SEAT_NOT_FOUND', 'seatNumbers'],
        ['a text among the seats', seats([3, 'four']), 'BAD_USER_INPUT', 'seatNumbers[1]'],
      ],
    },
    releaseLock: {
      query: RELEASE_LOCK,
      wrong: [
        ['an empty id', () => ({ lockId: '' }), 'LOCK_NOT_FOUND', 'lockId'],
        ['an over-long id', () => ({ lockId: long }), 'LOCK_NOT_FOUND', 'lockId'],
        ["a booking's id", () => ({ lockId: bookingId }), 'LOCK_NOT_FOUND', 'lockId'],
        ['null', () => ({ lockId: null }), 'BAD_USER_INPUT', 'lockId'],
      ],
    },
    cancelBooking: {
      query: CANCEL_BOOKING,
      wrong: [
        ['an empty id', () => ({ id: '' }), 'BOOKING_NOT_FOUND', 'id'],
        ["a lock's id", () => ({ id: lockId }), 'BOOKING_NOT_FOUND', 'id'],
      ],
    },
    createEvent: {
      query: CREATE_EVENT,
      wrong: [
        ['no time zone', newEvent({ timeZone: 'Mars/Base' }), 'BAD_USER_INPUT', 'timeZone'],
        ['an over-long time zone', newEvent({ timeZone: long }), 'BAD_USER_INPUT', 'timeZone'],
        ['no name', newEvent({ name: '' }), 'BAD_USER_INPUT', 'name'],
        ['a name of blanks', newEvent({ name: ' \t ' }), 'BAD_USER_INPUT', 'name'],
        ['a name of 201 characters', newEvent({ name: 'x'.repeat(201) }), 'BAD_USER_INPUT', 'name'],
        [
          'a date in the past',
          newEvent({ eventDate: '2020-01-01T00:00:00Z' }),
          'BAD_USER_INPUT',
          'eventDate',
        ],
        [
          'this very instant',
          () => newEvent({ eventDate: app.clock.now().toISOString() })(),
          'BAD_USER_INPUT',
          'eventDate',
        ],
        [
          'a day that no calendar has',
          newEvent({ eventDate: '2027-02-30T20:00:00Z' }),
          'BAD_USER_INPUT',
          'eventDate',
        ],
        ['a date without an instant', newEvent({ eventDate: '2027-01-01' }), 'BAD_USER_INPUT', 'eventDate'],
        ['text for a date', newEvent({ eventDate: 'tomorrow' }), 'BAD_USER_INPUT', 'eventDate'],
        ['no seats', newEvent({ totalSeats: 0 }), 'BAD_USER_INPUT', 'totalSeats'],
        ['fewer than none', newEvent({ totalSeats: -1 }), 'BAD_USER_INPUT', 'totalSeats'],
        ['100,001 seats', newEvent({ totalSeats: 100_001 }), 'BAD_USER_INPUT', 'totalSeats'],
        ['neither seats nor sections', newEvent({ totalSeats: undefined }), 'BAD_USER_INPUT', 'totalSeats'],
        ['an empty list of sections', newEvent({ sections: [] }), 'BAD_USER_INPUT', 'sections'],
        ['201 sections', sections(many(201).map(() => ({}))), 'BAD_USER_INPUT', 'sections'],
        [
          'sections with another sum',
          sections([{ rows: 3, seatsPerRow: 3 }], { totalSeats: 10 }),
          'BAD_USER_INPUT',
          'totalSeats',
        ],
        [
          'sections of 100,001 seats',
          sections([{ rows: 1_000, seatsPerRow: 100 }, {}]),
          'BAD_USER_INPUT',
          'sections',
        ],
        ['a section without a name', sections([{}, { name: '' }]), 'BAD_USER_INPUT', 'sections[1].name'],
        [
          'a section of an over-long name',
          sections([{ name: 'x'.repeat(101) }]),
          'BAD_USER_INPUT',
          'sections[0].name',
        ],
        [
          'two sections of one name',
          sections([{ name: 'A' }, { name: 'A' }]),
          'BAD_USER_INPUT',
          'sections[1].name',
        ],
        [
          'a section without rows',
          sections([{ rows: 0, seatsPerRow: 10 }]),
          'BAD_USER_INPUT',
          'sections[0].rows',
        ],
        [
          'a section that takes seats away',
          sections([{ rows: 20 }, { rows: -10 }]),
          'BAD_USER_INPUT',
          'sections[1].rows',
        ],
        ['rows without seats', sections([{ seatsPerRow: 0 }]), 'BAD_USER_INPUT', 'sections[0].seatsPerRow'],
        [
          'rows too many to multiply',
          sections([{ rows: INT_MAX, seatsPerRow: INT_MAX }]),
          'BAD_USER_INPUT',
          'sections[0].rows',
        ],
        ['a text for rows', sections([{}, { rows: 'two' }]), 'BAD_USER_INPUT', 'sections[1].rows'],
        [
          'a price of 0',
          newEvent({ price: { amount: 0, currency: 'USD' } }),
          'BAD_USER_INPUT',
          'price.amount',
        ],
        [
          'a price below 0',
          newEvent({ price: { amount: -1, currency: 'USD' } }),
          'BAD_USER_INPUT',
          'price.amount',
        ],
        [
          'a price too large',
          newEvent({ price: { amount: INT_MAX + 1, currency: 'USD' } }),
          'BAD_USER_INPUT',
          'price.amount',
        ],
        [
          'a currency in small letters',
          newEvent({ price: { amount: 1, currency: 'usd' } }),
          'BAD_USER_INPUT',
          'price.currency',
        ],
        [
          'a currency that there is not',
          newEvent({ price: { amount: 1, currency: 'ZZZ' } }),
          'BAD_USER_INPUT',
          'price.currency',
        ],
        [
          'an empty currency',
          newEvent({ price: { amount: 1, currency: '' } }),
          'BAD_USER_INPUT',
          'price.currency',
        ],
        [
          'two currencies',
          sections([{ price: { amount: 1, currency: 'USD' } }, { price: { amount: 1, currency: 'EUR' } }]),
          'BAD_USER_INPUT',
          'sections[1].price.currency',
        ],
      ],
    },
    simulatePayment: {
      query: SIMULATE_PAYMENT,
      wrong: [
        ['no locks', payment({ lockIds: [] }), 'BAD_USER_INPUT', 'lockIds'],
        ['a lock twice', () => payment({ lockIds: [lockId, lockId] })(), 'BAD_USER_INPUT', 'lockIds'],
        ['101 locks', payment({ lockIds: many(101).map(String) }), 'BAD_USER_INPUT', 'lockIds'],
        [
          'locks of two events',
          () => payment({ lockIds: [lockId, otherLockId] })(),
          'BAD_USER_INPUT',
          'lockIds',
        ],
        ['a lock id that is none', payment({ lockIds: ['none'] }), 'LOCK_NOT_FOUND', 'lockIds'],
        ['an amount of 0', payment({ amount: 0 }), 'BAD_USER_INPUT', 'amount'],
        ['an amount below 0', payment({ amount: -100 }), 'BAD_USER_INPUT', 'amount'],
        ['an amount too large', payment({ amount: INT_MAX + 1 }), 'BAD_USER_INPUT', 'amount'],
        ['half a cent', payment({ amount: 0.5 }), 'BAD_USER_INPUT', 'amount'],
        ['a currency in small letters', payment({ currency: 'usd' }), 'BAD_USER_INPUT', 'currency'],
        ['a currency that there is not', payment({ currency: 'ZZZ' }), 'BAD_USER_INPUT', 'currency'],
        ['no amount where a seat has no price', payment({ amount: null }), 'BAD_USER_INPUT', 'amount'],
        ['no currency where no seat has a price', payment({ currency: null }), 'BAD_USER_INPUT', 'currency'],
        [
          'a card status in small letters',
          payment({ cardStatus: 'success' }),
          'BAD_USER_INPUT',
          'cardStatus',
        ],
        ['an empty requestId', payment({ requestId: '' }), 'BAD_USER_INPUT', 'requestId'],
        [
          'a requestId of 129 characters',
          payment({ requestId: 'x'.repeat(129) }),
          'BAD_USER_INPUT',
          'requestId',
        ],
      ],
    },
    settlePayment: {
      query: SETTLE_PAYMENT,
      wrong: [
        [
          'an empty id',
          () => ({ input: { paymentId: '', outcome: 'FAILED' } }),
          'PAYMENT_NOT_FOUND',
          'paymentId',
        ],
        [
          'an outcome that there is not',
          () => ({ input: { paymentId: '', outcome: 'PENDING' } }),
          'BAD_USER_INPUT',
          'outcome',
        ],
      ],
    },
    confirmBooking: {
      query: CONFIRM_BOOKING,
      wrong: [
        ['an empty lock id', confirmation({ lockId: '' }), 'LOCK_NOT_FOUND', 'lockId'],
        ['an over-long lock id', confirmation({ lockId: long }), 'LOCK_NOT_FOUND', 'lockId'],
        ['a payment id that is none', confirmation({}), 'PAYMENT_NOT_FOUND', 'paymentId'],
        ['an over-long payment id', confirmation({ paymentId: long }), 'PAYMENT_NOT_FOUND', 'paymentId'],
        ['an empty requestId', confirmation({ requestId: '' }), 'BAD_USER_INPUT', 'requestId'],
        [
          'a requestId of 129 characters',
          confirmation({ requestId: 'x'.repeat(129) }),
          'BAD_USER_INPUT',
          'requestId',
        ],
        ['no requestId', confirmation({ requestId: undefined }), 'BAD_USER_INPUT', 'requestId'],
      ],
    },
    confirmBookings: {
      query: CONFIRM_BOOKINGS,
      wrong: [
        [
          'no locks',
          () => ({ input: { lockIds: [], paymentId: 'none', requestId: 'r' } }),
          'BAD_USER_INPUT',
          'lockIds',
        ],
        [
          'one lock, which there is not',
          () => ({
            input: { lockIds: [lockId.replace(/.{16}$/, '0'.repeat(16))], paymentId: 'none', requestId: 'r' },
          }),
          'LOCK_NOT_FOUND',
          'lockIds',
        ],
      ],
    },
    signUp: {
      query: SIGN_UP,
      wrong: [
        ['no address', credentials({ email: '' }), 'BAD_USER_INPUT', 'email'],
        ['an address without @', credentials({ email: 'somebody' }), 'BAD_USER_INPUT', 'email'],
        ['an address without a domain', credentials({ email: 'somebody@' }), 'BAD_USER_INPUT', 'email'],
        ['two addresses', credentials({ email: 'a@example.com,b@example.com' }), 'BAD_USER_INPUT', 'email'],
        [
          'an over-long address',
          credentials({ email: `${'x'.repeat(250)}@example.com` }),
          'BAD_USER_INPUT',
          'email',
        ],
        ['a password of 7 characters', credentials({ password: '1234567' }), 'BAD_USER_INPUT', 'password'],
        [
          'a password of 257 characters',
          credentials({ password: 'x'.repeat(257) }),
          'BAD_USER_INPUT',
          'password',
        ],
        ['a number for a password', credentials({ password: 12345678 }), 'BAD_USER_INPUT', 'password'],
      ],
    },
    events: {
      query: EVENTS,
      wrong: [
        ['a page of -1', () => ({ first: -1 }), 'BAD_USER_INPUT', 'first'],
        ['a page of 101', () => ({ first: 101 }), 'BAD_USER_INPUT', 'first'],
        ['a page of "ten"', () => ({ first: 'ten' }), 'BAD_USER_INPUT', 'first'],
        ['a cursor that is none', () => ({ after: 'nonsense' }), 'BAD_USER_INPUT', 'after'],
        ['an empty cursor', () => ({ after: '' }), 'BAD_USER_INPUT', 'after'],
        ['an over-long cursor', () => ({ after: long }), 'BAD_USER_INPUT', 'after'],
        [
          'a cursor of a year that is none',
          () => ({ after: Buffer.from('9999999999999999:abc').toString('base64url') }),
          'BAD_USER_INPUT',
          'after',
        ],
      ],
    },
    'me.bookings': {
      query: MY_BOOKINGS,
      wrong: [
        ['a page of 101', () => ({ first: 101 }), 'BAD_USER_INPUT', 'first'],
        ['a cursor that is none', () => ({ after: '!' }), 'BAD_USER_INPUT', 'after'],
      ],
    },
    'me.events': {
      query: MY_EVENTS,
      wrong: [
        ['a page of 101', () => ({ first: 101 }), 'BAD_USER_INPUT', 'first'],
        ['a cursor that is none', () => ({ after: '!' }), 'BAD_USER_INPUT', 'after'],
      ],
    },
    'me.payments': {
      query: MY_PAYMENTS,
      wrong: [
        ['a page of -1', () => ({ first: -1 }), 'BAD_USER_INPUT', 'first'],
        ['a cursor that is none', () => ({ after: '!' }), 'BAD_USER_INPUT', 'after'],
      ],
    },
  };

  const rows = Object.entries(TABLE).flatMap(([operation, { query, wrong }]) =>
    wrong.map(([what, input, code, field]) => [operation, what, { query, input, code, field }] as const),
  );

  test.each(rows)('%s: %s', async (_operation, _what, { query, input, code, field }) => {
    const before = await stored();
    const answers = [];
    for (const transport of TRANSPORTS) {
      const answer = await attempt(app, transport, scene.attempt(query, input()));
      expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
        { code, details: expect.objectContaining({ field }) },
      ]);
      expect(JSON.stringify(answer)).not.toMatch(/at .*\.[jt]s:\d|node_modules|Mongo/);
      answers.push(answer.errors);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(await stored()).toEqual(before);
  });

  test("an event's bookings are paged by the same rules", async () => {
    for (const [page, field] of [
      [{ first: 101 }, 'first'],
      [{ after: '!' }, 'after'],
    ] as const) {
      const variables = { id: scene.eventId, ...page };
      const { code, details } = await app.refused(EVENT_BOOKINGS, variables, scene.user);
      expect({ code, field: details.field }).toEqual({ code: 'BAD_USER_INPUT', field });
    }
  });

  test.each([
    ['an event id that is none', { eventId: 'none' }, 'EVENT_NOT_FOUND', 'eventId'],
    ['an event that there is not', { eventId: NO_EVENT }, 'EVENT_NOT_FOUND', 'eventId'],
    ['an over-long event id', { eventId: long }, 'EVENT_NOT_FOUND', 'eventId'],
    ['a text for a version', { eventId: NO_EVENT, since: 'x' }, 'BAD_USER_INPUT', 'since'],
    ['a version beyond all numbers', { eventId: NO_EVENT, since: INT_MAX + 1 }, 'BAD_USER_INPUT', 'since'],
  ])('a subscription to %s', async (_what, variables, code, field) => {
    const { errors } = await attempt(app, 'WebSocket', {
      query: SEAT_AVAILABILITY_CHANGED as never,
      variables,
    });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code, details: { field } }]);
  });

  test('the longest, largest and latest allowed values are accepted', async () => {
    const user = await app.user();
    const email = `${'x'.repeat(64)}@${'y'.repeat(63)}.${'z'.repeat(63)}.example.com`;
    await app.ok(SIGN_UP, { input: { email, password: 'x'.repeat(256) } });
    await app.ok(SIGN_UP, { input: { email: 'short@example.com', password: '12345678' } });
    const eventId = await app.event(user, { name: 'x'.repeat(200), totalSeats: 100_000 });
    const { lockSeats } = await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [1, 100_000] } }, user);
    const lockIds = lockSeats.map(({ id }) => id);
    const card = { lockIds, amount: INT_MAX, currency: 'USD', cardStatus: 'SUCCESS' as const };
    const requestId = 'x'.repeat(128);
    const { simulatePayment } = await app.ok(SIMULATE_PAYMENT, { input: { ...card, requestId } }, user);
    expect(simulatePayment.amount).toBe(INT_MAX);
    expect((await app.ok(EVENTS, { first: 0 })).events.nodes).toEqual([]);
    expect((await app.ok(EVENTS, { first: 100 })).events.nodes.length).toBeGreaterThan(0);
  });
});

describe('an HTTP request that is not GraphQL', () => {
  const JSON_TYPE = 'application/json';
  const operation = { query: '{ __typename }' };
  const json = (body: unknown) => JSON.stringify(body);

  type Request = readonly [
    what: string,
    body: string | undefined,
    type: string | undefined,
    status: number,
    field: string | undefined,
  ];
  const WRONG: readonly Request[] = [
    ['no body', undefined, JSON_TYPE, 400, 'body'],
    ['a body that is no JSON', '{', JSON_TYPE, 400, 'body'],
    ['a list of operations', json([operation]), JSON_TYPE, 400, 'body'],
    ['a text', json('{ me }'), JSON_TYPE, 400, 'body'],
    ['a number', '1', JSON_TYPE, 400, 'body'],
    ['null', 'null', JSON_TYPE, 400, 'body'],
    ['an object with a prototype', '{"__proto__": {"query": "{ __typename }"}}', JSON_TYPE, 400, 'body'],
    ['no query', json({}), JSON_TYPE, 400, 'query'],
    ['an empty query', json({ query: '' }), JSON_TYPE, 400, 'query'],
    ['a query that is no text', json({ query: { kind: 'Document' } }), JSON_TYPE, 400, 'query'],
    [
      'a query of 8,193 characters',
      json({ query: `{ __typename }${'#'.repeat(8_179)}` }),
      JSON_TYPE,
      400,
      'query',
    ],
    ['variables in a list', json({ ...operation, variables: [] }), JSON_TYPE, 400, 'variables'],
    ['variables in a text', json({ ...operation, variables: '{}' }), JSON_TYPE, 400, 'variables'],
    [
      'a number for an operation name',
      json({ ...operation, operationName: 1 }),
      JSON_TYPE,
      400,
      'operationName',
    ],
    ['a text for extensions', json({ ...operation, extensions: 'x' }), JSON_TYPE, 400, 'extensions'],
    [
      'an operation that the document has not',
      json({ ...operation, operationName: 'Other' }),
      JSON_TYPE,
      // A well-formed request: in this media type the status describes the transport only.
      200,
      'operationName',
    ],
    [
      'a body of 64 KiB and a byte',
      json({ ...operation, pad: 'x'.repeat(64 * 1024 - 40) }).padEnd(64 * 1024 + 1),
      JSON_TYPE,
      413,
      'body',
    ],
    ['text', json(operation), 'text/plain', 415, 'content-type'],
    ['XML', '<query/>', 'application/xml', 415, 'content-type'],
    ['a form', 'query={__typename}', 'application/x-www-form-urlencoded', 415, 'content-type'],
  ];

  test.each(WRONG)(
    '%s is refused, and the answer names the wrong part',
    async (_what, body, type, status, field) => {
      const before = await stored();
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { ...(type !== undefined && { 'content-type': type }) },
        ...(body !== undefined && { body }),
      });
      const answer = (await response.json()) as { errors: { message: string }[] };
      expect(answer).toEqual({
        errors: [
          {
            message: expect.stringMatching(/\S/),
            extensions: {
              code: 'BAD_USER_INPUT',
              details: expect.objectContaining(field === undefined ? {} : { field }),
            },
          },
        ],
      });
      expect(response.status).toBe(status);
      expect(JSON.stringify(answer)).not.toMatch(/at .*\.[jt]s:\d|node_modules/);
      expect(await stored()).toEqual(before);
    },
  );

  test('a body of exactly 64 KiB is accepted', async () => {
    const body = json(operation).padEnd(64 * 1024);
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body,
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test('a GET, which any page could make a browser send, executes no mutation and no query', async () => {
    const user = await app.user();
    const query = encodeURIComponent('mutation { logOutEverywhere { id } }');
    for (const headers of [{}, { 'apollo-require-preflight': 'true' }]) {
      const response = await fetch(`${app.url}/graphql?query=${query}`, {
        headers: { ...headers, authorization: `Bearer ${user.token}` },
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
    expect((await app.ok(ME, {}, user)).me.id).toBe(user.id);
  });
});

describe('an operation that cannot be run', () => {
  const circles = `{ me { bookings(first: 100) { nodes { event {
    bookings(first: 100) { nodes { event { bookings(first: 100) { nodes { id } } } } }
  } } } } }`;
  const logIns = `mutation { ${Array.from(
    { length: 40 },
    (_, index) => `a${index}: logIn(input: { email: "a@example.com", password: "${index}" }) { token }`,
  ).join(' ')} }`;
  const two = 'query A { __typename } query B { __typename }';
  const wrong: readonly (readonly [string, Attempt, ErrorCode, field: string | undefined])[] = [
    [
      'a name that the document has not',
      { query: two, operationName: 'C' },
      'BAD_USER_INPUT',
      'operationName',
    ],
    ['two operations and no name', { query: two }, 'BAD_USER_INPUT', 'operationName'],
    [
      'a text of 8,193 characters',
      { query: `{ __typename }${'#'.repeat(8_179)}` },
      'BAD_USER_INPUT',
      'query',
    ],
    ['1,001 tokens', { query: `{ ${'a '.repeat(999)} }` }, 'GRAPHQL_PARSE_FAILED', undefined],
    ['a walk in circles', { query: circles }, 'GRAPHQL_VALIDATION_FAILED', undefined],
    ['forty log-ins in one call', { query: logIns }, 'GRAPHQL_VALIDATION_FAILED', undefined],
    [
      'two subscriptions in one',
      {
        query:
          'subscription { a: seatAvailabilityChanged(eventId: "x") { version } b: seatAvailabilityChanged(eventId: "y") { version } }',
      },
      'GRAPHQL_VALIDATION_FAILED',
      undefined,
    ],
  ];

  test.each(wrong)('%s is refused the same over both transports', async (_what, what, code, field) => {
    const answers = [];
    for (const transport of TRANSPORTS) {
      const error = await onlyError(app, transport, what);
      expect(error.extensions).toMatchObject({ code, details: field === undefined ? {} : { field } });
      answers.push(error);
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  test('each operation of the tests is within the cost limit', async () => {
    for (const document of Object.values(await import('../support/operations.js'))) {
      const answer = await attempt(app, 'WebSocket', { query: textOf(document) });
      const codes = (answer.errors ?? []).map(({ extensions }) => extensions.code);
      expect(codes).not.toContain('GRAPHQL_VALIDATION_FAILED');
    }
  });
});

test('a subscription over HTTP is refused, and the message names the WebSocket', async () => {
  const variables = { eventId: (await Scene.make(app)).eventId };
  const { errors } = await attempt(app, 'HTTP', { query: SEAT_AVAILABILITY_CHANGED as never, variables });
  expect(errors).toMatchObject([
    { message: expect.stringContaining('WebSocket'), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});
