import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  print,
  visit,
} from 'graphql';
import { isShareable, operationAlone } from '../../graphql/shareable-operation.js';

/** What two operations must have in common to get the same answers. */
interface ShareableOperation {
  readonly documentKey: string;
  /**
   * Names of the variables that the answers depend on. Those that only say where the stream starts are not among them.
   */
  readonly variables: readonly string[];
}

/** Finds operations that get the same answers, and remembers for each document what it found. */
export class GroupKeys {
  readonly #shareable = new WeakMap<DocumentNode, Map<string, ShareableOperation | null>>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** @returns the same key for operations with the same answers, or null if the answers depend on the viewer */
  keyOf({ document, operationName, variableValues }: ExecutionArgs): string | null {
    const shareable = this.#shareableOf(document, operationName ?? '');
    if (shareable === null) return null;
    const values = shareable.variables.map((name) => variableValues?.[name]);
    // Arguments of shareable fields are scalars. An object will be refused, and may be too deeply nested to serialise.
    if (values.some((value) => typeof value === 'object' && value !== null)) return null;
    // A missing value is not null: a default replaces only the missing one.
    return `${shareable.documentKey} ${JSON.stringify(values.map((value) => (value === undefined ? [] : [value])))}`;
  }

  #shareableOf(document: DocumentNode, operationName: string): ShareableOperation | null {
    let operations = this.#shareable.get(document);
    if (operations === undefined) {
      operations = new Map();
      this.#shareable.set(document, operations);
    }
    let shareable = operations.get(operationName);
    if (shareable === undefined) {
      shareable = isShareable(this.schema, document, operationName)
        ? {
            documentKey: documentKeyOf(document, operationName),
            variables: variablesOf(document, operationName),
          }
        : null;
      operations.set(operationName, shareable);
    }
    return shareable;
  }
}

/** By text: a document that was evicted from the cache and parsed again still joins its earlier group. */
const documentKeyOf = (document: DocumentNode, operationName: string): string =>
  createHash('sha256')
    .update(`${operationName} ${print(document)}`)
    .digest('base64url');

function variablesOf(document: DocumentNode, operationName: string): readonly string[] {
  const own = operationAlone(document, operationName);
  if (own === undefined) return [];
  const operation = getOperationAST(own);
  const ofStream = streamVariablesOf(own);
  const declared = operation?.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  return declared.filter((name) => !ofStream.has(name));
}

/** Variables that are used once, in the arguments of the subscription's root field: they only choose the stream. */
function streamVariablesOf(own: DocumentNode): ReadonlySet<string> {
  const root = getOperationAST(own)?.selectionSet.selections[0];
  const names = new Set<string>();
  if (root?.kind !== Kind.FIELD) return names;
  for (const { value } of root.arguments ?? []) {
    if (value.kind === Kind.VARIABLE) names.add(value.name.value);
  }
  const uses = new Map<string, number>();
  visit(own, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      uses.set(name.value, (uses.get(name.value) ?? 0) + 1);
    },
  });
  for (const name of names) if (uses.get(name) !== 1) names.delete(name);
  return names;
}
