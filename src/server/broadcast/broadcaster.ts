import { createHash } from 'node:crypto';
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSync,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  print,
  visit,
} from 'graphql';
import { monotonicMs } from '../../core/clock.js';
import type { LiveMap } from '../../feed/live-map.js';
import { SERVER_TIME_TOLERANCE_MS, type SeatUpdate } from '../../feed/seat-update.js';
import { SeatWatcher, type UpdateReceiver } from '../../feed/seat-watcher.js';
import { type DeferredLists, fillPlaceholders, placeholderFor } from '../../graphql/deferred-seat-lists.js';
import { SAMPLE_SEAT } from '../../graphql/seat-list-json.js';
import { isShareable, operationAlone } from '../../graphql/shareable-operation.js';
import type { WebSocketConnection } from '../websocket/connections.js';
import { compressAhead } from '../websocket/deflate.js';
import { BroadcastGroup, type GroupMember, type Membership, messageHead } from './broadcast-group.js';
import { ExecutionScheduler, type QueuedExecution } from './execution-scheduler.js';

/**
 * Different answers of one update that are kept to be shared: a page asks in a few ways, and nobody in hundreds. In a Map,
 * since each update has its own: an LRUCache takes eighty times as long to make (3 µs), which nothing pays for.
 */
const ANSWERS_PER_UPDATE_MAX = 20;

/** Of a map's watchers, those who have to ask alike to be told before all others: so there are at most twenty kinds of them. */
const SHARED_GROUP_MIN = 1 / 20;

/** Told about what is shared; for metrics. */
export interface BroadcastObserver {
  /** An update was executed and serialised, for whoever else is told of it as well. */
  answerBuilt(): void;
  messagesSent(messages: number): void;
}

/** An answer as text, or one that is not fit to be shared: it tells of an error. */
type Answer = SharedAnswer | { readonly individual: ExecutionResult };

/** What tells one operation's answers from another's: its document and those variables that its answers depend on. */
interface ShareableOperation {
  readonly documentKey: string;
  /** Those that the operation knows, but for the ones that only say where its stream begins. */
  readonly variables: readonly string[];
}

/**
 * Ten thousand watchers of one map ask the same and are to be told the same. An update is executed and serialised once
 * for all operations that differ only in who asks, in their id, and in where their stream began.
 */
export class Broadcaster {
  readonly #shareable = new WeakMap<DocumentNode, Map<string, ShareableOperation | null>>();
  readonly #answers = new WeakMap<SeatUpdate, Map<string, Answer>>();
  readonly #turns = new ExecutionScheduler();
  /** Who watches which map. */
  readonly #audiences = new Map<LiveMap, MapGroups>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly observer: BroadcastObserver,
  ) {}

  /** @returns what the operation's answers are shared under, or null when they depend on who asks */
  keyOf({ document, operationName, variableValues }: ExecutionArgs): string | null {
    const shareable = this.#shareableOf(document, operationName ?? '');
    if (shareable === null) return null;
    const values = shareable.variables.map((name) => variableValues?.[name]);
    // Arguments of what is shared are plain values; an object in their place will be refused, and may be too deep to be text.
    if (values.some((value) => typeof value === 'object' && value !== null)) return null;
    // What is missing is not null, which no default takes the place of.
    return `${shareable.documentKey} ${JSON.stringify(values.map((value) => (value === undefined ? [] : [value])))}`;
  }

  /**
   * Subscribes, and sends every answer by itself. What comes out of the iterator is only what must not be shared, and
   * the end.
   */
  async subscribe(
    args: ExecutionArgs,
    key: string,
    connection: WebSocketConnection,
    id: string,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const updates = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in updates)) return updates;
    if (!(updates instanceof SeatWatcher))
      throw new Error('Only what watches seats is the same for everybody.');
    const { map } = updates;
    let audience = this.#audiences.get(map);
    if (audience === undefined) {
      audience = new MapGroups(map, this);
      this.#audiences.set(map, audience);
    }
    return new BroadcastSubscription(this, audience.of(key), args, updates, connection, id);
  }

  /** Whether it may be told now; if not, it waits. */
  mayExecute(answers: BroadcastSubscription, update: SeatUpdate, isShared: boolean): boolean {
    const { alike } = answers;
    if (this.#mayExecute(alike, update, isShared)) return true;
    this.#turns.enqueue(answers, alike.name, answers.connection.address, alike.isShared);
    return false;
  }

  /** @returns whether the next one may come, or what is to be told by the iterator instead */
  send(
    answers: BroadcastSubscription,
    update: SeatUpdate,
    now: Date,
    isShared: boolean,
  ): boolean | ExecutionResult {
    const answer = this.#answer(update, answers.alike.key, answers.args, isShared);
    if ('individual' in answer) return answer.individual;
    this.observer.messagesSent(1);
    return answers.connection.sendShared(messageHead(answers.id), answer.at(now), answers.drained);
  }

  /** What all who ask alike are told at a tick, or null where each has to wait for its turn, or is told of an error. */
  buildBody(
    alike: OperationGroup,
    update: SeatUpdate,
    now: Date,
    args: ExecutionArgs,
  ): readonly Buffer[] | null {
    const { isShared } = alike;
    if (!this.#mayExecute(alike, update, isShared)) return null;
    const answer = this.#answer(update, alike.key, args, isShared);
    return 'individual' in answer ? null : answer.at(now);
  }

  messagesSent(messages: number): void {
    this.observer.messagesSent(messages);
  }

  end(answers: BroadcastSubscription): void {
    this.#turns.remove(answers, answers.alike.name);
  }

  /** Nobody watches it any more. */
  forgetMap(map: LiveMap): void {
    this.#audiences.delete(map);
  }

  #mayExecute({ key }: OperationGroup, update: SeatUpdate, isShared: boolean): boolean {
    return isShared || this.#answers.get(update)?.has(key) === true || this.#turns.hasFreeSlot;
  }

  #answer(update: SeatUpdate, key: string, args: ExecutionArgs, isShared: boolean): Answer {
    let answers = this.#answers.get(update);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(update, answers);
    }
    const answer = answers.get(key) ?? this.#execute(update, args, isShared);
    // The one that was used longest ago makes room: a few odd ones that come first take nothing from the many.
    answers.delete(key);
    answers.set(key, answer);
    if (answers.size > ANSWERS_PER_UPDATE_MAX) answers.delete(answers.keys().next().value as string);
    return answer;
  }

  #execute(update: SeatUpdate, args: ExecutionArgs, isShared: boolean): Answer {
    // By nobody in particular: what is shared can have nothing of the one who happened to come first.
    const contextValue = { ...(args.contextValue as object), viewer: null };
    const startMs = monotonicMs();
    const seats = update.seats.length === 0 ? update.seats : [SAMPLE_SEAT];
    const result = executeSync({ ...args, contextValue, rootValue: { ...update, seats } });
    // Nothing of a seat can fail alone: what is told of an error has no list.
    const shared = result.errors === undefined ? new SharedAnswer(result, update) : { individual: result };
    // Theirs is not taken from the others: while many maps change, whoever comes would never be told.
    if (!isShared) {
      // It may take longer than the execution, and nobody but those few is to be kept by it.
      if (shared instanceof SharedAnswer) compressAhead(shared.cacheableParts());
      this.#turns.charge(monotonicMs() - startMs);
    }
    this.observer.answerBuilt();
    return shared;
  }

  #shareableOf(document: DocumentNode, operationName: string): ShareableOperation | null {
    let ofDocument = this.#shareable.get(document);
    if (ofDocument === undefined) {
      ofDocument = new Map();
      this.#shareable.set(document, ofDocument);
    }
    let shareable = ofDocument.get(operationName);
    if (shareable === undefined) {
      shareable = isShareable(this.schema, document, operationName)
        ? {
            documentKey: documentKeyOf(document, operationName),
            variables: variablesOf(document, operationName),
          }
        : null;
      ofDocument.set(operationName, shareable);
    }
    return shareable;
  }
}

/** Where the server's time is to stand. */
const TIME = Symbol('server time');

/** The only lists of an update are those of its seats, however often it was asked for them. */
function deferSeats(answer: unknown, seats: SeatUpdate['seats'], deferred: DeferredLists): void {
  const fields = (answer ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value) && value.length > 0) fields[name] = placeholderFor(seats, value[0], deferred);
  }
}

/**
 * An answer from its opening brace to the closing one of the message around it. It stays true for as long as the map
 * does not change, but for the server's time: that is put in when it is sent.
 */
class SharedAnswer {
  /** What stands around the server's time, wherever that was asked for. */
  readonly #parts: readonly (Buffer | typeof TIME)[];
  #body: readonly Buffer[] = [];
  #builtForMs = Number.NEGATIVE_INFINITY;

  constructor(result: ExecutionResult, { seats, serverTime }: SeatUpdate) {
    const deferred: DeferredLists = new Map();
    for (const answer of Object.values(result.data ?? {})) deferSeats(answer, seats, deferred);
    const pieces = `${JSON.stringify(result)}}`.split(JSON.stringify(serverTime));
    this.#parts = pieces.flatMap((piece, index) => [
      ...(index === 0 ? [] : ([TIME] as const)),
      ...fillPlaceholders(piece, deferred),
    ]);
  }

  /** All but the server's time. */
  cacheableParts(): Buffer[] {
    return this.#parts.filter((part) => part !== TIME);
  }

  at(now: Date): readonly Buffer[] {
    // Those who come one after the other are told the same for a moment.
    if (Math.abs(now.getTime() - this.#builtForMs) < SERVER_TIME_TOLERANCE_MS) return this.#body;
    const time = Buffer.from(JSON.stringify(now));
    this.#body = this.#parts.map((part) => (part === TIME ? time : part));
    this.#builtForMs = now.getTime();
    return this.#body;
  }
}

/**
 * One subscription's answers. They are sent as the watcher hands its updates over, or with those of all who are told the
 * same; what the protocol's library sees of them is an iterator that has nothing to tell until there is something that is
 * not shared, or the end.
 */
class BroadcastSubscription
  implements AsyncIterableIterator<ExecutionResult>, UpdateReceiver, QueuedExecution, GroupMember
{
  /** Its turn has come: what it takes next is executed if it has to be. */
  #hasSlot = false;
  /** What it takes next is for many, who are told it at a tick. */
  #isShared = false;
  #isOver = false;
  readonly #place: Membership<BroadcastSubscription>;
  #resolve: (result: IteratorResult<ExecutionResult>) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(
    private readonly execution: Broadcaster,
    readonly alike: OperationGroup,
    readonly args: ExecutionArgs,
    readonly updates: SeatWatcher,
    readonly connection: WebSocketConnection,
    readonly id: string,
  ) {
    this.#place = alike.members.add(this);
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.updates.push(this);
    });
  }

  return(): Promise<IteratorResult<ExecutionResult>> {
    this.#over();
    return this.updates.return() as Promise<IteratorResult<never>>;
  }

  throw(): Promise<IteratorResult<ExecutionResult>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly drained = (): void => {
    this.updates.ready();
    if (!this.#isOver) this.alike.members.synchronise(this.#place);
  };

  mayReceive(update: SeatUpdate, isFirst: boolean): boolean {
    const hasSlot = this.#hasSlot;
    this.#hasSlot = false;
    if (hasSlot) return true;
    // Of a tick, where thousands are told the same. Where each began is another matter.
    this.#isShared = this.alike.isShared && !isFirst;
    return this.execution.mayExecute(this, update, this.#isShared);
  }

  execute(): void {
    this.#hasSlot = true;
    this.updates.deliverNow();
    // A turn that was of no use is over as well.
    this.#hasSlot = false;
  }

  update(update: SeatUpdate, now: Date): boolean {
    const sent = this.execution.send(this, update, now, this.#isShared);
    if (typeof sent === 'boolean') return sent;
    this.#resolve({ done: false, value: sent });
    return false;
  }

  end(): void {
    this.#over();
    this.#resolve({ done: true, value: undefined });
  }

  fault(error: unknown): void {
    this.#over();
    this.#reject(error);
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.execution.end(this);
    this.alike.remove(this.#place);
  }
}

/** Those who watch one map and ask alike. */
class OperationGroup {
  readonly members: BroadcastGroup<BroadcastSubscription>;
  readonly name: string;

  constructor(
    private readonly audience: MapGroups,
    readonly key: string,
    map: LiveMap,
    execution: Broadcaster,
  ) {
    this.name = `${map.eventId} ${key}`;
    this.members = new BroadcastGroup(
      map,
      (update, now, { args }) => execution.buildBody(this, update, now, args),
      (messages) => execution.messagesSent(messages),
    );
  }

  get isShared(): boolean {
    return this.members.size >= SHARED_GROUP_MIN * this.audience.size;
  }

  remove(place: Membership<BroadcastSubscription>): void {
    this.members.remove(place);
    this.audience.memberRemoved(this);
  }
}

/** Those who watch one map, by what they ask for. */
class MapGroups {
  size = 0;
  readonly #alike = new Map<string, OperationGroup>();

  constructor(
    private readonly map: LiveMap,
    private readonly execution: Broadcaster,
  ) {}

  /** For one more. */
  of(key: string): OperationGroup {
    this.size += 1;
    let alike = this.#alike.get(key);
    if (alike === undefined) {
      alike = new OperationGroup(this, key, this.map, this.execution);
      this.#alike.set(key, alike);
    }
    return alike;
  }

  /** One of them. */
  memberRemoved(alike: OperationGroup): void {
    this.size -= 1;
    if (alike.members.size === 0) this.#alike.delete(alike.key);
    if (this.size === 0) this.execution.forgetMap(this.map);
  }
}

/** By its text: a document that made room for others and is read again asks for what those are told who came before. */
const documentKeyOf = (document: DocumentNode, operationName: string): string =>
  createHash('sha256')
    .update(`${operationName} ${print(document)}`)
    .digest('base64url');

function variablesOf(document: DocumentNode, operationName: string): readonly string[] {
  const own = operationAlone(document, operationName);
  if (own === undefined) return [];
  const operation = getOperationAST(own);
  const ofStream = streamVariablesOf(own);
  const declared = operation?.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  return declared.filter((name) => !ofStream.has(name));
}

/** The variables that stand in the arguments of the subscription's field, and nowhere else in it. */
function streamVariablesOf(own: DocumentNode): ReadonlySet<string> {
  const root = getOperationAST(own)?.selectionSet.selections[0];
  const names = new Set<string>();
  if (root?.kind !== Kind.FIELD) return names;
  for (const { value } of root.arguments ?? []) {
    if (value.kind === Kind.VARIABLE) names.add(value.name.value);
  }
  const uses = new Map<string, number>();
  visit(own, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      uses.set(name.value, (uses.get(name.value) ?? 0) + 1);
    },
  });
  for (const name of names) if (uses.get(name) !== 1) names.delete(name);
  return names;
}
