import { setTimeout as wait } from 'node:timers/promises';
import { Arg, Ctx, Extensions, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import { contactAddress } from '../../account/contact-address.js';
import { bookHeldBackSeatsCommand } from '../../booking/book-held-back-seats.js';
import type { Booking } from '../../booking/booking.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import type { Commands, HeldBack, HoldBackSeats, ReleaseHeldBackSeats } from '../../booking/commands.js';
import { holdBackSeatsCommand, releaseHeldBackSeatsCommands } from '../../booking/hold-back-seats.js';
import { requireSeats } from '../../booking/lock-seats.js';
import { eventNotFound, requireOrganizer } from '../../booking/refusals.js';
import { seatState } from '../../booking/seat-state.js';
import type { Event } from '../../catalog/event.js';
import type { Events } from '../../catalog/events.js';
import { placeOf } from '../../catalog/place.js';
import { type Clock, monotonicMs } from '../../core/clock.js';
import { badUserInput } from '../../core/errors.js';
import { type GraphQLContext, requireUserId, withCorrelationId } from '../context.js';
import { NOT_SHARED } from '../shareable-operation.js';
import { BookingType } from '../types/booking.type.js';
import { EventType } from '../types/event.type.js';
import {
  BookHeldBackSeatsInput,
  HeldBackSeatType,
  HoldBackPayloadType,
  HoldBackSeatsInput,
} from '../types/held-back.type.js';
import { placeType } from '../types/section.type.js';

/** Held-back seats that one page of `Event.heldBack` may have. */
const HELD_BACK_PER_PAGE_MAX = 1_000;
const HELD_BACK_PER_PAGE = 100;
/** A call counts once more for every so many seats. */
const SEATS_PER_COUNTED_CALL = 1_000;
/** Between two steps of a call is a pause as long as the step before took, so that it takes half of a busy server at most. */
const PAUSE_MS_MAX = 1_000;

/** Seats that organizers take off sale, and what they book without payment. */
@Resolver(() => EventType)
export class HeldBackResolver {
  constructor(
    private readonly commands: Commands,
    private readonly events: Events,
    private readonly reads: BookingReads,
    private readonly clock: Clock,
  ) {}

  @Mutation(() => HoldBackPayloadType, {
    nullable: true,
    description: `[organizer] Takes seats off sale, all or none: they are OFF_SALE, letter X. A seat that is held back already gets the new label and the new \`until\`. A repeated call changes nothing.
Possible before, during and after the sale, also while it is paused. Errors: EVENT_NOT_FOUND, EVENT_CLOSED (from eventDate on), SEAT_NOT_FOUND, SEAT_UNAVAILABLE (details: seatNumbers that somebody
has; never with skipTaken), BAD_USER_INPUT.`,
  })
  async holdBackSeats(
    @Arg('input', () => HoldBackSeatsInput, { description: 'The seats, for whom, and until when.' })
    input: HoldBackSeatsInput,
    @Ctx() context: GraphQLContext,
  ): Promise<HoldBackPayloadType> {
    return this.#submit(context, input, [holdBackSeatsCommand(requireUserId(context), input)]);
  }

  @Mutation(() => HoldBackPayloadType, {
    nullable: true,
    description:
      '[organizer] Puts held-back seats back on sale. A seat that is not held back is left alone. Many seats are released in steps; after an error, send the call again. EVENT_NOT_FOUND, SEAT_NOT_FOUND, BAD_USER_INPUT.',
  })
  async releaseHeldBackSeats(
    // Parameter decorators run from last to first. This order puts eventId first in the schema.
    @Arg('seatNumbers', () => [Int], { description: '1 to 5000 seat numbers, none of them twice.' })
    seatNumbers: number[],
    @Arg('eventId', () => ID, { description: 'The event.' }) eventId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<HoldBackPayloadType> {
    const steps = releaseHeldBackSeatsCommands(requireUserId(context), eventId, seatNumbers);
    return this.#submit(context, { eventId, seatNumbers }, steps);
  }

  @Mutation(() => [BookingType], {
    nullable: true,
    description: `[organizer] Books held-back or free seats without payment, all or none, for invitations and the box office: CONFIRMED at once, with an amount of 0 and tickets that are mailed to contactEmail.
No seat limit applies, and no sales window. They are no sales and no refunds; Booking.isInvitation tells them apart. The answer is in the order of seatNumbers.
Errors: EVENT_NOT_FOUND, IDEMPOTENCY_CONFLICT, EVENT_CLOSED (from eventDate on), SEAT_NOT_FOUND, SEAT_UNAVAILABLE (details: seatNumbers that somebody has), BAD_USER_INPUT.`,
  })
  async bookHeldBackSeats(
    @Arg('input', () => BookHeldBackSeatsInput, { description: 'The seats, and where the tickets go.' })
    input: BookHeldBackSeatsInput,
    @Ctx() context: GraphQLContext,
  ): Promise<readonly Booking[]> {
    const userId = requireUserId(context);
    const address = contactAddress(input.contactEmail, null);
    const command = bookHeldBackSeatsCommand(userId, input, address, this.clock.now());
    return this.commands.submit(withCorrelationId(context, command));
  }

  @FieldResolver(() => [HeldBackSeatType], {
    nullable: true,
    complexity: ({ args, childComplexity }) => 1 + pageOf(args.first) * childComplexity,
    description: 'Null for anyone but the organizer. The seats that are held back now, in seat order.',
  })
  @Extensions(NOT_SHARED)
  async heldBack(
    @Root() event: Event,
    // Parameter decorators run from last to first. This order puts `first` first in the schema.
    @Arg('after', () => Int, {
      nullable: true,
      description: 'The seat number before the page. Default: none.',
    })
    after: number | null | undefined,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: HELD_BACK_PER_PAGE,
      description: `How many seats: 1 to ${HELD_BACK_PER_PAGE_MAX}.`,
    })
    wanted: number | null,
    @Ctx() { viewer }: GraphQLContext,
  ): Promise<HeldBackSeatType[] | null> {
    if (viewer?.userId !== event.organizerId) return null;
    const first = pageOf(wanted);
    if (first < 1 || first > HELD_BACK_PER_PAGE_MAX) {
      const max = HELD_BACK_PER_PAGE_MAX;
      throw badUserInput('first', `This is a whole number from 1 to ${max}.`, { max });
    }
    const locks = await this.reads.heldBack(event.id, this.clock.now(), after ?? 0, first);
    const plan = await this.events.seatingPlan(event);
    return locks.flatMap((lock) => {
      const place = placeOf(event, plan, lock.seatNumber);
      const until = seatState(lock.seatNumber, lock).lockedUntil;
      return place === null ? [] : { place: placeType(event, place), label: lock.label ?? '', until };
    });
  }

  /** @param steps done one after the other */
  async #submit(
    context: GraphQLContext,
    { eventId, seatNumbers }: Pick<HoldBackSeats, 'eventId' | 'seatNumbers'>,
    steps: readonly (HoldBackSeats | ReleaseHeldBackSeats)[],
  ): Promise<HoldBackPayloadType> {
    context.limits.furtherCalls(Math.floor(seatNumbers.length / SEATS_PER_COUNTED_CALL));
    // A stranger's call must not read thousands of seats in a batch of the event.
    const event = await this.events.find(eventId);
    if (event === null) throw eventNotFound();
    requireOrganizer(event, requireUserId(context));
    // An unknown seat of a later step must be refused before the first one has changed anything.
    requireSeats(event, seatNumbers);
    const answers: HeldBack[] = [];
    let pauseMs = 0;
    for (const step of steps) {
      if (answers.length > 0) await wait(pauseMs);
      const startMs = monotonicMs();
      answers.push(await this.commands.submit(withCorrelationId(context, step)));
      pauseMs = Math.min(monotonicMs() - startMs, PAUSE_MS_MAX);
    }
    const done = new Set(answers.flatMap((answer) => answer.seatNumbers));
    return {
      event: (await this.events.find(eventId)) ?? event,
      seatNumbers: seatNumbers.filter((seatNumber) => done.has(seatNumber)),
      version: answers.at(-1)?.version ?? event.version,
    };
  }
}

const pageOf = (first: unknown): number => (typeof first === 'number' ? first : HELD_BACK_PER_PAGE);
