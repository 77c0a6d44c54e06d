import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import { checkInCommand } from '../../booking/check-in.js';
import type { CheckInAnswer, Commands } from '../../booking/commands.js';
import { reissueTicketCommand } from '../../booking/reissue-ticket.js';
import { isVoid } from '../../booking/ticket.js';
import type { Event } from '../../catalog/event.js';
import type { Events } from '../../catalog/events.js';
import type { TicketCodes } from '../../tickets/ticket-codes.js';
import { withClientFieldNames } from '../client-field-names.js';
import { type GraphQLContext, requireUserId, withCorrelationId } from '../context.js';
import { eventOfRecord, placeOfRecord } from '../places.js';
import { BookingType } from '../types/booking.type.js';
import { EventType } from '../types/event.type.js';
import { PlaceType } from '../types/section.type.js';
import { CheckInInput, CheckInPayloadType, TicketByCodeType, ticketType } from '../types/ticket.type.js';

@Resolver(() => TicketByCodeType)
export class TicketResolver {
  constructor(
    private readonly commands: Commands,
    private readonly reads: BookingReads,
    private readonly eventsStore: Events,
    private readonly codes: TicketCodes,
  ) {}

  @Query(() => TicketByCodeType, {
    nullable: true,
    description:
      '[anyone] The ticket with this code, for whoever has it. Null for a text that this server has not signed as a ticket.',
  })
  async ticket(
    @Arg('code', () => String, { description: 'The code of a ticket.' }) code: string,
  ): Promise<TicketByCodeType | null> {
    const claims = await this.codes.claimsIn(code);
    const booking = claims && (await this.reads.booking(claims.bookingId));
    if (booking === null) return null;
    const ticket = isVoid(claims as NonNullable<typeof claims>, booking)
      ? null
      : await ticketType(booking, this.codes);
    return { status: booking.status, ticket, booking };
  }

  @Mutation(() => BookingType, {
    nullable: true,
    description: `[owner] Gives the booking a new ticket, mails it, and makes the earlier one void. Every call makes another one. BOOKING_NOT_FOUND;
TICKET_NOT_REISSUABLE unless the booking is CONFIRMED and its ticket was not admitted yet.`,
  })
  async reissueTicket(
    @Arg('bookingId', () => ID, { description: 'Id of the booking.' }) bookingId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<Booking> {
    return withClientFieldNames({ id: 'bookingId' }, async () =>
      this.commands.submit(
        withCorrelationId(context, reissueTicketCommand(requireUserId(context), bookingId)),
      ),
    );
  }

  @Mutation(() => CheckInPayloadType, {
    nullable: true,
    description: `[organizer] Always an answer, never an error, for whatever was scanned. The same scanId gives the same answer, for 30 days; with another code it is
IDEMPOTENCY_CONFLICT. Of many scans of one ticket, at many entrances at once, one is ADMITTED. EVENT_NOT_FOUND, BAD_USER_INPUT for the scanId.`,
  })
  async checkIn(
    @Arg('input', () => CheckInInput, { description: 'The entrance and what was scanned.' })
    input: CheckInInput,
    @Ctx() context: GraphQLContext,
  ): Promise<CheckInAnswer> {
    const userId = requireUserId(context);
    const claims = await this.codes.claimsIn(input.code);
    return withClientFieldNames({ requestId: 'scanId' }, () =>
      context.limits.scan(async () =>
        this.commands.submit(withCorrelationId(context, checkInCommand(userId, input, claims))),
      ),
    );
  }

  @FieldResolver(() => EventType, { description: 'The event that it admits to.' })
  event(@Root() { booking }: TicketByCodeType, @Ctx() context: GraphQLContext): Promise<Event> {
    return eventOfRecord(booking, context);
  }

  @FieldResolver(() => PlaceType, { description: 'Where the seat is, in words.' })
  place(@Root() { booking }: TicketByCodeType, @Ctx() context: GraphQLContext): Promise<PlaceType> {
    return placeOfRecord(booking, this.eventsStore, context);
  }
}
