import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Sales } from '../../booking/reads.js';
import type { Section } from '../../catalog/event.js';
import { DEFAULT_TIME_ZONE } from '../../catalog/time-zone.js';
import { MoneyInput, MoneyType } from './money.type.js';

@ObjectType('Section', {
  simpleResolvers: true,
  description: 'A section ends where the next one begins, or at totalSeats.',
})
export class SectionType implements Section {
  @Field(() => String)
  name!: string;

  @Field(() => Int)
  firstSeatNumber!: number;

  @Field(() => Int)
  rows!: number;

  @Field(() => Int)
  seatsPerRow!: number;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What a seat of this section costs; null where the client names the amount.',
  })
  price!: MoneyType | null;
}

/** A domain event is shown as it is; what depends on its seats or its viewer is the event resolver's. */
@ObjectType('Event', { simpleResolvers: true })
export class EventType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Date)
  eventDate!: Date;

  @Field(() => String, {
    description:
      'IANA time zone of the venue, e.g. Europe/Vienna; dates are shown in it, with its name, to everybody.',
  })
  timeZone!: string;

  @Field(() => Int)
  totalSeats!: number;

  @Field(() => [SectionType])
  sections!: readonly SectionType[];

  organizerId!: string;
}

@ObjectType('Sales', { simpleResolvers: true })
export class SalesType implements Sales {
  @Field(() => Int, { description: 'Seats with a PENDING or CONFIRMED booking.' })
  bookedSeats!: number;

  @Field(() => Int)
  pendingSeats!: number;

  @Field(() => Int)
  cancelledBookings!: number;

  @Field(() => [MoneyType], { description: 'What was paid and not given back, one entry a currency.' })
  revenue!: readonly MoneyType[];

  @Field(() => [MoneyType], { description: 'What was given back, one entry a currency.' })
  refunded!: readonly MoneyType[];
}

@InputType()
export class SectionInput {
  @Field(() => String)
  name!: string;

  @Field(() => Int)
  rows!: number;

  @Field(() => Int)
  seatsPerRow!: number;

  @Field(() => MoneyInput, { nullable: true })
  price?: MoneyInput | null;
}

@InputType()
export class CreateEventInput {
  @Field(() => String)
  name!: string;

  @Field(() => Date)
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
