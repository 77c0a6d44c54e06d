import { vi } from 'vitest';
import type { TestApp } from './test-app.js';

/** Something that a test holds up, to do something else meanwhile. */
export interface Gate {
  /** Resolves once somebody waits at the gate. */
  readonly reached: Promise<void>;
  open(): void;
}

/** Holds up the next read of a user by id, behind the read itself: what was read is old by the time it is used. */
export function holdNextUser(app: TestApp): Gate {
  return holdNext(app.database.users, 'find');
}

/** Holds up the next claim of an event, and so the batch of the next command. */
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
    // A model's query is run by its exec; a collection of the driver answers by itself.
    return answer.lean === undefined
      ? held(answer)
      : { lean: () => ({ exec: () => held(answer.lean().exec()) }) };
  });
  return { reached, open };
}
