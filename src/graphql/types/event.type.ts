import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Sales } from '../../booking/booking-reads.js';
import type { Section } from '../../catalog/event.js';
import { DEFAULT_TIME_ZONE } from '../../catalog/time-zone.js';
import { SectionKind } from './enums.js';
import { MoneyInput, MoneyType } from './money.type.js';

@ObjectType('Section', {
  simpleResolvers: true,
  description:
    'A block of rows, or an area to stand in, with one price. Its last seat is the one before the next section, or totalSeats.',
})
export class SectionType implements Section {
  @Field(() => SectionKind, { description: 'Whether its seats are arranged in rows.' })
  kind!: Section['kind'];

  @Field(() => String, { description: 'Unique within the event.' })
  name!: string;

  @Field(() => Int, { description: 'Number of its first seat. The others follow row by row.' })
  firstSeatNumber!: number;

  @Field(() => Int, { description: 'How many rows it has.' })
  rows!: number;

  @Field(() => Int, {
    description: 'How many seats each of its rows has; the last row of an event may be shorter.',
  })
  seatsPerRow!: number;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What a seat of this section costs. Null if the client chooses the amount.',
  })
  price!: MoneyType | null;
}

/** The fields of a domain event. The event resolver adds what depends on its seats or the viewer. */
@ObjectType('Event', { simpleResolvers: true, description: 'A performance with numbered seats.' })
export class EventType {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'As its organizer wrote it.' })
  name!: string;

  @Field(() => Date, {
    description: 'When it begins. From then on nothing can be locked, paid, confirmed or cancelled.',
  })
  eventDate!: Date;

  @Field(() => String, {
    description: 'IANA time zone of the venue, e.g. Europe/Vienna. Show dates in this zone, with its name.',
  })
  timeZone!: string;

  @Field(() => Int, { description: 'Its seats are numbered from 1 to this.' })
  totalSeats!: number;

  @Field(() => [SectionType], { description: 'In the order of their seat numbers.' })
  sections!: readonly SectionType[];

  organizerId!: string;
}

@ObjectType('Sales', { simpleResolvers: true, description: 'What an event has sold.' })
export class SalesType implements Sales {
  @Field(() => Int, { description: 'Seats with a PENDING or CONFIRMED booking.' })
  bookedSeats!: number;

  @Field(() => Int, { description: 'Seats with a PENDING booking.' })
  pendingSeats!: number;

  @Field(() => Int, {
    description: 'Bookings that were cancelled by their users, or because no payment arrived in time.',
  })
  cancelledBookings!: number;

  @Field(() => [MoneyType], { description: 'Payments minus refunds, one entry per currency.' })
  revenue!: readonly MoneyType[];

  @Field(() => [MoneyType], { description: 'Refunds, one entry per currency.' })
  refunded!: readonly MoneyType[];
}

@InputType({ description: 'A section of a new event: rows of one length.' })
export class SectionInput {
  @Field(() => String, { description: '1 to 100 characters, unique within the event.' })
  name!: string;

  @Field(() => Int, { description: 'At least 1.' })
  rows!: number;

  @Field(() => Int, { description: 'At least 1.' })
  seatsPerRow!: number;

  @Field(() => MoneyInput, {
    nullable: true,
    description: "Price of each seat. Default: the event's price.",
  })
  price?: MoneyInput | null;
}

@InputType({ description: 'The data of a new event.' })
export class CreateEventInput {
  @Field(() => String, { description: '1 to 200 characters.' })
  name!: string;

  @Field(() => Date, { description: 'When it begins; in the future.' })
  eventDate!: Date;

  @Field(() => String, {
    nullable: true,
    defaultValue: DEFAULT_TIME_ZONE,
    description:
      'IANA time zone of the venue, e.g. Europe/Vienna. It does not change eventDate, which is an instant.',
  })
  timeZone?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: '1 to 100,000. May be left out when sections are given; must equal their sum when both are.',
  })
  totalSeats?: number | null;

  @Field(() => [SectionInput], {
    nullable: true,
    description:
      'Seats are numbered section by section, in this order. Default: one section with rows of 20; the last row may be shorter.',
  })
  sections?: SectionInput[] | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description:
      'Price of a seat outside priced sections. Without it, the client chooses the amount. All prices of an event have one currency, and are above 0.',
  })
  price?: MoneyInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A repeated call with the same requestId returns the first event. With other input it is refused with IDEMPOTENCY_CONFLICT.',
  })
  requestId?: string | null;
}
