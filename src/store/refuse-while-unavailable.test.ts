import { mongo } from 'mongoose';
import { describe, expect, test } from 'vitest';
import { releaseLockCommand } from '../booking/release-lock.js';
import { newLockId } from '../core/ids.js';
import { GuardedCommands } from './guarded-commands.js';
import { isCommitUnknown, isTransient } from './mongo-errors.js';
import { refusingWhileUnavailable } from './refuse-while-unavailable.js';

/** A store whose calls all end with this error. */
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

const LOCK_ID = newLockId('event0000000');
const THERE = { isUnavailable: false };

const outcomeOf = (call: Promise<never>) => call.catch((error: { code?: unknown }) => error.code);

/** If mongod has closed a socket, the driver passes Node's error on unchanged. */
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
      'an operation that is ended from outside',
      new mongo.MongoServerError({ message: 'operation was interrupted', code: 11601 }),
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
    const store = refusingWhileUnavailable(new FailingStore(error), THERE, ['change']);
    expect(await outcomeOf(store.read())).toBe(ofRead);
    expect(await outcomeOf(store.change())).toBe(ofChange);
  });

  test('does not hide a fault', async () => {
    const fault = new TypeError('a bug');
    await expect(refusingWhileUnavailable(new FailingStore(fault), THERE).read()).rejects.toBe(fault);
  });
});

test('an unavailable database gets no calls', async () => {
  const database = { isUnavailable: true };
  const asked: string[] = [];
  const ask = async (what: string) => void asked.push(what);
  const store = refusingWhileUnavailable({ read: () => ask('read'), change: () => ask('change') }, database, [
    'change',
  ]);
  const commands = new GuardedCommands({ submit: () => ask('command') as never }, database);
  const all = () => [store.read(), store.change(), commands.submit(releaseLockCommand('ann', LOCK_ID))];
  const refusal = { code: 'TOO_BUSY', details: { retryAfterMs: 2_000 } };
  for (const call of all()) await expect(call).rejects.toMatchObject(refusal);
  expect(asked).toEqual([]);
  database.isUnavailable = false;
  await Promise.all(all());
  expect(asked).toEqual(['read', 'change', 'command']);
});

test('a batch whose socket mongod has closed is retried, and its commit looked up', () => {
  expect(isTransient(endedByMongod())).toBe(true);
  expect(isCommitUnknown(endedByMongod())).toBe(true);
});
