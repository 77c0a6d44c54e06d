import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { SeededRandom } from '../../../src/test/support/seeded-random.js';
import type { KnownState, ReceivedUpdate, RecordedWatcher, Subscription } from './recorded-subscriptions.js';

/** Time between two random actions. */
const ACTION_MS_MIN = 30;
const ACTION_MS_SPREAD = 400;
/** How long a watcher stays disconnected, or does not read. */
const AWAY_MS_MAX = 500;
const ASLEEP_MS_MAX = 1_000;
/** A watcher without a connection or a subscription returns after up to this time. */
const RETURN_MS_MAX = 250;
/** Limit for opening a connection. */
const CONNECT_MS_MAX = 5_000;
/** How far a made-up version may be ahead of the newest known one. Some are the largest possible version. */
const INVENTED_AHEAD_MAX = 20;
const SINCE_MAX = 2 ** 31 - 1;

/** Probabilities of the random actions. */
const PERCENT = { stays: 30, sleeps: 20, resubscribes: 25 } as const;
/** What a returning watcher knows, in percent. */
const KNOWN_STATES: readonly (readonly [percent: number, knownState: KnownState])[] = [
  [45, 'latest map'],
  [25, 'older map'],
  [15, 'made-up version'],
  [15, 'no version'],
];

const SEATS = {
  version: '',
  kind: '',
  previousVersion: '',
  seats: '{ seatNumber status lockedUntil }',
  serverTime: '',
};
/** Several selections, because equal operations are executed once for all. */
const SELECTIONS: readonly Readonly<Record<string, string>>[] = [
  SEATS,
  { ...SEATS, statuses: '', eventId: '', digest: '' },
  {
    availability: '{ totalSeats availableSeats lockedSeats bookedSeats offSaleSeats }',
    ...SEATS,
    digest: '',
  },
];

/** The servers' proxies for watchers. */
export type WatcherPorts = readonly { readonly watchersPort: number }[];

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/**
 * A client of the live map that acts at random: it stays, stops reading for a while, or leaves and returns to any server,
 * with its map, an old map, no map or a made-up version.
 */
export class Watcher implements RecordedWatcher {
  readonly subscriptions: Subscription[] = [];
  /** Answers that break the contract. */
  readonly breaches: string[] = [];
  /** Refusals and closes, counted by code. */
  readonly setbacks = new Map<string, number>();
  /** The version that the next changes must follow. */
  #version: number | null = null;
  /** Whether it has the map at that version. */
  #hasMap = false;
  /** The versions at which it had a map, in order. */
  readonly #maps: number[] = [];
  #socket: WebSocket | undefined;
  #current: Subscription | undefined;
  #operations = 0;
  #isPaused = false;
  #isStopped = false;
  #acting: Promise<void> = Promise.resolve();
  #returning: NodeJS.Timeout | undefined;
  #awaited: { readonly version: number; readonly reached: () => void } | undefined;

  constructor(
    readonly watcher: string,
    readonly eventId: string,
    private readonly servers: WatcherPorts,
    private readonly random: SeededRandom,
  ) {}

  get version(): number | null {
    return this.#version;
  }

  get messages(): number {
    return this.subscriptions.reduce((sum, { received }) => sum + received.length, 0);
  }

  /** Subscribes. @param isRestless whether it acts at random */
  start(isRestless: boolean): void {
    this.#join('no version', this.random.below(this.servers.length));
    if (isRestless) this.#acting = this.#act();
  }

  /** Stops random actions until `resumeActions`: it is connected and reads. */
  pauseActions(): void {
    this.#isPaused = true;
    this.#wake();
    if (this.#socket === undefined) this.#return(0);
  }

  resumeActions(): void {
    this.#isPaused = false;
  }

  /** @returns whether it receives a version within `msMax` */
  async reaches(version: number, msMax: number): Promise<boolean> {
    if (this.#isAt(version)) return true;
    const tooLate = new AbortController();
    const reached = new Promise<true>((resolve) => {
      this.#awaited = { version, reached: () => resolve(true) };
    });
    const late = wait(msMax, false, { signal: tooLate.signal }).catch(() => false);
    const isReached = await Promise.race([reached, late]);
    tooLate.abort();
    this.#awaited = undefined;
    return isReached;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#leave();
    await this.#acting;
  }

  async #act(): Promise<void> {
    while (!this.#isStopped) {
      await wait(ACTION_MS_MIN + this.random.below(ACTION_MS_SPREAD));
      if (this.#isPaused || this.#isStopped || this.#socket === undefined) continue;
      const action = this.random.below(100);
      if (action < PERCENT.stays) continue;
      if (action < PERCENT.stays + PERCENT.sleeps) await this.#sleep();
      else if (action < PERCENT.stays + PERCENT.sleeps + PERCENT.resubscribes) this.#resubscribe();
      else {
        this.#leave();
        await wait(this.random.below(AWAY_MS_MAX));
        if (this.#socket === undefined)
          this.#join(this.#drawKnownState(), this.random.below(this.servers.length));
      }
    }
  }

  async #sleep(): Promise<void> {
    this.#socket?.pause();
    await wait(this.random.below(ASLEEP_MS_MAX));
    this.#wake();
  }

  #wake(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.resume();
  }

  /** Replaces the subscription by another one on the same socket. */
  #resubscribe(): void {
    if (this.#current === undefined || this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ id: String(this.#operations), type: 'complete' }));
    this.#subscribe(this.#socket, this.#drawKnownState(), this.#current.server);
  }

  #leave(): void {
    clearTimeout(this.#returning);
    this.#returning = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#current = undefined;
    socket?.terminate();
  }

  #return(afterMs: number): void {
    if (this.#isStopped || this.#returning !== undefined) return;
    this.#returning = setTimeout(() => {
      this.#returning = undefined;
      if (this.#isStopped || this.#socket !== undefined) return;
      this.#join(this.#maps.length > 0 ? 'latest map' : 'no version', this.random.below(this.servers.length));
    }, afterMs);
  }

  #drawKnownState(): KnownState {
    let left = this.random.below(100);
    for (const [percent, knownState] of KNOWN_STATES) {
      if (left < percent)
        return this.#maps.length > 0 || knownState === 'made-up version' ? knownState : 'no version';
      left -= percent;
    }
    return 'no version';
  }

  #since(knownState: KnownState): number | null {
    if (knownState === 'no version') return null;
    if (knownState === 'latest map') return this.#maps.at(-1) as number;
    if (knownState === 'older map') return this.random.pick(this.#maps);
    const newest = Math.max(0, ...this.#maps);
    return this.random.pick([
      newest + 1 + this.random.below(INVENTED_AHEAD_MAX),
      SINCE_MAX,
      -1 - this.random.below(INVENTED_AHEAD_MAX),
    ]);
  }

  #join(knownState: KnownState, server: number): void {
    const { watchersPort } = this.servers[server] as WatcherPorts[number];
    const socket = new WebSocket(`ws://127.0.0.1:${watchersPort}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
      handshakeTimeout: CONNECT_MS_MAX,
    });
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('close', (code) => {
      if (this.#socket !== socket) return;
      this.#countSetback(`closed ${code}`);
      this.#socket = undefined;
      this.#current = undefined;
      this.#return(this.random.below(RETURN_MS_MAX));
    });
    socket.on('message', (bytes) => {
      // A watcher that has left ignores late messages.
      if (this.#socket !== socket) return;
      const message = JSON.parse(String(bytes)) as Message;
      if (message.type === 'connection_ack') this.#subscribe(socket, knownState, server);
      else if (message.type === 'ping') socket.send('{"type":"pong"}');
      else if (message.id === String(this.#operations)) this.#receive(message);
    });
  }

  #subscribe(socket: WebSocket, knownState: KnownState, server: number): void {
    const since = this.#since(knownState);
    const selection = this.random.pick(SELECTIONS);
    this.#current = { server, knownState, since, fields: Object.keys(selection), received: [] };
    this.subscriptions.push(this.#current);
    this.#version = since;
    this.#hasMap = knownState === 'latest map' || knownState === 'older map';
    const fields = Object.entries(selection).map(([field, subfields]) => `${field} ${subfields}`);
    const query = `subscription($eventId: ID!, $since: Int) {
      seatAvailabilityChanged(eventId: $eventId, since: $since) { ${fields.join(' ')} }
    }`;
    const payload = { query, variables: { eventId: this.eventId, since } };
    socket.send(JSON.stringify({ id: String(++this.#operations), type: 'subscribe', payload }));
  }

  #receive({ type, payload }: Message): void {
    if (type !== 'next') {
      this.#refused(type, payload);
      return;
    }
    const { data, errors } = payload as {
      data?: { seatAvailabilityChanged: ReceivedUpdate } | null;
      errors?: unknown;
    };
    if (data == null || errors !== undefined) {
      this.#refused('next', errors);
      return;
    }
    const subscription = this.#current as Subscription;
    const update = data.seatAvailabilityChanged;
    const previous = this.#version;
    subscription.received.push(update);
    this.#version = update.version;
    if (update.kind === 'SNAPSHOT') this.#hasMap = true;
    else if (!this.#hasMap || update.previousVersion !== previous) {
      // The contract's reaction to a gap. Changes after a made-up version cannot be applied either.
      this.#leave();
      this.#return(0);
      return;
    }
    this.#maps.push(update.version);
    if (this.#awaited !== undefined && this.#isAt(this.#awaited.version)) this.#awaited.reached();
  }

  #refused(type: string, payload: unknown): void {
    const [error] = (Array.isArray(payload) ? payload : []) as { extensions?: { code?: string } }[];
    const code = error?.extensions?.code ?? type;
    this.#countSetback(code);
    if (code === 'EVENT_NOT_FOUND') this.breaches.push(`${this.watcher} got EVENT_NOT_FOUND`);
    this.#leave();
    this.#return(this.random.below(RETURN_MS_MAX));
  }

  #countSetback(what: string): void {
    this.setbacks.set(what, (this.setbacks.get(what) ?? 0) + 1);
  }

  /** The present subscription must have received a message, too. */
  #isAt(version: number): boolean {
    const isAnswered = this.#current !== undefined && this.#current.received.length > 0;
    return isAnswered && this.#hasMap && (this.#version ?? -1) >= version;
  }
}
