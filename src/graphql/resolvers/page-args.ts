import { ArgsType, Field, Int } from 'type-graphql';
import { type PageRequest, pageRequest } from '../../core/page.js';

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

/** @throws BAD_USER_INPUT */
export const decodePage = ({ first, after }: PageArgs): PageRequest => pageRequest(first ?? 20, after);
