import { vi } from 'vitest';
import type { TestApp } from './harness.js';

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
  return holdNext(app.database.events, 'findOneAndUpdate');
}

function holdNext(model: object, method: string): Gate {
  let reach = () => {};
  let open = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  // biome-ignore lint/suspicious/noExplicitAny: a mongoose model's methods have too many signatures to be wrapped by type.
  const methods = model as Record<string, (...args: any[]) => any>;
  const original = methods[method]?.bind(model);
  const spy = vi.spyOn(methods, method).mockImplementation((...args) => {
    spy.mockRestore();
    const exec = async () => {
      const answer = await original?.(...args)
        .lean()
        .exec();
      reach();
      await opened;
      return answer;
    };
    return { lean: () => ({ exec }) };
  });
  return { reached, open };
}
