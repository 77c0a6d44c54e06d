import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/**
 * Extension of a subscription field: every update is the same for all viewers. Its arguments only select which updates a
 * subscriber gets.
 */
export const SHAREABLE_UPDATES = { shareableUpdates: true };

/** TypeGraphQL's resolvers return promises. A shareable update needs none: it is its own answer. */
export function resolveUpdatesSynchronously(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    if (field.extensions.shareableUpdates === true) field.resolve = (update: unknown) => update;
  }
}

/** An operation and the fragments that it uses, without the rest of its document. */
export function operationAlone(document: DocumentNode, operationName: string): DocumentNode | undefined {
  const operation = getOperationAST(document, operationName === '' ? null : operationName);
  return operation ? separateOperations(document)[operation.name?.value ?? ''] : undefined;
}

/**
 * Whether an operation's answers depend on the update alone, and not on the viewer: its root field has shareable updates, and
 * no field below it has a resolver.
 */
export function isShareable(schema: GraphQLSchema, document: DocumentNode, operationName: string): boolean {
  const own = operationAlone(document, operationName);
  const operation = own && getOperationAST(own);
  if (own === undefined || operation?.operation !== OperationTypeNode.SUBSCRIPTION) return false;
  const types = new TypeInfo(schema);
  let isSame = true;
  visit(
    own,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        if (name.value === '__typename') return;
        const field = types.getFieldDef();
        const isRoot = types.getParentType() === schema.getSubscriptionType();
        isSame &&= isRoot ? field?.extensions.shareableUpdates === true : field?.resolve === undefined;
      },
    }),
  );
  return isSame;
}
