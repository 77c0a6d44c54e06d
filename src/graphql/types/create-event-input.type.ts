import { Field, Float, InputType, Int } from 'type-graphql';
import type { NewEvent } from '../../catalog/create-event.js';
import type { OrphanRule as OrphanRuleValue } from '../../catalog/event.js';
import type { NewSection } from '../../catalog/seating.js';
import type { RowFeature, SectionArea, SectionKind as SectionKindValue } from '../../catalog/seating-plan.js';
import { DEFAULT_TIME_ZONE } from '../../catalog/time-zone.js';
import { OrphanRule, SeatFeature, SectionKind } from './enums.js';
import { MoneyInput } from './money.type.js';

@InputType({ description: 'A seat of a row that differs from others.' })
export class SeatFeatureInput {
  @Field(() => Int, { description: 'Counted from 1 in its row.' })
  seat!: number;

  @Field(() => SeatFeature, { description: 'What is special about it.' })
  feature!: RowFeature['feature'];
}

@InputType({ description: "Of the row's first seat, in seat widths from the section's corner." })
export class RowPositionInput {
  @Field(() => Float, { description: 'Distance from the left.' })
  x!: number;

  @Field(() => Float, { description: 'Distance from the front.' })
  y!: number;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'In which direction the row runs, in degrees clockwise; 0 is to the right.',
  })
  angle?: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: "How far the row's middle lies behind the line between its ends, in seat widths.",
  })
  curve?: number | null;
}

@InputType({ description: 'A row of a section.' })
export class RowInput {
  @Field(() => String, { description: '1 to 20 characters, unique within the section.' })
  label!: string;

  @Field(() => Int, { description: 'How many seats it has; at least 1.' })
  seats!: number;

  @Field(() => [String], {
    nullable: true,
    description:
      'What stands on its seats, one label of 1 to 20 characters for each seat. Default: 1, 2, 3 and so on.',
  })
  seatLabels?: string[] | null;

  @Field(() => [Int], {
    nullable: true,
    description:
      'After which of its seats (counted from 1) there is an aisle: seats on its two sides are no neighbours.',
  })
  aislesAfter?: number[] | null;

  @Field(() => [SeatFeatureInput], {
    nullable: true,
    description:
      'Its seats that differ from others. An event has at most 2,000 WHEELCHAIR and COMPANION seats.',
  })
  features?: SeatFeatureInput[] | null;

  @Field(() => RowPositionInput, {
    nullable: true,
    description: 'Default: straight and centred, one seat width behind the row before it.',
  })
  position?: RowPositionInput | null;
}

@InputType({
  description: "Where a section is in the hall, in seat widths from the hall's left front corner.",
})
export class SectionAreaInput implements SectionArea {
  @Field(() => Float, { description: 'Distance from the left, as seen by somebody who looks at the stage.' })
  x!: number;

  @Field(() => Float, { description: 'Distance from the front.' })
  y!: number;

  @Field(() => Float, { description: 'From left to right; above 0.' })
  width!: number;

  @Field(() => Float, { description: 'From front to back; above 0.' })
  height!: number;
}

@InputType({
  description:
    'A section of a new event. Exactly one of `rows` with `seatsPerRow`, `rowList` and `capacity` is given.',
})
export class SectionInput implements NewSection {
  @Field(() => String, { description: '1 to 100 characters, unique within the event.' })
  name!: string;

  @Field(() => SectionKind, {
    nullable: true,
    defaultValue: SectionKind.SEATED,
    description: 'STANDING: it has a capacity, and no rows.',
  })
  kind?: SectionKindValue | null;

  @Field(() => Int, { nullable: true, description: 'How many rows of equal length it has; at least 1.' })
  rows?: number | null;

  @Field(() => Int, { nullable: true, description: 'How many seats each of its rows has; at least 1.' })
  seatsPerRow?: number | null;

  @Field(() => [RowInput], {
    nullable: true,
    description: 'Its rows, front to back; at most 2,000 in all sections together.',
  })
  rowList?: RowInput[] | null;

  @Field(() => Int, { nullable: true, description: 'How many people a STANDING section holds; at least 1.' })
  capacity?: number | null;

  @Field(() => SectionAreaInput, {
    nullable: true,
    description: 'Where it is. Default: the sections are one behind the other.',
  })
  area?: SectionAreaInput | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description: "Price of each seat. Default: the event's price.",
  })
  price?: MoneyInput | null;
}

@InputType({ description: 'The data of a new event.' })
export class CreateEventInput implements NewEvent {
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

  @Field(() => Date, {
    nullable: true,
    description: 'Before it nothing can be locked (SALE_NOT_OPEN). Default: seats can be locked at once.',
  })
  salesStartAt?: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'From then on nothing can be locked. Default: eventDate, which it may not exceed.',
  })
  salesEndAt?: Date | null;

  @Field(() => OrphanRule, {
    nullable: true,
    defaultValue: OrphanRule.OFF,
    description: 'Whether a pick may leave a single free seat.',
  })
  orphanRule?: OrphanRuleValue | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "How many seats one user may hold and have booked at a time. Default: the server's limit, which it may not exceed.",
  })
  seatsPerViewerMax?: number | null;

  @Field(() => String, { nullable: true, description: 'Where it takes place; 1 to 200 characters.' })
  venue?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Plain text of several lines; 1 to 2,000 characters.',
  })
  description?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where a picture of it is; https only, at most 1,000 characters.',
  })
  imageUrl?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'A draft is seen by its organizer alone, until updateEvent publishes it.',
  })
  draft?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A repeated call with the same requestId returns the first event. With other input it is refused with IDEMPOTENCY_CONFLICT.',
  })
  requestId?: string | null;
}
