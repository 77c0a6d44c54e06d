import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { SEAT_AVAILABILITY_CHANGED, type SeatUpdateAnswer } from './operations.js';
import { retryAfterMs } from './retry.js';
import { WatchedMap } from './watched-map.js';

/** How often in a row a watcher may find no live map before it gives up. */
const TRIES_MAX = 10;
/** A connection that is lost is sought again after this, and after one more of it for each time in a row. */
const COME_BACK_MS = 200;

/** A connection that is cut before it is open is an error that the client has stopped listening for. */
class Socket extends WebSocket {
  constructor(...options: ConstructorParameters<typeof WebSocket>) {
    super(...options);
    this.on('error', () => undefined);
  }
}

/** Somebody who looks at the live map all the time, loses the connection now and then, and resumes. */
export class Watcher {
  readonly map = new WatchedMap();
  /** What the server sent and should not have. */
  readonly faults: string[] = [];
  messages = 0;
  resumes = 0;
  readonly #client: Client;
  #stopped = false;
  #running: Promise<void> | undefined;
  #pauseMs = 0;
  /** When a busy server lets it come back; by the monotonic clock. */
  #backAtMs = 0;

  constructor(
    endpoint: URL,
    private readonly eventId: string,
    token: string,
    private readonly triesMax = TRIES_MAX,
  ) {
    const url = new URL(endpoint);
    url.protocol = endpoint.protocol.replace('http', 'ws');
    this.#client = createClient({
      url: url.href,
      webSocketImpl: Socket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    });
  }

  /** How long it still stays away because a busy server told it to. */
  get awayMs(): number {
    return Math.max(0, this.#backAtMs - performance.now());
  }

  start(): void {
    this.#running = this.#follow();
  }

  /** Cuts the connection, as a tunnel does. @param awayMs how long until the watcher is back */
  drop(awayMs: number): void {
    this.#pauseMs = awayMs;
    this.#client.terminate();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#client.terminate();
    await this.#running;
  }

  async #follow(): Promise<void> {
    for (let tries = 0; !this.#stopped && tries < this.triesMax; tries++) {
      const before = this.messages;
      if (this.map.version !== null) this.resumes += 1;
      await this.#subscribe().catch((refusal: unknown) => this.#stayAway(refusal));
      if (this.messages > before) tries = 0;
      if (this.#stopped) return;
      await wait(Math.max(this.#pauseMs, this.awayMs, COME_BACK_MS * Math.min(tries + 1, TRIES_MAX)));
      this.#pauseMs = 0;
    }
  }

  /** A refusal is a list of GraphQL errors; anything else is a connection that broke, which needs no looking into. */
  #stayAway(refusal: unknown): void {
    const [error] = Array.isArray(refusal) ? (refusal as { extensions?: Record<string, unknown> }[]) : [];
    const details = error?.extensions?.details as Record<string, unknown> | undefined;
    this.#backAtMs = performance.now() + (retryAfterMs(details) ?? 0);
  }

  async #subscribe(): Promise<void> {
    const variables = { eventId: this.eventId, since: this.map.version };
    const updates = this.#client.iterate<{ seatAvailabilityChanged: SeatUpdateAnswer }>({
      query: SEAT_AVAILABILITY_CHANGED,
      variables,
    });
    for await (const { data } of updates) {
      if (data == null) return;
      this.messages += 1;
      const fault = this.map.apply(data.seatAvailabilityChanged, Date.now());
      if (fault === null) continue;
      this.faults.push(fault);
      // What the contract says to do about a gap: subscribe again from the version that is known.
      return;
    }
  }
}
