import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/** A root field of an operation, and the key under which it is answered. */
export interface RootField {
  readonly name: string;
  readonly key: string;
}

const cache = new WeakMap<OperationDefinitionNode, readonly RootField[]>();

/** All root fields of an operation, under any alias and in any fragment. graphql-js keeps its own `collectFields` internal. */
export function rootFieldsOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly RootField[] {
  const cached = cache.get(operation);
  if (cached !== undefined) return cached;
  const visited = new Set<string>();
  const fieldsIn = ({ selections }: SelectionSetNode): RootField[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        return [{ name, key: selection.alias?.value ?? name }];
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet);
      const { value: fragment } = selection.name;
      if (visited.has(fragment)) return [];
      visited.add(fragment);
      return document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === fragment
          ? fieldsIn(definition.selectionSet)
          : [],
      );
    });
  const fields = fieldsIn(operation.selectionSet);
  cache.set(operation, fields);
  return fields;
}
