import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { fetchExchange, subscriptionExchange, Client as UrqlClient } from '@urql/core';
import { OperationTypeNode, print } from 'graphql';
import { createClient, type Client as WebSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** What the journey needs of a client. Each client is used as its own documentation says. */
export interface PeerClient {
  query<Data, Vars extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Vars>,
    variables: Vars,
  ): Promise<Data>;
  mutate<Data, Vars extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Vars>,
    variables: Vars,
  ): Promise<Data>;
  /** @returns what ends the subscription */
  subscribe<Data, Vars extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Vars>,
    variables: Vars,
    receive: (data: Data) => void,
  ): () => void;
  close(): void | Promise<void>;
}

export type OpenClient = (url: string, token?: string) => PeerClient;

const socketFor = (url: string, token: string | undefined): WebSocketClient =>
  createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
  });

const headersFor = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** @throws if any field was refused */
function only<Data>(data: Data | null | undefined, error?: unknown): Data {
  if (data == null || error !== undefined) throw new Error('Refused', { cause: error });
  return data;
}

/** graphql-ws: everything over one socket. */
function openGraphQLWs(url: string, token?: string): PeerClient {
  const socket = socketFor(url, token);
  const once = async <Data, Vars extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Vars>,
    variables: Vars,
  ): Promise<Data> => {
    for await (const { data, errors } of socket.iterate<Data>({ query: print(document), variables })) {
      return only(data, errors);
    }
    throw new Error('It completed without an answer.');
  };
  return {
    query: once,
    mutate: once,
    subscribe: (document, variables, receive) =>
      socket.subscribe(
        { query: print(document), variables },
        {
          next: ({ data, errors }) => receive(only(data, errors) as never),
          error: () => {},
          complete: () => {},
        },
      ),
    close: () => socket.dispose(),
  };
}

/** Apollo Client, with its cache, which adds __typename everywhere. */
function openApollo(url: string, token?: string): PeerClient {
  const socket = socketFor(url, token);
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new HttpLink({ uri: `${url}/graphql`, headers: headersFor(token) }),
    ),
  });
  return {
    query: async (query, variables) =>
      only((await client.query({ query, variables } as never)).data) as never,
    mutate: async (mutation, variables) =>
      only((await client.mutate({ mutation, variables } as never)).data) as never,
    subscribe: (query, variables, receive) => {
      const subscription = client
        .subscribe({ query, variables } as never)
        .subscribe({ next: ({ data, error }) => receive(only(data, error) as never) });
      return () => subscription.unsubscribe();
    },
    close: () => {
      client.stop();
      return socket.dispose();
    },
  };
}

/** urql. Its queries are sent by POST: by default it sends GET, which is refused because any site's page could send it. */
function openUrql(url: string, token?: string): PeerClient {
  const socket = socketFor(url, token);
  const client = new UrqlClient({
    url: `${url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: headersFor(token) },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' } as never, sink as never),
          }),
        }),
      }),
    ],
  });
  return {
    query: async (document, variables) => {
      const { data, error } = await client.query(document, variables as never).toPromise();
      return only(data, error);
    },
    mutate: async (document, variables) => {
      const { data, error } = await client.mutation(document, variables as never).toPromise();
      return only(data, error);
    },
    subscribe: (document, variables, receive) =>
      client
        .subscription(document, variables as never)
        .subscribe(({ data, error }) => receive(only(data, error))).unsubscribe,
    close: () => socket.dispose(),
  };
}

export const CLIENTS: readonly (readonly [string, OpenClient])[] = [
  ['graphql-ws', openGraphQLWs],
  ['Apollo Client', openApollo],
  ['urql', openUrql],
];
