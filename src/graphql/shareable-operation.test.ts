import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  parse,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { AccountResolver } from './resolvers/account.resolver.js';
import { BookingResolver } from './resolvers/booking.resolver.js';
import { EventResolver } from './resolvers/event.resolver.js';
import { HoldResolver } from './resolvers/hold.resolver.js';
import { PaymentResolver } from './resolvers/payment.resolver.js';
import { SeatLockResolver } from './resolvers/seat-lock.resolver.js';
import { SectionResolver } from './resolvers/section.resolver.js';
import { TicketResolver } from './resolvers/ticket.resolver.js';
import { createSchema } from './schema.js';
import { isShareable } from './shareable-operation.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  // Nothing is executed; the schema is only inspected.
  const nothing = {} as never;
  schema = await createSchema([
    new AccountResolver(nothing, nothing, nothing, nothing, nothing),
    new BookingResolver(nothing, nothing, nothing, nothing, nothing),
    new EventResolver(nothing, nothing, nothing, nothing),
    new HoldResolver(nothing, nothing),
    new PaymentResolver(nothing, nothing, nothing, nothing),
    new SeatLockResolver(nothing, nothing, nothing, nothing),
    new SectionResolver(nothing),
    new TicketResolver(nothing, nothing, nothing, nothing),
  ]);
});

const isShareableQuery = (query: string, operationName = '') =>
  isShareable(schema, parse(query), operationName);

/** A selection of everything below a type, down to `depth`. */
function everything(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values((named as GraphQLObjectType).getFields())
    .filter((field) =>
      field.args.every((arg) => arg.defaultValue !== undefined || !String(arg.type).endsWith('!')),
    )
    .filter((field) => !isObjectType(getNamedType(field.type)) || depth > 0)
    .map((field) => `${field.name} ${everything(field.type, depth - 1)}`);
  return `{ ${fields.join(' ')} }`;
}

describe('a shareable operation', () => {
  test('is a seat map with all its fields', () => {
    const field = schema.getSubscriptionType()?.getFields().seatAvailabilityChanged;
    const selection = everything(field?.type as GraphQLOutputType, 5);
    expect(selection).toContain('lockedUntil');
    expect(
      isShareableQuery(`subscription($id: ID!) { seatAvailabilityChanged(eventId: $id) ${selection} }`),
    ).toBe(true);
  });

  test.each([
    [
      'a fragment',
      'subscription { ...map } fragment map on Subscription { seatAvailabilityChanged(eventId: "e") { version } }',
    ],
    [
      'an inline fragment',
      'subscription { seatAvailabilityChanged(eventId: "e") { ... on SeatUpdate { __typename version } } }',
    ],
    ['an alias', 'subscription { map: seatAvailabilityChanged(eventId: "e") { v: version } }'],
  ])('also through %s', (_, query) => {
    expect(isShareableQuery(query)).toBe(true);
  });

  test('is an event with its status, window and counters by section', () => {
    const fields =
      'status salesStartAt availability { bookedSeats } sections { price { amount } availability { lockedSeats } }';
    expect(isShareableQuery(`subscription { eventChanged(eventId: "e") { ${fields} } }`)).toBe(true);
  });

  test.each([
    'viewerIsOrganizer',
    'myHold { expiresAt }',
    'sales { bookedSeats }',
    'bookings { nodes { id } }',
    'history { nodes { at } }',
    'seatMap { version }',
  ])('is not an event with %s, which depends on the viewer or is large', (field) => {
    expect(isShareableQuery(`subscription { eventChanged(eventId: "e") { name ${field} } }`)).toBe(false);
  });

  test.each([
    ['a user’s own reservations', 'subscription { myReservationsChanged(eventId: "e") { serverTime } }'],
    ['a query', '{ event(id: "e") { name } }'],
    ['a mutation', 'mutation { releaseLock(lockId: "l") { id } }'],
    ['an unknown operation', 'subscription A { seatAvailabilityChanged(eventId: "e") { version } }', 'B'],
  ])('is not %s', (_, query, operationName = '') => {
    expect(isShareableQuery(query, operationName)).toBe(false);
  });

  test('has no field with a resolver, which could depend on the viewer', () => {
    const contract = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
    const resolved: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__')) continue;
      for (const field of Object.values(type.getFields())) {
        expect(contract.getType(type.name), type.name).toBeDefined();
        if (field.resolve === undefined) continue;
        resolved.push(`${type.name}.${field.name}`);
      }
    }
    const shared = ['SeatUpdate', 'Seat', 'SeatAvailability'];
    expect(resolved.filter((name) => shared.includes(name.split('.')[0] as string))).toEqual([]);
    expect(resolved).toEqual(
      expect.arrayContaining(['Event.seatMap', 'Event.sales', 'Booking.payment', 'User.locks']),
    );
  });
});
