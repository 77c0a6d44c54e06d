import { type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../../graphql/schema.js';
import { chargeOperation, MAP_SIZED_RESULTS_MAX } from './map-sized-results.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema([]);
});

/** @returns the number of further calls that it counts as */
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

describe('the map-sized results of an operation', () => {
  test('are counted with the values of its variables, under any alias and in any fragment', () => {
    expect(count(BY_VARIABLE, { n: 50 })).toBe(99);
    expect(() => count(BY_VARIABLE, { n: 51 })).toThrow(
      `This operation requests 102 map-sized results; the limit is ${MAP_SIZED_RESULTS_MAX}`,
    );
    // An invalid size is refused later. Here it counts as the maximum.
    expect(() => count(BY_VARIABLE, { n: '1' })).toThrow('200 map-sized results');
    expect(() => count(BY_VARIABLE, { n: 1e9 })).toThrow('200 map-sized results');
  });

  test('are those of a page with the default size if no size is given', () => {
    expect(count(BY_VARIABLE)).toBe(39);
    expect(count(BY_VARIABLE.replace('$n: Int', '$n: Int = 30'))).toBe(59);
    expect(() => count(BY_VARIABLE.replace('$n: Int', '$n: Int = 60'))).toThrow('120 map-sized results');
    expect(count('{ events { nodes { seatMap { statuses } } } }')).toBe(19);
    expect(count('{ events(first: 100) { nodes { seatMap { statuses } } } }')).toBe(99);
  });

  test('are multiplied by the pages around them, and those of different fields are added', () => {
    const booked = (first: number) =>
      `{ me { bookings(first: ${first}) { nodes { event { bookings(first: 10) { nodes { event { seatMap { statuses } } } } } } } } }`;
    expect(count(booked(10))).toBe(99);
    expect(() => count(booked(11))).toThrow('110 map-sized results');
    const twoPages = (first: number) =>
      `{ a: events(first: ${first}) { nodes { seatMap { statuses } } } b: events(first: 50) { nodes { seatMap { takenSeats { seatNumber } } } } }`;
    expect(count(twoPages(50))).toBe(99);
    expect(() => count(twoPages(51))).toThrow('101 map-sized results');
  });

  test('are few in a page of events without maps, and in the page of one event', () => {
    expect(count('{ events(first: 100) { nodes { availability { availableSeats } } } }')).toBe(0);
    expect(count('{ a: __typename b: __typename c: __typename }')).toBe(2);
    const map = 'query SeatMap($eventId: ID!) { event(id: $eventId) { id seatMap { version statuses } } }';
    expect(count(map, { eventId: 'e' })).toBe(0);
  });
});
