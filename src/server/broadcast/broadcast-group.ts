import { monotonicMs } from '../../core/clock.js';
import type { DirectDelivery } from '../../feed/direct-delivery.js';
import type { LiveMap } from '../../feed/live-map.js';
import { laterOf, type SeatUpdate } from '../../feed/seat-update.js';
import { SLICE_MS_MAX } from '../../feed/tick-schedule.js';
import type { BroadcastConnection, FrameParts, MessageEncoding } from './broadcast.js';
import { sharedFrame } from './frame.js';
import { messageHead } from './message-text.js';

/**
 * Operations that use one id for at least this fraction of the group get one frame with a copy of the body, however
 * large it is. So there are at most twenty copies.
 */
const COPIED_BODY_GROUP_MIN = 1 / 20;
/** The clock is read once for so many members. */
const MEMBERS_PER_TIME_CHECK = 10;

/**
 * The start of every message of an operation, up to the body. Operations with the same id and encoding share it.
 */
class MessageHead {
  operations = 0;
  readonly #bytes: Buffer;
  /** The frame of the delivery in progress. */
  frame: FrameParts | undefined;

  constructor(
    id: string,
    readonly key: string,
    private readonly encoding: MessageEncoding,
  ) {
    this.#bytes = messageHead(encoding, id);
  }

  frameOf(body: readonly Buffer[], copiedBytesMax: number | undefined): FrameParts {
    return sharedFrame(this.#bytes, body, this.encoding, copiedBytesMax);
  }
}

/** A subscription that is served together with others. */
export interface GroupMember {
  readonly updates: DirectDelivery;
  readonly connection: BroadcastConnection;
  readonly id: string;
  /** Called once the connection has drained. */
  readonly drained: () => void;
}

export class Membership<Member extends GroupMember> {
  /** The index among the synchronised members; undefined while the member is catching up. */
  index: number | undefined;

  constructor(
    readonly member: Member,
    readonly head: MessageHead,
  ) {}
}

/** One body for all synchronised members. */
interface Delivery {
  readonly version: number;
  readonly body: readonly Buffer[];
}

/** Builds the body for all synchronised members. @returns null if each of them has to be answered individually */
export type BuildBody<Member> = (update: SeatUpdate, now: Date, first: Member) => readonly Buffer[] | null;

/**
 * The watchers of one map with the same operation. Nearly all of them are *synchronised*: they were sent the same
 * version and can take the next. A tick serves these with one update, one body and one write each, and reads nothing of
 * them but the connection. A member that was sent another version, or has not drained, is *catching up*: its own
 * watcher serves it until it is at the group's version.
 */
export class BroadcastGroup<Member extends GroupMember> {
  readonly #synchronised: Membership<Member>[] = [];
  readonly #catchingUp = new Set<Membership<Member>>();
  readonly #heads = new Map<string, MessageHead>();
  /** The version that all synchronised members were sent. */
  #synchronisedVersion = 0;
  /** In progress over several event-loop slices. Meanwhile no member becomes synchronised. */
  #delivery: Delivery | 'individually' | undefined;
  /** The synchronised members before this index have got the delivery. */
  #sentCount = 0;
  /** Heads with a frame of the delivery in progress. */
  readonly #headsWithFrame: MessageHead[] = [];
  readonly #leaveTicks: () => void;

  constructor(
    private readonly map: LiveMap,
    private readonly buildBody: BuildBody<Member>,
    private readonly messagesSent: (messages: number) => void,
  ) {
    this.#leaveTicks = map.onTick((now) => this.#sendSlice(now));
  }

  get size(): number {
    return this.#synchronised.length + this.#catchingUp.size;
  }

  /** The new member is catching up. */
  add(member: Member): Membership<Member> {
    const { id, connection } = member;
    const { encoding } = connection;
    const key = `${encoding} ${id}`;
    const head = this.#heads.get(key) ?? new MessageHead(id, key, encoding);
    this.#heads.set(key, head);
    head.operations += 1;
    const membership = new Membership(member, head);
    this.#catchingUp.add(membership);
    return membership;
  }

  remove(membership: Membership<Member>): void {
    if (membership.index === undefined) this.#catchingUp.delete(membership);
    else this.#swapRemove(membership, membership.index);
    membership.head.operations -= 1;
    if (membership.head.operations === 0) this.#heads.delete(membership.head.key);
    if (this.size === 0) this.#leaveTicks();
  }

  /** Called when a member can take the next update. It becomes synchronised if it is at the group's version. */
  synchronise(membership: Membership<Member>): void {
    const { updates } = membership.member;
    const version = updates.synchronisedAt;
    if (version === undefined || membership.index !== undefined || this.#delivery !== undefined) return;
    if (this.#synchronised.length === 0) this.#synchronisedVersion = version;
    else if (version !== this.#synchronisedVersion) return;
    this.#catchingUp.delete(membership);
    membership.index = this.#synchronised.length;
    this.#synchronised.push(membership);
    updates.detach();
  }

  /** @returns whether the delivery has more members to serve */
  #sendSlice(now: Date): boolean {
    this.#delivery ??= this.#nextDelivery(now);
    const delivery = this.#delivery;
    if (delivery === undefined) return false;
    const untilMs = monotonicMs() + SLICE_MS_MAX;
    let sent = 0;
    const { sliceWatchersMax } = this.map;
    for (
      let served = 1;
      served <= sliceWatchersMax && this.#sentCount < this.#synchronised.length;
      served++
    ) {
      const membership = this.#synchronised[this.#sentCount] as Membership<Member>;
      if (delivery === 'individually') this.#desynchronise(membership, this.#synchronisedVersion, true);
      else if (this.#sendTo(membership, delivery)) sent += 1;
      if (served % MEMBERS_PER_TIME_CHECK === 0 && monotonicMs() > untilMs) break;
    }
    this.messagesSent(sent);
    if (this.#sentCount < this.#synchronised.length) return true;
    if (delivery !== 'individually') this.#synchronisedVersion = delivery.version;
    this.#delivery = undefined;
    this.#sentCount = 0;
    for (const head of this.#headsWithFrame.splice(0)) head.frame = undefined;
    for (const membership of this.#catchingUp) this.synchronise(membership);
    return false;
  }

  #nextDelivery(now: Date): Delivery | 'individually' | undefined {
    const [first] = this.#synchronised;
    if (first === undefined || this.#synchronisedVersion === this.map.version) return undefined;
    try {
      const update = this.map.changesSince(this.#synchronisedVersion, now);
      // The tick's time may be earlier than a change that arrived during the tick.
      const body = update && this.buildBody(update, laterOf(now, update.serverTime), first.member);
      return update && body ? { version: update.version, body } : 'individually';
    } catch {
      // Each watcher meets the same error, ends by it and reports it.
      return 'individually';
    }
  }

  /** @returns whether the message was sent or buffered */
  #sendTo(membership: Membership<Member>, { version, body }: Delivery): boolean {
    const { head, member } = membership;
    const isShared = head.operations > 1;
    const frame = head.frame ?? this.#frame(head, body);
    const shared = isShared ? frame : frame.length > 1 ? frame.slice(1) : EMPTY;
    const ownBytes = isShared ? 0 : frame[0].length;
    const sent = member.connection.writeNow(frame, shared, ownBytes, member.drained);
    if (sent === 'sent') this.#sentCount += 1;
    else
      this.#desynchronise(
        membership,
        sent === 'buffered' ? version : this.#synchronisedVersion,
        sent === 'refused',
      );
    return sent !== 'refused';
  }

  #frame(head: MessageHead, body: readonly Buffer[]): FrameParts {
    const isShared = head.operations > 1 && head.operations >= COPIED_BODY_GROUP_MIN * this.size;
    const frame = head.frameOf(body, isShared ? Number.POSITIVE_INFINITY : undefined);
    if (head.operations === 1) return frame;
    head.frame = frame;
    this.#headsWithFrame.push(head);
    return frame;
  }

  /** From now on the member's own watcher serves it, starting from this version. */
  #desynchronise(membership: Membership<Member>, version: number, isReady: boolean): void {
    this.#swapRemove(membership, membership.index as number);
    this.#catchingUp.add(membership);
    membership.member.updates.reattach(version, isReady);
  }

  /**
   * Members that got the delivery stay before those that did not: the last one that got it moves to the free index, and
   * the last of all moves to its index.
   */
  #swapRemove(membership: Membership<Member>, index: number): void {
    membership.index = undefined;
    let free = index;
    if (free < this.#sentCount) {
      this.#sentCount -= 1;
      free = this.#move(this.#sentCount, free);
    }
    this.#move(this.#synchronised.length - 1, free);
    this.#synchronised.pop();
  }

  /** @returns the index that is free afterwards */
  #move(from: number, to: number): number {
    const membership = this.#synchronised[from] as Membership<Member>;
    this.#synchronised[to] = membership;
    if (from !== to) membership.index = to;
    return from;
  }
}

const EMPTY: readonly Buffer[] = [];
