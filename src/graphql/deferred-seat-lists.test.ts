import { buildSchema, type GraphQLObjectType } from 'graphql';
import { expect, test, vi } from 'vitest';
import { DeferredSeatLists, deferSeatLists } from './deferred-seat-lists.js';

test('every twenty thousand seats of a list count as one more call', () => {
  const schema = buildSchema(
    'type Query { map: SeatMap } type SeatMap { takenSeats: [Int], lockedSeats: [Int] }',
  );
  deferSeatLists(schema);
  const field = (schema.getType('SeatMap') as GraphQLObjectType).getFields().takenSeats;
  const furtherCalls = vi.fn();
  const context = { limits: { furtherCalls }, deferredSeatLists: new DeferredSeatLists() };
  for (const length of [0, 19_999, 20_000, 100_000])
    field?.resolve?.({ takenSeats: Array(length).fill(1) }, {}, context, {
      path: { key: 'takenSeats' },
    } as never);
  expect(furtherCalls.mock.calls).toEqual([[0], [0], [1], [5]]);
});
