import { mongo } from 'mongoose';
import { describe, expect, test } from 'vitest';
import { isCommitUnknown, isTransient } from './mongo-errors.js';
import { refusingWhenAway } from './when-away.js';

/** A store each of whose calls ends in this. */
class FailingStore {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  async read(): Promise<never> {
    throw this.#error;
  }

  async change(): Promise<never> {
    throw this.#error;
  }
}

const outcomeOf = (call: Promise<never>) => call.catch((error: { code?: unknown }) => error.code);

/** Of a socket that mongod has closed, Node's error comes through the driver as it is. */
const endedByMongod = () =>
  Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });

describe('a store whose database does not answer', () => {
  test.each([
    ['a connection that breaks', new mongo.MongoNetworkError('closed'), 'TOO_BUSY', 'OUTCOME_UNKNOWN'],
    ['a socket that mongod has closed', endedByMongod(), 'TOO_BUSY', 'OUTCOME_UNKNOWN'],
    [
      'a primary that steps down',
      new mongo.MongoServerError({ message: 'not primary', code: 10107 }),
      'TOO_BUSY',
      'OUTCOME_UNKNOWN',
    ],
    [
      'no primary at all',
      new mongo.MongoServerSelectionError('no primary', {} as never),
      'TOO_BUSY',
      'TOO_BUSY',
    ],
  ])('refuses: %s', async (_, error, ofRead, ofChange) => {
    const store = refusingWhenAway(new FailingStore(error), ['change']);
    expect(await outcomeOf(store.read())).toBe(ofRead);
    expect(await outcomeOf(store.change())).toBe(ofChange);
  });

  test('does not hide a fault', async () => {
    const fault = new TypeError('a bug');
    await expect(refusingWhenAway(new FailingStore(fault)).read()).rejects.toBe(fault);
  });
});

test('a batch whose socket mongod has closed is tried again, and its commit looked up', () => {
  expect(isTransient(endedByMongod())).toBe(true);
  expect(isCommitUnknown(endedByMongod())).toBe(true);
});
