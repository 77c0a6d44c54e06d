import { Arg, Ctx, Extensions, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { cancelEventCommand } from '../../booking/cancel-event.js';
import type { Commands } from '../../booking/commands.js';
import type { Event } from '../../catalog/event.js';
import type { Money } from '../../catalog/money.js';
import { type GraphQLContext, requireUserId, withCorrelationId } from '../context.js';
import { NOT_SHARED } from '../shareable-operation.js';
import { EventCancellationType } from '../types/cancellation.type.js';
import { EventType } from '../types/event.type.js';
import { MoneyType } from '../types/money.type.js';

/** The end of a sale, and what became of the money. */
@Resolver(() => EventCancellationType)
export class CancellationResolver {
  constructor(
    private readonly commands: Commands,
    /** Begins to end the locks and bookings of a cancelled event. It does not wait, and never throws. */
    private readonly beginFollowUp: (eventId: string) => void,
  ) {}

  @Mutation(() => EventType, {
    nullable: true,
    description: `[organizer] Cancels the event for ever. From this version of the seat map on nothing is locked, paid or booked (EVENT_CLOSED). All locks end, every booking is cancelled, and
everybody is paid back and gets a mail. That takes a while, and goes on after a crash; see Event.cancellation. The same call again changes nothing.
Errors: EVENT_NOT_FOUND, BAD_USER_INPUT.`,
  })
  async cancelEvent(
    @Arg('eventId', () => ID, { description: 'The event.' }) eventId: string,
    @Arg('reason', () => String, {
      nullable: true,
      description: 'For everybody, and for the mail to the buyers; at most 500 characters.',
    })
    reason: string | null | undefined,
    @Ctx() context: GraphQLContext,
  ): Promise<Event> {
    const command = cancelEventCommand(requireUserId(context), eventId, reason);
    const event = await this.commands.submit(withCorrelationId(context, command));
    if (event.cancellation?.isEnding) this.beginFollowUp(event.id);
    return event;
  }

  @FieldResolver(() => [MoneyType], {
    description: 'What was paid back since then, one entry per currency. Empty for anyone but the organizer.',
  })
  @Extensions(NOT_SHARED)
  refunded(
    @Root() { organizerId, refundedSoFar }: EventCancellationType,
    @Ctx() { viewer }: GraphQLContext,
  ): readonly Money[] {
    return viewer?.userId === organizerId ? refundedSoFar : [];
  }
}
