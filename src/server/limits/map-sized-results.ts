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
import {
  clampPageSize,
  costOf,
  EXPENSIVE_FIELD_USES_MAX,
  isWithinPage,
  LIST_LENGTH,
} from './operation-cost.js';
import { rootFieldsOf } from './root-fields.js';

/**
 * Answers as large as a hall that one operation may ask for, each page on the way counted with what its variables say:
 * a page of a hundred events with one each, or by default all that there is of them.
 */
export const MAP_SIZED_RESULTS_MAX = 100;

/** What one look may cost, as `operation-cost.ts` counts it: a map, or an event with all that is told of it, and a list of four. */
const ANONYMOUS_READ_COST = 1_000;

/** How many nodes lie on the way: a number, or what the caller says. */
type NodeCount = number | { readonly variable: string; readonly byDefault: number };

const known = new WeakMap<OperationDefinitionNode, readonly (readonly NodeCount[])[]>();

/**
 * Counts what an operation does beyond the one call that has been counted: each further field of the schema's root, or
 * each further hall, whichever are more.
 *
 * @throws GRAPHQL_VALIDATION_FAILED where it asks for too many halls, RATE_LIMITED
 */
export function chargeOperation(
  limits: Pick<CallerLimits, 'furtherCalls' | 'isMutation' | 'isRead'>,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  const halls = mapSizedResultsOf(schema, document, operation, variables ?? {});
  if (halls > MAP_SIZED_RESULTS_MAX) {
    throw new DomainError(
      'GRAPHQL_VALIDATION_FAILED',
      `This asks for what is as large as a hall ${halls} times, and ${MAP_SIZED_RESULTS_MAX} is the limit: ask for smaller pages, or for less at a time.`,
    );
  }
  if (operation.operation === OperationTypeNode.MUTATION) limits.isMutation();
  else
    limits.isRead(() =>
      Math.ceil(costOf(schema, document, operation, variables ?? {}) / ANONYMOUS_READ_COST),
    );
  limits.furtherCalls(Math.max(rootFieldsOf(document, operation).length, halls) - 1);
}

/** Of a document that is valid: the other rules have bounded how often it names what is as large as a hall. */
export function mapSizedResultsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  let places = known.get(operation);
  if (places === undefined) {
    const root = schema.getRootType(operation.operation);
    places = root ? new ResultPaths(schema, document, operation).in(operation.selectionSet, root) : [];
    known.set(operation, places);
  }
  return places.reduce(
    (sum, place) => sum + place.reduce<number>((halls, nodes) => halls * countOf(nodes, variables), 1),
    0,
  );
}

function countOf(nodes: NodeCount, variables: Readonly<Record<string, unknown>>): number {
  if (typeof nodes === 'number') return nodes;
  const requested = variables[nodes.variable];
  if (requested === undefined) return nodes.byDefault;
  return typeof requested === 'number' ? clampPageSize(requested) : PAGE_SIZE_MAX;
}

/** Where an operation asks for what is as large as a hall: for each place, the pages and lists around it. */
class ResultPaths {
  /** Of fragments that were met before. */
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
    const met = this.#fragments.get(name);
    if (met !== undefined) return met;
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
    return nodes === 1 ? within : within.map((place) => [nodes, ...place]);
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
