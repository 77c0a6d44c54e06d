import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSync,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import { monotonicMs } from '../core/clock.js';
import { MOMENT_MS, type SeatUpdate } from '../feed/seat-update.js';
import { SeatWatcher, type UpdateReceiver } from '../feed/seat-watcher.js';
import { alone, isSameForEverybody } from '../graphql/same-for-everybody.js';
import { type LeftOut, mark, putIn } from '../graphql/seat-lists.js';
import { SAMPLE_SEAT } from '../graphql/seat-rows.js';
import { ExecutionTurns, type WaitingForExecution } from './execution-turns.js';

/** Different answers of one update that are kept to be shared: a page asks in a few ways, and nobody in hundreds. */
const ANSWERS_MAX = 20;

/** Of a map's watchers, those who have to ask alike to be told before all others: so there are at most twenty kinds of them. */
const MANY_SHARE = 1 / 20;

/** Told about what is shared; for metrics. */
export interface SharedExecutionObserver {
  /** An update was executed and serialised, for whoever else is told of it as well. */
  executed(): void;
  delivered(): void;
}

/** How a subscription's answers leave: see `WebSocketConnection.sendShared`. */
export type SendShared = (body: readonly Buffer[], left: () => void) => boolean;

/** An answer as text, or one that is not fit to be shared: it tells of an error. */
type Shared = SharedText | { readonly unshared: ExecutionResult };

/** What tells one operation's answers from another's: its document and those variables that its answers depend on. */
interface Shareable {
  readonly documentKey: number;
  /** Those that the operation knows, but for the ones that only say where its stream begins. */
  readonly variables: readonly string[];
}

/**
 * Ten thousand watchers of one map ask the same and are to be told the same. An update is executed and serialised once
 * for all operations that differ only in who asks, in their id, and in where their stream began.
 */
export class SharedExecution {
  readonly #shareable = new WeakMap<DocumentNode, Map<string, Shareable | null>>();
  readonly #answers = new WeakMap<SeatUpdate, Map<string, Shared>>();
  readonly #turns = new ExecutionTurns();
  /** Who watches which map, by event and by what they ask for. */
  readonly #audiences = new Map<string, Audience>();
  #documents = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly observer: SharedExecutionObserver,
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
    address: string,
    send: SendShared,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const updates = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in updates)) return updates;
    if (!(updates instanceof SeatWatcher))
      throw new Error('Only what watches seats is the same for everybody.');
    const { eventId } = updates;
    const audience = this.#audiences.get(eventId) ?? new Audience();
    this.#audiences.set(eventId, audience.join(key));
    const alike = `${eventId} ${key}`;
    let isForMany = false;
    return new SharedAnswers(updates, {
      admits: (update, isFirst, waiting) => {
        const isOfMany = audience.isMany(key);
        // Of a tick, where thousands are told the same. Where each began is another matter.
        isForMany = isOfMany && !isFirst;
        if (isForMany || this.#answers.get(update)?.has(key) || this.#turns.isFree) return true;
        this.#turns.wait(waiting, alike, address, isOfMany);
        return false;
      },
      send: (update, now, left) => {
        const answer = this.#answer(update, key, args, isForMany);
        if ('unshared' in answer) return answer.unshared;
        this.observer.delivered();
        return send(answer.at(now), left);
      },
      over: (waiting) => {
        this.#turns.leave(waiting, alike, address);
        if (audience.leave(key) === 0) this.#audiences.delete(eventId);
      },
    });
  }

  #answer(update: SeatUpdate, key: string, args: ExecutionArgs, isForMany: boolean): Shared {
    let answers = this.#answers.get(update);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(update, answers);
    }
    const answer = answers.get(key) ?? this.#execute(update, args, isForMany);
    // The one that was used longest ago makes room: a few odd ones that come first take nothing from the many.
    answers.delete(key);
    answers.set(key, answer);
    if (answers.size > ANSWERS_MAX) answers.delete(answers.keys().next().value as string);
    return answer;
  }

  #execute(update: SeatUpdate, args: ExecutionArgs, isForMany: boolean): Shared {
    // By nobody in particular: what is shared can have nothing of the one who happened to come first.
    const contextValue = { ...(args.contextValue as object), viewer: null };
    const startMs = monotonicMs();
    const seats = update.seats.length === 0 ? update.seats : [SAMPLE_SEAT];
    const result = executeSync({ ...args, contextValue, rootValue: { ...update, seats } });
    // Nothing of a seat can fail alone: what is told of an error has no list.
    const shared = result.errors === undefined ? new SharedText(result, update) : { unshared: result };
    // Theirs is not taken from the others: while many maps change, whoever comes would never be told.
    if (!isForMany) this.#turns.took(monotonicMs() - startMs);
    this.observer.executed();
    return shared;
  }

  #shareableOf(document: DocumentNode, operationName: string): Shareable | null {
    let ofDocument = this.#shareable.get(document);
    if (ofDocument === undefined) {
      ofDocument = new Map();
      this.#shareable.set(document, ofDocument);
    }
    let shareable = ofDocument.get(operationName);
    if (shareable === undefined) {
      shareable = isSameForEverybody(this.schema, document, operationName)
        ? { documentKey: ++this.#documents, variables: variablesOf(document, operationName) }
        : null;
      ofDocument.set(operationName, shareable);
    }
    return shareable;
  }
}

/** Where the server's time is to stand. */
const TIME = Symbol('server time');

/** The only lists of an update are those of its seats, however often it was asked for them. */
function leaveSeatsOut(answer: unknown, seats: SeatUpdate['seats'], leftOut: LeftOut): void {
  const fields = (answer ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value) && value.length > 0) fields[name] = mark(seats, value[0], leftOut);
  }
}

/**
 * An answer from its opening brace to the closing one of the message around it. It stays true for as long as the map
 * does not change, but for the server's time: that is put in when it is sent.
 */
class SharedText {
  /** What stands around the server's time, wherever that was asked for. */
  readonly #parts: readonly (Buffer | typeof TIME)[];
  #body: readonly Buffer[] = [];
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(result: ExecutionResult, { seats, serverTime }: SeatUpdate) {
    const leftOut: LeftOut = new Map();
    for (const answer of Object.values(result.data ?? {})) leaveSeatsOut(answer, seats, leftOut);
    const pieces = `${JSON.stringify(result)}}`.split(JSON.stringify(serverTime));
    this.#parts = pieces.flatMap((piece, index) => [
      ...(index === 0 ? [] : ([TIME] as const)),
      ...putIn(piece, leftOut),
    ]);
  }

  at(now: Date): readonly Buffer[] {
    // Those who come one after the other are told the same for a moment.
    if (Math.abs(now.getTime() - this.#toldMs) < MOMENT_MS) return this.#body;
    const time = Buffer.from(JSON.stringify(now));
    this.#body = this.#parts.map((part) => (part === TIME ? time : part));
    this.#toldMs = now.getTime();
    return this.#body;
  }
}

/**
 * One subscription's answers. They are sent as the watcher hands its updates over; what the protocol's library sees of
 * them is an iterator that has nothing to tell until there is something that is not shared, or the end.
 */
class SharedAnswers implements AsyncIterableIterator<ExecutionResult>, UpdateReceiver, WaitingForExecution {
  /** Its turn has come: what it takes next is executed if it has to be. */
  #hasTurn = false;
  #isOver = false;
  #resolve: (result: IteratorResult<ExecutionResult>) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(
    private readonly updates: SeatWatcher,
    private readonly audience: AnswersOf,
  ) {}

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

  readonly #left = () => this.updates.ready();

  admits(update: SeatUpdate, isFirst: boolean): boolean {
    const hasTurn = this.#hasTurn;
    this.#hasTurn = false;
    return hasTurn || this.audience.admits(update, isFirst, this);
  }

  execute(): void {
    this.#hasTurn = true;
    this.updates.takeNow();
    // A turn that was of no use is over as well.
    this.#hasTurn = false;
  }

  update(update: SeatUpdate, now: Date): boolean {
    const sent = this.audience.send(update, now, this.#left);
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
    this.audience.over(this);
  }
}

/** How one subscription is answered. */
interface AnswersOf {
  /** Whether it may be told now; if not, it waits. */
  readonly admits: (update: SeatUpdate, isFirst: boolean, waiting: WaitingForExecution) => boolean;
  /** @returns whether the next one may come, or what is to be told by the iterator instead */
  readonly send: (update: SeatUpdate, now: Date, left: () => void) => boolean | ExecutionResult;
  readonly over: (waiting: WaitingForExecution) => void;
}

/** Those who watch one map. */
class Audience {
  #size = 0;
  readonly #alike = new Map<string, number>();

  join(key: string): this {
    this.#size += 1;
    this.#alike.set(key, (this.#alike.get(key) ?? 0) + 1);
    return this;
  }

  /** @returns how many are left */
  leave(key: string): number {
    this.#size -= 1;
    const left = (this.#alike.get(key) ?? 1) - 1;
    if (left > 0) this.#alike.set(key, left);
    else this.#alike.delete(key);
    return this.#size;
  }

  isMany(key: string): boolean {
    return (this.#alike.get(key) ?? 0) >= MANY_SHARE * this.#size;
  }
}

function variablesOf(document: DocumentNode, operationName: string): readonly string[] {
  const own = alone(document, operationName);
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
