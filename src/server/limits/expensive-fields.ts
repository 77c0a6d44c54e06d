import {
  type ASTVisitor,
  GraphQLError,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { typeNamed } from './operation-cost.js';

/** Uses of one field name in a document. A client that adds `__typename` everywhere uses it some thirty times. */
export const FIELD_REPETITIONS_MAX = 100;

/**
 * A validation rule: a small text could otherwise request one field hundreds of times, under different aliases or none.
 */
export function repetitionRule(context: ValidationContext): ASTVisitor {
  const counts = new Map<string, number>();
  return {
    Field(node) {
      const name = node.name.value;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      // One error for each name.
      if (count !== FIELD_REPETITIONS_MAX + 1) return;
      const message = `This requests "${name}" more than ${FIELD_REPETITIONS_MAX} times. Request less at once.`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

/**
 * Uses of a map-sized field in an operation. Legitimate operations use one for each map, and a page's edges and nodes
 * are two. Another alias would serialise a hundred thousand seats again. How many maps the pages around a use add up to
 * is counted in `map-sized-results.ts`, once the variables are known.
 */
export const EXPENSIVE_FIELD_USES_MAX: Readonly<Record<string, number>> = {
  'SeatMap.takenSeats': 3,
  'SeatMap.statuses': 10,
  'SeatUpdate.seats': 3,
  'SeatUpdate.statuses': 3,
};
/** Uses of a field of each seat in such a list. */
const SEAT_FIELD_USES_MAX: Readonly<Record<string, number>> = {
  'Seat.seatNumber': 6,
  'Seat.status': 6,
  'Seat.lockedUntil': 6,
  'Seat.__typename': 6,
};
/** A subscription to a user's reservations cannot request whole maps: each message would cost a map. */
const SUBSCRIPTION_FIELD_USES_MAX = {
  ...EXPENSIVE_FIELD_USES_MAX,
  'SeatMap.takenSeats': 0,
  'SeatMap.statuses': 0,
};
/**
 * A validation rule like `repetitionRule` for the few expensive fields. It also counts repeated use through fragments.
 */
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
            ? `Subscriptions cannot request "${coordinate}". Use a query.`
            : `This requests "${coordinate}" more than ${max} times. Request less at once.`;
        context.reportError(new GraphQLError(message, { nodes: operation }));
      }
    },
  };
}

/** @param fragments the number of uses in fragments that were visited before */
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
