import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Sales } from '../../booking/booking-reads.js';
import type { Section } from '../../catalog/event.js';
import { DEFAULT_TIME_ZONE } from '../../catalog/time-zone.js';
import { MoneyInput, MoneyType } from './money.type.js';

@ObjectType('Section', {
  simpleResolvers: true,
  description: 'A section ends where the next one begins, or at totalSeats.',
})
export class SectionType implements Section {
  @Field(() => String, { description: 'Unique within the event.' })
  name!: string;

  @Field(() => Int, { description: 'Its seats are numbered through from here, row by row.' })
  firstSeatNumber!: number;

  @Field(() => Int, { description: 'How many rows it has.' })
  rows!: number;

  @Field(() => Int, {
    description: 'How many seats each of its rows has; the last row of an event may be shorter.',
  })
  seatsPerRow!: number;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What a seat of this section costs; null where the client names the amount.',
  })
  price!: MoneyType | null;
}

/** The fields of a domain event. The event resolver adds what depends on its seats or the viewer. */
@ObjectType('Event', { simpleResolvers: true, description: 'Something that people book seats for.' })
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
    description:
      'IANA time zone of the venue, e.g. Europe/Vienna; dates are shown in it, with its name, to everybody.',
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
    description: 'Bookings that were cancelled, by their users or because their payment did not come.',
  })
  cancelledBookings!: number;

  @Field(() => [MoneyType], { description: 'What was paid and not given back, one entry a currency.' })
  revenue!: readonly MoneyType[];

  @Field(() => [MoneyType], { description: 'What was given back, one entry a currency.' })
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
    description: "Price of each of its seats; left out: the event's.",
  })
  price?: MoneyInput | null;
}

@InputType({ description: 'What the organizer says of a new event.' })
export class CreateEventInput {
  @Field(() => String, { description: '1 to 200 characters.' })
  name!: string;

  @Field(() => Date, { description: 'When it begins; in the future.' })
  eventDate!: Date;

  @Field(() => String, {
    nullable: true,
    defaultValue: DEFAULT_TIME_ZONE,
    description: 'IANA time zone of the venue, e.g. Europe/Vienna. eventDate is an instant all the same.',
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
      'Seats are numbered through the sections in this order. Left out: one section of rows of 20 whose last row may be short.',
  })
  sections?: SectionInput[] | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description:
      'Price of a seat outside priced sections. Left out: the client names the amount. One currency an event; prices are above 0.',
  })
  price?: MoneyInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The same call twice with the same requestId creates one event and answers with it; with other input it is IDEMPOTENCY_CONFLICT.',
  })
  requestId?: string | null;
}
