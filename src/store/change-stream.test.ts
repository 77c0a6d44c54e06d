import { EventEmitter } from 'node:events';
import { mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Change } from '../booking/change.js';
import { silent } from '../test/support/fake-feed-source.js';
import { dropTestDatabase, openTestDatabase } from '../test/support/test-database.js';
import { type ChangeReceiver, ChangeStream } from './change-stream.js';
import type { Database } from './database.js';

/** Keeps what it receives, and lets a test wait for it. */
class Receiver implements ChangeReceiver {
  readonly received: string[] = [];
  #waiting: (() => void)[] = [];

  change = ({ version }: Change) => this.#receive(`version ${version}`);
  userChanged = (userId: string) => this.#receive(`${userId} logged out`);
  interrupted = () => {
    this.onInterrupted();
    this.#receive('interrupted');
  };
  onInterrupted: () => void = () => {};

  async until(isComplete: (received: readonly string[]) => boolean): Promise<readonly string[]> {
    while (!isComplete(this.received)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.received;
  }

  #receive(what: string): void {
    this.received.push(what);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const includes = (what: string) => (received: readonly string[]) => received.includes(what);
const version = (number: number) => ({
  eventId: 'event0000001',
  version: number,
  seats: [],
  reservations: [],
  at: new Date(),
});

describe('on a real replica set', () => {
  let database: Database;
  let receiver: Receiver;
  let stream: ChangeStream;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => dropTestDatabase(database));
  beforeEach(async () => {
    await database.changes.deleteMany({});
    receiver = new Receiver();
    stream = new ChangeStream(database, receiver, silent);
    await stream.open();
  });
  afterEach(() => stream.close());

  const commit = (...numbers: number[]) =>
    database.changes.collection.insertMany(numbers.map(version) as never);
  const cursors = async () => {
    const ns = `${database.connection.name}.changes`;
    const operations = database.client
      .db('admin')
      .aggregate<{ cursor?: { cursorId: mongo.Long } }>([
        { $currentOp: { idleCursors: true, allUsers: true } },
        { $match: { ns, 'cursor.cursorId': { $exists: true } } },
      ]);
    return (await operations.toArray()).flatMap(({ cursor }) =>
      // A small id arrives as a number, and killCursors takes only a Long.
      cursor === undefined ? [] : mongo.Long.fromString(String(cursor.cursorId)),
    );
  };

  test('everything committed after its start is delivered, complete and in order', async () => {
    expect(stream.isCurrent).toBe(true);
    await commit(1, 2);
    await database.changes.collection.insertOne({ eventId: null, loggedOutUserId: 'user' } as never);
    await commit(3);
    await receiver.until(includes('version 3'));
    expect(receiver.received).toEqual(['version 1', 'version 2', 'user logged out', 'version 3']);
  });

  test('a killed cursor is replaced by another, without a gap and without an interruption', async () => {
    await commit(1);
    await receiver.until(includes('version 1'));
    for (let round = 0; round < 3; round++) {
      // Between two reads it may not be listed.
      let found = await cursors();
      while (found.length === 0) found = await cursors();
      const killed = await database.connection.db?.command({ killCursors: 'changes', cursors: found });
      expect(killed?.cursorsKilled).toHaveLength(1);
      await commit(2 * round + 2, 2 * round + 3);
      await receiver.until(includes(`version ${2 * round + 3}`));
    }
    expect(receiver.received).toEqual([1, 2, 3, 4, 5, 6, 7].map((number) => `version ${number}`));
  });

  test('one that cannot be resumed starts anew, reports that, and delivers everything committed afterwards', async () => {
    await commit(1);
    await receiver.until(includes('version 1'));
    await database.changes.collection.drop();
    await receiver.until(includes('interrupted'));
    await commit(2);
    expect(await receiver.until(includes('version 2'))).toEqual(['version 1', 'interrupted', 'version 2']);
    expect(stream.isCurrent).toBe(true);
  });

  test('its time is that of the last delivered change, and never before its own start', async () => {
    const beginning = stream.clusterTime;
    expect(beginning).toBeInstanceOf(mongo.Timestamp);
    await commit(1);
    await receiver.until(includes('version 1'));
    expect(stream.clusterTime?.greaterThan(beginning as mongo.Timestamp)).toBe(true);
  });

  test('nothing is delivered once it is closed', async () => {
    await stream.close();
    await commit(1);
    expect(await cursors()).toEqual([]);
    expect(receiver.received).toEqual([]);
  });
});

describe('with faults', () => {
  /** A fake of the driver's stream, which the test controls. */
  class FakeStream extends EventEmitter {
    resumeToken: unknown;
    closed = false;
    #waiting: { resolve(event: unknown): void; reject(error: unknown): void } | undefined;

    constructor(readonly options: { resumeAfter?: unknown; startAtOperationTime?: unknown }) {
      super();
      this.resumeToken = options.resumeAfter;
    }

    next(): Promise<unknown> {
      if (this.closed) return Promise.reject(new Error('ChangeStream is closed'));
      return new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    }

    quiet(token: string): void {
      this.resumeToken = token;
      this.emit('resumeTokenChanged', token);
    }

    deliver(number: number): void {
      this.resumeToken = `after ${number}`;
      this.#waiting?.resolve({ operationType: 'insert', fullDocument: version(number) });
    }

    fail(code: number): void {
      this.#waiting?.reject(Object.assign(new Error(`fault ${code}`), { code }));
    }

    async close(): Promise<void> {
      this.closed = true;
      this.#waiting?.reject(new Error('ChangeStream is closed'));
    }
  }

  const ANY_FAULT = 8;
  const HISTORY_LOST = 286;
  const BEGINNING = new mongo.Timestamp({ t: 1, i: 1 });
  const RIGHT_AFTER = { startAtOperationTime: new mongo.Timestamp({ t: 1, i: 2 }) };

  let streams: FakeStream[];
  let receiver: Receiver;
  let stream: ChangeStream;
  /** The database's time. */
  let time: Promise<mongo.Timestamp>;
  const now = () => streams.at(-1) as FakeStream;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    receiver = new Receiver();
    await openAnew();
  });
  afterEach(async () => {
    await stream.close();
    vi.useRealTimers();
  });

  const openAnew = async () => {
    streams = [];
    time = Promise.resolve(BEGINNING);
    const watch = (_pipeline: unknown, options: object) => {
      streams.push(new FakeStream(options));
      return now();
    };
    const database = { changes: { collection: { watch } }, operationTime: () => time };
    stream = new ChangeStream(database as unknown as Database, receiver, silent);
    const opened = stream.open();
    await vi.advanceTimersByTimeAsync(0);
    now().quiet('the beginning');
    await opened;
  };
  const reopened = () => vi.advanceTimersByTimeAsync(250);

  test('it starts right after a known time', () => {
    expect(now().options).toEqual(RIGHT_AFTER);
    expect(stream.clusterTime).toBe(BEGINNING);
  });

  test('it resumes without an interruption, and is not current in between', async () => {
    now().deliver(1);
    await receiver.until(includes('version 1'));
    now().fail(ANY_FAULT);
    await vi.advanceTimersByTimeAsync(0);
    expect(stream.isCurrent).toBe(false);
    await reopened();
    expect(now().options).toEqual({ resumeAfter: 'after 1' });
    now().deliver(2);
    expect(await receiver.until(includes('version 2'))).toEqual(['version 1', 'version 2']);
    expect(stream.isCurrent).toBe(true);
  });

  test('a useless token is never sent again: it starts anew, and reports that before it is current', async () => {
    now().fail(HISTORY_LOST);
    await reopened();
    expect(now().options).toEqual(RIGHT_AFTER);
    expect(receiver.received).toEqual([]);
    let wasCurrent: boolean | undefined;
    receiver.onInterrupted = () => {
      wasCurrent = stream.isCurrent;
    };
    now().quiet('anew');
    await receiver.until(includes('interrupted'));
    expect(receiver.received).toEqual(['interrupted']);
    expect(wasCurrent).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(stream.isCurrent).toBe(true);
  });

  test('after a new start it resumes as after the first one', async () => {
    now().fail(HISTORY_LOST);
    await reopened();
    now().quiet('anew');
    await receiver.until(includes('interrupted'));
    await vi.advanceTimersByTimeAsync(0);
    now().fail(ANY_FAULT);
    await reopened();
    expect(now().options).toEqual({ resumeAfter: 'anew' });
  });

  test('a new start that fails is retried until it succeeds, and only then reported', async () => {
    now().fail(HISTORY_LOST);
    for (let round = 0; round < 5; round++) {
      await reopened();
      expect(streams).toHaveLength(round + 2);
      now().fail(ANY_FAULT);
    }
    expect(receiver.received).toEqual([]);
    await reopened();
    now().quiet('anew');
    await receiver.until(includes('interrupted'));
  });

  test('a token that causes only faults is given up in the end', async () => {
    let resumes = 0;
    now().fail(ANY_FAULT);
    await reopened();
    while (now().options.resumeAfter !== undefined) {
      resumes += 1;
      now().fail(ANY_FAULT);
      await reopened();
    }
    expect(resumes).toBe(19);
    now().quiet('anew');
    await receiver.until(includes('interrupted'));
  });

  test('a delivery resets the count of faults', async () => {
    for (let round = 1; round <= 30; round++) {
      now().fail(ANY_FAULT);
      await reopened();
      now().deliver(round);
      await receiver.until(includes(`version ${round}`));
    }
    expect(receiver.received).not.toContain('interrupted');
  });

  test('closing ends it while it is in use, while it waits to reopen and while it reopens', async () => {
    const moments = [
      () => {},
      () => now().fail(ANY_FAULT),
      async () => {
        now().fail(ANY_FAULT);
        await reopened();
      },
    ];
    for (const moment of moments) {
      await moment();
      const closed = stream.close();
      await reopened();
      await closed;
      expect(streams.every((each) => each.closed)).toBe(true);
      await openAnew();
    }
  });

  test('closing while it reads the time leaves nothing open', async () => {
    let tell: () => void = () => {};
    time = new Promise((resolve) => {
      tell = () => resolve(BEGINNING);
    });
    now().fail(HISTORY_LOST);
    await reopened();
    const closed = stream.close();
    tell();
    await closed;
    expect(streams.every((each) => each.closed)).toBe(true);
  });
});
