import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import type { CheckInAnswer } from '../../booking/commands.js';
import { ticketOf } from '../../booking/ticket.js';
import type { TicketCodes } from '../../tickets/ticket-codes.js';
import { ticketIcsUrl, ticketSvgUrl } from '../../tickets/ticket-urls.js';
import { BookingType } from './booking.type.js';
import { BookingStatus, CheckInResult } from './enums.js';

@ObjectType('Ticket', {
  simpleResolvers: true,
  description: 'Admits one person to the event, once. Whoever has its code has the ticket.',
})
export class TicketType {
  @Field(() => String, {
    description:
      'A compact JWS, signed with Ed25519: a scanner can check it without a network. Void once the booking is cancelled or the ticket is reissued.',
  })
  code!: string;

  @Field(() => String, { description: 'Its QR code as an SVG file, from the root of this server.' })
  svgUrl!: string;

  @Field(() => String, {
    description: 'The event as an iCalendar file for calendars, from the root of this server.',
  })
  icsUrl!: string;

  @Field(() => Date, {
    nullable: true,
    description: 'When it was admitted at the entrance; null if it was not.',
  })
  checkedInAt!: Date | null;
}

@ObjectType('TicketByCode', {
  simpleResolvers: true,
  description: 'What whoever has the code of a ticket may see: nothing about who booked and paid.',
})
export class TicketByCodeType {
  @Field(() => BookingStatus, { description: 'Of the booking.' })
  status!: Booking['status'];

  @Field(() => TicketType, {
    nullable: true,
    description: 'Null if it is void: the booking was cancelled, or a newer ticket has replaced this one.',
  })
  ticket!: TicketType | null;

  booking!: Booking;
}

@InputType({ description: 'One scan at the entrance.' })
export class CheckInInput {
  @Field(() => ID, { description: 'The event whose entrance it is.' })
  eventId!: string;

  @Field(() => String, { description: 'What was scanned, whatever it is.' })
  code!: string;

  @Field(() => String, { description: 'Made by the scanner, once a scan. 1 to 128 characters.' })
  scanId!: string;

  @Field(() => Date, {
    description:
      "When it was scanned, also without a network. An instant before the booking was made or after the server's time is replaced by that.",
  })
  at!: Date;
}

@ObjectType('CheckInPayload', { simpleResolvers: true, description: 'The answer to a scan.' })
export class CheckInPayloadType implements CheckInAnswer {
  @Field(() => CheckInResult, { description: 'Whether to let them in.' })
  result!: CheckInAnswer['result'];

  @Field(() => BookingType, {
    nullable: true,
    description: 'The booking of the ticket; null for WRONG_EVENT and UNKNOWN.',
  })
  booking!: Booking | null;

  @Field(() => Date, { nullable: true, description: 'Of the scan that was admitted.' })
  checkedInAt!: Date | null;
}

/** The booking's valid ticket, or null. */
export async function ticketType(booking: Booking, codes: TicketCodes): Promise<TicketType | null> {
  const claims = ticketOf(booking);
  if (claims === null) return null;
  const code = await codes.codeOf(claims);
  const { checkedInAt } = booking;
  return { code, svgUrl: ticketSvgUrl(code), icsUrl: ticketIcsUrl(code), checkedInAt };
}
