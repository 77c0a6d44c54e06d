import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  Int,
  Resolver,
  Root,
} from 'type-graphql';
import type { BookingReads } from '../../booking/booking-reads.js';
import { bookingSearch } from '../../booking/booking-search.js';
import { HOURS_MAX } from '../../booking/sales-figures.js';
import type { Event } from '../../catalog/event.js';
import type { Events } from '../../catalog/events.js';
import { badUserInput } from '../../core/errors.js';
import type { GraphQLContext } from '../context.js';
import { NOT_SHARED } from '../shareable-operation.js';
import { bookingConnection, historyConnection } from '../types/connections.js';
import { BookingConnectionType, HistoryConnectionType } from '../types/connections.type.js';
import { EventType } from '../types/event.type.js';
import { HourSalesType, SalesType, SectionSalesType } from '../types/sales.type.js';
import { sectionType } from '../types/section.type.js';
import { decodePage, PageArgs } from './page-args.js';

@ArgsType()
class BookingsArgs extends PageArgs {
  @Field(() => String, {
    nullable: true,
    description:
      "Only bookings with this id, this reference of the payment, an address for tickets that begins like this, this seat number, or this place, such as 'Stalls C 12'. At most 300 characters. Of very many that match, some are left out: 200 payments and 1,000 bookings of seats are looked at.",
  })
  search?: string | null;
}

@ArgsType()
class HoursArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 48,
    description: `How many hours there are from the first one to the newest one: 1 to ${HOURS_MAX}.`,
  })
  hours!: number | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Only payments before it. Send the `from` of the first hour to get those before it. Default: all payments.',
  })
  before?: Date | null;
}

/** What an event shows to its organizer alone: bookings, sales and history. */
@Resolver(() => EventType)
export class EventSalesResolver {
  constructor(
    private readonly reads: BookingReads,
    private readonly eventsStore: Events,
  ) {}

  @FieldResolver(() => BookingConnectionType, {
    nullable: true,
    description: 'Null for anyone but the organizer. Newest first.',
  })
  @Extensions(NOT_SHARED)
  async bookings(
    @Root() event: Event,
    @Args(() => BookingsArgs) { search, ...args }: BookingsArgs,
    @Ctx() context: GraphQLContext,
  ) {
    if (!isOrganizer(event, context)) return null;
    const page = decodePage(args);
    const wanted = search == null ? null : bookingSearch(search, await this.eventsStore.seatingPlan(event));
    const bookings =
      wanted === null
        ? await this.reads.bookingsOfEvent(event.id, page)
        : await this.reads.findBookings(event.id, wanted, page);
    return bookingConnection(bookings, page);
  }

  @FieldResolver(() => HistoryConnectionType, {
    nullable: true,
    description:
      'Null for anyone but the organizer. What happened to a seat, or to all of them, newest first. It is kept for 400 days.',
  })
  @Extensions(NOT_SHARED)
  async history(
    @Root() event: Event,
    @Arg('seatNumber', () => Int, { nullable: true, description: 'Default: all seats.' })
    seatNumber: number | null | undefined,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: GraphQLContext,
  ) {
    if (!isOrganizer(event, context)) return null;
    const page = decodePage(args);
    return historyConnection(await this.reads.history(event.id, seatNumber ?? null, page), page);
  }

  @FieldResolver(() => SalesType, {
    complexity: 100,
    nullable: true,
    description: 'Null for anyone but the organizer.',
  })
  @Extensions(NOT_SHARED)
  async sales(@Root() event: Event, @Ctx() context: GraphQLContext): Promise<SalesType | null> {
    return isOrganizer(event, context) ? this.reads.sales(event.id) : null;
  }

  @FieldResolver(() => [SectionSalesType], {
    complexity: 200,
    nullable: true,
    description: 'Null for anyone but the organizer. One entry for each section, in their order.',
  })
  @Extensions(NOT_SHARED)
  async salesBySection(
    @Root() event: Event,
    @Ctx() context: GraphQLContext,
  ): Promise<SectionSalesType[] | null> {
    if (!isOrganizer(event, context)) return null;
    const firstSeatNumbers = event.sections.map(({ firstSeatNumber }) => firstSeatNumber);
    const sums = await this.reads.salesBySection(event.id, firstSeatNumbers);
    return sums.map((sum, index) => ({ ...sum, section: sectionType(event, index) }));
  }

  @FieldResolver(() => [HourSalesType], {
    complexity: 200,
    nullable: true,
    description: 'Null for anyone but the organizer. The hours in which something was paid, oldest first.',
  })
  @Extensions(NOT_SHARED)
  async salesByHour(
    @Root() event: Event,
    @Args(() => HoursArgs) { hours, before }: HoursArgs,
    @Ctx() context: GraphQLContext,
  ): Promise<HourSalesType[] | null> {
    if (!isOrganizer(event, context)) return null;
    const count = hours ?? 48;
    if (count < 1 || count > HOURS_MAX)
      throw badUserInput('hours', `1 to ${HOURS_MAX} hours.`, { max: HOURS_MAX });
    return this.reads.salesByHour(event.id, event.timeZone, count, before ?? null);
  }
}

const isOrganizer = ({ organizerId }: Event, { viewer }: GraphQLContext): boolean =>
  viewer?.userId === organizerId;
