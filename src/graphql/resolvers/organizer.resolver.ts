import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Commands } from '../../booking/commands.js';
import { setSalePausedCommand } from '../../booking/pause-sale.js';
import { updateEventCommand } from '../../booking/update-event.js';
import type { Event } from '../../catalog/event.js';
import { type AmountProblem, checkChargeable, type NamedPrice } from '../../catalog/event-settings.js';
import { type GraphQLContext, requireUserId, withCorrelationId } from '../context.js';
import { EventType } from '../types/event.type.js';
import { UpdateEventInput } from '../types/update-event-input.type.js';

/** What organizers do to their events. */
@Resolver()
export class OrganizerResolver {
  constructor(
    private readonly commands: Commands,
    private readonly amountProblem: AmountProblem,
    /** Begins to mail the buyers. It does not wait, and never throws. */
    private readonly beginFollowUp: (eventId: string) => void,
  ) {}

  @Mutation(() => EventType, {
    nullable: true,
    description: `[organizer] Changes the event; what is left out stays. Takes no seat from whoever has one; new prices and limits are for new locks.
After a new date every buyer gets one mail.
Errors: EVENT_NOT_FOUND, EVENT_CLOSED (it is cancelled), REVISION_CONFLICT (somebody else was first; details: revision), BAD_USER_INPUT.`,
  })
  async updateEvent(
    @Arg('input', () => UpdateEventInput, { description: 'What is to change.' })
    { eventId, ifRevision, ...changes }: UpdateEventInput,
    @Ctx() context: GraphQLContext,
  ): Promise<Event> {
    const userId = requireUserId(context);
    const prices = changes.sectionPrices?.map(
      ({ price }, at): NamedPrice => [`sectionPrices[${at}].price`, price],
    );
    checkChargeable(prices ?? [], this.amountProblem);
    const command = updateEventCommand(userId, eventId, ifRevision, changes);
    const event = await this.commands.submit(withCorrelationId(context, command));
    if (event.dateNotice?.revision === event.revision) this.beginFollowUp(event.id);
    return event;
  }

  @Mutation(() => EventType, {
    nullable: true,
    description:
      '[organizer] From this version of the seat map on nothing is locked (SALE_PAUSED). What is held can be paid, confirmed and extended. Pausing twice changes nothing. EVENT_NOT_FOUND.',
  })
  async pauseSale(
    @Arg('eventId', () => ID, { description: 'The event.' }) eventId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<Event> {
    return this.#setPaused(context, eventId, true);
  }

  @Mutation(() => EventType, {
    nullable: true,
    description: '[organizer] Ends the pause of a sale. EVENT_NOT_FOUND.',
  })
  async resumeSale(
    @Arg('eventId', () => ID, { description: 'The event.' }) eventId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<Event> {
    return this.#setPaused(context, eventId, false);
  }

  #setPaused(context: GraphQLContext, eventId: string, isPaused: boolean): Promise<Event> {
    const command = setSalePausedCommand(requireUserId(context), eventId, isPaused);
    return this.commands.submit(withCorrelationId(context, command));
  }
}
