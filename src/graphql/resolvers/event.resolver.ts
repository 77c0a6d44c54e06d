import {
  Arg,
  Args,
  Ctx,
  Extensions,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { BookingReads } from '../../booking/booking-reads.js';
import { eventNotFound } from '../../booking/refusals.js';
import { createEvent } from '../../catalog/create-event.js';
import { type Event, eventStatus, isVisibleTo, seatLimit } from '../../catalog/event.js';
import { eventSearch, readsAllEvents } from '../../catalog/event-search.js';
import type { Events } from '../../catalog/events.js';
import type { Money } from '../../catalog/money.js';
import { placeOf } from '../../catalog/place.js';
import { seatingPlanUrl } from '../../catalog/seating-plan-url.js';
import type { Clock } from '../../core/clock.js';
import type { SeatUpdate } from '../../feed/seat-update.js';
import { countMapOpening } from '../caller-limits.js';
import { type GraphQLContext, requireUserId, type SubscribeData } from '../context.js';
import { lockedSeatsOf } from '../seat-list-json.js';
import { NOT_SHARED, SHAREABLE_EVENTS, SHAREABLE_UPDATES } from '../shareable-operation.js';
import { EventCancellationType, eventCancellationType } from '../types/cancellation.type.js';
import { eventConnection } from '../types/connections.js';
import { EventConnectionType } from '../types/connections.type.js';
import { CreateEventInput } from '../types/create-event-input.type.js';
import { EventStatus, PaymentProvider } from '../types/enums.js';
import { EventType } from '../types/event.type.js';
import { HoldType, holdType } from '../types/hold.type.js';
import { SeatAvailabilityType, SeatMapType, SeatUpdateType } from '../types/seat-map.type.js';
import { PlaceType, placeType, SectionType, sectionType } from '../types/section.type.js';
import { decodePage, EventsArgs } from './page-args.js';

/** Settings of the server that events depend on. */
export interface EventSettings {
  readonly seatsPerViewerMax: number;
  readonly paymentProvider: (typeof PaymentProvider)[keyof typeof PaymentProvider];
  readonly stripePublishableKey: string | undefined;
  /** Why the provider cannot take exactly this amount, or null. */
  readonly amountProblem: (price: Money) => string | null;
}

@Resolver(() => EventType)
export class EventResolver {
  constructor(
    private readonly eventsStore: Events,
    private readonly reads: BookingReads,
    private readonly clock: Clock,
    private readonly settings: EventSettings,
  ) {}

  @Query(() => EventConnectionType, {
    nullable: true,
    description:
      '[anyone] Published events that have not taken place yet. A search by words, and every order but SOONEST, counts as a call, and few run at a time: TOO_BUSY.',
  })
  async events(@Args(() => EventsArgs) args: EventsArgs, @Ctx() { limits }: GraphQLContext) {
    const page = decodePage(args);
    const search = eventSearch(args);
    const read = () => this.eventsStore.upcoming(this.clock.now(), search, page);
    const events = await (readsAllEvents(search) ? limits.search(read) : read());
    return eventConnection(events, page, search.order);
  }

  @Query(() => EventType, {
    nullable: true,
    description: '[anyone] Null when there is no such event, or it is a draft of somebody else.',
  })
  async event(
    @Arg('id', () => ID, { description: 'Id of the event.' }) id: string,
    @Ctx() { viewer }: GraphQLContext,
  ): Promise<Event | null> {
    const event = await this.eventsStore.find(id);
    return event !== null && isVisibleTo(event, viewer?.userId) ? event : null;
  }

  @Mutation(() => EventType, {
    nullable: true,
    description:
      "[viewer] The caller becomes the event's organizer. Seats are numbered from 1 to totalSeats.",
  })
  async createEvent(
    @Arg('input', () => CreateEventInput, { description: 'The event to create.' }) input: CreateEventInput,
    @Ctx() context: GraphQLContext,
  ): Promise<Event> {
    const userId = requireUserId(context);
    const { seatsPerViewerMax, amountProblem } = this.settings;
    return context.limits.createEvent(() =>
      createEvent(this.eventsStore, this.clock, userId, input, seatsPerViewerMax, amountProblem),
    );
  }

  @Subscription(() => SeatUpdateType, {
    description: `[anyone] The live seat map of an event. The first message is a SNAPSHOT; every later one holds CHANGES that apply on top of
\`previousVersion\`. With \`since\`, a version that the client already has, the first message is instead whatever was missed
after it (CHANGES; empty when nothing was), or a SNAPSHOT where that is no longer known. No committed change is ever left out or sent out of order;
changes that fall within one tick are merged, the newest status of a seat winning. A lock that expires is announced when it expires. EVENT_NOT_FOUND.`,
    subscribe: ({ args, context }: SubscribeData<{ eventId: string; since?: number | null }>) => {
      countMapOpening(context, args.eventId);
      return context.feed.watchSeats(args.eventId, args.since ?? null, context.viewer?.userId);
    },
  })
  @Extensions(SHAREABLE_UPDATES)
  seatAvailabilityChanged(
    @Root() update: SeatUpdate,
    // Parameter decorators run from last to first. This order puts eventId first in the schema.
    @Arg('since', () => Int, {
      nullable: true,
      description: 'A version of this map that the client already has.',
    })
    _since: number | null | undefined,
    @Arg('eventId', () => ID, { description: 'The event to watch.' }) _eventId: string,
  ): SeatUpdate {
    return update;
  }

  @Subscription(() => EventType, {
    description:
      '[anyone] An event: status, sales window, prices, counters by section. First as it is, then on change, at most twice a second on average; what the organizer changes does not wait for its turn. EVENT_NOT_FOUND.',
    subscribe: ({ args, context }: SubscribeData<{ eventId: string }>) => {
      countMapOpening(context, args.eventId);
      return context.feed.watchEvent(args.eventId, context.viewer?.userId);
    },
  })
  @Extensions(SHAREABLE_EVENTS)
  eventChanged(
    @Root() event: Event,
    @Arg('eventId', () => ID, { description: 'The event to watch.' }) _eventId: string,
  ): Event {
    return event;
  }

  @FieldResolver(() => Int, {
    description: 'How many seats of this event one user may hold and have booked at a time.',
  })
  seatsPerViewerMax(@Root() event: Event): number {
    return seatLimit(event, this.settings.seatsPerViewerMax);
  }

  @FieldResolver(() => EventStatus, { description: 'Whether seats can be locked now.' })
  async status(
    @Root() event: Event,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<(typeof EventStatus)[keyof typeof EventStatus]> {
    const status = eventStatus(event, this.clock.now());
    if (status !== 'soldOut' || event.heldBackSeats === 0) return status;
    // Seats may be back on sale by time, before a batch records that.
    const availability = await loaders.availability.load(event.id);
    return availability !== null && availability.bookedSeats + availability.offSaleSeats < event.totalSeats
      ? 'onSale'
      : status;
  }

  @FieldResolver(() => EventCancellationType, {
    nullable: true,
    description: 'Null unless its organizer has cancelled it.',
  })
  cancellation(@Root() event: Event): EventCancellationType | null {
    return eventCancellationType(event);
  }

  @FieldResolver(() => [SectionType], {
    // Most events have no more than twenty.
    complexity: ({ childComplexity }) => 1 + 20 * childComplexity,
    description: 'In the order of their seat numbers.',
  })
  sections(@Root() event: Event): SectionType[] {
    return event.sections.map((_, index) => sectionType(event, index));
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Where the seating plan is as JSON, from the root of this server. It never changes, so it can be kept. Null where `sections` describe it: rows of one length, or a capacity.',
  })
  seatingPlanUrl(@Root() { planId }: Event): string | null {
    return planId === null ? null : seatingPlanUrl(planId);
  }

  @FieldResolver(() => PlaceType, {
    nullable: true,
    description: 'Null for a number that is no seat of the event.',
  })
  async seat(
    @Root() event: Event,
    @Arg('seatNumber', () => Int, { description: 'From 1 to totalSeats.' }) seatNumber: number,
  ): Promise<PlaceType | null> {
    const place = placeOf(event, await this.eventsStore.seatingPlan(event), seatNumber);
    return place && placeType(event, place);
  }

  @FieldResolver(() => HoldType, {
    nullable: true,
    description: '[viewer] What the caller holds of this event; null for nothing, or without a token.',
  })
  @Extensions(NOT_SHARED)
  async myHold(@Root() event: Event, @Ctx() { viewer }: GraphQLContext): Promise<HoldType | null> {
    if (viewer === null) return null;
    const now = this.clock.now();
    return holdType(event, await this.reads.activeLocks(viewer.userId, event.id, now), now);
  }

  @FieldResolver(() => Boolean, { description: 'Whether the caller is the organizer of the event.' })
  @Extensions(NOT_SHARED)
  viewerIsOrganizer(@Root() event: Event, @Ctx() { viewer }: GraphQLContext): boolean {
    return viewer?.userId === event.organizerId;
  }

  @FieldResolver(() => PaymentProvider, { description: 'Who takes the money for seats of this event.' })
  paymentProvider(): EventSettings['paymentProvider'] {
    return this.settings.paymentProvider;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The key with which a page loads the form of Stripe. Null unless paymentProvider is STRIPE.',
  })
  stripePublishableKey(): string | null {
    return this.settings.stripePublishableKey ?? null;
  }

  @FieldResolver(() => SeatAvailabilityType, {
    complexity: 20,
    description: 'How many seats are free, locked, booked and off sale.',
  })
  async availability(
    @Root() event: EventType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<SeatAvailabilityType> {
    const availability = await loaders.availability.load(event.id);
    if (availability === null) throw eventNotFound();
    return availability;
  }

  // A map that is not in memory is read in a transaction of its own.
  @FieldResolver(() => SeatMapType, { complexity: 50, description: 'The status of every seat.' })
  @Extensions(NOT_SHARED)
  async seatMap(@Root() event: EventType, @Ctx() context: GraphQLContext): Promise<SeatMapType> {
    countMapOpening(context, event.id);
    const snapshot = await context.feed.readMap(event.id, (map) => map.snapshot());
    if (snapshot === null) throw eventNotFound();
    const { version, statuses, seats } = snapshot;
    return {
      ...{ version, statuses, takenSeats: seats },
      // A getter: most clients do not request it.
      get lockedSeats() {
        return lockedSeatsOf(seats);
      },
    };
  }
}
