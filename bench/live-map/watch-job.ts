import type { SeatUpdateAnswer } from '../rush/operations.js';

/** Requests to the watchers' process, and its answers. Times are milliseconds since 1970. */

export interface Watching {
  readonly url: string;
  /** `bare` is a WebSocket on which messages come without a subscription. */
  readonly protocol: 'graphql-transport-ws' | 'event-stream' | 'bare';
  /** The operation of every watcher. */
  readonly query: string;
  /** Whether a subscription without `since` starts with a snapshot. */
  readonly getsSnapshot: boolean;
  /** Watchers by event. The messages of the first event are evaluated. */
  readonly maps: readonly { readonly eventId: string; readonly watchers: number }[];
  /** The version that every watcher has. */
  readonly since: number | null;
  /** Connections opened at a time. */
  readonly openingAtOnce: number;
}

export type WatchRequest =
  | { readonly open: Watching }
  /** Whether every watcher of the first map receives the version within `msMax`. */
  | { readonly reach: number; readonly msMax: number }
  /** What was received since the last `take`. */
  | 'take'
  | 'close';

export interface Opened {
  /** From the first connection until the last watcher is subscribed and has its snapshot, if it gets one. */
  readonly elapsedMs: number;
  /** Failed attempts to subscribe, by reason. Each was retried. */
  readonly retries: Readonly<Record<string, number>>;
}

/** One message, received by any number of watchers. */
export interface Received extends Pick<SeatUpdateAnswer, 'kind' | 'version' | 'previousVersion' | 'seats'> {
  /** When each watcher received it. */
  readonly atMs: number[];
}

export interface Taken {
  readonly messages: number;
  /** Of all messages. */
  readonly bytes: number;
  /** To watchers of the other maps. */
  readonly messagesElsewhere: number;
  /** Messages whose `previousVersion` was not the watcher's version, or with an older version. */
  readonly outOfOrder: number;
  /** Connections closed by the server. */
  readonly lost: number;
  readonly received: readonly Received[];
}

export type WatchAnswer = Opened | Taken | boolean | null;
