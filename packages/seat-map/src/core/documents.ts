/** All operations of the client as typed documents, and the types of the whole schema. */
export * from './generated/operations.js';
export type * as Schema from './generated/schema.js';
