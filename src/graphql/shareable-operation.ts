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
 * On a subscription's field: each of its updates is the same for everybody who is told of it, whatever the arguments,
 * which only say which updates those are.
 */
export const SHAREABLE_UPDATES = { shareableUpdates: true };

/** TypeGraphQL's resolvers answer with a promise each. An update that is the same for everybody is its own answer. */
export function resolveUpdatesSynchronously(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    if (field.extensions.shareableUpdates === true) field.resolve = (update: unknown) => update;
  }
}

/** An operation and the fragments that it uses: whatever else its document has says nothing of it. */
export function operationAlone(document: DocumentNode, operationName: string): DocumentNode | undefined {
  const operation = getOperationAST(document, operationName === '' ? null : operationName);
  return operation ? separateOperations(document)[operation.name?.value ?? ''] : undefined;
}

/**
 * Whether an operation's answers depend on the update alone, and not on who asks. Its field says so of its updates,
 * and below it nothing is computed: each field is read off the update.
 */
export function isShareable(schema: GraphQLSchema, document: DocumentNode, operationName: string): boolean {
  const own = operationAlone(document, operationName);
  const operation = own && getOperationAST(own);
  if (own === undefined || operation?.operation !== OperationTypeNode.SUBSCRIPTION) return false;
  const types = new TypeInfo(schema);
  let same = true;
  visit(
    own,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        if (name.value === '__typename') return;
        const field = types.getFieldDef();
        const isRoot = types.getParentType() === schema.getSubscriptionType();
        same &&= isRoot ? field?.extensions.shareableUpdates === true : field?.resolve === undefined;
      },
    }),
  );
  return same;
}
