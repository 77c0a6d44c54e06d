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

/**
 * Extension of a subscription field whose updates are events, which have fields with resolvers. An operation is shared
 * unless it selects a field that is not.
 */
export const SHAREABLE_EVENTS = { shareableEvents: true };

/** Extension of a field of a shareable event that is not shared: it depends on the viewer, or is large. */
export const NOT_SHARED = { notShared: true };

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
 * no field below it has a resolver, or it has shareable events, and every field below it is shared.
 */
export function isShareable(schema: GraphQLSchema, document: DocumentNode, operationName: string): boolean {
  const own = operationAlone(document, operationName);
  const operation = own && getOperationAST(own);
  if (own === undefined || operation?.operation !== OperationTypeNode.SUBSCRIPTION) return false;
  const types = new TypeInfo(schema);
  let isSame = true;
  let hasResolvers = false;
  visit(
    own,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        if (name.value === '__typename') return;
        const field = types.getFieldDef();
        if (types.getParentType() === schema.getSubscriptionType()) {
          hasResolvers = field?.extensions.shareableEvents === true;
          isSame &&= hasResolvers || field?.extensions.shareableUpdates === true;
        } else if (hasResolvers) isSame &&= field?.extensions.notShared !== true;
        else isSame &&= field?.resolve === undefined;
      },
    }),
  );
  return isSame;
}
