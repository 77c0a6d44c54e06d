import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { DomainError } from '../../core/errors.js';
import { PAGE_SIZE_MAX } from '../../core/page.js';
import type { CallerLimits } from '../../graphql/caller-limits.js';
import { EXPENSIVE_FIELD_USES_MAX } from './expensive-fields.js';
import { clampPageSize, costOf, isWithinPage, LIST_LENGTH } from './operation-cost.js';
import { rootFieldsOf } from './root-fields.js';

/**
 * Map-sized results that an operation may request. A page counts with the size that its variables request: a page of a
 * hundred events with one map each is a hundred.
 */
export const MAP_SIZED_RESULTS_MAX = 100;

/**
 * The cost of one anonymous read, as `operation-cost.ts` counts it: a map, an event with all its fields, or a list of
 * four events.
 */
const ANONYMOUS_READ_COST = 1_000;

/** The number of nodes of a page or list, or the variable that it depends on. */
type NodeCount = number | { readonly variable: string; readonly byDefault: number };

/** The results of `ResultPaths`. */
const cache = new WeakMap<OperationDefinitionNode, readonly (readonly NodeCount[])[]>();

/**
 * Counts an operation beyond the one call that was counted when it arrived: each further root field, or each further
 * map-sized result if these are more.
 *
 * @throws GRAPHQL_VALIDATION_FAILED if it requests too many map-sized results, RATE_LIMITED
 */
export function chargeOperation(
  limits: Pick<CallerLimits, 'furtherCalls' | 'isMutation' | 'isRead'>,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  const results = mapSizedResultsOf(schema, document, operation, variables ?? {});
  if (results > MAP_SIZED_RESULTS_MAX) {
    throw new DomainError(
      'GRAPHQL_VALIDATION_FAILED',
      `This operation requests ${results} map-sized results; the limit is ${MAP_SIZED_RESULTS_MAX}. Request smaller pages, or less at once.`,
    );
  }
  if (operation.operation === OperationTypeNode.MUTATION) limits.isMutation();
  else
    limits.isRead(() =>
      Math.ceil(costOf(schema, document, operation, variables ?? {}) / ANONYMOUS_READ_COST),
    );
  limits.furtherCalls(Math.max(rootFieldsOf(document, operation).length, results) - 1);
}

/** The document has to be valid: `expensiveFieldsRule` has limited how often it names a map-sized field. */
export function mapSizedResultsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  let paths = cache.get(operation);
  if (paths === undefined) {
    const root = schema.getRootType(operation.operation);
    paths = root ? new ResultPaths(schema, document, operation).in(operation.selectionSet, root) : [];
    cache.set(operation, paths);
  }
  return paths.reduce(
    (sum, path) => sum + path.reduce<number>((results, nodes) => results * countOf(nodes, variables), 1),
    0,
  );
}

function countOf(nodes: NodeCount, variables: Readonly<Record<string, unknown>>): number {
  if (typeof nodes === 'number') return nodes;
  const requested = variables[nodes.variable];
  if (requested === undefined) return nodes.byDefault;
  return typeof requested === 'number' ? clampPageSize(requested) : PAGE_SIZE_MAX;
}

/** Finds the map-sized fields of an operation. A path has the sizes of the pages and lists around one such field. */
class ResultPaths {
  /** The paths in fragments that were visited before. */
  readonly #fragments = new Map<string, readonly (readonly NodeCount[])[]>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
  ) {}

  in({ selections }: SelectionSetNode, type: GraphQLNamedType): readonly (readonly NodeCount[])[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return this.#field(selection, type);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#fragment(selection.name.value);
      const on = selection.typeCondition && this.schema.getType(selection.typeCondition.name.value);
      return this.in(selection.selectionSet, on ?? type);
    });
  }

  #fragment(name: string): readonly (readonly NodeCount[])[] {
    const visited = this.#fragments.get(name);
    if (visited !== undefined) return visited;
    this.#fragments.set(name, []);
    for (const fragment of this.document.definitions) {
      if (fragment.kind !== Kind.FRAGMENT_DEFINITION || fragment.name.value !== name) continue;
      const type = this.schema.getType(fragment.typeCondition.name.value);
      if (type) this.#fragments.set(name, this.in(fragment.selectionSet, type));
    }
    return this.#fragments.get(name) ?? [];
  }

  #field(node: FieldNode, type: GraphQLNamedType): readonly (readonly NodeCount[])[] {
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const field = type.getFields()[node.name.value];
    if (field === undefined) return [];
    if (`${type.name}.${field.name}` in EXPENSIVE_FIELD_USES_MAX) return [[]];
    if (!node.selectionSet) return [];
    const within = this.in(node.selectionSet, getNamedType(field.type));
    if (within.length === 0) return within;
    const nodes = this.#nodesOf(node, field);
    return nodes === 1 ? within : within.map((path) => [nodes, ...path]);
  }

  #nodesOf(node: FieldNode, field: GraphQLField<unknown, unknown>): NodeCount {
    const first = field.args.find(({ name }) => name === 'first');
    if (first === undefined)
      return isListType(getNullableType(field.type)) && !isWithinPage(field.name) ? LIST_LENGTH : 1;
    const defaultSize = typeof first.defaultValue === 'number' ? first.defaultValue : PAGE_SIZE_MAX;
    const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    if (value?.kind !== Kind.VARIABLE) return requestedSize(value, defaultSize);
    const variable = value.name.value;
    const definition = this.operation.variableDefinitions?.find(
      (defined) => defined.variable.name.value === variable,
    );
    return { variable, byDefault: requestedSize(definition?.defaultValue, defaultSize) };
  }
}

const requestedSize = (value: ValueNode | undefined, defaultSize: number): number =>
  value?.kind === Kind.INT ? clampPageSize(Number(value.value)) : defaultSize;
