import type { FormattedExecutionResult } from 'graphql-ws';

/** A subscription to open. Variables may have getters: they are read again whenever it is opened anew. */
export interface Subscription {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** Where the messages of a subscription go. Its shape is that of graphql-ws. */
export interface Sink<Data = Readonly<Record<string, unknown>>> {
  next(result: FormattedExecutionResult<Data, never>): void;
  /** @param error the server's errors as an array, or anything else */
  error(error: unknown): void;
  /** The server has ended it. */
  complete(): void;
  /** The connection is lost, or can no longer be trusted. The subscription is opened again by itself. */
  lost?(): void;
}

/** Opens subscriptions, and keeps them open over lost connections. */
export interface Subscriber {
  subscribe<Data>(subscription: Subscription, sink: Sink<Data>): () => void;
}
