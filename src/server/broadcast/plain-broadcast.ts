import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { SeatWatcher } from '../../feed/seat-watcher.js';
import type { Broadcast, BroadcastObserver } from './broadcast.js';

/**
 * Executes every answer for its own subscriber, and leaves it to the caller to send it by `ws` like any other answer.
 */
export class PlainBroadcast implements Broadcast {
  constructor(private readonly observer: BroadcastObserver) {}

  async subscribe(args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const updates = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in updates)) return updates;
    const source = updates[Symbol.asyncIterator]();
    const isSeatMap = updates instanceof SeatWatcher;
    const answers: AsyncIterableIterator<ExecutionResult> = {
      next: async () => {
        const { done, value } = await source.next();
        if (done) return { done, value: undefined };
        const answer = await execute({ ...args, rootValue: value });
        if (isSeatMap) {
          this.observer.answerBuilt();
          this.observer.messagesSent(1);
        }
        return { done: false, value: answer };
      },
      return: async () => {
        await source.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => answers,
    };
    return answers;
  }
}
