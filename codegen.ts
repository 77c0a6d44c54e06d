import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents, as the tests and the page both take them. */
const typedDocuments = {
  preset: 'client' as const,
  presetConfig: { fragmentMasking: false },
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    scalars: { DateTimeISO: 'string', ID: 'string' },
  },
};

const config: CodegenConfig = {
  schema: 'schema.graphql',
  importExtension: '.js',
  generates: {
    'src/test/gql/': { ...typedDocuments, documents: ['src/test/operations.ts'] },
    'src/web/graphql/generated/': { ...typedDocuments, documents: ['src/web/graphql/*.graphql'] },
  },
};

export default config;
