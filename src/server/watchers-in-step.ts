import { monotonicMs } from '../core/clock.js';
import { type LiveMap, TOLD_AT_ONCE_MS } from '../feed/live-map.js';
import { later, type SeatUpdate } from '../feed/seat-update.js';
import type { SeatWatcher } from '../feed/seat-watcher.js';
import type { WebSocketConnection } from './websocket-connections.js';
import { type Frame, sharedFrame } from './websocket-frame.js';

/** Of all in a row, those whose operations have one id have a copy of whatever is told, however large: at most twenty copies. */
const COPY_SHARE = 1 / 20;
/** The time is looked at after so many. */
const LOOK_EVERY = 10;

/**
 * What stands before the body of each message of an operation. Operations with the same id have it in common, if their
 * clients all take compressed messages, or none does.
 */
class Head {
  operations = 0;
  readonly #bytes: Buffer;
  /** What its operations are being told, while they are. */
  frame: Frame | undefined;

  constructor(
    id: string,
    readonly key: string,
    private readonly deflates: boolean,
  ) {
    this.#bytes = headOf(id);
  }

  frameOf(body: readonly Buffer[], copiedBytesMax: number | undefined): Frame {
    return sharedFrame(this.#bytes, body, this.deflates, copiedBytesMax);
  }
}

/** What comes before the body in a message of an operation. */
export const headOf = (id: string): Buffer =>
  Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

/** Whoever is told with others. */
export interface InStep {
  readonly updates: SeatWatcher;
  readonly connection: WebSocketConnection;
  readonly id: string;
  /** Called once what waited for its connection has left. */
  readonly left: () => void;
}

/** One of them, and where it stands. */
export class Place<Member extends InStep> {
  /** Undefined while it is told by itself. */
  index: number | undefined;

  constructor(
    readonly member: Member,
    readonly head: Head,
  ) {}
}

/** What a row is being told. */
interface Telling {
  readonly version: number;
  readonly body: readonly Buffer[];
}

/** What is to be told to all of a row who are at one version, or null where each is to be told by itself. */
export type BodyFor<Member> = (update: SeatUpdate, now: Date, first: Member) => readonly Buffer[] | null;

/**
 * Those who watch one map and ask alike. Nearly always nearly all of them have been told the same version and wait for
 * the next: these stand in a row, and a tick tells them by one update, one text and a write for each, without looking at
 * anything of theirs but the connection. Whoever is told something else first, or reads too slowly, is told by itself
 * until it is where the row is.
 */
export class WatchersInStep<Member extends InStep> {
  readonly #row: Place<Member>[] = [];
  readonly #apart = new Set<Place<Member>>();
  readonly #heads = new Map<string, Head>();
  /** What all in the row have been told. */
  #version = 0;
  /** What is being told; those before `#told` have been, and nobody joins the row meanwhile. */
  #telling: Telling | 'each by itself' | undefined;
  #told = 0;
  /** Heads with a frame of what is being told. */
  readonly #framed: Head[] = [];
  readonly #leaveTicks: () => void;

  constructor(
    private readonly map: LiveMap,
    private readonly bodyFor: BodyFor<Member>,
    private readonly delivered: (messages: number) => void,
  ) {
    this.#leaveTicks = map.onTick((now) => this.#turn(now));
  }

  get size(): number {
    return this.#row.length + this.#apart.size;
  }

  /** At first, each is told by itself. */
  add(member: Member): Place<Member> {
    const { id, connection } = member;
    const key = `${connection.deflates} ${id}`;
    const head = this.#heads.get(key) ?? new Head(id, key, connection.deflates);
    this.#heads.set(key, head);
    head.operations += 1;
    const place = new Place(member, head);
    this.#apart.add(place);
    return place;
  }

  /** It is over. */
  remove(place: Place<Member>): void {
    if (place.index === undefined) this.#apart.delete(place);
    else this.#takeOut(place, place.index);
    place.head.operations -= 1;
    if (place.head.operations === 0) this.#heads.delete(place.head.key);
    if (this.size === 0) this.#leaveTicks();
  }

  /** It takes the next update now; where it has been told what the row has, it is told the next one with it. */
  join(place: Place<Member>): void {
    const { updates } = place.member;
    const version = updates.idleAt;
    if (version === undefined || place.index !== undefined || this.#telling !== undefined) return;
    if (this.#row.length === 0) this.#version = version;
    else if (version !== this.#version) return;
    this.#apart.delete(place);
    place.index = this.#row.length;
    this.#row.push(place);
    updates.standAside();
  }

  #turn(now: Date): boolean {
    this.#telling ??= this.#next(now);
    const telling = this.#telling;
    if (telling === undefined) return false;
    const untilMs = monotonicMs() + TOLD_AT_ONCE_MS;
    let delivered = 0;
    const { watchersAtOnce } = this.map;
    for (let turns = 1; turns <= watchersAtOnce && this.#told < this.#row.length; turns++) {
      const place = this.#row[this.#told] as Place<Member>;
      if (telling === 'each by itself') this.#letGo(place, this.#version, true);
      else if (this.#tell(place, telling)) delivered += 1;
      if (turns % LOOK_EVERY === 0 && monotonicMs() > untilMs) break;
    }
    this.delivered(delivered);
    if (this.#told < this.#row.length) return true;
    if (telling !== 'each by itself') this.#version = telling.version;
    this.#telling = undefined;
    this.#told = 0;
    for (const head of this.#framed.splice(0)) head.frame = undefined;
    for (const place of this.#apart) this.join(place);
    return false;
  }

  #next(now: Date): Telling | 'each by itself' | undefined {
    const [first] = this.#row;
    if (first === undefined || this.#version === this.map.version) return undefined;
    try {
      const update = this.map.changesSince(this.#version, now);
      // A tick's time may be from before what others changed while it went on.
      const body = update && this.bodyFor(update, later(now, update.serverTime), first.member);
      return update && body ? { version: update.version, body } : 'each by itself';
    } catch {
      // Each ends by its own fault, and is told so.
      return 'each by itself';
    }
  }

  /** @returns whether it was told */
  #tell(place: Place<Member>, { version, body }: Telling): boolean {
    const { head, member } = place;
    const isShared = head.operations > 1;
    const frame = head.frame ?? this.#frame(head, body);
    const inCommon = isShared ? frame : frame.length > 1 ? frame.slice(1) : NOTHING;
    const ownBytes = isShared ? 0 : frame[0].length;
    const sent = member.connection.sendFrame(frame, inCommon, ownBytes, member.left);
    if (sent === 'has left') this.#told += 1;
    else this.#letGo(place, sent === 'waits' ? version : this.#version, sent === 'not sent');
    return sent !== 'not sent';
  }

  #frame(head: Head, body: readonly Buffer[]): Frame {
    const isForMany = head.operations > 1 && head.operations >= COPY_SHARE * this.size;
    const frame = head.frameOf(body, isForMany ? Number.POSITIVE_INFINITY : undefined);
    if (head.operations === 1) return frame;
    head.frame = frame;
    this.#framed.push(head);
    return frame;
  }

  /** It is told by itself from now on, and is at a version. */
  #letGo(place: Place<Member>, version: number, isReady: boolean): void {
    this.#takeOut(place, place.index as number);
    this.#apart.add(place);
    place.member.updates.goOn(version, isReady);
  }

  /** The last one takes its place; of a row that is being told, the last one who has been told, and his the last one. */
  #takeOut(place: Place<Member>, index: number): void {
    place.index = undefined;
    let free = index;
    if (free < this.#told) {
      this.#told -= 1;
      free = this.#move(this.#told, free);
    }
    this.#move(this.#row.length - 1, free);
    this.#row.pop();
  }

  /** @returns the index that is free now */
  #move(from: number, to: number): number {
    const place = this.#row[from] as Place<Member>;
    this.#row[to] = place;
    if (from !== to) place.index = to;
    return from;
  }
}

const NOTHING: readonly Buffer[] = [];
