import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSync,
  type GraphQLSchema,
  subscribe,
} from 'graphql';
import { monotonicMs } from '../../core/clock.js';
import { EventWatcher } from '../../feed/event-watcher.js';
import type { LiveMap } from '../../feed/live-map.js';
import type { SeatUpdate } from '../../feed/seat-update.js';
import { SeatWatcher } from '../../feed/seat-watcher.js';
import { SAMPLE_SEAT } from '../../graphql/seat-list-json.js';
import type { Broadcast, BroadcastConnection, BroadcastObserver } from './broadcast.js';
import { type AnswerSender, BroadcastSubscription } from './broadcast-subscription.js';
import { compressAhead } from './compression.js';
import { EventBroadcast } from './event-broadcast.js';
import { ExecutionScheduler } from './execution-scheduler.js';
import { sharedFrame } from './frame.js';
import { GroupKeys } from './group-key.js';
import { type GroupSender, MapGroups, type OperationGroup } from './map-groups.js';
import { messageHead } from './message-text.js';
import { SharedAnswer } from './shared-answer.js';

/**
 * Answers of one update that are cached. Clients use a few operations; hundreds come only from an attack. It is a Map
 * because each update has its own, and an LRUCache takes eighty times as long to construct (3 µs).
 */
const ANSWERS_PER_UPDATE_MAX = 20;

/** An answer as text. A result with errors is not shared: it may be about one viewer. */
type Answer = SharedAnswer | { readonly individual: ExecutionResult };

type Group = OperationGroup<BroadcastSubscription>;

/**
 * Executes and serialises an update once for all watchers of a map with the same operation. The watchers may differ in
 * viewer, operation id and start of their stream.
 */
export class Broadcaster implements Broadcast, AnswerSender, GroupSender<BroadcastSubscription> {
  readonly #keys: GroupKeys;
  readonly #events: EventBroadcast;
  readonly #answers = new WeakMap<SeatUpdate, Map<string, Answer>>();
  readonly #scheduler = new ExecutionScheduler();
  readonly #mapGroups = new Map<LiveMap, MapGroups<BroadcastSubscription>>();

  constructor(
    schema: GraphQLSchema,
    private readonly observer: BroadcastObserver,
  ) {
    this.#keys = new GroupKeys(schema);
    this.#events = new EventBroadcast(observer);
  }

  /** Answers that depend on the viewer are those of GraphQL's own `subscribe`; all others are written here. */
  async subscribe(
    args: ExecutionArgs,
    connection: BroadcastConnection,
    id: string,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const key = this.#keys.keyOf(args);
    if (key === null) return subscribe(args);
    const updates = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in updates)) return updates;
    if (updates instanceof EventWatcher) return this.#events.subscribe(key, args, updates, connection, id);
    if (!(updates instanceof SeatWatcher))
      throw new Error('Only subscriptions to seat maps and events can be shared.');
    const { map } = updates;
    let mapGroups = this.#mapGroups.get(map);
    if (mapGroups === undefined) {
      mapGroups = new MapGroups(map, this);
      this.#mapGroups.set(map, mapGroups);
    }
    return new BroadcastSubscription(this, mapGroups.groupForNewMember(key), args, updates, connection, id);
  }

  mayExecute(subscription: BroadcastSubscription, update: SeatUpdate, isShared: boolean): boolean {
    const { group } = subscription;
    if (this.#mayExecute(group, update, isShared)) return true;
    this.#scheduler.enqueue(subscription, subscription.connection.address, group.isShared);
    return false;
  }

  send(
    subscription: BroadcastSubscription,
    update: SeatUpdate,
    now: Date,
    isShared: boolean,
  ): boolean | ExecutionResult {
    const { connection, group, id, args, drained } = subscription;
    const answer = this.#answer(update, group.key, args, isShared);
    if ('individual' in answer) return answer.individual;
    this.observer.messagesSent(1);
    const body = answer.at(now);
    const { encoding } = connection;
    return connection.writeCoalesced(() => sharedFrame(messageHead(encoding, id), body, encoding), drained);
  }

  buildBody(
    group: Group,
    update: SeatUpdate,
    now: Date,
    { args }: BroadcastSubscription,
  ): readonly Buffer[] | null {
    const { isShared } = group;
    if (!this.#mayExecute(group, update, isShared)) return null;
    const answer = this.#answer(update, group.key, args, isShared);
    return 'individual' in answer ? null : answer.at(now);
  }

  messagesSent(messages: number): void {
    this.observer.messagesSent(messages);
  }

  end(subscription: BroadcastSubscription): void {
    this.#scheduler.remove(subscription, subscription.connection.address);
  }

  forgetMap(map: LiveMap): void {
    this.#mapGroups.delete(map);
  }

  #mayExecute({ key }: Group, update: SeatUpdate, isShared: boolean): boolean {
    return isShared || this.#answers.get(update)?.has(key) === true || this.#scheduler.hasFreeSlot;
  }

  #answer(update: SeatUpdate, key: string, args: ExecutionArgs, isShared: boolean): Answer {
    let answers = this.#answers.get(update);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(update, answers);
    }
    const answer = answers.get(key) ?? this.#execute(update, args, isShared);
    // Evicts the least recently used answer, so that individual operations do not evict the shared one.
    answers.delete(key);
    answers.set(key, answer);
    if (answers.size > ANSWERS_PER_UPDATE_MAX) answers.delete(answers.keys().next().value as string);
    return answer;
  }

  #execute(update: SeatUpdate, args: ExecutionArgs, isShared: boolean): Answer {
    // Without a viewer: a shared answer must contain nothing of the subscriber that happened to be first.
    const contextValue = { ...(args.contextValue as object), viewer: null };
    const startMs = monotonicMs();
    const seats = update.seats.length === 0 ? update.seats : [SAMPLE_SEAT];
    const result = executeSync({ ...args, contextValue, rootValue: { ...update, seats } });
    // Fields of a single seat cannot fail: a result with errors has no list of seats.
    const answer = result.errors === undefined ? new SharedAnswer(result, update) : { individual: result };
    // Shared answers are not charged: while many maps change, they would use up the time of all individual ones.
    if (!isShared) {
      // Compression may take longer than the execution. Done here, its time is charged too.
      if (answer instanceof SharedAnswer) compressAhead(answer.cacheableParts());
      this.#scheduler.charge(monotonicMs() - startMs);
    }
    this.observer.answerBuilt();
    return answer;
  }
}
