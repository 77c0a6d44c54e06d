import type { ExecutionArgs, ExecutionResult } from 'graphql';

/**
 * Answers subscriptions. This interface is all that the rest of the server knows of the broadcast. `Broadcaster` builds
 * one message for all
 * connections with the same operation, `PlainBroadcast` one for each of them.
 */
export interface Broadcast {
  /**
   * @param id the operation's id on its connection
   * @returns the answers that the caller has to send. The broadcast may write other answers to the connection itself.
   */
  subscribe(
    args: ExecutionArgs,
    connection: BroadcastConnection,
    id: string,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
}

/**
 * The bytes of one whole message: a WebSocket frame, or a server-sent event. Several connections may share all parts but
 * the first.
 */
export type FrameParts = readonly [Buffer, ...Buffer[]];

/**
 * The maximum distance of matches in a compressed message, as a power of two. Lists of seats repeat themselves at short
 * distances, and some clients (Python's websockets) keep no larger window.
 */
export const COMPRESSION_WINDOW_BITS = 12;

/** How a connection writes a message. A client that accepts compressed messages gets `websocket-deflate`. */
export type MessageEncoding = 'websocket' | 'websocket-deflate' | 'event-stream';

/** What a broadcast uses of a connection. */
export interface BroadcastConnection {
  /** The client's address, as `countedAddress` returns it. */
  readonly address: string;
  readonly encoding: MessageEncoding;
  /**
   * Writes a frame at the end of this event-loop task, together with everything else that is written until then.
   *
   * @param drained called once the frame has left this process
   * @returns true if the frame was dropped because the connection is closing; then `drained` is not called
   */
  writeCoalesced(makeFrame: () => FrameParts, drained: () => void): boolean;
  /**
   * Writes a frame at once, unless the connection is closing or has not drained.
   *
   * @param shared the parts that other connections are sent as well
   * @param ownBytes the number of bytes that only this connection is sent
   * @param drained called once a buffered frame has left this process
   */
  writeNow(
    frame: readonly Buffer[],
    shared: readonly Buffer[],
    ownBytes: number,
    drained: () => void,
  ): 'sent' | 'buffered' | 'refused';
}

/** Counts answers about seat maps and events, for metrics. */
export interface BroadcastObserver {
  /** An answer was executed and serialised. It may be sent to many connections. */
  answerBuilt(): void;
  messagesSent(messages: number): void;
}
