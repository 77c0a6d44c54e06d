import { readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { buildSchema, GraphQLNonNull, type GraphQLObjectType, isNullableType, printSchema } from 'graphql';

/** Fields of Query and Mutation whose answer may be null without an error. */
const NULL_WITHOUT_ERROR: ReadonlySet<string> = new Set(['event']);

/**
 * The schema as a client sees it that reads no field of an answer with errors, as the page and the tests do: a field of
 * Query or Mutation is null only when it was refused. Without this, each of their uses would have to rule out null.
 */
function schemaOfAnswersWithoutErrors(): string {
  const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values((root as GraphQLObjectType).getFields())) {
      if (NULL_WITHOUT_ERROR.has(field.name) || !isNullableType(field.type)) continue;
      field.type = new GraphQLNonNull(field.type);
    }
  }
  return printSchema(schema);
}

/** Typed documents, as the tests and the page both take them. */
const typedDocuments = {
  preset: 'client' as const,
  presetConfig: { fragmentMasking: false },
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    scalars: { DateTimeISO: 'string', ID: 'string', SafeInt: 'number' },
  },
};

const config: CodegenConfig = {
  schema: schemaOfAnswersWithoutErrors(),
  importExtension: '.js',
  generates: {
    'src/test/support/gql/': { ...typedDocuments, documents: ['src/test/support/operations.ts'] },
    'src/web/graphql/generated/': { ...typedDocuments, documents: ['src/web/graphql/*.graphql'] },
    // As texts: the client package parses no GraphQL.
    'packages/seat-map/src/core/generated/operations.ts': {
      documents: ['packages/seat-map/src/core/*.graphql'],
      plugins: ['typescript-operations', 'typed-document-node'],
      config: { ...typedDocuments.config, documentMode: 'string' },
      // So that its declarations need no other package.
      hooks: {
        beforeOneFileWrite: (_path, content) =>
          content
            .replace("'@graphql-typed-document-node/core'", "'../typed-document.js'")
            // Texts alone, in one line: a bundle then has only those that it uses, and each request is short.
            .replaceAll(/new TypedDocumentString\((`[^`]+`)(, \{[^}]+\})?\)/g, (_all: string, text: string) =>
              text.replaceAll(/\s+/g, ' '),
            ),
      },
    },
    'packages/seat-map/src/core/generated/schema.ts': {
      plugins: ['typescript'],
      config: typedDocuments.config,
    },
  },
};

export default config;
