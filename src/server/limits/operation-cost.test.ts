import { type GraphQLSchema, parse, validate } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../../graphql/schema.js';
import { expensiveFieldsRule, FIELD_REPETITIONS_MAX, repetitionRule } from './expensive-fields.js';
import { costRule, OPERATION_COST_MAX } from './operation-cost.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema([]);
});

const refusalsOf = (operation: string) =>
  validate(schema, parse(operation), [costRule]).map(({ message }) => message);
const costOf = (operation: string) => Number(/may cost (\d+)/.exec(refusalsOf(operation)[0] ?? '')?.[1]);

const pages = (first: string) => `{ me { bookings${first} { nodes { event { bookings${first} { nodes {
  event { bookings${first} { nodes { event { bookings${first} { nodes { id } } } } } }
} } } } } } }`;

describe('the cost of an operation', () => {
  test('is multiplied by every page around a field, under any alias and in any fragment', () => {
    const direct = costOf(pages('(first: 100)'));
    expect(direct).toBeGreaterThan(100 ** 4);
    const named = pages('(first: 100)').replaceAll('bookings(', 'alias: bookings(');
    expect(costOf(named)).toBe(direct);
    const inline = pages('(first: 100)').replaceAll('{ id }', '{ ... on Booking { id } }');
    expect(costOf(inline)).toBe(direct);
    const spread = `${pages('(first: 100)').replaceAll('{ id }', '{ ...F }')} fragment F on Booking { id }`;
    expect(costOf(spread)).toBe(direct);
  });

  test('counts a page with its size, its default, or the maximum if it is inside a page and its size is a variable', () => {
    const largest = costOf(pages('(first: 100)'));
    const byVariable = (declared: string) => costOf(`query (${declared}) ${pages('(first: $first)')}`);
    expect(byVariable('$first: Int!')).toBe(largest);
    expect(byVariable('$first: Int = 1000')).toBe(largest);
    // Only the outermost of four pages counts with the variable's default, and with the page's own default at least.
    for (const declared of ['$first: Int', '$first: Int = 20', '$first: Int = 1', '$first: Int! = 20']) {
      expect(byVariable(declared)).toBeGreaterThan(largest / 6);
      expect(byVariable(declared)).toBeLessThan(largest / 4);
    }
    expect(costOf(pages('(first: 1000000)'))).toBe(largest);
    expect(costOf(pages(''))).toBe(costOf(pages('(first: 20)')));
    expect(costOf(pages(''))).toBeLessThan(largest);
    expect(refusalsOf(pages('(first: 2)'))).toEqual([]);
    expect(refusalsOf(pages('(first: -5)'))).toEqual([]);
  });

  test('has a limit, which the error names; up to it an operation is allowed', () => {
    const fields = (count: number) =>
      `{ ${Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ')} }`;
    expect(refusalsOf(fields(OPERATION_COST_MAX))).toEqual([]);
    expect(refusalsOf(fields(OPERATION_COST_MAX + 1))).toEqual([
      `This operation may cost ${OPERATION_COST_MAX + 1}; the limit is ${OPERATION_COST_MAX}. Request smaller pages, or less at once.`,
    ]);
  });

  test.each([
    [
      'passwords to hash',
      4,
      (index: number) => `a${index}: signUp(input: {email: "a", password: "b"}) { token }`,
      'mutation',
    ],
    [
      'pages of whole maps',
      1,
      (index: number) => `a${index}: events(first: 100) { nodes { seatMap { statuses } } }`,
      'query',
    ],
  ])('reaches the limit with a few %s', (_what, allowed, field, kind) => {
    const operation = (count: number) =>
      `${kind} { ${Array.from({ length: count }, (_, index) => field(index)).join(' ')} }`;
    expect(refusalsOf(operation(allowed))).toEqual([]);
    expect(refusalsOf(operation(allowed + 1))).toHaveLength(1);
  });

  test('of a subscription has a tenth of the limit, which allows all of its fields', () => {
    const SEAT = '{ seatNumber status lockedUntil }';
    const fields = `eventId kind version previousVersion seats ${SEAT} statuses availability { totalSeats availableSeats lockedSeats bookedSeats } serverTime`;
    expect(refusalsOf(`subscription { seatAvailabilityChanged(eventId: "1") { ${fields} } }`)).toEqual([]);
    const of = (first: number) =>
      `subscription { myReservationsChanged(eventId: "1") { locks { id seatNumber status expiresAt remainingMs } serverTime
        bookings { id seatNumber status payment { amount status reason } event { name bookings(first: ${first}) { nodes { id } } } } } }`;
    expect(refusalsOf(of(100))).toEqual([]);
    expect(refusalsOf(of(100).replace('nodes { id }', 'nodes { id seatNumber status }'))).toHaveLength(1);
  });

  test('is counted for each operation of a document, and fragments in a circle cause no endless loop', () => {
    const both = `query A { me { id } } query B ${pages('(first: 100)')}`;
    expect(refusalsOf(both)).toHaveLength(1);
    expect(
      refusalsOf(
        '{ me { ...F } } fragment F on User { bookings { nodes { event { bookings { nodes { id } } } } } ...F }',
      ),
    ).toEqual([]);
    expect(refusalsOf('{ nothing { at { all } } ...Unknown }')).toEqual([]);
  });

  describe('allows all fields of a page of events', () => {
    const MONEY = '{ amount currency }';
    const BOOKING =
      '{ id eventId seatNumber lockId paymentId requestId status paymentStatus createdAt expiresAt }';
    const EVENT = `{ id name eventDate totalSeats sections { name firstSeatNumber rows seatsPerRow price ${MONEY} }
      availability { totalSeats availableSeats lockedSeats bookedSeats }
      seatMap { version statuses takenSeats { seatNumber status lockedUntil } }
      bookings { nodes ${BOOKING} }
      sales { bookedSeats pendingSeats cancelledBookings revenue ${MONEY} refunded ${MONEY} } }`;
    const PAGE = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

    test.each([
      ['nodes', `{ events { nodes ${EVENT} ${PAGE} } }`],
      ['edges and nodes', `{ events { edges { cursor node ${EVENT} } nodes ${EVENT} ${PAGE} } }`],
      [
        'nodes, with the size as a variable',
        `query ($f: Int) { events(first: $f) { nodes ${EVENT} ${PAGE} } }`,
      ],
      [
        'edges and nodes, with the size as a variable',
        `query ($f: Int) { events(first: $f) { edges { cursor node ${EVENT} } nodes ${EVENT} ${PAGE} } }`,
      ],
    ])('by its %s', (_how, operation) => {
      expect(refusalsOf(operation)).toEqual([]);
      expect(validate(schema, parse(operation), [repetitionRule, expensiveFieldsRule])).toEqual([]);
    });
  });

  test('allows the introspection query of tools', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect(refusalsOf(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))).toEqual(
      [],
    );
  });
});

describe('a repeated field', () => {
  const repeated = (operation: string) =>
    validate(schema, parse(operation), [repetitionRule]).map(({ message }) => message);
  const times = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => part(index)).join(' ');

  test.each([
    ['under different aliases', (index: number) => `a${index}: __typename`],
    ['without alias', () => '__typename'],
    ['in fragments', () => '... { __typename }'],
  ])('%s is refused above a hundred uses, with one error', (_what, part) => {
    expect(repeated(`{ ${times(FIELD_REPETITIONS_MAX, part)} }`)).toEqual([]);
    for (const count of [FIELD_REPETITIONS_MAX + 1, 3 * FIELD_REPETITIONS_MAX]) {
      expect(repeated(`{ ${times(count, part)} }`)).toEqual([
        'This requests "__typename" more than 100 times. Request less at once.',
      ]);
    }
  });
});

describe('a map-sized field', () => {
  const refused = (operation: string) =>
    validate(schema, parse(operation), [expensiveFieldsRule]).map(({ message }) => message);
  const times = (count: number, part: string) =>
    Array.from({ length: count }, (_, index) => part.replaceAll('#', String(index))).join(' ');

  test('may be used a few times in an operation, under any alias and in any fragment', () => {
    const direct = (count: number) => `{ event(id: 1) { seatMap { ${times(count, 's#: statuses')} } } }`;
    const spread = (count: number) =>
      `{ ${times(count, 'e#: event(id: 1) { ...F }')} } fragment F on Event { seatMap { ... { statuses } } }`;
    for (const of of [direct, spread]) {
      expect(refused(of(10))).toEqual([]);
      expect(refused(of(11))).toEqual([
        'This requests "SeatMap.statuses" more than 10 times. Request less at once.',
      ]);
    }
    expect(refused('{ events(first: 100) { nodes { seatMap { statuses } } } }')).toEqual([]);
  });

  test.each(['seatNumber', 'status', 'lockedUntil', '__typename'])(
    'may have a few uses of %s for each of its seats',
    (field) => {
      const list = (count: number, root: string) => `${root} { ${times(count, `a#: ${field}`)} }`;
      const query = (count: number) => `{ event(id: 1) { seatMap { ${list(count, 'takenSeats')} } } }`;
      const subscription = (count: number) =>
        `subscription { seatAvailabilityChanged(eventId: 1) { ...F } } fragment F on SeatUpdate { ${list(count, 'seats')} }`;
      for (const of of [query, subscription]) {
        expect(refused(of(6))).toEqual([]);
        expect(refused(of(7))).toEqual([
          `This requests "Seat.${field}" more than 6 times. Request less at once.`,
        ]);
      }
    },
  );

  test('is refused in a subscription to reservations', () => {
    const of = (field: string) =>
      `subscription { myReservationsChanged(eventId: 1) { bookings { event { name seatMap { ${field} } } } } }`;
    expect(refused(of('version'))).toEqual([]);
    expect(refused(of('statuses'))).toEqual([
      'Subscriptions cannot request "SeatMap.statuses". Use a query.',
    ]);
    expect(refused(of('takenSeats { seatNumber }'))).toEqual([
      'Subscriptions cannot request "SeatMap.takenSeats". Use a query.',
    ]);
  });

  test('in a circle of fragments causes no endless loop', () => {
    expect(refused('{ me { ...F } } fragment F on User { id ...F }')).toEqual([]);
    expect(refused('{ nothing { at { all } } ...Unknown }')).toEqual([]);
  });
});
