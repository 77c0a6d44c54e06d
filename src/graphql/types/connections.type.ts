import { type ClassType, Field, ObjectType } from 'type-graphql';
import { encodeCursor, type Page, type PagePosition, type PageRequest } from '../../core/page.js';
import { BookingType } from './booking.type.js';
import { EventType } from './event.type.js';
import { HistoryEntryType } from './history.type.js';
import { PaymentType } from './payment.type.js';

@ObjectType('PageInfo', {
  simpleResolvers: true,
  description: 'Whether the list continues before and after a page, and its cursors.',
})
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether more nodes follow after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether this page was asked for with `after`.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first node; null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last node; null on an empty page. Send it as `after` to get the next page.',
  })
  endCursor!: string | null;
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  nodes: Node[];
  pageInfo: PageInfoType;
}

/** A page as the schema shows it. */
export function connectionOf<Stored, Node>(
  page: Page<Stored>,
  request: PageRequest,
  positionOf: (stored: Stored) => PagePosition,
  encode: (stored: Stored) => Node,
): Connection<Node> {
  const edges = page.nodes.map((stored) => ({
    cursor: encodeCursor(positionOf(stored)),
    node: encode(stored),
  }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: request.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** The connection and edge types of one node type. */
function connectionType<Node extends object>(name: string, node: () => ClassType<Node>) {
  @ObjectType(`${name}Edge`, { simpleResolvers: true, description: 'A node of a list with its cursor.' })
  class EdgeType {
    @Field(() => String, { description: 'Opaque. Send it as `after` to get the nodes after this one.' })
    cursor!: string;

    @Field(node, { description: 'The listed record.' })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true, description: 'A page of a list.' })
  class ConnectionType implements Connection<Node> {
    @Field(() => [EdgeType], { description: 'The nodes with their cursors.' })
    edges!: EdgeType[];

    @Field(() => [node()], { description: 'The nodes alone.' })
    nodes!: Node[];

    @Field(() => PageInfoType, {
      description: 'Whether the list continues before and after this page, and its cursors.',
    })
    pageInfo!: PageInfoType;
  }

  return ConnectionType;
}

export const EventConnectionType = connectionType('Event', () => EventType);
export const BookingConnectionType = connectionType('Booking', () => BookingType);
export const PaymentConnectionType = connectionType('Payment', () => PaymentType);
export const HistoryConnectionType = connectionType('History', () => HistoryEntryType);
