import type { ExecutionArgs, ExecutionResult } from 'graphql';

/**
 * Answers subscriptions. This interface is all that the rest of the server knows of the broadcast. `Broadcaster` builds
 * one message for all sockets with the same operation, `PlainBroadcast` one for each socket.
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

/** The bytes of one whole WebSocket frame. Several sockets may share all parts but the first. */
export type FrameParts = readonly [Buffer, ...Buffer[]];

/**
 * The maximum distance of matches in a compressed message, as a power of two. Lists of seats repeat themselves at short
 * distances, and some clients (Python's websockets) keep no larger window.
 */
export const COMPRESSION_WINDOW_BITS = 12;

/** What a broadcast uses of a socket. */
export interface BroadcastConnection {
  /** The client's address, as `countedAddress` returns it. */
  readonly address: string;
  /** Whether the client accepts messages that are compressed with this window. */
  readonly compresses: boolean;
  /**
   * Writes a frame at the end of this event-loop task, together with everything else that is written until then.
   *
   * @param drained called once the frame has left this process
   * @returns true if the frame was dropped because the socket is closing; then `drained` is not called
   */
  writeCoalesced(makeFrame: () => FrameParts, drained: () => void): boolean;
  /**
   * Writes a frame at once, unless the socket is closing or has not drained.
   *
   * @param shared the parts that other sockets are sent as well
   * @param ownBytes the number of bytes that only this socket is sent
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
  /** An answer was executed and serialised. It may be sent to many sockets. */
  answerBuilt(): void;
  messagesSent(messages: number): void;
}
