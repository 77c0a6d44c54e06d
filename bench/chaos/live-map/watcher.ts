import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { SeededRandom } from '../../../src/test/support/seeded-random.js';
import type { Base, Received, Subscription, Watched } from './recorded-subscriptions.js';

/** Between one whim and the next. */
const WHIM_MS_MIN = 30;
const WHIM_MS_SPREAD = 400;
/** How long a watcher stays away, or does not read. */
const AWAY_MS_MAX = 500;
const ASLEEP_MS_MAX = 1_000;
/** Whoever loses the connection, or is refused, comes back after up to as long. */
const COME_BACK_MS_MAX = 250;
/** A connection that is not there by then is given up. */
const CONNECT_MS_MAX = 5_000;
/** Inventions that are ahead are ahead by so much, or by as much as there is. */
const INVENTED_AHEAD_MAX = 20;
const SINCE_MAX = 2 ** 31 - 1;

/** Of a hundred whims. */
const PERCENT = { stays: 30, sleeps: 20, asksAgain: 25 } as const;
/** What a watcher that comes back has, of a hundred. */
const BASES: readonly (readonly [percent: number, base: Base])[] = [
  [45, 'its map'],
  [25, 'an old map'],
  [15, 'an invention'],
  [15, 'nothing'],
];

const SEATS = {
  version: '',
  kind: '',
  previousVersion: '',
  seats: '{ seatNumber status lockedUntil }',
  serverTime: '',
};
/** Different ones, since what is the same is executed once for all. */
const SELECTIONS: readonly Readonly<Record<string, string>>[] = [
  SEATS,
  { ...SEATS, statuses: '', eventId: '' },
  { availability: '{ totalSeats availableSeats lockedSeats bookedSeats }', ...SEATS },
];

/** Where a watcher can go: the ways to the servers, in their order. */
export type Ways = readonly { readonly watchersPort: number }[];

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/**
 * Somebody who looks at the live map and is hard to please: stays, stops reading for a while, leaves, comes back to
 * whichever server, with the map that it has, an old one, none, or a version that it made up.
 */
export class Watcher implements Watched {
  readonly subscriptions: Subscription[] = [];
  /** What a server said and should not have. */
  readonly breaches: string[] = [];
  /** Refusals and closes, counted by what they said. */
  readonly setbacks = new Map<string, number>();
  /** What the next changes have to follow on. */
  #version: number | null = null;
  /** Whether it has the map of that version. */
  #hasMap = false;
  /** The versions that it had the map of, the last one being the last. */
  readonly #maps: number[] = [];
  #socket: WebSocket | undefined;
  #current: Subscription | undefined;
  #operations = 0;
  #isCalm = false;
  #isOver = false;
  #whims: Promise<void> = Promise.resolve();
  #comingBack: NodeJS.Timeout | undefined;
  #awaited: { readonly version: number; readonly reached: () => void } | undefined;

  constructor(
    readonly watcher: string,
    readonly eventId: string,
    private readonly ways: Ways,
    private readonly random: SeededRandom,
  ) {}

  get version(): number | null {
    return this.#version;
  }

  get messages(): number {
    return this.subscriptions.reduce((sum, { told }) => sum + told.length, 0);
  }

  /** Begins to watch, and to have whims where it is one of that kind. */
  start(hasWhims: boolean): void {
    this.#join('nothing', this.random.below(this.ways.length));
    if (hasWhims) this.#whims = this.#haveWhims();
  }

  /** It has no more whims until `stir`, is there and reads. */
  calm(): void {
    this.#isCalm = true;
    this.#wake();
    if (this.#socket === undefined) this.#comeBack(0);
  }

  stir(): void {
    this.#isCalm = false;
  }

  /** @returns whether it was told of a version, at the latest after `msMax` */
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
    this.#isOver = true;
    this.#leave();
    await this.#whims;
  }

  async #haveWhims(): Promise<void> {
    while (!this.#isOver) {
      await wait(WHIM_MS_MIN + this.random.below(WHIM_MS_SPREAD));
      if (this.#isCalm || this.#isOver || this.#socket === undefined) continue;
      const whim = this.random.below(100);
      if (whim < PERCENT.stays) continue;
      if (whim < PERCENT.stays + PERCENT.sleeps) await this.#sleep();
      else if (whim < PERCENT.stays + PERCENT.sleeps + PERCENT.asksAgain) this.#askAgain();
      else {
        this.#leave();
        await wait(this.random.below(AWAY_MS_MAX));
        if (this.#socket === undefined) this.#join(this.#drawBase(), this.random.below(this.ways.length));
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

  /** Another subscription on the same socket, instead of the one that it has. */
  #askAgain(): void {
    if (this.#current === undefined || this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ id: String(this.#operations), type: 'complete' }));
    this.#subscribe(this.#socket, this.#drawBase(), this.#current.server);
  }

  #leave(): void {
    clearTimeout(this.#comingBack);
    this.#comingBack = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#current = undefined;
    socket?.terminate();
  }

  #comeBack(afterMs: number): void {
    if (this.#isOver || this.#comingBack !== undefined) return;
    this.#comingBack = setTimeout(() => {
      this.#comingBack = undefined;
      if (this.#isOver || this.#socket !== undefined) return;
      this.#join(this.#maps.length > 0 ? 'its map' : 'nothing', this.random.below(this.ways.length));
    }, afterMs);
  }

  #drawBase(): Base {
    let left = this.random.below(100);
    for (const [percent, base] of BASES) {
      if (left < percent) return this.#maps.length > 0 || base === 'an invention' ? base : 'nothing';
      left -= percent;
    }
    return 'nothing';
  }

  #since(base: Base): number | null {
    if (base === 'nothing') return null;
    if (base === 'its map') return this.#maps.at(-1) as number;
    if (base === 'an old map') return this.random.pick(this.#maps);
    const newest = Math.max(0, ...this.#maps);
    return this.random.pick([
      newest + 1 + this.random.below(INVENTED_AHEAD_MAX),
      SINCE_MAX,
      -1 - this.random.below(INVENTED_AHEAD_MAX),
    ]);
  }

  #join(base: Base, server: number): void {
    const { watchersPort } = this.ways[server] as Ways[number];
    const socket = new WebSocket(`ws://127.0.0.1:${watchersPort}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
      handshakeTimeout: CONNECT_MS_MAX,
    });
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('close', (code) => {
      if (this.#socket !== socket) return;
      this.#setBack(`closed ${code}`);
      this.#socket = undefined;
      this.#current = undefined;
      this.#comeBack(this.random.below(COME_BACK_MS_MAX));
    });
    socket.on('message', (bytes) => {
      // Whoever has left does not hear what was on its way.
      if (this.#socket !== socket) return;
      const message = JSON.parse(String(bytes)) as Message;
      if (message.type === 'connection_ack') this.#subscribe(socket, base, server);
      else if (message.type === 'ping') socket.send('{"type":"pong"}');
      else if (message.id === String(this.#operations)) this.#hear(message);
    });
  }

  #subscribe(socket: WebSocket, base: Base, server: number): void {
    const since = this.#since(base);
    const selection = this.random.pick(SELECTIONS);
    this.#current = { server, base, since, fields: Object.keys(selection), told: [] };
    this.subscriptions.push(this.#current);
    this.#version = since;
    this.#hasMap = base === 'its map' || base === 'an old map';
    const fields = Object.entries(selection).map(([field, ofIt]) => `${field} ${ofIt}`);
    const query = `subscription($eventId: ID!, $since: Int) {
      seatAvailabilityChanged(eventId: $eventId, since: $since) { ${fields.join(' ')} }
    }`;
    const payload = { query, variables: { eventId: this.eventId, since } };
    socket.send(JSON.stringify({ id: String(++this.#operations), type: 'subscribe', payload }));
  }

  #hear({ type, payload }: Message): void {
    if (type !== 'next') {
      this.#refused(type, payload);
      return;
    }
    const { data, errors } = payload as {
      data?: { seatAvailabilityChanged: Received } | null;
      errors?: unknown;
    };
    if (data == null || errors !== undefined) {
      this.#refused('next', errors);
      return;
    }
    const subscription = this.#current as Subscription;
    const told = data.seatAvailabilityChanged;
    const had = this.#version;
    subscription.told.push(told);
    this.#version = told.version;
    if (told.kind === 'SNAPSHOT') this.#hasMap = true;
    else if (!this.#hasMap || told.previousVersion !== had) {
      // What the contract says to do about a gap; and whoever made its version up can do nothing with changes of it.
      this.#leave();
      this.#comeBack(0);
      return;
    }
    this.#maps.push(told.version);
    if (this.#awaited !== undefined && this.#isAt(this.#awaited.version)) this.#awaited.reached();
  }

  #refused(type: string, payload: unknown): void {
    const [error] = (Array.isArray(payload) ? payload : []) as { extensions?: { code?: string } }[];
    const code = error?.extensions?.code ?? type;
    this.#setBack(code);
    if (code === 'EVENT_NOT_FOUND')
      this.breaches.push(`${this.watcher} was told that there is no such event`);
    this.#leave();
    this.#comeBack(this.random.below(COME_BACK_MS_MAX));
  }

  #setBack(what: string): void {
    this.setbacks.set(what, (this.setbacks.get(what) ?? 0) + 1);
  }

  /** It was told so by the subscription that it has now, too: whoever asks is to be answered. */
  #isAt(version: number): boolean {
    const isAnswered = this.#current !== undefined && this.#current.told.length > 0;
    return isAnswered && this.#hasMap && (this.#version ?? -1) >= version;
  }
}
