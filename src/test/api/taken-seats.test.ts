import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIRM_BOOKING, LOCK_SEAT, SIMULATE_PAYMENT } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestApp, type TestUser } from '../support/test-app.js';

/** Lists of seats are written without graphql-js. For every kind of selection they equal what it would produce. */

let app: TestApp;
let ann: TestUser;
let eventId: string;
beforeAll(async () => {
  app = await TestApp.start();
  const users = await app.users(2);
  ann = users[0] as TestUser;
  const bob = users[1] as TestUser;
  eventId = await app.event(ann, { totalSeats: 12 });
  for (const [seatNumber, user] of [
    [2, ann],
    [11, bob],
  ] as const) {
    await app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, user);
    app.clock.advance(1_000);
  }
  const { lockSeat } = await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 5 } }, ann);
  const payment = { lockIds: [lockSeat.id], amount: 100, currency: 'USD', cardStatus: 'SUCCESS' as const };
  const { paymentId } = (await app.ok(SIMULATE_PAYMENT, { input: payment }, ann)).simulatePayment;
  await app.ok(CONFIRM_BOOKING, { input: { lockId: lockSeat.id, paymentId, requestId: 'r' } }, ann);
});
afterAll(() => app.close());

const untilOf = (seconds: number) =>
  new Date(app.clock.now().getTime() - 2_000 + 300_000 + seconds * 1_000).toISOString();
/** Number, status, end of the lock. */
type Taken = [number, string, string | null];
const taken = (): Taken[] => [
  [2, 'LOCKED', untilOf(0)],
  [5, 'BOOKED', null],
  [11, 'LOCKED', untilOf(1)],
];

const SELECTIONS: [kind: string, selection: string, fragments: string, seat: (of: Taken) => object][] = [
  [
    'by their names',
    '{ seatNumber status lockedUntil }',
    '',
    ([seatNumber, status, lockedUntil]) => ({ seatNumber, status, lockedUntil }),
  ],
  ['in another order, one alone', '{ lockedUntil }', '', ([, , lockedUntil]) => ({ lockedUntil })],
  [
    'by names of other fields',
    '{ status: seatNumber seatNumber: lockedUntil lockedUntil: status }',
    '',
    ([n, s, u]) => ({ status: n, seatNumber: u, lockedUntil: s }),
  ],
  [
    'several times',
    '{ a: seatNumber __typename b: seatNumber c: __typename seatNumber }',
    '',
    ([n]) => ({ a: n, __typename: 'Seat', b: n, c: 'Seat', seatNumber: n }),
  ],
  [
    'in fragments',
    '{ ...F ... on Seat { u: lockedUntil } }',
    'fragment F on Seat { s: status ...G } fragment G on Seat { n: seatNumber }',
    ([n, s, u]) => ({ s, n, u }),
  ],
  [
    'with some skipped',
    '{ seatNumber @skip(if: true) status @include(if: true) ... @include(if: false) { lockedUntil } }',
    '',
    ([, status]) => ({ status }),
  ],
  ['with all of them left out', '{ seatNumber @skip(if: true) }', '', () => ({})],
];

describe.each(SELECTIONS)('seats selected %s', (_kind, selection, fragments, seat) => {
  const expected = () => taken().map(seat);
  const query = `query { map: event(id: "#") { seatMap { t: takenSeats ${selection} } }
    events { nodes { seatMap { takenSeats ${selection} version } } edges { node { name } } } } ${fragments}`;

  const expectAnswer = ({ data, errors }: { data?: unknown; errors?: unknown } = {}) => {
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      map: { seatMap: { t: expected() } },
      events: {
        nodes: [{ seatMap: { takenSeats: expected(), version: 4 } }],
        edges: [{ node: { name: 'A night out' } }],
      },
    });
    // The order of fields is the client's too.
    expect(JSON.stringify(data)).toContain(JSON.stringify(expected()));
  };

  test('over HTTP', async () => {
    expectAnswer(await app.call(query.replace('#', eventId)));
  });

  test('over WebSocket, several operations at once', async () => {
    const socket = await RawSocket.open(app.url);
    await socket.init();
    for (const id of ['1', '2', '3']) socket.subscribe(id, query.replace('#', eventId));
    for (const id of ['3', '1', '2']) expectAnswer(await socket.answerTo(id));
  });

  test('by a subscription', async () => {
    const socket = await RawSocket.open(app.url);
    await socket.init();
    const text = `subscription { map: seatAvailabilityChanged(eventId: "${eventId}") { kind a: seats ${selection} serverTime seats ${selection} } } ${fragments}`;
    socket.subscribe('1', text);
    const serverTime = app.clock.now().toISOString();
    expect(await socket.answerTo('1')).toEqual({
      data: { map: { kind: 'SNAPSHOT', a: expected(), serverTime, seats: expected() } },
    });
  });
});

test('an event without taken seats has an empty list, and an unknown event has no map', async () => {
  const empty = await app.event(ann, { totalSeats: 3 });
  const query = `{ a: event(id: "${empty}") { seatMap { takenSeats { seatNumber } } } b: event(id: "none") { seatMap { takenSeats { seatNumber } } } }`;
  expect((await app.call(query)).data).toEqual({ a: { seatMap: { takenSeats: [] } }, b: null });
});
