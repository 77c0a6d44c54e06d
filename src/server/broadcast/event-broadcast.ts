import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { Event } from '../../catalog/event.js';
import type { EventWatcher } from '../../feed/event-watcher.js';
import type { BroadcastConnection, BroadcastObserver } from './broadcast.js';
import { sharedFrame } from './frame.js';
import { messageHead } from './message-text.js';

/** Answers of one state of an event that are kept. Clients use a few operations; more come only from an attack. */
const ANSWERS_PER_STATE_MAX = 20;

/** The body of a message, or a result with errors, which is not shared: it may be about one viewer. */
type Answer = { readonly body: readonly Buffer[] } | { readonly individual: ExecutionResult };

/** Answers subscriptions to events. Each state of an event is executed once for all who sent the same operation. */
export class EventBroadcast {
  readonly #answers = new WeakMap<Event, Map<string, Promise<Answer>>>();

  constructor(private readonly observer: BroadcastObserver) {}

  /**
   * @param key the same for operations with the same answers
   * @returns the answers with errors, and the end; all others are written to the connection
   */
  subscribe(
    key: string,
    args: ExecutionArgs,
    watcher: EventWatcher,
    connection: BroadcastConnection,
    id: string,
  ): AsyncIterableIterator<ExecutionResult> {
    const { encoding } = connection;
    const head = messageHead(encoding, id);
    const answers: AsyncIterableIterator<ExecutionResult> = {
      next: async () => {
        for (;;) {
          const { done, value: event } = await watcher.next();
          if (done) return { done, value: undefined };
          const answer = await this.#answer(key, args, event);
          if ('individual' in answer) return { done: false, value: answer.individual };
          this.observer.messagesSent(1);
          // The next state is sent once this one has left, so that a slow reader skips those in between.
          await new Promise<void>((resolve) => {
            const frame = () => sharedFrame(head, answer.body, encoding);
            if (connection.writeCoalesced(frame, resolve)) resolve();
          });
        }
      },
      return: async () => {
        await watcher.return();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => answers,
    };
    return answers;
  }

  #answer(key: string, args: ExecutionArgs, event: Event): Promise<Answer> {
    let answers = this.#answers.get(event);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(event, answers);
    }
    let answer = answers.get(key);
    if (answer === undefined) {
      answer = this.#execute(args, event);
      if (answers.size < ANSWERS_PER_STATE_MAX) answers.set(key, answer);
    }
    return answer;
  }

  async #execute(args: ExecutionArgs, event: Event): Promise<Answer> {
    // Without a viewer: a shared answer must contain nothing of the subscriber that happened to be first.
    const contextValue = { ...(args.contextValue as object), viewer: null };
    const result = await execute({ ...args, contextValue, rootValue: event });
    this.observer.answerBuilt();
    if (result.errors !== undefined) return { individual: result };
    return { body: [Buffer.from(JSON.stringify(result))] };
  }
}
