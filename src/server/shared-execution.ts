import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import { isSameForEverybody } from '../graphql/same-for-everybody.js';

/** Different answers of one update that are kept to be shared: a page asks in a few ways, and nobody in hundreds. */
const ANSWERS_MAX = 20;

/** Told about what is shared; for metrics. */
export interface SharedExecutionObserver {
  /** An update was executed and serialised, for whoever else is told of it as well. */
  executed(): void;
  delivered(): void;
}

/** An answer as text, or one that is not fit to be shared: it tells of an error. */
type Shared = { readonly text: Buffer } | { readonly unshared: ExecutionResult };

/** What tells one operation's answers from another's: its document and those variables that its answers depend on. */
interface Shareable {
  readonly documentKey: number;
  /** Variables that only say where the stream begins. */
  readonly streamVariables: ReadonlySet<string>;
}

/**
 * Ten thousand watchers of one map ask the same and are to be told the same. An update is executed and serialised once
 * for all operations that differ only in who asks, in their id, and in where their stream began.
 */
export class SharedExecution {
  readonly #shareable = new WeakMap<DocumentNode, Map<string, Shareable | null>>();
  readonly #answers = new WeakMap<object, Map<string, Promise<Shared>>>();
  #documents = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly observer: SharedExecutionObserver,
  ) {}

  /** @returns what the operation's answers are shared under, or null when they depend on who asks */
  keyOf({ document, operationName, variableValues }: ExecutionArgs): string | null {
    const shareable = this.#shareableOf(document, operationName ?? '');
    if (shareable === null) return null;
    const variables = Object.entries(variableValues ?? {}).filter(
      ([name]) => !shareable.streamVariables.has(name),
    );
    return `${shareable.documentKey} ${JSON.stringify(variables)}`;
  }

  /**
   * Subscribes, and sends every answer by itself. What comes out of the iterator is only what must not be shared, and
   * the end.
   *
   * @param send takes an answer as text, from its opening brace to the closing one of the message around it; returns
   *   once it has left
   */
  async subscribe(
    args: ExecutionArgs,
    key: string,
    send: (text: Buffer) => Promise<void>,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const updates = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in updates)) return updates;
    const iterator = updates[Symbol.asyncIterator]() as AsyncIterator<object>;
    let ended = false;
    const next = async (): Promise<IteratorResult<ExecutionResult>> => {
      for (;;) {
        const { done, value: update } = await iterator.next();
        if (done || ended) return { done: true, value: undefined };
        const answer = await this.#answer(update, key, args);
        if (ended) return { done: true, value: undefined };
        if ('unshared' in answer) return { done: false, value: answer.unshared };
        this.observer.delivered();
        await send(answer.text);
      }
    };
    const stop = async (): Promise<IteratorResult<ExecutionResult>> => {
      ended = true;
      await iterator.return?.();
      return { done: true, value: undefined };
    };
    const answers: AsyncIterableIterator<ExecutionResult> = {
      next,
      return: stop,
      throw: stop,
      [Symbol.asyncIterator]: () => answers,
    };
    return answers;
  }

  #answer(update: object, key: string, args: ExecutionArgs): Promise<Shared> {
    let answers = this.#answers.get(update);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(update, answers);
    }
    const made = answers.get(key);
    if (made !== undefined) return made;
    const answer = this.#execute(update, args);
    if (answers.size < ANSWERS_MAX) answers.set(key, answer);
    return answer;
  }

  async #execute(update: object, args: ExecutionArgs): Promise<Shared> {
    // By nobody in particular: what is shared can have nothing of the one who happened to come first.
    const contextValue = { ...(args.contextValue as object), viewer: null };
    const result = await execute({ ...args, contextValue, rootValue: update });
    this.observer.executed();
    return result.errors === undefined
      ? { text: Buffer.from(`${JSON.stringify(result)}}`) }
      : { unshared: result };
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
        ? { documentKey: ++this.#documents, streamVariables: streamVariablesOf(document, operationName) }
        : null;
      ofDocument.set(operationName, shareable);
    }
    return shareable;
  }
}

/** The variables that stand in the arguments of the subscription's field, and nowhere else in the document. */
function streamVariablesOf(document: DocumentNode, operationName: string): ReadonlySet<string> {
  const root = getOperationAST(document, operationName === '' ? null : operationName)?.selectionSet
    .selections[0];
  const names = new Set<string>();
  if (root?.kind !== Kind.FIELD) return names;
  for (const { value } of root.arguments ?? []) {
    if (value.kind === Kind.VARIABLE) names.add(value.name.value);
  }
  const uses = new Map<string, number>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      uses.set(name.value, (uses.get(name.value) ?? 0) + 1);
    },
  });
  for (const name of names) if (uses.get(name) !== 1) names.delete(name);
  return names;
}
