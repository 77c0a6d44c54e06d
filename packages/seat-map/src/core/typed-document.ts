/** What an operation's answer and variables are. The same as in @graphql-typed-document-node/core. */
export interface DocumentTypeDecoration<Data, Variables> {
  __apiType?: (variables: Variables) => Data;
}
