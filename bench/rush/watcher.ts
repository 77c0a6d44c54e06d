import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { EVENT_CHANGED, SEAT_AVAILABILITY_CHANGED, type SeatUpdateAnswer } from './operations.js';
import { retryAfterMs } from './retry.js';
import { WatchedMap } from './watched-map.js';

/** Failed attempts in a row before a watcher gives up. */
const TRIES_MAX = 10;
/** The first pause before a reconnect. It grows by as much with each failure in a row. */
const RECONNECT_MS = 200;

/** Ignores errors of connections that are cut before they are open: the client no longer listens to them. */
class Socket extends WebSocket {
  constructor(...options: ConstructorParameters<typeof WebSocket>) {
    super(...options);
    this.on('error', () => undefined);
  }
}

/** When a watcher was notified that the sale is paused, and since when it was connected; by the monotonic clock. */
export interface PauseNotice {
  readonly atMs: number;
  readonly connectingAtMs: number;
  /** When the first message of the map came on this connection; infinite if none had. */
  readonly connectedAtMs: number;
}

/** A client of the live map that loses its connection now and then, and resumes. */
export class Watcher {
  readonly map = new WatchedMap();
  /** Wrong messages. */
  readonly errors: string[] = [];
  messages = 0;
  resumes = 0;
  /** The first one; null before. */
  notifiedOfPause: PauseNotice | null = null;
  readonly #client: Client;
  #stopped = false;
  #running: Promise<void> | undefined;
  #pauseMs = 0;
  #connectingAtMs = 0;
  #connectedAtMs = Number.POSITIVE_INFINITY;
  /** When a busy server allows it to return, by the monotonic clock. */
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

  /** How long it still waits because of a busy server. */
  get awayMs(): number {
    return Math.max(0, this.#backAtMs - performance.now());
  }

  start(): void {
    this.#running = this.#follow();
  }

  /** Cuts the connection. @param awayMs time until the reconnect */
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
      this.#connectingAtMs = performance.now();
      this.#connectedAtMs = Number.POSITIVE_INFINITY;
      await this.#subscribe().catch((refusal: unknown) => this.#stayAway(refusal));
      if (this.messages > before) tries = 0;
      if (this.#stopped) return;
      await wait(Math.max(this.#pauseMs, this.awayMs, RECONNECT_MS * Math.min(tries + 1, TRIES_MAX)));
      this.#pauseMs = 0;
    }
  }

  /** A refusal is a list of GraphQL errors. Anything else is a broken connection. */
  #stayAway(refusal: unknown): void {
    const [error] = Array.isArray(refusal) ? (refusal as { extensions?: Record<string, unknown> }[]) : [];
    const details = error?.extensions?.details as Record<string, unknown> | undefined;
    this.#backAtMs = performance.now() + (retryAfterMs(details) ?? 0);
  }

  async #subscribe(): Promise<void> {
    const endStatus = this.#subscribeToStatus();
    try {
      await this.#subscribeToMap();
    } finally {
      endStatus();
    }
  }

  /** An error also ends the map's subscription, or comes from the same cause. @returns ends it */
  #subscribeToStatus(): () => void {
    return this.#client.subscribe<{ eventChanged: { status: string } }>(
      { query: EVENT_CHANGED, variables: { eventId: this.eventId } },
      {
        next: ({ data }) => {
          if (data?.eventChanged.status !== 'PAUSED') return;
          this.notifiedOfPause ??= {
            atMs: performance.now(),
            connectingAtMs: this.#connectingAtMs,
            connectedAtMs: this.#connectedAtMs,
          };
        },
        error: () => undefined,
        complete: () => undefined,
      },
    );
  }

  async #subscribeToMap(): Promise<void> {
    const variables = { eventId: this.eventId, since: this.map.version };
    const updates = this.#client.iterate<{ seatAvailabilityChanged: SeatUpdateAnswer }>({
      query: SEAT_AVAILABILITY_CHANGED,
      variables,
    });
    for await (const { data } of updates) {
      if (data == null) return;
      this.messages += 1;
      this.#connectedAtMs = Math.min(this.#connectedAtMs, performance.now());
      const error = this.map.apply(data.seatAvailabilityChanged, Date.now());
      if (error === null) continue;
      this.errors.push(error);
      // The contract's reaction to a gap: subscribe again from the known version.
      return;
    }
  }
}
