import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { useServer } from 'graphql-ws/use/ws';
import {
  Arg,
  buildSchema,
  Field,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { WebSocketServer } from 'ws';
import { type SeatUpdate, seatUpdate } from '../message.js';
import { listen, publishServer } from './publish-server.js';

/** The peer: a live seat map written as TypeGraphQL 2 documents it, with its PubSub, on graphql-ws and ws. */

@ObjectType('SeatState')
class SeatStateType {
  @Field(() => Int) seatNumber!: number;
  @Field(() => String) status!: string;
  @Field(() => Date, { nullable: true }) lockedUntil!: Date | null;
}

@ObjectType('SeatUpdate')
class SeatUpdateType {
  @Field(() => String) kind!: string;
  @Field(() => Int) version!: number;
  @Field(() => Int, { nullable: true }) previousVersion!: number | null;
  @Field(() => [SeatStateType]) seats!: readonly SeatStateType[];
  @Field(() => Date) serverTime!: Date;
}

const pubSub = createPubSub<Record<string, [SeatUpdate]>>();
const topicOf = (eventId: string) => `SEATS_CHANGED ${eventId}`;

@Resolver()
class SeatMapResolver {
  @Query(() => String)
  hello(): string {
    return 'hello';
  }

  @Subscription(() => SeatUpdateType, {
    topics: ({ args }: { args: { eventId: string } }) => topicOf(args.eventId),
  })
  seatAvailabilityChanged(
    @Root() update: SeatUpdate,
    @Arg('eventId', () => ID) _eventId: string,
    @Arg('since', () => Int, { nullable: true }) _since?: number | null,
  ): SeatUpdateType {
    return update;
  }
}

const schema = await buildSchema({ resolvers: [SeatMapResolver], pubSub, validate: false });
const http = publishServer((eventId, version) => pubSub.publish(topicOf(eventId), seatUpdate(version)));
// biome-ignore lint/correctness/useHookAtTopLevel: useServer of graphql-ws is not a hook.
useServer({ schema }, new WebSocketServer({ server: http, path: '/graphql' }));
listen(http);
