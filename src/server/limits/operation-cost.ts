import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNullableType,
  getVariableValues,
  isListType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type ValidationContext,
  visit,
} from 'graphql';
import {
  type ComplexityEstimator,
  type ComplexityEstimatorArgs,
  fieldExtensionsEstimator,
  getComplexity,
} from 'graphql-query-complexity';
import { DomainError } from '../../core/errors.js';
import { PAGE_SIZE_MAX } from '../../core/page.js';
import type { CallerLimits } from '../../graphql/caller-limits.js';
import { rootFieldsOf } from './root-fields.js';

/**
 * The maximum cost of an operation with its variables, as graphql-query-complexity counts it. A field costs one unless
 * its decorator has a `complexity`; the selection of a page or list costs as many times as it may have values.
 */
const OPERATION_COST_MAX = 25_000;
/** The maximum cost of a subscription, which is executed again for each message. */
const SUBSCRIPTION_COST_MAX = OPERATION_COST_MAX / 10;
/** Map-sized results that an operation may request: a page of a hundred events with one map each is a hundred. */
const MAP_SIZED_RESULTS_MAX = 100;
/** Each message costs so many maps. A subscription to a user's reservations cannot request any: it has lists of events. */
const SUBSCRIPTION_MAP_SIZED_RESULTS_MAX = 6;
/** Uses of one field name in a document. A client that adds `__typename` everywhere uses it some thirty times. */
export const FIELD_REPETITIONS_MAX = 100;
/** Selections that are counted. The tokens of a document allow 500; a fragment that is spread twice counts twice. */
const SELECTIONS_MAX = 2_000;
/** The cost of one anonymous read: a map, an event with all its fields, or a list of four events. */
const ANONYMOUS_READ_COST = 1_000;

const MUTATION_COST = 100;
/** Introspection, with its whole selection: graphql-js limits its depth. */
const INTROSPECTION_COSTS: ReadonlyMap<unknown, number> = new Map([
  // The whole schema takes three times as long as the largest map. No client needs it twice.
  [SchemaMetaFieldDef, 5_000],
  [TypeMetaFieldDef, 100],
]);
/** The assumed length of a list that is not a page, such as the locks of one user in one event. */
const LIST_LENGTH = 10;
const MAP_SIZED_FIELDS: ReadonlySet<string> = new Set([
  'SeatMap.statuses',
  'SeatMap.takenSeats',
  'SeatMap.lockedSeats',
  'SeatUpdate.statuses',
  'SeatUpdate.seats',
]);

const COST: ComplexityEstimator[] = [
  fieldExtensionsEstimator(),
  (args) =>
    INTROSPECTION_COSTS.get(args.field) ??
    (args.type.name === 'Mutation' ? MUTATION_COST : 1) + lengthOf(args) * args.childComplexity,
];
const MAP_SIZED_RESULTS: ComplexityEstimator[] = [
  (args) =>
    MAP_SIZED_FIELDS.has(`${args.type.name}.${args.field.name}`) ? 1 : lengthOf(args) * args.childComplexity,
];

/** What an operation requests with certain variables. */
interface OperationSize {
  readonly cost: number;
  readonly mapSizedResults: number;
}

/** The newest size of an operation. Clients send the same operation with the same page sizes again and again. */
interface KnownSize {
  /** The variables that the size depends on. */
  readonly variables: readonly string[];
  readonly values: string;
  readonly size: OperationSize;
}
const knownSizes = new WeakMap<OperationDefinitionNode, KnownSize>();

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
 * Counts an operation beyond the one call that was counted when it arrived: each further root field, or each further
 * map-sized result if these are more.
 *
 * @param document has to be valid
 * @throws GRAPHQL_VALIDATION_FAILED if it requests too much, RATE_LIMITED
 */
export function chargeOperation(
  limits: Pick<CallerLimits, 'furtherCalls' | 'countAsCall' | 'isRead'>,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  const refuse = (what: string): never => {
    // Counting what is refused costs more than most answers.
    limits.countAsCall();
    const message = `This operation ${what}. Request smaller pages, or less at once.`;
    throw new DomainError('GRAPHQL_VALIDATION_FAILED', message);
  };
  const { cost, mapSizedResults } =
    sizeOf(schema, document, operation, variables ?? {}) ??
    refuse(`requests more than ${SELECTIONS_MAX} fields`);
  const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
  const costMax = isSubscription ? SUBSCRIPTION_COST_MAX : OPERATION_COST_MAX;
  if (cost > costMax) refuse(`may cost ${cost}; the limit is ${costMax}`);
  const resultsMax = isSubscription ? SUBSCRIPTION_MAP_SIZED_RESULTS_MAX : MAP_SIZED_RESULTS_MAX;
  if (mapSizedResults > resultsMax)
    refuse(`requests ${mapSizedResults} map-sized results; the limit is ${resultsMax}`);
  if (operation.operation === OperationTypeNode.MUTATION) limits.countAsCall();
  else limits.isRead(Math.ceil(cost / ANONYMOUS_READ_COST));
  limits.furtherCalls(Math.max(rootFieldsOf(document, operation).length, mapSizedResults) - 1);
}

/** @returns undefined if the operation has too many selections to count */
function sizeOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationSize | undefined {
  const known = knownSizes.get(operation);
  const names = known?.variables ?? variablesOfSize(query);
  const values = names.map((name) => valueText(variables[name])).join();
  if (known?.values === values) return known.size;
  const operationName = operation.name?.value;
  const complexity = (estimators: ComplexityEstimator[]) =>
    getComplexity({
      schema,
      query,
      variables,
      estimators,
      maxQueryNodes: SELECTIONS_MAX,
      ...(operationName === undefined ? {} : { operationName }),
    });
  try {
    const size = { cost: complexity(COST), mapSizedResults: complexity(MAP_SIZED_RESULTS) };
    knownSizes.set(operation, { variables: names, values, size });
    return size;
  } catch (error) {
    // The execution refuses invalid variables, and names them.
    if (getVariableValues(schema, operation.variableDefinitions ?? [], variables).errors !== undefined)
      return { cost: 1, mapSizedResults: 0 };
    if (error instanceof GraphQLError) return undefined;
    throw error;
  }
}

/** Variables that decide how long a page is, or whether something is included. */
function variablesOfSize(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Argument({ name, value }) {
      if ((name.value === 'first' || name.value === 'if') && value.kind === Kind.VARIABLE)
        names.add(value.name.value);
    },
  });
  return [...names];
}

/** No object is a valid page size or condition. */
const valueText = (value: unknown): string => (typeof value === 'object' ? 'object' : String(value));

function lengthOf({ field, args }: ComplexityEstimatorArgs): number {
  if (field.args.some(({ name }) => name === 'first'))
    return typeof args.first === 'number' ? Math.min(PAGE_SIZE_MAX, Math.max(0, args.first)) : PAGE_SIZE_MAX;
  // The nodes of a page are counted at the page.
  const isWithinPage = field.name === 'nodes' || field.name === 'edges';
  return isListType(getNullableType(field.type)) && !isWithinPage ? LIST_LENGTH : 1;
}
