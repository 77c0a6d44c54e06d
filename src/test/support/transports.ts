import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { expect } from 'vitest';
import { RawSocket } from './raw-socket.js';
import type { GraphQLAnswer, TestApp } from './test-app.js';

/** Both transports, for what must be the same over both. */
export const TRANSPORTS = ['HTTP', 'WebSocket'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** One operation of any client. */
export interface Attempt {
  readonly query: TypedDocumentNode<never, never> | string;
  readonly variables?: unknown;
  readonly operationName?: string;
  /** `Authorization` over HTTP, `authorization` in the connectionParams over WebSocket. */
  readonly authorization?: string | undefined;
}

/** The first answer, or `closed` with the code if the socket was closed before there was one. */
export interface AttemptAnswer extends GraphQLAnswer<Record<string, unknown>> {
  readonly closed?: number;
}

export const bearer = (user?: { readonly token: string }): string | undefined =>
  user && `Bearer ${user.token}`;

export async function attempt(app: TestApp, transport: Transport, what: Attempt): Promise<AttemptAnswer> {
  const { variables, operationName, authorization } = what;
  const query = textOf(what.query);
  const operation = { query, variables, ...(operationName !== undefined && { operationName }) };
  if (transport === 'HTTP') {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
      body: JSON.stringify(operation),
    });
    return (await response.json()) as AttemptAnswer;
  }
  const socket = await RawSocket.open(app.url);
  if (await socket.init(authorization === undefined ? undefined : { authorization })) {
    socket.send({ id: '1', type: 'subscribe', payload: operation });
    const answer = await socket.answerTo('1');
    if (answer !== undefined) {
      socket.socket.terminate();
      return answer as AttemptAnswer;
    }
  }
  return { closed: (await socket.closed).code };
}

/** The only error of an operation that must be refused. */
export async function onlyError(app: TestApp, transport: Transport, what: Attempt) {
  const { errors = [] } = await attempt(app, transport, what);
  expect(errors).toHaveLength(1);
  return errors[0] as (typeof errors)[0];
}

export const textOf = (document: unknown): string =>
  typeof document === 'string' ? document : print(document as Parameters<typeof print>[0]);
