import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  print,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { ErrorCode } from '../../core/errors.js';
import { DOCUMENTS_MAX, QUERY_TOKENS_MAX, requireShortQuery } from '../limits/operation-limits.js';

/** Parses and validates the documents of WebSockets and event streams, as Apollo Server does over HTTP, and keeps the valid ones. */
export class Documents {
  readonly #documents = new LRUCache<string, DocumentNode>({ max: DOCUMENTS_MAX });
  readonly #rules: readonly ValidationRule[];

  /** @param rules besides those of GraphQL itself */
  constructor(
    private readonly schema: GraphQLSchema,
    rules: readonly ValidationRule[],
  ) {
    this.#rules = [...specifiedRules, ...rules];
  }

  /** Whether the text was parsed and is valid. */
  has(text: string): boolean {
    return this.#documents.has(text);
  }

  /** @throws BAD_USER_INPUT if the text is too long */
  get(
    text: string,
  ):
    | { readonly document: DocumentNode; readonly errors?: undefined }
    | { readonly document?: undefined; readonly errors: readonly GraphQLError[] } {
    const cached = this.#documents.get(text);
    if (cached !== undefined) return { document: cached };
    requireShortQuery(text);
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: QUERY_TOKENS_MAX });
    } catch (error) {
      return { errors: [clientError('GRAPHQL_PARSE_FAILED', error as GraphQLError)] };
    }
    const errors = validate(this.schema, document, this.#rules);
    if (errors.length > 0)
      return { errors: errors.map((error) => clientError('GRAPHQL_VALIDATION_FAILED', error)) };
    // The same operation with another layout uses the same document, and shares what is cached for it.
    const printed = print(document);
    const known = this.#documents.get(printed) ?? document;
    this.#documents.set(printed, known);
    this.#documents.set(text, known);
    return { document: known };
  }
}

const clientError = (code: ErrorCode, { message, nodes, source, positions }: GraphQLError): GraphQLError =>
  new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code, details: {} },
  });
