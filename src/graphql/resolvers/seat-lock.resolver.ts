import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { BookingReads } from '../../booking/booking-reads.js';
import type { Commands } from '../../booking/commands.js';
import { extendLockCommand } from '../../booking/extend-lock.js';
import type { Lock } from '../../booking/lock.js';
import { lockSeatsCommand } from '../../booking/lock-seats.js';
import { readOwnLock } from '../../booking/ownership.js';
import { releaseLockCommand } from '../../booking/release-lock.js';
import { type ReadFreeSeats, withSuggestions } from '../../booking/suggest-seats.js';
import { type Event, priceOfSeat } from '../../catalog/event.js';
import type { Events } from '../../catalog/events.js';
import type { Money } from '../../catalog/money.js';
import type { Clock } from '../../core/clock.js';
import { withClientFieldNames } from '../client-field-names.js';
import { type GraphQLContext, requireUserId, withCorrelationId } from '../context.js';
import { eventOfRecord, placeOfRecord } from '../places.js';
import { MoneyType } from '../types/money.type.js';
import { LockSeatInput, LockSeatsInput, SeatLockType, seatLockType } from '../types/seat-lock.type.js';
import { PlaceType } from '../types/section.type.js';

@Resolver(() => SeatLockType)
export class SeatLockResolver {
  constructor(
    private readonly commands: Commands,
    private readonly reads: BookingReads,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  @Query(() => SeatLockType, {
    nullable: true,
    description:
      '[owner] A lock by its id, whatever its status; an expired one says EXPIRED at once. LOCK_NOT_FOUND.',
  })
  async seatLock(
    @Arg('id', () => ID, { description: 'Id of the lock.' }) id: string,
    @Ctx() context: GraphQLContext,
  ): Promise<SeatLockType> {
    return this.#encode(await readOwnLock(this.reads, requireUserId(context), id));
  }

  @Mutation(() => SeatLockType, {
    nullable: true,
    description: `[viewer] Locks one seat for the caller, for 5 minutes. Asking again for a seat that one already holds gives the same
lock back. Errors: EVENT_NOT_FOUND, EVENT_CLOSED (from eventDate or salesEndAt on), SALE_NOT_OPEN (details: opensAt), SALE_PAUSED, SEAT_NOT_FOUND, SEAT_UNAVAILABLE (details: seatNumbers, and
suggestedSeats: up to 5 free seats, nearest first: few seats and rows away, rather in the same section and for the same price; suggestions: the same seats
as { seatNumber, label, price: { amount, currency } or null }), SEAT_LIMIT_REACHED (details: limit; it counts ACTIVE locks and
bookings that are not cancelled).`,
  })
  async lockSeat(
    @Arg('input', () => LockSeatInput, { description: 'The seat to lock.' }) {
      eventId,
      seatNumber,
    }: LockSeatInput,
    @Ctx() context: GraphQLContext,
  ): Promise<SeatLockType> {
    const [lock] = await withClientFieldNames({ seatNumbers: 'seatNumber' }, () =>
      this.#lock(context, eventId, [seatNumber]),
    );
    return this.#encode(lock as Lock);
  }

  @Mutation(() => [SeatLockType], {
    nullable: true,
    description:
      '[viewer] Locks all of these seats or none of them; SEAT_UNAVAILABLE names every seat that was lost.',
  })
  async lockSeats(
    @Arg('input', () => LockSeatsInput, { description: 'The seats to lock.' }) {
      eventId,
      seatNumbers,
    }: LockSeatsInput,
    @Ctx() context: GraphQLContext,
  ): Promise<SeatLockType[]> {
    const locks = await this.#lock(context, eventId, seatNumbers);
    return locks.map((lock) => this.#encode(lock));
  }

  @Mutation(() => SeatLockType, {
    nullable: true,
    description: `[owner] Releases a lock; the seat is free at once. Releasing twice is no error; an expired lock comes back EXPIRED; LOCK_ALREADY_USED for a used one.
What was paid for it is refunded.`,
  })
  async releaseLock(
    @Arg('lockId', () => ID, { description: 'Id of the lock.' }) lockId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<SeatLockType> {
    return this.#encode(
      await this.commands.submit(
        withCorrelationId(context, releaseLockCommand(requireUserId(context), lockId)),
      ),
    );
  }

  @Mutation(() => SeatLockType, {
    nullable: true,
    description: `[owner] Starts the lock's 5 minutes again, but never beyond 15 minutes after it was made: expiresAt = min(now + 5 min, createdAt + 15 min).
LOCK_EXTENSION_LIMIT when that gains nothing; LOCK_EXPIRED once it has expired; LOCK_ALREADY_USED.`,
  })
  async extendLock(
    @Arg('lockId', () => ID, { description: 'Id of the lock.' }) lockId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<SeatLockType> {
    return this.#encode(
      await this.commands.submit(
        withCorrelationId(context, extendLockCommand(requireUserId(context), lockId)),
      ),
    );
  }

  @FieldResolver(() => PlaceType, { description: 'Where the seat is, in words.' })
  place(@Root() lock: SeatLockType, @Ctx() context: GraphQLContext): Promise<PlaceType> {
    return placeOfRecord(lock, this.events, context);
  }

  @FieldResolver(() => Int, {
    description: 'A version of the seat map that has this lock with this expiresAt.',
  })
  async version(@Root() lock: SeatLockType, @Ctx() context: GraphQLContext): Promise<number> {
    return lock.mapVersion ?? (await eventOfRecord(lock, context)).version;
  }

  @FieldResolver(() => MoneyType, {
    nullable: true,
    description:
      'What a payment for it costs: the price of the seat when it was locked. Null if the client chooses the amount.',
  })
  async price(@Root() lock: SeatLockType, @Ctx() context: GraphQLContext): Promise<Money | null> {
    if (lock.heldPrice !== undefined) return lock.heldPrice;
    return priceOfSeat(await eventOfRecord(lock, context), lock.seatNumber);
  }

  async #lock(
    context: GraphQLContext,
    eventId: string,
    seatNumbers: readonly number[],
  ): Promise<readonly Lock[]> {
    const command = withCorrelationId(
      context,
      lockSeatsCommand(requireUserId(context), eventId, seatNumbers),
    );
    const readFreeSeats: ReadFreeSeats = (id, read) => context.feed.readMap(id, (map) => read(map.seats()));
    const readPlan = (event: Event) => this.events.seatingPlan(event);
    return context.limits.lockSeats(
      eventId,
      command.seatNumbers.length,
      () => withSuggestions(this.commands.submit(command), command, readFreeSeats, readPlan),
      (locks) => locks.filter(({ id }) => command.newLockIds.includes(id)).length,
    );
  }

  #encode(lock: Lock): SeatLockType {
    return seatLockType(lock, this.clock.now());
  }
}
