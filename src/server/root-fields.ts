import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

const known = new WeakMap<OperationDefinitionNode, number>();

/** How many fields an operation asks of the schema's root, under whatever aliases and in whatever fragments. */
export function rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): number {
  const remembered = known.get(operation);
  if (remembered !== undefined) return remembered;
  const met = new Set<string>();
  const countIn = ({ selections }: SelectionSetNode): number => {
    let count = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) count += 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += countIn(selection.selectionSet);
      else if (!met.has(selection.name.value)) {
        const { value: name } = selection.name;
        met.add(name);
        for (const definition of document.definitions) {
          const isMeant = definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name;
          if (isMeant) count += countIn(definition.selectionSet);
        }
      }
    }
    return count;
  };
  const count = countIn(operation.selectionSet);
  known.set(operation, count);
  return count;
}
