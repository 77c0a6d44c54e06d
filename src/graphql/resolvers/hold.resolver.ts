import { Arg, Ctx, ID, Int, Mutation, Resolver } from 'type-graphql';
import type { Commands, Held } from '../../booking/commands.js';
import { extendHoldCommand } from '../../booking/extend-hold.js';
import { holdSeatsCommand } from '../../booking/hold-seats.js';
import type { Lock } from '../../booking/lock.js';
import { eventNotFound } from '../../booking/refusals.js';
import { releaseHoldCommand } from '../../booking/release-hold.js';
import type { SeatWish } from '../../booking/seat-wish.js';
import type { Clock } from '../../core/clock.js';
import { badUserInput } from '../../core/errors.js';
import { type GraphQLContext, requireUserId, withCorrelationId } from '../context.js';
import {
  HoldSeatsInput,
  HoldSeatsPayloadType,
  HoldType,
  holdType,
  type SeatWishInput,
} from '../types/hold.type.js';
import { seatLockType } from '../types/seat-lock.type.js';

@Resolver(() => HoldType)
export class HoldResolver {
  constructor(
    private readonly commands: Commands,
    private readonly clock: Clock,
  ) {}

  @Mutation(() => HoldSeatsPayloadType, {
    nullable: true,
    description: `[viewer] Holds seats for one wish, all or none; wishes are tried in their order. Where a wish leaves a choice the server makes it, in the same
step as the lock. A wish that cannot be had is no error: locks is empty and \`refusal\` says why. Errors: EVENT_NOT_FOUND, EVENT_CLOSED, SALE_NOT_OPEN
(details: opensAt), SALE_PAUSED, SEAT_LIMIT_REACHED (every wish is for too many seats; details: limit), IDEMPOTENCY_CONFLICT, BAD_USER_INPUT.`,
  })
  async holdSeats(
    @Arg('input', () => HoldSeatsInput, { description: 'The event and the wishes.' })
    { eventId, wishes, requestId }: HoldSeatsInput,
    @Ctx() context: GraphQLContext,
  ): Promise<HoldSeatsPayloadType> {
    const command = withCorrelationId(
      context,
      holdSeatsCommand(requireUserId(context), eventId, wishes.map(seatWish), requestId ?? null),
    );
    const { event, hold, locks, ...rest } = await context.limits.lockSeats(
      eventId,
      command.newLockIds.length,
      () => this.commands.submit(command),
      (held: Held) => held.locks.filter(({ id }) => command.newLockIds.includes(id)).length,
    );
    const now = this.clock.now();
    return {
      hold: holdType(event, hold, now),
      locks: locks.map((lock) => seatLockType(lock, now)),
      ...rest,
    };
  }

  @Mutation(() => HoldType, {
    nullable: true,
    description:
      '[viewer] As extendLock, for all that the caller holds of the event. Null if that is nothing. EVENT_NOT_FOUND; LOCK_EXTENSION_LIMIT when it gains nothing.',
  })
  async extendHold(
    @Arg('eventId', () => ID, { description: 'The event.' }) eventId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<HoldType | null> {
    const command = extendHoldCommand(requireUserId(context), eventId);
    return this.#hold(context, eventId, await this.commands.submit(withCorrelationId(context, command)));
  }

  @Mutation(() => HoldType, {
    nullable: true,
    description:
      '[viewer] Releases all that the caller holds of the event, or these seats; what is not held is left alone. Returns what is still held; null for nothing. EVENT_NOT_FOUND.',
  })
  async releaseHold(
    @Arg('eventId', () => ID, { description: 'The event.' }) eventId: string,
    @Arg('seatNumbers', () => [Int], {
      nullable: true,
      description: '1 to 100 seats. Default: all that is held.',
    })
    seatNumbers: number[] | null | undefined,
    @Ctx() context: GraphQLContext,
  ): Promise<HoldType | null> {
    const command = releaseHoldCommand(requireUserId(context), eventId, seatNumbers ?? null);
    return this.#hold(context, eventId, await this.commands.submit(withCorrelationId(context, command)));
  }

  async #hold(
    { loaders }: GraphQLContext,
    eventId: string,
    locks: readonly Lock[],
  ): Promise<HoldType | null> {
    if (locks.length === 0) return null;
    const event = await loaders.event.load(eventId);
    if (event === null) throw eventNotFound();
    return holdType(event, locks, this.clock.now());
  }
}

/** @throws BAD_USER_INPUT */
function seatWish({ seatNumbers, best }: SeatWishInput, index: number): SeatWish {
  if ((seatNumbers == null) === (best == null)) {
    throw badUserInput(`wishes[${index}]`, 'Give either seatNumbers or best.');
  }
  if (seatNumbers != null) return { seatNumbers };
  const { quantity = 0, sectionIds, priceMax, nearSeat, adjacency, wheelchairs } = best ?? {};
  return {
    best: {
      quantity,
      sectionIds: sectionIds ?? null,
      priceMax: priceMax ?? null,
      nearSeat: nearSeat ?? null,
      adjacency: adjacency ?? 'together',
      wheelchairs: wheelchairs ?? 0,
    },
  };
}
