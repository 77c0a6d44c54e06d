import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import { cancelBookingCommand } from '../../booking/cancel-booking.js';
import type { Commands } from '../../booking/commands.js';
import { confirmBookingsCommand } from '../../booking/confirm-bookings.js';
import { holdsSeat } from '../../booking/lock.js';
import { readBooking } from '../../booking/ownership.js';
import { type Payment, shareOf } from '../../booking/payment.js';
import type { Event } from '../../catalog/event.js';
import type { Events } from '../../catalog/events.js';
import type { Clock } from '../../core/clock.js';
import type { ReservationSignal } from '../../feed/reservation-watcher.js';
import type { TicketCodes } from '../../tickets/ticket-codes.js';
import { withClientFieldNames } from '../client-field-names.js';
import { type GraphQLContext, requireUserId, type SubscribeData, withCorrelationId } from '../context.js';
import type { Loaders } from '../loaders.js';
import { eventOfRecord, placeOfRecord } from '../places.js';
import {
  BookingType,
  ConfirmBookingInput,
  ConfirmBookingsInput,
  ReservationsType,
} from '../types/booking.type.js';
import { EventType } from '../types/event.type.js';
import { holdType } from '../types/hold.type.js';
import { MoneyType } from '../types/money.type.js';
import { PaymentType, paymentType } from '../types/payment.type.js';
import { seatLockType } from '../types/seat-lock.type.js';
import { PlaceType } from '../types/section.type.js';
import { TicketType, ticketType } from '../types/ticket.type.js';

/** How long an ended lock stays among its user's reservations. */
const ENDED_LOCK_SHOWN_MS = 15 * 60 * 1000;

@Resolver(() => BookingType)
export class BookingResolver {
  constructor(
    private readonly commands: Commands,
    private readonly reads: BookingReads,
    private readonly eventsStore: Events,
    private readonly clock: Clock,
    private readonly codes: TicketCodes,
  ) {}

  @Query(() => BookingType, {
    nullable: true,
    description: "[owner or the event's organizer] BOOKING_NOT_FOUND.",
  })
  async booking(
    @Arg('id', () => ID, { description: 'Id of the booking.' }) id: string,
    @Ctx() context: GraphQLContext,
  ): Promise<Booking> {
    return readBooking(this.reads, this.eventsStore, requireUserId(context), id);
  }

  @Mutation(() => BookingType, {
    nullable: true,
    description: `[owner] Turns a paid lock into a booking: the booking is written, the lock is used, the event's counters move, all of it or none.
The same requestId with the same input gives the same booking however often and however fast it is sent, also after a restart, an expiry or a cancellation; with other
input it is IDEMPOTENCY_CONFLICT; a call that failed has not used its requestId. A PENDING payment gives a PENDING booking. Checked in this order: replay, LOCK_NOT_FOUND,
LOCK_ALREADY_USED, LOCK_EXPIRED, EVENT_CLOSED, PAYMENT_NOT_FOUND, PAYMENT_MISMATCH (it did not pay for this lock), PAYMENT_FAILED (details: reason, retryable; a REFUNDED payment too, not retryable).`,
  })
  async confirmBooking(
    @Arg('input', () => ConfirmBookingInput, { description: 'The lock and what paid for it.' }) {
      lockId,
      ...rest
    }: ConfirmBookingInput,
    @Ctx() context: GraphQLContext,
  ): Promise<Booking> {
    const confirmation = { lockIds: [lockId], ...rest };
    return withClientFieldNames({ lockIds: 'lockId' }, async () => {
      const command = confirmBookingsCommand('confirmBooking', requireUserId(context), confirmation);
      const [booking] = await this.commands.submit(withCorrelationId(context, command));
      return booking as Booking;
    });
  }

  @Mutation(() => [BookingType], {
    nullable: true,
    description:
      '[owner] The same for several locks of one payment, all or none; the answer is in the order of lockIds.',
  })
  async confirmBookings(
    @Arg('input', () => ConfirmBookingsInput, { description: 'The locks and what paid for them.' })
    input: ConfirmBookingsInput,
    @Ctx() context: GraphQLContext,
  ): Promise<readonly Booking[]> {
    return withClientFieldNames({ lockId: 'lockIds' }, async () =>
      this.commands.submit(
        withCorrelationId(context, confirmBookingsCommand('confirmBookings', requireUserId(context), input)),
      ),
    );
  }

  @Mutation(() => BookingType, {
    nullable: true,
    description: `[owner] Frees the seat and refunds that seat's share of the payment (its price; otherwise an equal share, the remainder with the lowest seat). Possible until eventDate
(BOOKING_NOT_CANCELLABLE after), and until its ticket is admitted (BOOKING_NOT_CANCELLABLE, too). Cancelling twice returns the booking.`,
  })
  async cancelBooking(
    @Arg('id', () => ID, { description: 'Id of the booking.' }) id: string,
    @Ctx() context: GraphQLContext,
  ): Promise<Booking> {
    return this.commands.submit(withCorrelationId(context, cancelBookingCommand(requireUserId(context), id)));
  }

  @Subscription(() => ReservationsType, {
    description: `[viewer] The caller's own locks and bookings for an event, on all of the caller's devices. Every message is the whole present state: ACTIVE locks, locks that
ended in the last 15 minutes, all bookings; of more than 1,000 that ended or were cancelled, the newest 1,000. After a reconnect simply subscribe again.`,
    subscribe: ({ args, context }: SubscribeData<{ eventId: string }>) =>
      context.feed.watchReservations(args.eventId, requireUserId(context)),
  })
  async myReservationsChanged(
    @Root() signal: ReservationSignal,
    @Arg('eventId', () => ID, { description: 'The event to watch.' }) eventId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<ReservationsType> {
    const userId = requireUserId(context);
    const now = this.clock.now();
    const [locks, bookings] = await Promise.all([
      this.reads.recentLocks(userId, eventId, new Date(now.getTime() - ENDED_LOCK_SHOWN_MS)),
      this.reads.bookingsOf(userId, eventId),
    ]).catch((fault) => {
      signal.failed();
      throw fault;
    });
    const held = locks.filter((lock) => lock.status === 'active' && holdsSeat(lock, now));
    const event = held.length === 0 ? null : await context.loaders.event.load(eventId);
    return {
      hold: event && holdType(event, held, now),
      locks: locks.map((lock) => seatLockType(lock, now)),
      bookings,
      serverTime: now,
    };
  }

  @FieldResolver(() => EventType, { description: 'The event that the seat belongs to.' })
  event(@Root() booking: BookingType, @Ctx() context: GraphQLContext): Promise<Event> {
    return eventOfRecord(booking, context);
  }

  @FieldResolver(() => PlaceType, { description: 'Where the seat is, in words.' })
  place(@Root() booking: BookingType, @Ctx() context: GraphQLContext): Promise<PlaceType> {
    return placeOfRecord(booking, this.eventsStore, context);
  }

  @FieldResolver(() => TicketType, {
    nullable: true,
    // A signature.
    complexity: 10,
    description: 'Null unless CONFIRMED.',
  })
  ticket(@Root() booking: BookingType): Promise<TicketType | null> {
    return ticketType(booking, this.codes);
  }

  @FieldResolver(() => PaymentType, { description: 'Visible to everybody who may see the booking.' })
  async payment(@Root() booking: BookingType, @Ctx() { loaders }: GraphQLContext): Promise<PaymentType> {
    return paymentType(await paymentOf(booking, loaders));
  }

  @FieldResolver(() => MoneyType, {
    description:
      "What was paid for the seat, or is to be: its share of the payment. The seat's price today may be another one.",
  })
  async price(@Root() booking: BookingType, @Ctx() { loaders }: GraphQLContext): Promise<MoneyType> {
    const payment = await paymentOf(booking, loaders);
    const share = shareOf(payment, booking.lockId);
    if (share === undefined) throw new Error(`The payment of ${booking.id} has no share for it.`);
    return { amount: share.amount, currency: payment.currency };
  }
}

async function paymentOf({ id, paymentId }: BookingType, loaders: Loaders): Promise<Payment> {
  const payment = await loaders.payment.load(paymentId);
  if (payment === null) throw new Error(`The payment of ${id} is missing.`);
  return payment;
}
