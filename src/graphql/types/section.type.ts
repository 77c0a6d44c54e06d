import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Event, Section } from '../../catalog/event.js';
import type { Place } from '../../catalog/place.js';
import type { Row, RowPosition, SectionArea } from '../../catalog/seating-plan.js';
import { sectionId } from '../../core/ids.js';
import { SeatFeature, SectionKind } from './enums.js';
import { MoneyType } from './money.type.js';

@ObjectType('SectionArea', {
  simpleResolvers: true,
  description:
    "Where a section is in the hall, in seat widths from the hall's left front corner; y grows away from the stage.",
})
export class SectionAreaType implements SectionArea {
  @Field(() => Float, { description: 'Distance from the left, as seen by somebody who looks at the stage.' })
  x!: number;

  @Field(() => Float, { description: 'Distance from the front.' })
  y!: number;

  @Field(() => Float, { description: 'From left to right.' })
  width!: number;

  @Field(() => Float, { description: 'From front to back.' })
  height!: number;
}

/** The section resolver adds what depends on the seats or the seating plan. */
@ObjectType('Section', {
  simpleResolvers: true,
  description:
    'A block of rows, or an area to stand in, with one price. Its last seat is the one before the next section, or totalSeats.',
})
export class SectionType implements Section {
  @Field(() => ID, { description: 'Opaque; names the event.' })
  id!: string;

  @Field(() => SectionKind, { description: 'Whether its seats are arranged in rows.' })
  kind!: Section['kind'];

  @Field(() => String, { description: 'Unique within the event.' })
  name!: string;

  @Field(() => Int, { description: 'Number of its first seat. The others follow row by row.' })
  firstSeatNumber!: number;

  @Field(() => Int, { description: 'How many rows it has; 0 in a STANDING section.' })
  rows!: number;

  @Field(() => Int, {
    description:
      'How many seats its longest row has; 0 in a STANDING section. `rowList` has the length of each row.',
  })
  seatsPerRow!: number;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What a seat of this section costs. Null if the client chooses the amount.',
  })
  price!: MoneyType | null;

  event!: Event;
  /** Which of the event's sections it is. */
  index!: number;
}

/** @param index which of the event's sections */
export const sectionType = (event: Event, index: number): SectionType => ({
  ...(event.sections[index] as Section),
  id: sectionId(event.id, index),
  event,
  index,
});

@ObjectType('RowPosition', {
  simpleResolvers: true,
  description: "Of the row's first seat, in seat widths from the section's corner.",
})
export class RowPositionType implements RowPosition {
  @Field(() => Float, { description: 'Distance from the left.' })
  x!: number;

  @Field(() => Float, { description: 'Distance from the front.' })
  y!: number;

  @Field(() => Float, {
    description: 'In which direction the row runs, in degrees clockwise; 0 is to the right.',
  })
  angle!: number;

  @Field(() => Float, {
    description: "How far the row's middle lies behind the line between its ends, in seat widths.",
  })
  curve!: number;
}

@ObjectType('SeatFeatureOfRow', {
  simpleResolvers: true,
  description: 'A seat of a row that differs from others.',
})
export class SeatFeatureOfRowType {
  @Field(() => Int, { description: 'Counted from 1 in its row.' })
  seat!: number;

  @Field(() => SeatFeature, { description: 'What is special about it.' })
  feature!: Row['features'][number]['feature'];
}

@ObjectType('Row', { simpleResolvers: true, description: 'A row of a section.' })
export class RowType implements Row {
  @Field(() => String, { description: 'Unique within the section.' })
  label!: string;

  @Field(() => Int, { description: 'Number of its first seat. The others follow.' })
  firstSeatNumber!: number;

  @Field(() => Int, { description: 'How many seats it has.' })
  seats!: number;

  @Field(() => [String], {
    nullable: true,
    description: 'What stands on its seats, in order; null where they are 1, 2, 3 and so on.',
  })
  seatLabels!: readonly string[] | null;

  @Field(() => [Int], {
    description:
      'After which of its seats (counted from 1) there is an aisle: seats on its two sides are no neighbours.',
  })
  aislesAfter!: readonly number[];

  @Field(() => [SeatFeatureOfRowType], { description: 'Its seats that differ from others, in order.' })
  features!: Row['features'];

  @Field(() => RowPositionType, {
    nullable: true,
    description: 'Null where the row is straight and centred, one seat width behind the row before it.',
  })
  position!: RowPosition | null;
}

@ObjectType('Place', { simpleResolvers: true, description: 'What a seat number stands for.' })
export class PlaceType implements Omit<Place, 'section'> {
  @Field(() => Int, { description: 'From 1 to the totalSeats of the event.' })
  seatNumber!: number;

  @Field(() => SectionType, { description: 'The section that the seat is in.' })
  section!: SectionType;

  @Field(() => String, { nullable: true, description: 'Null in a STANDING section.' })
  rowLabel!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What stands on the seat, e.g. 12; null in a STANDING section.',
  })
  seatLabel!: string | null;

  @Field(() => String, { description: "For people and tickets: 'Stalls, row C, seat 12'." })
  label!: string;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What the seat costs. Null if the client chooses the amount.',
  })
  price!: MoneyType | null;

  @Field(() => [SeatFeature], { description: 'What is special about the seat; empty for most.' })
  features!: Place['features'];
}

export const placeType = (event: Event, { section, ...place }: Place): PlaceType => ({
  ...place,
  section: sectionType(event, section),
});
