import { Field, ID, InputType, Int } from 'type-graphql';
import type { EventChanges, SectionPrice } from '../../catalog/change-event.js';
import type { OrphanRule as OrphanRuleValue } from '../../catalog/event.js';
import { OrphanRule } from './enums.js';
import { MoneyInput } from './money.type.js';

@InputType({ description: 'A new price of a section.' })
export class SectionPriceInput implements SectionPrice {
  @Field(() => ID, { description: 'Id of the section.' })
  sectionId!: string;

  @Field(() => MoneyInput, {
    description: "What each of its seats costs from now on, in the event's currency. Held seats keep theirs.",
  })
  price!: MoneyInput;
}

@InputType({ description: 'What is to change of an event. What is left out stays.' })
export class UpdateEventInput implements EventChanges {
  @Field(() => ID, { description: 'The event.' })
  eventId!: string;

  @Field(() => Int, { description: 'The `revision` of the event that the caller has seen.' })
  ifRevision!: number;

  @Field(() => String, { nullable: true, description: '1 to 200 characters.' })
  name?: string | null;

  @Field(() => Date, { nullable: true, description: 'When it begins; in the future.' })
  eventDate?: Date | null;

  @Field(() => String, { nullable: true, description: 'IANA time zone of the venue.' })
  timeZone?: string | null;

  @Field(() => Date, {
    nullable: true,
    description: 'Before it nothing can be locked. Null: seats can be locked at once.',
  })
  salesStartAt?: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'From then on nothing can be locked. Null: until eventDate, which it may not exceed.',
  })
  salesEndAt?: Date | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "How many seats one user may hold and have booked at a time; for new locks only. Null: the server's limit, which it may not exceed.",
  })
  seatsPerViewerMax?: number | null;

  @Field(() => OrphanRule, {
    nullable: true,
    description: 'Whether a pick may leave a single free seat.',
  })
  orphanRule?: OrphanRuleValue | null;

  @Field(() => Boolean, { nullable: true, description: 'True publishes a draft. There is no way back.' })
  published?: boolean | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Until when bookings can be cancelled, with their money back, although the event has begun. Null: until it begins.',
  })
  refundUntil?: Date | null;

  @Field(() => [SectionPriceInput], {
    nullable: true,
    description: 'New prices. A section that is left out keeps its price.',
  })
  sectionPrices?: SectionPriceInput[] | null;

  @Field(() => String, { nullable: true, description: '1 to 200 characters. Null or empty: none.' })
  venue?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Plain text of several lines; at most 2,000 characters. Null or empty: none.',
  })
  description?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where a picture of it is; https only, at most 1,000 characters. Null or empty: none.',
  })
  imageUrl?: string | null;
}
