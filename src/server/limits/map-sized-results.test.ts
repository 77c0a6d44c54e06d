import { type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../../graphql/schema.js';
import { chargeOperation, MAP_SIZED_RESULTS_MAX } from './map-sized-results.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema([]);
});

/** @returns what it counts as beyond one call */
function count(query: string, variables?: Record<string, unknown>): number {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is no operation.');
  let counted = Number.NaN;
  const limits = {
    furtherCalls: (further: number) => {
      counted = further;
    },
    isMutation() {},
    isRead() {},
  };
  chargeOperation(limits, schema, document, operation, variables);
  return counted;
}

const BY_VARIABLE = `query ($n: Int) { events(first: $n) { nodes { seatMap { statuses } } edges { node { ...E } } } }
  fragment E on Event { ... on Event { map: seatMap { statuses } } }`;

describe('halls that an operation asks for', () => {
  test('are as many as its variables make of them, under whatever name or fragment', () => {
    expect(count(BY_VARIABLE, { n: 50 })).toBe(99);
    expect(() => count(BY_VARIABLE, { n: 51 })).toThrow(
      `This asks for what is as large as a hall 102 times, and ${MAP_SIZED_RESULTS_MAX} is the limit`,
    );
    // Whatever is no size is refused later; until then it is the largest.
    expect(() => count(BY_VARIABLE, { n: '1' })).toThrow('200 times');
    expect(() => count(BY_VARIABLE, { n: 1e9 })).toThrow('200 times');
  });

  test('are those of a page by default where nothing says more', () => {
    expect(count(BY_VARIABLE)).toBe(39);
    expect(count(BY_VARIABLE.replace('$n: Int', '$n: Int = 30'))).toBe(59);
    expect(() => count(BY_VARIABLE.replace('$n: Int', '$n: Int = 60'))).toThrow('120 times');
    expect(count('{ events { nodes { seatMap { statuses } } } }')).toBe(19);
    expect(count('{ events(first: 100) { nodes { seatMap { statuses } } } }')).toBe(99);
  });

  test('multiply with the pages around, and add up beside each other', () => {
    const booked = (first: number) =>
      `{ me { bookings(first: ${first}) { nodes { event { bookings(first: 10) { nodes { event { seatMap { statuses } } } } } } } } }`;
    expect(count(booked(10))).toBe(99);
    expect(() => count(booked(11))).toThrow('110 times');
    const beside = (first: number) =>
      `{ a: events(first: ${first}) { nodes { seatMap { statuses } } } b: events(first: 50) { nodes { seatMap { takenSeats { seatNumber } } } } }`;
    expect(count(beside(50))).toBe(99);
    expect(() => count(beside(51))).toThrow('101 times');
  });

  test('are few where nobody asks for much: a page of events, the page of one', () => {
    expect(count('{ events(first: 100) { nodes { availability { availableSeats } } } }')).toBe(0);
    expect(count('{ a: __typename b: __typename c: __typename }')).toBe(2);
    const map = 'query SeatMap($eventId: ID!) { event(id: $eventId) { id seatMap { version statuses } } }';
    expect(count(map, { eventId: 'e' })).toBe(0);
  });
});
