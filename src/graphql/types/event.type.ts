import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Event } from '../../catalog/event.js';
import { OrphanRule } from './enums.js';

/** The fields of a domain event. The event resolver adds what depends on its seats or the viewer. */
@ObjectType('Event', { simpleResolvers: true, description: 'A performance with numbered seats.' })
export class EventType {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'As its organizer wrote it.' })
  name!: string;

  @Field(() => Date, {
    description:
      'When it begins. From then on nothing can be locked, paid, confirmed or cancelled; refundUntil can give more time to cancel.',
  })
  eventDate!: Date;

  @Field(() => String, {
    description: 'IANA time zone of the venue, e.g. Europe/Vienna. Show dates in this zone, with its name.',
  })
  timeZone!: string;

  @Field(() => Int, { description: 'Its seats are numbered from 1 to this.' })
  totalSeats!: number;

  @Field(() => Date, {
    nullable: true,
    description: 'Before it nothing can be locked. Null: there is no such time.',
  })
  salesStartAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'From then on nothing can be locked; what is held can be paid. Null: eventDate is the end.',
  })
  salesEndAt!: Date | null;

  @Field(() => OrphanRule, { description: 'Whether a pick may leave a single free seat.' })
  orphanRule!: Event['orphanRule'];

  @Field(() => String, { nullable: true, description: 'Where it takes place, as its organizer wrote it.' })
  venue!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Plain text of its organizer; a line break is \\n.',
  })
  description!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'An https address of a picture. Its host sees who loads it.',
  })
  imageUrl!: string | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Until when bookings can be cancelled although the event has begun. Null: until it begins, as without a new date.',
  })
  refundUntil!: Date | null;

  @Field(() => Int, {
    description: 'Raised by every change of its organizer; updateEvent takes it as ifRevision.',
  })
  revision!: number;

  organizerId!: string;
  planId!: string | null;
}
