import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { GraphQLAnswer, TestApp, TestUser } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** For servers that trust this machine as a proxy: calls with a client address of the test's choice. */
export const BEHIND_PROXY = { trustProxy: ['loopback'] } as const;

export interface CallFrom {
  readonly address?: string;
  readonly user?: Pick<TestUser, 'token'>;
  readonly token?: string;
}

/** Sends one operation over HTTP from any address. Returns the answer with its status and header. */
export async function callFrom<Data, Vars>(
  { url }: Pick<TestApp, 'url'>,
  { address, user, token = user?.token }: CallFrom,
  query: TypedDocumentNode<Data, Vars> | string,
  variables?: unknown,
): Promise<GraphQLAnswer<Data> & { readonly status: number; readonly retryAfter: string | null }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(address !== undefined && { 'x-forwarded-for': address }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: textOf(query), variables }),
  });
  const answer = (await response.json()) as GraphQLAnswer<Data>;
  return { ...answer, status: response.status, retryAfter: response.headers.get('retry-after') };
}

/** The code of the refusal, or `done`. */
export const outcomeOf = ({ errors }: GraphQLAnswer<unknown>): string =>
  errors?.[0]?.extensions.code ?? 'done';

export const detailsOf = ({ errors }: GraphQLAnswer<unknown>) => errors?.[0]?.extensions.details ?? {};
