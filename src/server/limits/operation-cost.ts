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
  // The schema describes itself, in three times the time of the largest map; whoever asks for it once has all of it.
  'Query.__schema': 5_000,
  'Query.__type': 100,
};
/** Lists that are no pages count as if they had so many: what they usually have, at the least. */
const LIST_LENGTHS: Readonly<Record<string, number>> = {
  'Event.sections': 20,
  'SeatMap.takenSeats': 100,
  'SeatUpdate.seats': 100,
};
/** Of one user in one event. */
export const LIST_LENGTH = 10;
const MUTATION_COST = 100;
/** Of a page, whose nodes have been counted already. */
export const isWithinPage = (fieldName: string): boolean => fieldName === 'nodes' || fieldName === 'edges';

/** A validation rule, and so the same over both transports. */
export function costRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const cost = new CostCounter(context).operation(operation);
      const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
      const max = isSubscription ? SUBSCRIPTION_COST_MAX : OPERATION_COST_MAX;
      if (cost <= max) return;
      const message = `This operation may cost ${cost}, and ${max} is the limit: ask for smaller pages, or for less at a time.`;
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

/**
 * How often one operation may name what is as large as the hall: honest ones do once for each map, and a page's edges
 * and nodes are two; how many halls the pages around make of it is counted once its variables are known. Under other names it would be the same again, a hundred thousand seats at a time.
 */
export const EXPENSIVE_FIELD_USES_MAX: Readonly<Record<string, number>> = {
  'SeatMap.takenSeats': 3,
  'SeatMap.statuses': 10,
  'SeatUpdate.seats': 3,
  'SeatUpdate.statuses': 3,
};
/** The same of what is asked of each seat of such a list. */
const SEAT_FIELD_USES_MAX: Readonly<Record<string, number>> = {
  'Seat.seatNumber': 6,
  'Seat.status': 6,
  'Seat.lockedUntil': 6,
  'Seat.__typename': 6,
};
/** Whole maps are no part of what a subscription tells of one user's reservations: each message would cost as much again. */
const SUBSCRIPTION_FIELD_USES_MAX = {
  ...EXPENSIVE_FIELD_USES_MAX,
  'SeatMap.takenSeats': 0,
  'SeatMap.statuses': 0,
};
/** What a subscription tells it tells again and again. */
export const SUBSCRIPTION_COST_MAX = OPERATION_COST_MAX / 10;

/** A validation rule: as `repetitionRule`, through fragments, for the few fields that are dear. */
export function expensiveFieldsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const type = context.getSchema().getRootType(operation.operation);
      if (!type) return;
      const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
      const usesMax = isSubscription ? SUBSCRIPTION_FIELD_USES_MAX : EXPENSIVE_FIELD_USES_MAX;
      for (const [coordinate, max] of Object.entries({ ...usesMax, ...SEAT_FIELD_USES_MAX })) {
        if (usesOf(coordinate, context, operation.selectionSet, type, new Map()) <= max) continue;
        const message =
          max === 0
            ? `No subscription tells "${coordinate}": ask for it by a query.`
            : `This asks for "${coordinate}" more than ${max} times: ask for less at a time.`;
        context.reportError(new GraphQLError(message, { nodes: operation }));
      }
    },
  };
}

/** @param fragments what was found in those that were met before */
function usesOf(
  coordinate: string,
  context: ValidationContext,
  { selections }: SelectionSetNode,
  type: GraphQLOutputType,
  fragments: Map<string, number>,
): number {
  const within = (set: SelectionSetNode, of: GraphQLOutputType) =>
    usesOf(coordinate, context, set, of, fragments);
  let uses = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      if (`${type.name}.${selection.name.value}` === coordinate) uses += 1;
      const field = type.getFields()[selection.name.value];
      if (field && selection.selectionSet)
        uses += within(selection.selectionSet, getNamedType(field.type) as GraphQLOutputType);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      uses += within(selection.selectionSet, typeNamed(context, selection.typeCondition?.name.value) ?? type);
    } else {
      const name = selection.name.value;
      const fragment = context.getFragment(name);
      const on = fragment && typeNamed(context, fragment.typeCondition.name.value);
      if (!fragments.has(name)) {
        fragments.set(name, 0);
        if (fragment && on) fragments.set(name, within(fragment.selectionSet, on));
      }
      uses += fragments.get(name) ?? 0;
    }
  }
  return uses;
}

/** Nodes of a page that so many are asked for. */
export const clampPageSize = (first: number): number => Math.min(PAGE_SIZE_MAX, Math.max(0, first));

function typeNamed(context: SchemaLookup, name: string | undefined): GraphQLOutputType | undefined {
  const type = name === undefined ? undefined : context.getSchema().getType(name);
  return isCompositeType(type) ? type : undefined;
}

/** The same once its variables are known: what it may cost at most. */
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

type SchemaLookup = Pick<ValidationContext, 'getSchema' | 'getFragment'>;

class CostCounter {
  /** Of fragments that were met before; a fragment that spreads itself is refused by another rule. */
  readonly #fragments = new Map<string, number>();

  #variables: readonly VariableDefinitionNode[] = [];

  /** @param values of the variables, undefined where they are not known yet */
  constructor(
    private readonly context: SchemaLookup,
    private readonly values?: Readonly<Record<string, unknown>>,
  ) {}

  operation(operation: OperationDefinitionNode): number {
    const type = this.context.getSchema().getRootType(operation.operation);
    this.#variables = operation.variableDefinitions ?? [];
    return type ? this.#selections(operation.selectionSet, type, false) : 0;
  }

  /** @param inPage whether it is counted for each node of a page already */
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
    // Unknown fields are another rule's, as is how deep one may ask of the schema itself.
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

  /** Edges and nodes are the same ones, read once: the dearer counts. Within another page, where doubling doubles again, both do. */
  #page(set: SelectionSetNode, type: GraphQLOutputType, inPage: boolean): number {
    const costs = { edges: 0, nodes: 0, beside: 0 };
    for (const selection of set.selections) {
      const name = selection.kind === Kind.FIELD ? selection.name.value : undefined;
      costs[name === 'edges' || name === 'nodes' ? name : 'beside'] += this.#selection(selection, type, true);
    }
    const { edges, nodes, beside } = costs;
    return beside + (inPage ? edges + nodes : Math.max(edges, nodes));
  }

  /**
   * A variable may ask for as much as there is. Where that is multiplied by nothing else it counts as what it is when it
   * is left out, and as a page by default at the least: what an operation may do beyond its cost is so bounded by a few times.
   */
  #pageSize(node: FieldNode, byDefault: unknown, inPage: boolean): number {
    const usual = typeof byDefault === 'number' ? byDefault : PAGE_SIZE_MAX;
    const value = node.arguments?.find((argument) => argument.name.value === 'first')?.value;
    if (value === undefined) return usual;
    if (value.kind === Kind.INT) return clampPageSize(Number(value.value));
    if (value.kind !== Kind.VARIABLE) return PAGE_SIZE_MAX;
    const said = this.values?.[value.name.value];
    if (said !== undefined) return typeof said === 'number' ? clampPageSize(said) : PAGE_SIZE_MAX;
    if (inPage) return PAGE_SIZE_MAX;
    const variable = this.#variables.find((known) => known.variable.name.value === value.name.value);
    if (variable === undefined) return PAGE_SIZE_MAX;
    if (variable.defaultValue?.kind === Kind.INT)
      return Math.min(PAGE_SIZE_MAX, Math.max(usual, Number(variable.defaultValue.value)));
    return variable.type.kind === Kind.NON_NULL_TYPE ? PAGE_SIZE_MAX : usual;
  }
}
