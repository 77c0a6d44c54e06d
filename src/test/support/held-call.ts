import { vi } from 'vitest';
import type { TestApp } from './test-app.js';

/** A call that the test holds while it does something else. */
export interface Gate {
  /** Resolves when the call waits at the gate. */
  readonly reached: Promise<void>;
  open(): void;
}

/** Holds the answer of the next read of a user by id: the record is outdated when it is used. */
export function holdNextUser(app: TestApp): Gate {
  return holdNext(app.database.users, 'find');
}

/** Holds the next claim of an event, and with it the batch of the next command. */
export function holdNextBatch(app: TestApp): Gate {
  return holdNext(app.database.events.collection, 'findOneAndUpdate');
}

function holdNext(target: object, method: string): Gate {
  let reach = () => {};
  let open = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  // biome-ignore lint/suspicious/noExplicitAny: the methods have too many signatures to be wrapped by type.
  const methods = target as Record<string, (...args: any[]) => any>;
  const original = methods[method]?.bind(target);
  const held = async (answer: Promise<unknown>) => {
    const value = await answer;
    reach();
    await opened;
    return value;
  };
  const spy = vi.spyOn(methods, method).mockImplementation((...args) => {
    spy.mockRestore();
    const answer = original?.(...args);
    // A model's query is run by its exec; a driver's collection returns a promise.
    return answer.lean === undefined
      ? held(answer)
      : { lean: () => ({ exec: () => held(answer.lean().exec()) }) };
  });
  return { reached, open };
}
