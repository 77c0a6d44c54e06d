import { refusalIn, SeatMapError } from './api-error.js';
import type { Endpoint } from './endpoint.js';
import type { DocumentTypeDecoration } from './typed-document.js';

/** A call without an answer fails after this time. Repeatable calls are then sent again. */
const ANSWER_MS_MAX = 15_000;

/** An operation's text, with the types of its answer and its variables. */
export type TypedDocument<Data, Variables> = { toString(): string } & DocumentTypeDecoration<Data, Variables>;

export interface HttpOptions {
  readonly fetch: typeof fetch;
  /** Of the browser's own cookies. */
  readonly credentials: RequestCredentials;
  /** The value of the header Authorization; undefined for none. */
  readonly authorization: () => string | undefined | Promise<string | undefined>;
}

/** What a request has in its body, over whatever transport. The document has one operation, before its fragments. */
export function requestOf<Variables>(document: TypedDocument<unknown, Variables>, variables: Variables) {
  const query = String(document);
  return { query, variables, operationName: /\w+ (\w+)/.exec(query)?.[1] };
}

/** GraphQL over HTTP. */
export class Http {
  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: HttpOptions,
  ) {}

  /** @throws SeatMapError if the server refused the operation, or a part of it; any other error without an answer */
  async call<Data, Variables>(document: TypedDocument<Data, Variables>, variables: Variables): Promise<Data> {
    const response = await this.post(this.endpoint.http, requestOf(document, variables), {
      accept: 'application/json',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const body = await response.text();
    const refusal = refusalIn(body);
    if (refusal !== null) throw new SeatMapError(refusal);
    const { data } = JSON.parse(body);
    if (data == null) throw new Error(`The server has answered nothing: ${response.status}`);
    return data;
  }

  /** Gets a file of the server, such as a seating plan. */
  async json<Content>(path: string): Promise<Content> {
    const response = await this.options.fetch(new URL(path, this.endpoint.http), {
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const body = await response.text();
    if (response.ok) return JSON.parse(body);
    const refusal = refusalIn(body);
    throw refusal === null ? new Error(`${path}: ${response.status}`) : new SeatMapError(refusal);
  }

  async post(
    url: string,
    body: object,
    { accept, signal }: { readonly accept: string; readonly signal: AbortSignal },
  ): Promise<Response> {
    const authorization = await this.options.authorization();
    return this.options.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        ...(authorization !== undefined && { authorization }),
      },
      credentials: this.options.credentials,
      body: JSON.stringify(body),
      signal,
    });
  }
}
