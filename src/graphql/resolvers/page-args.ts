import { ArgsType, Field, Int } from 'type-graphql';
import type { EventSearchInput, EventOrder as Order } from '../../catalog/event-search.js';
import { type PageRequest, pageRequest } from '../../core/page.js';
import { EventOrder } from '../types/enums.js';

@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 20,
    description: 'How many nodes the page has at most: 0 to 100.',
  })
  first!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last node before the page; left out: the first page.',
  })
  after?: string | null;
}

@ArgsType()
export class EventsArgs extends PageArgs implements EventSearchInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Up to 8 words, 100 characters. Each is in the name, the venue or the description, in capitals or not.',
  })
  search?: string | null;

  @Field(() => Date, { nullable: true, description: 'Only events that begin at or after it.' })
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Only events that begin before it.' })
  to?: Date | null;

  @Field(() => EventOrder, {
    nullable: true,
    defaultValue: EventOrder.SOONEST,
    description: 'A cursor belongs to one order.',
  })
  orderBy?: Order | null;
}

/** @throws BAD_USER_INPUT */
export const decodePage = ({ first, after }: PageArgs): PageRequest => pageRequest(first ?? 20, after);
