import { monotonicMs } from '../../core/clock.js';
import type { DirectDelivery } from '../../feed/direct-delivery.js';
import type { LiveMap } from '../../feed/live-map.js';
import { laterOf, type SeatUpdate } from '../../feed/seat-update.js';
import { SLICE_MS_MAX } from '../../feed/tick-schedule.js';
import type { WebSocketConnection } from '../websocket/connections.js';
import { type Frame, sharedFrame } from './frame.js';

/** Of all in a row, those whose operations have one id have a copy of whatever is told, however large: at most twenty copies. */
const COPIED_BODY_GROUP_MIN = 1 / 20;
/** The time is looked at after so many. */
const MEMBERS_PER_TIME_CHECK = 10;

/**
 * What stands before the body of each message of an operation. Operations with the same id have it in common, if their
 * clients all take compressed messages, or none does.
 */
class MessageHead {
  operations = 0;
  readonly #bytes: Buffer;
  /** What its operations are being told, while they are. */
  frame: Frame | undefined;

  constructor(
    id: string,
    readonly key: string,
    private readonly compresses: boolean,
  ) {
    this.#bytes = messageHead(id);
  }

  frameOf(body: readonly Buffer[], copiedBytesMax: number | undefined): Frame {
    return sharedFrame(this.#bytes, body, this.compresses, copiedBytesMax);
  }
}

/** What comes before the body in a message of an operation. */
export const messageHead = (id: string): Buffer =>
  Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

/** Whoever is told with others. */
export interface GroupMember {
  readonly updates: DirectDelivery;
  readonly connection: WebSocketConnection;
  readonly id: string;
  /** Called once what waited for its connection has left. */
  readonly drained: () => void;
}

/** One of them, and where it stands. */
export class Membership<Member extends GroupMember> {
  /** Undefined while it is told by itself. */
  index: number | undefined;

  constructor(
    readonly member: Member,
    readonly head: MessageHead,
  ) {}
}

/** What a row is being told. */
interface Delivery {
  readonly version: number;
  readonly body: readonly Buffer[];
}

/** What is to be told to all of a row who are at one version, or null where each is to be told by itself. */
export type BuildBody<Member> = (update: SeatUpdate, now: Date, first: Member) => readonly Buffer[] | null;

/**
 * Those who watch one map and ask alike. Nearly always nearly all of them have been told the same version and wait for
 * the next: these stand in a row, and a tick tells them by one update, one text and a write for each, without looking at
 * anything of theirs but the connection. Whoever is told something else first, or reads too slowly, is told by itself
 * until it is where the row is.
 */
export class BroadcastGroup<Member extends GroupMember> {
  readonly #synchronised: Membership<Member>[] = [];
  readonly #catchingUp = new Set<Membership<Member>>();
  readonly #heads = new Map<string, MessageHead>();
  /** What all in the row have been told. */
  #synchronisedVersion = 0;
  /** What is being told; those before `#sentCount` have been, and nobody joins the row meanwhile. */
  #delivery: Delivery | 'individually' | undefined;
  #sentCount = 0;
  /** Heads with a frame of what is being told. */
  readonly #headsWithFrame: MessageHead[] = [];
  readonly #leaveTicks: () => void;

  constructor(
    private readonly map: LiveMap,
    private readonly buildBody: BuildBody<Member>,
    private readonly delivered: (messages: number) => void,
  ) {
    this.#leaveTicks = map.onTick((now) => this.#sendSlice(now));
  }

  get size(): number {
    return this.#synchronised.length + this.#catchingUp.size;
  }

  /** At first, each is told by itself. */
  add(member: Member): Membership<Member> {
    const { id, connection } = member;
    const key = `${connection.compresses} ${id}`;
    const head = this.#heads.get(key) ?? new MessageHead(id, key, connection.compresses);
    this.#heads.set(key, head);
    head.operations += 1;
    const place = new Membership(member, head);
    this.#catchingUp.add(place);
    return place;
  }

  /** It is over. */
  remove(place: Membership<Member>): void {
    if (place.index === undefined) this.#catchingUp.delete(place);
    else this.#swapRemove(place, place.index);
    place.head.operations -= 1;
    if (place.head.operations === 0) this.#heads.delete(place.head.key);
    if (this.size === 0) this.#leaveTicks();
  }

  /** It takes the next update now; where it has been told what the row has, it is told the next one with it. */
  synchronise(place: Membership<Member>): void {
    const { updates } = place.member;
    const version = updates.synchronisedAt;
    if (version === undefined || place.index !== undefined || this.#delivery !== undefined) return;
    if (this.#synchronised.length === 0) this.#synchronisedVersion = version;
    else if (version !== this.#synchronisedVersion) return;
    this.#catchingUp.delete(place);
    place.index = this.#synchronised.length;
    this.#synchronised.push(place);
    updates.detach();
  }

  #sendSlice(now: Date): boolean {
    this.#delivery ??= this.#nextDelivery(now);
    const delivery = this.#delivery;
    if (delivery === undefined) return false;
    const untilMs = monotonicMs() + SLICE_MS_MAX;
    let delivered = 0;
    const { sliceWatchersMax } = this.map;
    for (let turns = 1; turns <= sliceWatchersMax && this.#sentCount < this.#synchronised.length; turns++) {
      const place = this.#synchronised[this.#sentCount] as Membership<Member>;
      if (delivery === 'individually') this.#desynchronise(place, this.#synchronisedVersion, true);
      else if (this.#sendTo(place, delivery)) delivered += 1;
      if (turns % MEMBERS_PER_TIME_CHECK === 0 && monotonicMs() > untilMs) break;
    }
    this.delivered(delivered);
    if (this.#sentCount < this.#synchronised.length) return true;
    if (delivery !== 'individually') this.#synchronisedVersion = delivery.version;
    this.#delivery = undefined;
    this.#sentCount = 0;
    for (const head of this.#headsWithFrame.splice(0)) head.frame = undefined;
    for (const place of this.#catchingUp) this.synchronise(place);
    return false;
  }

  #nextDelivery(now: Date): Delivery | 'individually' | undefined {
    const [first] = this.#synchronised;
    if (first === undefined || this.#synchronisedVersion === this.map.version) return undefined;
    try {
      const update = this.map.changesSince(this.#synchronisedVersion, now);
      // A tick's time may be from before what others changed while it went on.
      const body = update && this.buildBody(update, laterOf(now, update.serverTime), first.member);
      return update && body ? { version: update.version, body } : 'individually';
    } catch {
      // Each ends by its own fault, and is told so.
      return 'individually';
    }
  }

  /** @returns whether it was told */
  #sendTo(place: Membership<Member>, { version, body }: Delivery): boolean {
    const { head, member } = place;
    const isShared = head.operations > 1;
    const frame = head.frame ?? this.#frame(head, body);
    const shared = isShared ? frame : frame.length > 1 ? frame.slice(1) : EMPTY;
    const ownBytes = isShared ? 0 : frame[0].length;
    const sent = member.connection.sendFrame(frame, shared, ownBytes, member.drained);
    if (sent === 'sent') this.#sentCount += 1;
    else
      this.#desynchronise(
        place,
        sent === 'buffered' ? version : this.#synchronisedVersion,
        sent === 'refused',
      );
    return sent !== 'refused';
  }

  #frame(head: MessageHead, body: readonly Buffer[]): Frame {
    const isShared = head.operations > 1 && head.operations >= COPIED_BODY_GROUP_MIN * this.size;
    const frame = head.frameOf(body, isShared ? Number.POSITIVE_INFINITY : undefined);
    if (head.operations === 1) return frame;
    head.frame = frame;
    this.#headsWithFrame.push(head);
    return frame;
  }

  /** It is told by itself from now on, and is at a version. */
  #desynchronise(place: Membership<Member>, version: number, isReady: boolean): void {
    this.#swapRemove(place, place.index as number);
    this.#catchingUp.add(place);
    place.member.updates.reattach(version, isReady);
  }

  /** The last one takes its place; of a row that is being told, the last one who has been told, and his the last one. */
  #swapRemove(place: Membership<Member>, index: number): void {
    place.index = undefined;
    let free = index;
    if (free < this.#sentCount) {
      this.#sentCount -= 1;
      free = this.#move(this.#sentCount, free);
    }
    this.#move(this.#synchronised.length - 1, free);
    this.#synchronised.pop();
  }

  /** @returns the index that is free now */
  #move(from: number, to: number): number {
    const place = this.#synchronised[from] as Membership<Member>;
    this.#synchronised[to] = place;
    if (from !== to) place.index = to;
    return from;
  }
}

const EMPTY: readonly Buffer[] = [];
