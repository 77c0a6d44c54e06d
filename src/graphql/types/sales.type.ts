import { Field, Int, ObjectType } from 'type-graphql';
import type { Sales } from '../../booking/booking-reads.js';
import type { HourSales, PaidAndRefunded } from '../../booking/sales-figures.js';
import { MoneyType } from './money.type.js';
import { SectionType } from './section.type.js';

@ObjectType('Sales', { simpleResolvers: true, description: 'What an event has sold.' })
export class SalesType implements Sales {
  @Field(() => Int, { description: 'Seats with a PENDING or CONFIRMED booking.' })
  bookedSeats!: number;

  @Field(() => Int, {
    description: 'Of bookedSeats, those that the organizer booked without payment (bookHeldBackSeats).',
  })
  invitedSeats!: number;

  @Field(() => Int, { description: 'Seats with a PENDING booking.' })
  pendingSeats!: number;

  @Field(() => Int, {
    description:
      'Bookings that were cancelled by their users or, for invitations, by the organizer, or because no payment arrived in time.',
  })
  cancelledBookings!: number;

  @Field(() => [MoneyType], { description: 'Payments minus refunds, one entry per currency.' })
  revenue!: readonly MoneyType[];

  @Field(() => [MoneyType], { description: 'Refunds, one entry per currency.' })
  refunded!: readonly MoneyType[];
}

@ObjectType('SectionSales', {
  simpleResolvers: true,
  description: 'What was paid for the seats of a section.',
})
export class SectionSalesType implements PaidAndRefunded {
  @Field(() => SectionType, { description: 'The section.' })
  section!: SectionType;

  @Field(() => [MoneyType], {
    description: 'Payments, refunded parts included; one entry per currency.',
  })
  paid!: readonly MoneyType[];

  @Field(() => [MoneyType], { description: 'What of it was refunded; one entry per currency.' })
  refunded!: readonly MoneyType[];
}

@ObjectType('HourSales', { simpleResolvers: true, description: 'What was paid in one hour.' })
export class HourSalesType implements HourSales {
  @Field(() => Date, { description: "When the hour began, by clocks in the event's time zone." })
  from!: Date;

  @Field(() => [MoneyType], {
    description: 'Payments, refunded parts included; one entry per currency.',
  })
  paid!: readonly MoneyType[];

  @Field(() => [MoneyType], {
    description: 'What of these payments was refunded, whenever that was; one entry per currency.',
  })
  refunded!: readonly MoneyType[];
}
