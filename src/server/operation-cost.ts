import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { PAGE_SIZE_MAX } from '../core/page.js';

/**
 * What one operation may cost. A field costs one, whatever is selected under a page is counted once for each node that
 * the page may have, and a few fields cost what they are worth. It leaves room for every honest operation, and stops
 * those that walk in circles (a booking's event's bookings' events …) or do a hundred dear things under as many aliases.
 */
export const OPERATION_COST_MAX = 25_000;

const COSTS: Readonly<Record<string, number>> = {
  // A password is hashed, at some 20 ms and 19 MiB.
  'Mutation.signUp': 5_000,
  'Mutation.logIn': 5_000,
  // Up to 100,000 seats, in a transaction of their own.
  'Event.seatMap': 100,
  'SeatMap.statuses': 50,
  'SeatMap.takenSeats': 50,
  'SeatUpdate.statuses': 50,
  'SeatUpdate.seats': 50,
  'Event.sales': 100,
  'Event.availability': 20,
  // The schema describes itself; whoever asks for it once has all of it.
  'Query.__schema': 1_000,
  'Query.__type': 100,
};
/** Lists that are no pages count as if they had so many: what they usually have, at the least. */
const LIST_LENGTHS: Readonly<Record<string, number>> = {
  'Event.sections': 20,
  'SeatMap.takenSeats': 250,
  'SeatUpdate.seats': 250,
};
/** Of one user in one event. */
const LIST_LENGTH = 10;
const MUTATION_COST = 100;
/** Of a page, whose nodes have been counted already. */
const CONNECTION_LISTS: ReadonlySet<string> = new Set(['nodes', 'edges']);

/** A validation rule, and so the same over both transports. */
export function costRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const cost = new CostOf(context).operation(operation);
      if (cost <= OPERATION_COST_MAX) return;
      const message = `This operation may cost ${cost}, and ${OPERATION_COST_MAX} is the limit: ask for smaller pages, or for less at a time.`;
      context.reportError(new GraphQLError(message, { nodes: operation }));
    },
  };
}

/** How often a document may name one field. A client that puts `__typename` everywhere comes to some thirty. */
export const FIELD_REPETITIONS_MAX = 100;

/** A validation rule: one field again and again, under other aliases or under none, is asked for and answered by the hundred. */
export function repetitionRule(context: ValidationContext): ASTVisitor {
  const counts = new Map<string, number>();
  return {
    Field(node) {
      const name = node.name.value;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      // Told once, however often it is broken.
      if (count !== FIELD_REPETITIONS_MAX + 1) return;
      const message = `This asks for "${name}" more than ${FIELD_REPETITIONS_MAX} times: ask for less at a time.`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

class CostOf {
  /** Of fragments that were met before; a fragment that spreads itself is refused by another rule. */
  readonly #fragments = new Map<string, number>();

  constructor(private readonly context: ValidationContext) {}

  operation(operation: OperationDefinitionNode): number {
    const type = this.context.getSchema().getRootType(operation.operation);
    return type ? this.#selections(operation.selectionSet, type) : 0;
  }

  #selections({ selections }: SelectionSetNode, type: GraphQLOutputType): number {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += this.#field(selection, type);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += this.#fragment(selection.name.value);
      else
        cost += this.#selections(
          selection.selectionSet,
          this.#typeNamed(selection.typeCondition?.name.value) ?? type,
        );
    }
    return cost;
  }

  #fragment(name: string): number {
    const known = this.#fragments.get(name);
    if (known !== undefined) return known;
    this.#fragments.set(name, 0);
    const fragment = this.context.getFragment(name);
    const type = fragment && this.#typeNamed(fragment.typeCondition.name.value);
    const cost = fragment && type ? this.#selections(fragment.selectionSet, type) : 0;
    this.#fragments.set(name, cost);
    return cost;
  }

  #field(node: FieldNode, parent: GraphQLOutputType): number {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return 1;
    const coordinate = `${parent.name}.${node.name.value}`;
    const field = parent.getFields()[node.name.value];
    // Unknown fields are another rule's, as is how deep one may ask of the schema itself.
    if (field === undefined) return COSTS[coordinate] ?? 1;
    const own =
      COSTS[coordinate] ?? (parent === this.context.getSchema().getMutationType() ? MUTATION_COST : 1);
    if (!node.selectionSet) return own;
    const isPage = field.args.some((argument) => argument.name === 'first');
    const nodes = isPage
      ? nodesOfPage(node, field.args.find(({ name }) => name === 'first')?.defaultValue)
      : isListType(getNullableType(field.type)) && !CONNECTION_LISTS.has(field.name)
        ? (LIST_LENGTHS[coordinate] ?? LIST_LENGTH)
        : 1;
    return own + nodes * this.#selections(node.selectionSet, getNamedType(field.type) as GraphQLOutputType);
  }

  #typeNamed(name: string | undefined): GraphQLOutputType | undefined {
    const type = name === undefined ? undefined : this.context.getSchema().getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

/** A variable may ask for as much as there is. */
function nodesOfPage(node: FieldNode, byDefault: unknown): number {
  const value = node.arguments?.find((argument) => argument.name.value === 'first')?.value;
  if (value === undefined && typeof byDefault === 'number') return byDefault;
  if (value?.kind !== Kind.INT) return PAGE_SIZE_MAX;
  return Math.min(PAGE_SIZE_MAX, Math.max(0, Number(value.value)));
}
