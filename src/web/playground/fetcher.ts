import { createGraphiQLFetcher, type Fetcher, type FetcherParams, type Observable } from '@graphiql/toolkit';
import { type ExecutionResult, getOperationAST, parse } from 'graphql';
import { type Client, CloseCode, createClient } from 'graphql-ws';
import { fillIn, remember, ValueNotKnown } from './carried-values.js';

type Headers = Record<string, string>;

const overHttp = createGraphiQLFetcher({ url: '/graphql', enableIncrementalDelivery: false });

const SOCKET_URL = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`;

// One socket for one Authorization header: a socket keeps the user that it was opened for.
let socket: { authorization: string | undefined; client: Client } | undefined;

function socketFor(authorization: string | undefined): Client {
  if (socket && socket.authorization === authorization) return socket.client;
  socket?.client.terminate();
  const client = createClient({
    url: SOCKET_URL,
    lazy: true,
    connectionParams: authorization ? { authorization } : {},
    // After a server restart the socket reconnects. A refused token would be refused again, so there is no retry.
    shouldRetry: (event) => !(event instanceof CloseEvent && event.code === CloseCode.Forbidden),
  });
  socket = { authorization, client };
  return client;
}

function overSocket(params: FetcherParams, headers: Headers): Observable<ExecutionResult> {
  const subscribe = (sink: {
    next(result: ExecutionResult): void;
    error(errors: unknown): void;
    complete(): void;
  }) => {
    let stopped = false; // a stopped subscription may still end, which must not end the next one
    const dispose = socketFor(authorizationOf(headers)).subscribe(params as never, {
      next: (result) => stopped || sink.next(result as ExecutionResult),
      error: (error) => stopped || sink.error(readable(error)),
      complete: () => stopped || sink.complete(),
    });
    return {
      unsubscribe() {
        stopped = true;
        dispose();
      },
    };
  };
  return { subscribe } as Observable<ExecutionResult>;
}

/** The error as GraphQL errors, because a socket's events print no useful text. */
function readable(error: unknown): readonly { message: string }[] {
  if (Array.isArray(error)) return error;
  if (error instanceof CloseEvent) {
    return [{ message: `The server closed the connection: ${error.code} ${error.reason}`.trim() }];
  }
  if (error instanceof Event) return [{ message: 'The server cannot be reached' }];
  return [{ message: error instanceof Error ? error.message : String(error) }];
}

/** The headers with their values filled in. Without a token the request is sent anonymously. */
function fillInHeaders(headers: Headers): Headers {
  const filled: Headers = {};
  for (const [name, value] of Object.entries(headers)) {
    try {
      filled[name] = fillIn(value);
    } catch (error) {
      if (!(error instanceof ValueNotKnown) || error.value !== 'token') throw error;
    }
  }
  return filled;
}

function authorizationOf(headers: Headers): string | undefined {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'authorization');
  return name === undefined ? undefined : headers[name];
}

/**
 * The operation in the document. GraphiQL's own operation name is outdated right after a change of tabs: it is still that of
 * the tab before.
 */
function operationOf({ query, operationName }: FetcherParams): {
  operationName: string | null;
  operation: string | undefined;
} {
  const named = operationName ?? null;
  try {
    const document = parse(query);
    const only = getOperationAST(document);
    if (only) return { operationName: only.name?.value ?? null, operation: only.operation };
    return { operationName: named, operation: getOperationAST(document, named)?.operation };
  } catch {
    // The server's answer explains the syntax error.
    return { operationName: named, operation: undefined };
  }
}

export const fetcher: Fetcher = async (params, options) => {
  // The schema is public. An expired token must not break its documentation.
  if (params.operationName === 'IntrospectionQuery') return overHttp(params);
  try {
    const headers = fillInHeaders(options?.headers ?? {});
    const { operationName, operation } = operationOf(params);
    const filled = { ...params, operationName, variables: fillIn(params.variables) };
    if (operation === 'subscription') return overSocket(filled, headers);
    const answer = await overHttp(filled, { ...options, headers });
    if ('data' in answer) remember(answer.data);
    return answer;
  } catch (error) {
    // Returned as an answer, because GraphiQL shows a thrown error with its stack.
    return { errors: readable(error) as never };
  }
};
