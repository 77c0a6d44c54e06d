import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/** A field that an operation asks of the schema's root, and the name under which it is answered. */
export interface RootField {
  readonly name: string;
  readonly key: string;
}

const known = new WeakMap<OperationDefinitionNode, readonly RootField[]>();

/** What an operation asks of the schema's root, under whatever aliases and in whatever fragments. */
export function rootFieldsOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly RootField[] {
  const remembered = known.get(operation);
  if (remembered !== undefined) return remembered;
  const met = new Set<string>();
  const fieldsIn = ({ selections }: SelectionSetNode): RootField[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        return [{ name, key: selection.alias?.value ?? name }];
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet);
      const { value: fragment } = selection.name;
      if (met.has(fragment)) return [];
      met.add(fragment);
      return document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === fragment
          ? fieldsIn(definition.selectionSet)
          : [],
      );
    });
  const fields = fieldsIn(operation.selectionSet);
  known.set(operation, fields);
  return fields;
}
