import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema, type PubSub } from 'type-graphql';
import { deferSeatLists } from './deferred-seat-lists.js';
import { AccountResolver } from './resolvers/account.resolver.js';
import { BookingResolver } from './resolvers/booking.resolver.js';
import { CancellationResolver } from './resolvers/cancellation.resolver.js';
import { CheckOutResolver } from './resolvers/check-out.resolver.js';
import { EventResolver } from './resolvers/event.resolver.js';
import { EventSalesResolver } from './resolvers/event-sales.resolver.js';
import { HeldBackResolver } from './resolvers/held-back.resolver.js';
import { HoldResolver } from './resolvers/hold.resolver.js';
import { OrganizerResolver } from './resolvers/organizer.resolver.js';
import { PaymentResolver } from './resolvers/payment.resolver.js';
import { SeatLockResolver } from './resolvers/seat-lock.resolver.js';
import { SectionResolver } from './resolvers/section.resolver.js';
import { TicketResolver } from './resolvers/ticket.resolver.js';
import { resolveUpdatesSynchronously } from './shareable-operation.js';

export const RESOLVERS = [
  AccountResolver,
  BookingResolver,
  CancellationResolver,
  CheckOutResolver,
  EventResolver,
  EventSalesResolver,
  HeldBackResolver,
  HoldResolver,
  OrganizerResolver,
  PaymentResolver,
  SeatLockResolver,
  SectionResolver,
  TicketResolver,
] as const;

/** One instance of each resolver class, created by the composition root. */
export type ResolverInstances = readonly InstanceType<(typeof RESOLVERS)[number]>[];

/** TypeGraphQL requires one for subscriptions. These have their own source, so nothing is published. */
const noPubSub: PubSub = {
  publish: () => {
    throw new Error('The change stream is the only source of live updates.');
  },
  subscribe: () => {
    throw new Error('The change stream is the only source of live updates.');
  },
};

export async function createSchema(instances: ResolverInstances): Promise<GraphQLSchema> {
  const byClass = new Map<unknown, object>(instances.map((instance) => [instance.constructor, instance]));
  const schema = await buildSchema({
    resolvers: [...RESOLVERS],
    container: { get: (resolverClass: unknown) => byClass.get(resolverClass) },
    pubSub: noPubSub,
    // The domain validates its own input and names the field. A second set of rules would drift from it.
    validate: false,
    // graphql-js checks the schema at the first operation. Another check here would only delay each start by 0.1 s.
    skipCheck: true,
  });
  resolveUpdatesSynchronously(schema);
  deferSeatLists(schema);
  describe(schema);
  return schema;
}

/** Descriptions of the types without a TypeScript class. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  Query: 'Reads. A field that is refused is null, with an error; the others are answered.',
  Mutation:
    'Changes. The fields of one operation are executed one after the other. A field that is refused is null, with an error; the others are executed all the same.',
  Subscription: 'Live updates, over WebSocket by the protocol graphql-transport-ws.',
  DateTimeISO: 'An instant in UTC, RFC 3339, e.g. 2026-11-22T10:15:30.000Z.',
  SafeInt: 'A whole number that a double holds exactly: at most 2^53 - 1. A JSON number.',
};

function describe(schema: GraphQLSchema): void {
  for (const [name, description] of Object.entries(DESCRIPTIONS)) {
    const type = schema.getType(name);
    if (type === undefined) throw new Error(`The schema has no type ${name} to describe.`);
    type.description = description;
  }
}
