import { type ClassType, Field, ObjectType } from 'type-graphql';
import { encodeCursor, type Page, type PagePosition, type PageRequest } from '../../core/page.js';
import { BookingType } from './booking.type.js';
import { EventType } from './event.type.js';
import { PaymentType } from './payment.type.js';

@ObjectType('PageInfo', { simpleResolvers: true })
export class PageInfoType {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean)
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor!: string | null;

  @Field(() => String, { nullable: true })
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
  @ObjectType(`${name}Edge`, { simpleResolvers: true })
  class EdgeType {
    @Field(() => String)
    cursor!: string;

    @Field(node)
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true })
  class ConnectionType implements Connection<Node> {
    @Field(() => [EdgeType])
    edges!: EdgeType[];

    @Field(() => [node()])
    nodes!: Node[];

    @Field(() => PageInfoType)
    pageInfo!: PageInfoType;
  }

  return ConnectionType;
}

export const EventConnectionType = connectionType('Event', () => EventType);
export const BookingConnectionType = connectionType('Booking', () => BookingType);
export const PaymentConnectionType = connectionType('Payment', () => PaymentType);
