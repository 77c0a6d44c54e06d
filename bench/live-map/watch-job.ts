import type { SeatUpdateAnswer } from '../rush/operations.js';

/** What the process of the watchers is told to do, and what it tells of it. Times are milliseconds since 1970. */

export interface Watching {
  readonly url: string;
  /** `bare` is a WebSocket on which messages come without having been asked for. */
  readonly protocol: 'graphql-transport-ws' | 'bare';
  /** Whether a subscription is told at once of the map as it is. */
  readonly isGreeted: boolean;
  /** How many watch which event. The first one's watchers are those whose messages are looked at. */
  readonly maps: readonly { readonly eventId: string; readonly watchers: number }[];
  /** The version that every watcher has already. */
  readonly since: number | null;
  /** Connections under way at a time. */
  readonly openingAtOnce: number;
}

export type WatchRequest =
  | { readonly open: Watching }
  /** Whether every watcher of the first map has heard of the version, at the latest after `msMax`. */
  | { readonly reach: number; readonly msMax: number }
  /** What came since it was asked last. */
  | 'take'
  | 'close';

export interface Opened {
  /** From the first connection to the last watcher having its map, where it is given one. */
  readonly elapsedMs: number;
  /** Tries that ended before a watcher had its subscription, by why; each was followed by another one. */
  readonly retries: Readonly<Record<string, number>>;
}

/** One message as it was sent to any number of watchers. */
export interface Received extends Pick<SeatUpdateAnswer, 'kind' | 'version' | 'previousVersion' | 'seats'> {
  /** When it came to each watcher. */
  readonly atMs: number[];
}

export interface Taken {
  readonly messages: number;
  /** Of all messages together. */
  readonly bytes: number;
  /** To watchers of the other maps. */
  readonly messagesElsewhere: number;
  /** Messages whose `previousVersion` was not the watcher's version, or whose version was older. */
  readonly outOfOrder: number;
  /** Sockets that were closed by the other side. */
  readonly lost: number;
  readonly told: readonly Received[];
}

export type WatchAnswer = Opened | Taken | boolean | null;
