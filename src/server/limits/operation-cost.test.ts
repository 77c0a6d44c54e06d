import {
  type GraphQLSchema,
  getIntrospectionQuery,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DomainError } from '../../core/errors.js';
import { createSchema } from '../../graphql/schema.js';
import { chargeOperation, FIELD_REPETITIONS_MAX, repetitionRule } from './operation-cost.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema([]);
});

/** How often an operation was counted as a call and not as an anonymous read. */
let callsCounted = 0;
beforeEach(() => {
  callsCounted = 0;
});

const documents = new Map<string, ReturnType<typeof parse>>();

/** @returns the number of further calls that it counts as, or why it is refused */
function charge(query: string, variables?: Record<string, unknown>): number | string {
  // Like the transports, which execute the same document again.
  const document = documents.get(query) ?? parse(query);
  documents.set(query, document);
  expect(validate(schema, document, [...specifiedRules, repetitionRule])).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is no operation.');
  let counted = Number.NaN;
  const limits = {
    furtherCalls: (further: number) => {
      counted = further;
    },
    countAsCall() {
      callsCounted += 1;
    },
    isRead() {},
  };
  try {
    chargeOperation(limits, schema, document, operation, variables);
    return counted;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'GRAPHQL_VALIDATION_FAILED') return error.message;
    throw error;
  }
}

const isAllowed = (query: string, variables?: Record<string, unknown>) =>
  typeof charge(query, variables) === 'number';
const costOf = (query: string, variables?: Record<string, unknown>) =>
  Number(/may cost (\d+)/.exec(String(charge(query, variables)))?.[1]);
const repeat = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

const pages = (first: string) => `{ me { bookings${first} { nodes { event { bookings${first} { nodes {
  event { bookings${first} { nodes { event { bookings${first} { nodes { id } } } } } }
} } } } } } }`;

describe('the cost of an operation', () => {
  test('is multiplied by every page around a field, under any alias and in any fragment', () => {
    const direct = costOf(pages('(first: 100)'));
    expect(direct).toBeGreaterThan(100 ** 4);
    expect(costOf(pages('(first: 1000000)'))).toBe(direct);
    const named = pages('(first: 100)').replaceAll('bookings(', 'alias: bookings(');
    expect(costOf(named)).toBe(direct);
    const inline = pages('(first: 100)').replaceAll('{ id }', '{ ... on Booking { id } }');
    expect(costOf(inline)).toBe(direct);
    const spread = `${pages('(first: 100)').replaceAll('{ id }', '{ ...F }')} fragment F on Booking { id }`;
    expect(costOf(spread)).toBe(direct);
    expect(isAllowed(pages('(first: 2)'))).toBe(true);
  });

  test('leaves room for the rows of a hall, and never falls by a page of less than nothing', () => {
    const rows = (first: number, more = '') => `{ event(id: "e") { sections { id largestBlock
      rowList(first: ${first}) { label firstSeatNumber seats seatLabels aislesAfter features { seat feature }
        position { x y angle curve } } ${more} } } }`;
    expect(isAllowed(rows(200))).toBe(true);
    expect(isAllowed(rows(2_000))).toBe(false);
    const tooMuch = 'a: rowList(first: 2000) { label seats firstSeatNumber position { x y angle curve } }';
    expect(costOf(rows(-1_000_000, tooMuch))).toBeGreaterThan(25_000);
  });

  test('counts a page with the size of its variable at each call, or with its default', () => {
    const largest = costOf(pages('(first: 100)'));
    const byVariable = `query ($first: Int = 100) ${pages('(first: $first)')}`;
    expect(isAllowed(byVariable, { first: 2 })).toBe(true);
    expect(costOf(byVariable, { first: 100 })).toBe(largest);
    expect(costOf(byVariable)).toBe(largest);
    expect(isAllowed(byVariable, { first: 1 })).toBe(true);
    expect(costOf(pages(''))).toBe(costOf(pages('(first: 20)')));
    // The execution refuses an invalid size, also after a valid one.
    expect(charge(byVariable, { first: {} })).toBe(0);
  });

  test('of a field that is not included is not counted', () => {
    const query = `query ($if: Boolean!) { events(first: 100) { nodes { bookings(first: 100) @include(if: $if) { nodes { id seatNumber status } } } } }`;
    expect(isAllowed(query, { if: false })).toBe(true);
    expect(isAllowed(query, { if: true })).toBe(false);
  });

  test.each([
    ['log-ins', 4, 'mutation', (i: number) => `a${i}: logIn(input: {email: "a", password: "b"}) { token }`],
    [
      'pages of whole maps',
      1,
      'query',
      (i: number) => `a${i}: events(first: 100) { nodes { seatMap { statuses } } }`,
    ],
    [
      'lists of seats',
      55,
      'query',
      (i: number) => `a${i}: event(id: 1) { seatMap { takenSeats { seatNumber } } }`,
    ],
    [
      'fields of each seat',
      24,
      '{ event(id: 1) { seatMap { takenSeats',
      (i: number) => `a${i}: seatNumber`,
      '} } }',
    ],
  ])('reaches the limit with a few %s', (_what, allowed, start, field, end = '') => {
    const operation = (count: number) => `${start} { ${repeat(count, field)} }${end}`;
    expect(isAllowed(operation(allowed))).toBe(true);
    expect(charge(operation(allowed + 1))).toMatch(
      /the limit is \d+\. Request smaller pages, or less at once\.$/,
    );
  });

  test('of fragments that double at each step is not counted to the end', () => {
    const doubling = (steps: number) =>
      `{ me { ...F0 } } ${repeat(steps, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`)} fragment F${steps} on User { id }`;
    expect(isAllowed(doubling(8))).toBe(true);
    for (const steps of [12, 30]) expect(charge(doubling(steps))).toMatch('more than 2000 fields');
  });

  test('allows all fields of a page of events, and the introspection query of tools', () => {
    const MONEY = '{ amount currency }';
    const page = (
      nodes: string,
    ) => `query ($f: Int) { events(first: $f) { ${nodes} { id name eventDate totalSeats
      sections { name firstSeatNumber rows seatsPerRow price ${MONEY} }
      availability { totalSeats availableSeats lockedSeats bookedSeats }
      seatMap { version statuses takenSeats { seatNumber status lockedUntil } }
      bookings { nodes { id eventId seatNumber lockId paymentId requestId status paymentStatus createdAt expiresAt } }
      sales { bookedSeats pendingSeats cancelledBookings revenue ${MONEY} refunded ${MONEY} } } } }`;
    expect(isAllowed(page('nodes'))).toBe(true);
    expect(isAllowed(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))).toBe(
      true,
    );
  });
});

describe('a subscription', () => {
  test('has a tenth of the limit, which allows all of its fields', () => {
    const SEAT = '{ seatNumber status lockedUntil }';
    const fields = `eventId kind version previousVersion seats ${SEAT} statuses availability { totalSeats availableSeats lockedSeats bookedSeats } serverTime`;
    expect(isAllowed(`subscription { seatAvailabilityChanged(eventId: "1") { ${fields} } }`)).toBe(true);
    const of = (nodes: string) =>
      `subscription { myReservationsChanged(eventId: "1") { locks { id seatNumber status expiresAt remainingMs } serverTime
        bookings { id seatNumber status payment { amount status reason } event { name bookings(first: 100) { nodes { ${nodes} } } } } } }`;
    expect(isAllowed(of('id'))).toBe(true);
    expect(isAllowed(of('id seatNumber status'))).toBe(false);
  });

  test('may request a few map-sized results, and none with a list of reservations', () => {
    const maps = (count: number) =>
      `subscription { seatAvailabilityChanged(eventId: 1) { ${repeat(count, (i) => `a${i}: statuses`)} } }`;
    expect(isAllowed(maps(6))).toBe(true);
    expect(charge(maps(7))).toMatch('requests 7 map-sized results; the limit is 6');
    const reservations = (field: string) =>
      `subscription { myReservationsChanged(eventId: 1) { bookings { event { name seatMap { ${field} } } } } }`;
    expect(isAllowed(reservations('version'))).toBe(true);
    for (const field of ['statuses', 'takenSeats { seatNumber }'])
      expect(isAllowed(reservations(field))).toBe(false);
  });
});

describe('an operation counts as a call for', () => {
  test('each map-sized result, with the values of its variables, up to a limit', () => {
    const BY_VARIABLE = `query ($n: Int) { events(first: $n) { nodes { seatMap { statuses } } edges { node { ...E } } } }
      fragment E on Event { ... on Event { map: seatMap { statuses } } }`;
    expect(charge(BY_VARIABLE, { n: 50 })).toBe(99);
    expect(charge(BY_VARIABLE, { n: 51 })).toMatch('requests 102 map-sized results; the limit is 100');
    expect(charge(BY_VARIABLE)).toBe(39);
    expect(charge('{ events { nodes { seatMap { statuses } } } }')).toBe(19);
    const booked = (first: number) =>
      `{ me { bookings(first: ${first}) { nodes { event { bookings(first: 10) { nodes { event { seatMap { statuses } } } } } } } } }`;
    expect(charge(booked(10))).toBe(99);
    expect(charge(booked(11))).toMatch('110 map-sized results');
  });

  test('each root field, and no more for a page of events without maps', () => {
    expect(charge('{ events(first: 100) { nodes { availability { availableSeats } } } }')).toBe(0);
    expect(charge('{ a: __typename b: __typename c: __typename }')).toBe(2);
    const map = 'query SeatMap($eventId: ID!) { event(id: $eventId) { id seatMap { version statuses } } }';
    expect(charge(map, { eventId: 'e' })).toBe(0);
    expect(callsCounted).toBe(0);
  });

  test('a mutation, and a refusal: counting what is refused costs more than most reads', () => {
    charge('mutation { logOutEverywhere { id } }');
    expect(callsCounted).toBe(1);
    expect(isAllowed(pages('(first: 100)'))).toBe(false);
    expect(callsCounted).toBe(2);
  });
});

test.each([
  ['under different aliases', (index: number) => `a${index}: __typename`],
  ['without alias', () => '__typename'],
  ['in fragments', () => '... { __typename }'],
])('a field repeated %s is refused above a hundred uses, with one error', (_what, part) => {
  const refusals = (count: number) =>
    validate(schema, parse(`{ ${repeat(count, part)} }`), [repetitionRule]).map(({ message }) => message);
  expect(refusals(FIELD_REPETITIONS_MAX)).toEqual([]);
  for (const count of [FIELD_REPETITIONS_MAX + 1, 3 * FIELD_REPETITIONS_MAX]) {
    expect(refusals(count)).toEqual([
      'This requests "__typename" more than 100 times. Request less at once.',
    ]);
  }
});
