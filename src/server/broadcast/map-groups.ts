import type { LiveMap } from '../../feed/live-map.js';
import type { SeatUpdate } from '../../feed/seat-update.js';
import { BroadcastGroup, type GroupMember, type Membership } from './broadcast-group.js';

/**
 * A group with at least this fraction of its map's watchers is shared: its answers are executed at once and before the
 * individual ones. So a map has at most twenty shared groups.
 */
const SHARED_GROUP_MIN = 1 / 20;

/** Builds and counts the messages of a map's groups. */
export interface GroupSender<Member extends GroupMember> {
  /** @returns null if each member has to be answered individually */
  buildBody(
    group: OperationGroup<Member>,
    update: SeatUpdate,
    now: Date,
    first: Member,
  ): readonly Buffer[] | null;
  messagesSent(messages: number): void;
  /** The map has no watchers any more. */
  forgetMap(map: LiveMap): void;
}

/** The watchers of one map that have the same operation. */
export class OperationGroup<Member extends GroupMember> {
  readonly members: BroadcastGroup<Member>;

  constructor(
    private readonly mapGroups: MapGroups<Member>,
    readonly key: string,
    map: LiveMap,
    sender: GroupSender<Member>,
  ) {
    this.members = new BroadcastGroup(
      map,
      (update, now, first) => sender.buildBody(this, update, now, first),
      (messages) => sender.messagesSent(messages),
    );
  }

  get isShared(): boolean {
    return this.members.size >= SHARED_GROUP_MIN * this.mapGroups.size;
  }

  remove(membership: Membership<Member>): void {
    this.members.remove(membership);
    this.mapGroups.memberRemoved(this);
  }
}

/** All watchers of one map, grouped by operation. */
export class MapGroups<Member extends GroupMember> {
  size = 0;
  readonly #groups = new Map<string, OperationGroup<Member>>();

  constructor(
    private readonly map: LiveMap,
    private readonly sender: GroupSender<Member>,
  ) {}

  /** Counts one more watcher. @returns its group */
  groupForNewMember(key: string): OperationGroup<Member> {
    this.size += 1;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new OperationGroup(this, key, this.map, this.sender);
      this.#groups.set(key, group);
    }
    return group;
  }

  memberRemoved(group: OperationGroup<Member>): void {
    this.size -= 1;
    if (group.members.size === 0) this.#groups.delete(group.key);
    if (this.size === 0) this.sender.forgetMap(this.map);
  }
}
