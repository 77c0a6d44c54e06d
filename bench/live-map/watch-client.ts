import { setTimeout as wait } from 'node:timers/promises';
import { serveRequests } from '../lib/worker.js';
import type { SeatUpdateAnswer } from '../rush/operations.js';
import { OPERATION_ID } from './message.js';
import type { WatchConnection } from './watch-connection.js';
import type { Opened, Received, Taken, WatchAnswer, Watching, WatchRequest } from './watch-job.js';
import { type Frames, framesOf, WatchSocket } from './watch-socket.js';
import { WatchStream } from './watch-stream.js';

/**
 * Thousands of watchers in their own process, so that their work is in no figure. Of each message they read only the
 * versions. The first copy of a message is parsed and stands for all.
 */

const TRIES_MAX = 20;
/** A watcher that could not subscribe retries after up to this time. */
const RETRY_MS_MAX = 1_000;
/** How long a subscription may take while thousands of others are served. */
const SUBSCRIBED_MS_MAX = 60_000;

const INIT = framesOf('{"type":"connection_init"}');
const PONG = framesOf('{"type":"pong"}');

const VERSION = Buffer.from('"version":');
const PREVIOUS_VERSION = Buffer.from('"previousVersion":');
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** Larger than any version, so that two versions fit into one number. */
const VERSIONS_MAX = 2 ** 26;

/** The number after a marker. NaN if there is none. */
function numberAfter(message: Buffer, marker: Buffer): number {
  const at = message.indexOf(marker);
  if (at < 0) return Number.NaN;
  let number = 0;
  let index = at + marker.length;
  for (; index < message.length; index++) {
    const digit = message[index] as number;
    if (digit < DIGIT_0 || digit > DIGIT_9) break;
    number = number * 10 + digit - DIGIT_0;
  }
  return index === at + marker.length ? Number.NaN : number;
}

class Watcher {
  connection: WatchConnection | undefined;
  version: number | null;

  constructor(
    readonly eventId: string,
    readonly isEvaluated: boolean,
    since: number | null,
  ) {
    this.version = since;
  }
}

interface SubscribeRequest {
  readonly body: string;
  /** The same as a message of `graphql-transport-ws`. */
  readonly frames: Frames;
}

class Watchers {
  readonly #watchers: readonly Watcher[];
  /** By map and version. */
  readonly #requests = new Map<string, SubscribeRequest>();
  #received = new Map<number, Received>();
  #messages = 0;
  #bytes = 0;
  #messagesElsewhere = 0;
  #outOfOrder = 0;
  #lost = 0;
  readonly #retries: Record<string, number> = {};
  #closing = false;
  /** The version that `reach` waits for, and the number of watchers without it. */
  #awaited = Number.POSITIVE_INFINITY;
  #behind = 0;
  #reached: () => void = () => undefined;

  constructor(private readonly watching: Watching) {
    this.#watchers = watching.maps.flatMap(({ eventId, watchers }, map) =>
      Array.from({ length: watchers }, () => new Watcher(eventId, map === 0, watching.since)),
    );
  }

  async open(): Promise<Opened> {
    const startMs = Date.now();
    const waiting = this.#watchers.values();
    const openNext = async () => {
      for (const watcher of waiting) await this.#subscribed(watcher);
    };
    await Promise.all(Array.from({ length: this.watching.openingAtOnce }, openNext));
    return { elapsedMs: Date.now() - startMs, retries: this.#retries };
  }

  async reach(version: number, msMax: number): Promise<boolean> {
    const behind = this.#watchers.filter((each) => each.isEvaluated && (each.version ?? -1) < version).length;
    if (behind === 0) return true;
    this.#awaited = version;
    this.#behind = behind;
    const tooLate = new AbortController();
    const reached = new Promise<true>((resolve) => {
      this.#reached = () => resolve(true);
    });
    const late = wait(msMax, false, { signal: tooLate.signal }).catch(() => false);
    const isReached = await Promise.race([reached, late]);
    tooLate.abort();
    this.#awaited = Number.POSITIVE_INFINITY;
    return isReached;
  }

  take(): Taken {
    const taken = {
      messages: this.#messages,
      bytes: this.#bytes,
      messagesElsewhere: this.#messagesElsewhere,
      outOfOrder: this.#outOfOrder,
      lost: this.#lost,
      received: [...this.#received.values()],
    };
    this.#received = new Map();
    this.#messages = 0;
    this.#bytes = 0;
    this.#messagesElsewhere = 0;
    this.#outOfOrder = 0;
    this.#lost = 0;
    return taken;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#watchers.map(({ connection }) => connection?.cut()));
  }

  async #subscribed(watcher: Watcher): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#subscribe(watcher);
      } catch (error) {
        if (tries >= TRIES_MAX || this.#closing) throw error;
        const why = (error as Error).message;
        this.#retries[why] = (this.#retries[why] ?? 0) + 1;
        await wait(Math.random() * RETRY_MS_MAX);
      }
    }
  }

  /** @returns once the watcher has its snapshot or, if it gets none, has sent its subscription */
  #subscribe(watcher: Watcher): Promise<void> {
    const { url, protocol, getsSnapshot } = this.watching;
    const isBare = protocol === 'bare';
    return new Promise((resolve, reject) => {
      let isReady = false;
      const ready = () => {
        if (isReady) return;
        isReady = true;
        clearTimeout(late);
        resolve();
      };
      const fail = (why: string) => {
        reject(new Error(why));
        void watcher.connection?.cut();
      };
      const late = setTimeout(() => fail('not served in time'), SUBSCRIBED_MS_MAX);
      /** @returns false if the message is none about the map */
      const receive = (message: Buffer) => {
        const version = numberAfter(message, VERSION);
        if (Number.isNaN(version)) return false;
        this.#receive(watcher, version, message);
        ready();
        return true;
      };
      const closed = (why: string) => {
        clearTimeout(late);
        if (isReady && !this.#closing) this.#lost += 1;
        reject(new Error(why));
      };
      if (protocol === 'event-stream') {
        const text = (message: Buffer) => {
          if (!receive(message)) fail(`subscription ended: ${message}`);
        };
        const { body } = this.#requestOf(watcher);
        watcher.connection = new WatchStream(new URL('/graphql/stream', url), body, { text, closed });
        return;
      }
      const socket = new WatchSocket(new URL('/graphql', url), isBare ? null : protocol, {
        opened: () => {
          if (isBare) ready();
          else socket.send(INIT);
        },
        text: (message) => {
          if (receive(message)) return;
          const { type, payload } = JSON.parse(String(message)) as { type: string; payload?: unknown };
          if (type === 'connection_ack') {
            socket.send(this.#requestOf(watcher).frames);
            if (!getsSnapshot) ready();
          } else if (type === 'ping') socket.send(PONG);
          else if (type === 'error' || type === 'complete')
            fail(`subscription ended: ${JSON.stringify(payload ?? type)}`);
        },
        closed,
      });
      watcher.connection = socket;
    });
  }

  #requestOf({ eventId, version: since }: Watcher): SubscribeRequest {
    const key = `${eventId} ${since}`;
    let request = this.#requests.get(key);
    if (request === undefined) {
      const body = JSON.stringify({ query: this.watching.query, variables: { eventId, since } });
      const frames = framesOf(`{"id":"${OPERATION_ID}","type":"subscribe","payload":${body}}`);
      request = { body, frames };
      this.#requests.set(key, request);
    }
    return request;
  }

  #receive(watcher: Watcher, version: number, message: Buffer): void {
    const previousVersion = numberAfter(message, PREVIOUS_VERSION);
    const before = watcher.version;
    const isSnapshot = Number.isNaN(previousVersion);
    // A watcher without a snapshot starts with its first message.
    const isInOrder = isSnapshot
      ? before === null || version >= before
      : before === null
        ? !this.watching.getsSnapshot
        : previousVersion === before;
    if (!isInOrder) this.#outOfOrder += 1;
    watcher.version = version;
    if (!watcher.isEvaluated) {
      this.#messagesElsewhere += 1;
      return;
    }
    this.#messages += 1;
    this.#bytes += message.length;
    const key = (isSnapshot ? VERSIONS_MAX - 1 : previousVersion) * VERSIONS_MAX + version;
    let received = this.#received.get(key);
    if (received === undefined) {
      received = { ...updateIn(message), atMs: [] };
      this.#received.set(key, received);
    }
    received.atMs.push(Date.now());
    if (version < this.#awaited || (before ?? -1) >= this.#awaited) return;
    this.#behind -= 1;
    if (this.#behind === 0) this.#reached();
  }
}

/** @param message a socket's message with the result as its payload, or an event stream's with the result alone */
function updateIn(message: Buffer): Omit<Received, 'atMs'> {
  type Result = { readonly data: { readonly seatAvailabilityChanged: SeatUpdateAnswer } };
  const parsed = JSON.parse(String(message)) as Result | { readonly payload: Result };
  const { data } = 'payload' in parsed ? parsed.payload : parsed;
  const { kind, version, previousVersion, seats } = data.seatAvailabilityChanged;
  // The many seats of a snapshot are not evaluated.
  return { kind, version, previousVersion, seats: kind === 'SNAPSHOT' ? [] : seats };
}

let watchers: Watchers | undefined;

serveRequests<WatchRequest, WatchAnswer>(async (request) => {
  if (typeof request === 'object' && 'open' in request) {
    watchers = new Watchers(request.open);
    return watchers.open();
  }
  if (watchers === undefined) throw new Error('There are no watchers.');
  if (typeof request === 'object') return watchers.reach(request.reach, request.msMax);
  if (request === 'take') return watchers.take();
  await watchers.close();
  watchers = undefined;
  return null;
});
