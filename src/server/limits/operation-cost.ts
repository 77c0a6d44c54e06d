import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type VariableDefinitionNode,
} from 'graphql';
import { PAGE_SIZE_MAX } from '../../core/page.js';

/**
 * The maximum cost of an operation. A field costs one unless `COSTS` says otherwise, and the selection of a page costs
 * as many times as the page may have nodes. The limit allows every legitimate operation. It refuses those that go in
 * circles (a booking's event's bookings' events …) or request a hundred expensive things under as many aliases.
 */
export const OPERATION_COST_MAX = 25_000;
/** The maximum cost of a subscription, which is executed again for each message. */
export const SUBSCRIPTION_COST_MAX = OPERATION_COST_MAX / 10;

const COSTS: Readonly<Record<string, number>> = {
  // Hashes a password: some 20 ms and 19 MiB.
  'Mutation.signUp': 5_000,
  'Mutation.logIn': 5_000,
  // Up to 100,000 seats, which may have to be read in a transaction of their own.
  'Event.seatMap': 100,
  'SeatMap.statuses': 50,
  'SeatMap.takenSeats': 50,
  'SeatUpdate.statuses': 50,
  'SeatUpdate.seats': 50,
  'Event.sales': 100,
  'Event.availability': 20,
  // The whole schema takes three times as long as the largest map. No client needs it twice.
  'Query.__schema': 5_000,
  'Query.__type': 100,
};
/** Assumed lengths of lists that are not pages: their usual length at least. */
const LIST_LENGTHS: Readonly<Record<string, number>> = {
  'Event.sections': 20,
  'SeatMap.takenSeats': 100,
  'SeatUpdate.seats': 100,
};
/** The assumed length of any other list, such as the locks of one user in one event. */
export const LIST_LENGTH = 10;
const MUTATION_COST = 100;
/** The lists of a page, whose nodes are counted at the page. */
export const isWithinPage = (fieldName: string): boolean => fieldName === 'nodes' || fieldName === 'edges';

/** A validation rule, so it applies to both transports. */
export function costRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const cost = new CostCounter(context).operation(operation);
      const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
      const max = isSubscription ? SUBSCRIPTION_COST_MAX : OPERATION_COST_MAX;
      if (cost <= max) return;
      const message = `This operation may cost ${cost}; the limit is ${max}. Request smaller pages, or less at once.`;
      context.reportError(new GraphQLError(message, { nodes: operation }));
    },
  };
}

/** The number of nodes of a page with this `first`. */
export const clampPageSize = (first: number): number => Math.min(PAGE_SIZE_MAX, Math.max(0, first));

/** @returns undefined if there is no such object, interface or union */
export function typeNamed(context: SchemaLookup, name: string | undefined): GraphQLOutputType | undefined {
  const type = name === undefined ? undefined : context.getSchema().getType(name);
  return isCompositeType(type) ? type : undefined;
}

/** The maximum cost of an operation with these variables. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const getFragment = (name: string) =>
    document.definitions.find(
      (definition): definition is FragmentDefinitionNode =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    );
  return new CostCounter({ getSchema: () => schema, getFragment }, variables).operation(operation);
}

export type SchemaLookup = Pick<ValidationContext, 'getSchema' | 'getFragment'>;

class CostCounter {
  /** The cost of fragments that were visited before. Another rule refuses a fragment that spreads itself. */
  readonly #fragments = new Map<string, number>();

  #variables: readonly VariableDefinitionNode[] = [];

  /** @param values of the variables; undefined during validation, when they are unknown */
  constructor(
    private readonly context: SchemaLookup,
    private readonly values?: Readonly<Record<string, unknown>>,
  ) {}

  operation(operation: OperationDefinitionNode): number {
    const type = this.context.getSchema().getRootType(operation.operation);
    this.#variables = operation.variableDefinitions ?? [];
    return type ? this.#selections(operation.selectionSet, type, false) : 0;
  }

  /** @param inPage whether the selection is part of a page's nodes */
  #selections({ selections }: SelectionSetNode, type: GraphQLOutputType, inPage: boolean): number {
    let cost = 0;
    for (const selection of selections) cost += this.#selection(selection, type, inPage);
    return cost;
  }

  #selection(selection: SelectionNode, type: GraphQLOutputType, inPage: boolean): number {
    if (selection.kind === Kind.FIELD) return this.#field(selection, type, inPage);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#fragment(selection.name.value, inPage);
    const on = typeNamed(this.context, selection.typeCondition?.name.value) ?? type;
    return this.#selections(selection.selectionSet, on, inPage);
  }

  #fragment(name: string, inPage: boolean): number {
    const key = `${name} ${inPage}`;
    const known = this.#fragments.get(key);
    if (known !== undefined) return known;
    this.#fragments.set(key, 0);
    const fragment = this.context.getFragment(name);
    const type = fragment && typeNamed(this.context, fragment.typeCondition.name.value);
    const cost = fragment && type ? this.#selections(fragment.selectionSet, type, inPage) : 0;
    this.#fragments.set(key, cost);
    return cost;
  }

  #field(node: FieldNode, parent: GraphQLOutputType, inPage: boolean): number {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return 1;
    const coordinate = `${parent.name}.${node.name.value}`;
    const field = parent.getFields()[node.name.value];
    // Other rules refuse unknown fields, and limit the depth of introspection.
    if (field === undefined) return COSTS[coordinate] ?? 1;
    const own =
      COSTS[coordinate] ?? (parent === this.context.getSchema().getMutationType() ? MUTATION_COST : 1);
    if (!node.selectionSet) return own;
    const type = getNamedType(field.type) as GraphQLOutputType;
    const first = field.args.find(({ name }) => name === 'first');
    if (first !== undefined) {
      const nodes = this.#pageSize(node, first.defaultValue, inPage);
      return own + nodes * this.#page(node.selectionSet, type, inPage);
    }
    const nodes =
      isListType(getNullableType(field.type)) && !isWithinPage(field.name)
        ? (LIST_LENGTHS[coordinate] ?? LIST_LENGTH)
        : 1;
    return own + nodes * this.#selections(node.selectionSet, type, inPage);
  }

  /**
   * Edges and nodes are the same records, read once, so the more expensive of the two counts. Within another page both
   * count.
   */
  #page(set: SelectionSetNode, type: GraphQLOutputType, inPage: boolean): number {
    const costs = { edges: 0, nodes: 0, other: 0 };
    for (const selection of set.selections) {
      const name = selection.kind === Kind.FIELD ? selection.name.value : undefined;
      costs[name === 'edges' || name === 'nodes' ? name : 'other'] += this.#selection(selection, type, true);
    }
    const { edges, nodes, other } = costs;
    return other + (inPage ? edges + nodes : Math.max(edges, nodes));
  }

  /**
   * The number of nodes of a page. During validation the variables are unknown: a page outside of other pages counts
   * with its default size at least, one within other pages with the maximum. So an operation can exceed its cost a few
   * times at most. `map-sized-results.ts` counts what the variables really request.
   */
  #pageSize(node: FieldNode, byDefault: unknown, inPage: boolean): number {
    const defaultSize = typeof byDefault === 'number' ? byDefault : PAGE_SIZE_MAX;
    const value = node.arguments?.find((argument) => argument.name.value === 'first')?.value;
    if (value === undefined) return defaultSize;
    if (value.kind === Kind.INT) return clampPageSize(Number(value.value));
    if (value.kind !== Kind.VARIABLE) return PAGE_SIZE_MAX;
    const requested = this.values?.[value.name.value];
    if (requested !== undefined)
      return typeof requested === 'number' ? clampPageSize(requested) : PAGE_SIZE_MAX;
    if (inPage) return PAGE_SIZE_MAX;
    const variable = this.#variables.find((known) => known.variable.name.value === value.name.value);
    if (variable === undefined) return PAGE_SIZE_MAX;
    if (variable.defaultValue?.kind === Kind.INT)
      return Math.min(PAGE_SIZE_MAX, Math.max(defaultSize, Number(variable.defaultValue.value)));
    return variable.type.kind === Kind.NON_NULL_TYPE ? PAGE_SIZE_MAX : defaultSize;
  }
}
