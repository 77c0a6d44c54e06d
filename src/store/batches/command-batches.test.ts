import { mongo } from 'mongoose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Command } from '../../booking/commands.js';
import { expireLocksCommand } from '../../booking/expire-locks.js';
import { holdBackSeatsCommand } from '../../booking/hold-back-seats.js';
import { releaseLockCommand } from '../../booking/release-lock.js';
import { DomainError } from '../../core/errors.js';
import { newEventId, newLockId } from '../../core/ids.js';
import type { BatchOutcome } from './batch-decision.js';
import type { EventCommands } from './claim.js';
import {
  BATCHES_IN_FLIGHT_MAX,
  CONCURRENT_BATCHES,
  CommandBatches,
  HALVING_MS_MAX,
  SLOW_BATCH_MS,
} from './command-batches.js';
import { BATCH_SIZE_MAX, QUEUE_LENGTH_MAX, QUEUE_WAIT_MS_MAX } from './command-queue.js';
import { EVENTS_PER_BATCH_MAX } from './event-sharing.js';
import { QUIET_BEFORE_EXPIRY_MS } from './expiry-commands.js';
import { YIELD_MS_MAX, YIELD_MS_MIN } from './process-fairness.js';

/** A batch in flight, until the test ends it. */
interface InFlight {
  readonly events: readonly EventCommands[];
  /** Of its first event; most batches have only one. */
  readonly eventId: string;
  readonly commands: readonly Command[];
  commit(
    outcomeOf?: (command: Command) => BatchOutcome,
    attempts?: number,
    fencingToken?: number,
  ): Promise<void>;
  fail(fault: unknown): Promise<void>;
}

/** A fake transaction, so that a test decides when a batch commits and sees its commands. */
class HeldTransaction {
  readonly inFlight: InFlight[] = [];
  /** The events that a process waits for, each with a function that ends the wait. */
  readonly awaited = new Map<string, () => Promise<void>>();

  async run(eventId: string, commands: readonly Command[]) {
    const { outcomes, ...rest } = await this.#start([{ eventId, commands }]);
    return { outcomes: outcomes[0] as BatchOutcome[], ...rest };
  }

  waitUntilUnclaimed(eventIds: readonly string[]): Promise<void> {
    const key = eventIds.join();
    return new Promise((resolve) => {
      this.awaited.set(key, async () => {
        this.awaited.delete(key);
        resolve();
        await settled();
      });
    });
  }

  async runShared(events: readonly EventCommands[]) {
    expect(events.length).toBeGreaterThan(1);
    return this.#start(events);
  }

  #start(events: readonly EventCommands[]) {
    interface Committed {
      readonly outcomes: BatchOutcome[][];
      readonly attempts: number;
      readonly fencingToken: number | undefined;
      readonly hadConflict: boolean;
    }
    return new Promise<Committed>((resolve, reject) => {
      const over = async (end: () => void) => {
        this.inFlight.splice(this.inFlight.indexOf(batch), 1);
        end();
        await settled();
      };
      const [first] = events as [EventCommands];
      const batch: InFlight = {
        ...first,
        events,
        commit: (outcomeOf = answered, attempts = 1, fencingToken = undefined) => {
          const outcomes = events.map(({ commands }) => commands.map(outcomeOf));
          return over(() => resolve({ outcomes, attempts, fencingToken, hadConflict: attempts > 1 }));
        },
        fail: (fault) => over(() => reject(fault)),
      };
      this.inFlight.push(batch);
    });
  }

  get only(): InFlight {
    expect(this.inFlight).toHaveLength(1);
    return this.inFlight[0] as InFlight;
  }

  async commitAll(): Promise<void> {
    for (let batch = this.inFlight[0]; batch !== undefined; batch = this.inFlight[0]) await batch.commit();
  }

  /** Ends everything, including waits for events. */
  async end(): Promise<void> {
    while (this.inFlight.length > 0 || vi.getTimerCount() > 0 || this.awaited.size > 0) {
      await this.commitAll();
      await vi.advanceTimersByTimeAsync(YIELD_MS_MIN);
      for (const over of [...this.awaited.values()]) await over();
    }
  }
}

let transaction: HeldTransaction;
let batches: CommandBatches;
const committed: { size: number; attempts: number }[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  committed.length = 0;
  transaction = new HeldTransaction();
  batches = new CommandBatches(transaction, {
    committed: ({ size, attempts }) => committed.push({ size, attempts }),
  });
});

afterEach(async () => {
  await transaction.end();
  await batches.close();
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

describe('an observer that throws', () => {
  const broken = () => {
    throw new Error('The metrics are broken.');
  };
  const releaseOf = (eventId: string) => releaseLockCommand('ann', newLockId(eventId));
  beforeEach(() => {
    batches = new CommandBatches(transaction, { committed: broken, split: broken });
  });

  test('changes no answer, and no committed batch runs again', async () => {
    const eventId = newEventId();
    const answers = [1, 2, 3].map(() => batches.submit(releaseOf(eventId)));
    let commits = 0;
    for (; transaction.inFlight[0] !== undefined; commits++) await transaction.inFlight[0].commit();
    await expect(Promise.all(answers)).resolves.toHaveLength(3);
    // The first command's batch, and that of the two that arrived during it.
    expect(commits).toBe(2);
  });

  test('changes no answer of a shared batch, nor of one that was halved', async () => {
    const busy = Array.from({ length: CONCURRENT_BATCHES }, () => batches.submit(releaseOf(newEventId())));
    const shared = [newEventId(), newEventId()].map((eventId) => batches.submit(releaseOf(eventId)));
    for (const batch of [...transaction.inFlight]) await batch.commit();
    await transaction.only.fail(new Error('not together'));
    await transaction.commitAll();
    await expect(Promise.all([...busy, ...shared])).resolves.toHaveLength(CONCURRENT_BATCHES + 2);
  });

  test('changes no answer of events that are committed together', async () => {
    const busy = Array.from({ length: CONCURRENT_BATCHES }, () => batches.submit(releaseOf(newEventId())));
    const shared = [newEventId(), newEventId()].map((eventId) => batches.submit(releaseOf(eventId)));
    await transaction.commitAll();
    await expect(Promise.all([...busy, ...shared])).resolves.toHaveLength(CONCURRENT_BATCHES + 2);
  });
});

describe('bulk commands', () => {
  const holdBack = (eventId: string) =>
    batches.submit(holdBackSeatsCommand('olga', { eventId, seatNumbers: [1], label: 'Tour' }));
  const kindsOf = ({ commands }: InFlight) => commands.map(({ kind }) => kind);

  test('have one batch each, and commands that came after them do not wait for the second one', async () => {
    const eventId = newEventId();
    submit(eventId);
    for (let count = 0; count < 3; count++) void holdBack(eventId);
    submit(eventId);
    for (const kinds of [
      ['releaseLock'],
      ['holdBackSeats', 'releaseLock'],
      ['holdBackSeats'],
      ['holdBackSeats'],
    ]) {
      expect(kindsOf(transaction.only)).toEqual(kinds);
      await transaction.only.commit();
    }
  });

  test('share their batch with no other event', async () => {
    const busy = Array.from({ length: CONCURRENT_BATCHES }, () => newEventId());
    for (const eventId of busy) submit(eventId);
    const [first, second] = [newEventId(), newEventId()];
    submit(first);
    void holdBack(second);
    for (const batch of [...transaction.inFlight]) await batch.commit();
    const events = transaction.inFlight.map((batch) => batch.events.map(({ eventId }) => eventId));
    expect(events).toEqual([[first], [second]]);
  });
});

describe('an expiry command waits', () => {
  const kinds = () => transaction.only.commands.map(({ kind }) => kind);

  test('for no caller if none calls: one step follows the other at once', async () => {
    const eventId = newEventId();
    for (let parts = 0; parts < 3; parts++) {
      void batches.submit(expireLocksCommand(eventId));
      expect(kinds()).toEqual(['expireLocks']);
      await transaction.only.commit();
    }
  });

  test('after a recent call, and has a batch of its own once no further call has arrived', async () => {
    const eventId = newEventId();
    submit(eventId);
    void batches.submit(expireLocksCommand(eventId));
    await transaction.only.commit();
    expect(transaction.inFlight).toEqual([]);
    await vi.advanceTimersByTimeAsync(QUIET_BEFORE_EXPIRY_MS - 1);
    expect(transaction.inFlight).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(kinds()).toEqual(['expireLocks']);
  });

  test('while calls arrive, and joins each of their batches', async () => {
    const eventId = newEventId();
    submit(eventId);
    await transaction.only.commit();
    for (let calls = 0; calls < 5; calls++) {
      const expiring = batches.submit(expireLocksCommand(eventId));
      await vi.advanceTimersByTimeAsync(QUIET_BEFORE_EXPIRY_MS / 2);
      expect(transaction.inFlight).toEqual([]);
      submit(eventId);
      expect(kinds()).toEqual(['releaseLock', 'expireLocks']);
      await transaction.only.commit();
      await expiring;
    }
  });

  test('for calls of its own event only', async () => {
    submit(newEventId());
    await transaction.only.commit();
    void batches.submit(expireLocksCommand(newEventId()));
    expect(kinds()).toEqual(['expireLocks']);
  });

  test('and is done before the queues close', async () => {
    const eventId = newEventId();
    submit(eventId);
    await transaction.only.commit();
    const expiring = batches.submit(expireLocksCommand(eventId));
    const closed = batches.close();
    await vi.advanceTimersByTimeAsync(QUIET_BEFORE_EXPIRY_MS);
    await transaction.only.commit();
    await Promise.all([expiring, closed]);
  });
});

describe('a batch', () => {
  test('of an idle event starts at once, with one command', async () => {
    expect(batches.isBatchInFlight).toBe(false);
    submit(newEventId());

    expect(transaction.only.commands).toHaveLength(1);
    expect(batches.isBatchInFlight).toBe(true);
    await transaction.only.commit();
    expect(batches.isBatchInFlight).toBe(false);
  });

  test('takes the commands that arrived while the previous one was committed, in their order', async () => {
    const eventId = newEventId();
    submit(eventId);
    const later = submitMany(eventId, 3);
    expect(transaction.only.commands).toHaveLength(1);

    await transaction.only.commit();

    expect(transaction.only.commands).toEqual(later.map(({ command }) => command));
    expect(batches.queued).toBe(0);
  });

  test('is never in flight together with another one of its event', async () => {
    const eventId = newEventId();
    for (let round = 0; round < 5; round++) {
      submitMany(eventId, 3);
      expect(transaction.inFlight).toHaveLength(1);
      await transaction.only.commit();
      expect(transaction.inFlight).toHaveLength(1);
    }
  });

  test('that hangs does not block other events', async () => {
    const [hanging, other] = [newEventId(), newEventId()];
    submitMany(hanging, 2);

    const { answer } = submit(other);
    await transaction.inFlight.find(({ eventId }) => eventId === other)?.commit();

    await expect(answer).resolves.toBeDefined();
  });

  test('leaves its event idle if no commands wait: the next command starts at once', async () => {
    const eventId = newEventId();
    submit(eventId);
    await transaction.only.commit();

    submit(eventId);

    expect(transaction.only.commands).toHaveLength(1);
  });

  test.each([
    [BATCH_SIZE_MAX, [BATCH_SIZE_MAX]],
    [BATCH_SIZE_MAX + 1, [BATCH_SIZE_MAX, 1]],
    [3 * BATCH_SIZE_MAX, [BATCH_SIZE_MAX, BATCH_SIZE_MAX, BATCH_SIZE_MAX]],
  ])('%i waiting commands are decided in batches of %j', async (waiting, sizes) => {
    const eventId = newEventId();
    submit(eventId);
    submitMany(eventId, waiting);

    await transaction.commitAll();

    expect(committed.map(({ size }) => size)).toEqual([1, ...sizes]);
  });
});

describe('every caller gets the result of its own command', () => {
  test('its answer, its refusal or its fault, whatever the others of the batch get', async () => {
    const eventId = newEventId();
    submit(eventId);
    const [first, second, third] = submitMany(eventId, 3) as [Submitted, Submitted, Submitted];
    await transaction.only.commit();
    const refusal = new DomainError('LOCK_NOT_FOUND', 'There is none.');
    const fault = new Error('A fault of one command');

    await transaction.only.commit((command) =>
      command === first.command ? { refusal } : command === second.command ? { fault } : answered(command),
    );

    await expect(first.answer).rejects.toBe(refusal);
    await expect(second.answer).rejects.toBe(fault);
    await expect(third.answer).resolves.toEqual({ of: third.command });
  });

  test('after a batch’s lasting fault each command runs alone, and only the one that causes it fails', async () => {
    const eventId = newEventId();
    submit(eventId);
    const [first, guilty, third] = submitMany(eventId, 3) as [Submitted, Submitted, Submitted];
    await transaction.only.commit();
    const fault = new Error('A lasting fault');

    await transaction.only.fail(fault);
    for (const { command } of [first, guilty, third]) {
      const alone = transaction.only;
      expect(alone.commands).toEqual([command]);
      if (command === guilty.command) await alone.fail(fault);
      else await alone.commit();
    }

    await expect(first.answer).resolves.toEqual({ of: first.command });
    await expect(guilty.answer).rejects.toBe(fault);
    await expect(third.answer).resolves.toEqual({ of: third.command });
  });

  test('commands that cannot run alone in time after a fault get TOO_BUSY and are not run', async () => {
    const eventId = newEventId();
    submit(eventId);
    const [first, second, third] = submitMany(eventId, 3) as [Submitted, Submitted, Submitted];
    await transaction.only.commit();

    await transaction.only.fail(new Error('A lasting fault'));
    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX + 1);
    await transaction.only.commit();

    await expect(first.answer).resolves.toEqual({ of: first.command });
    await expect(second.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
    await expect(third.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
    expect(transaction.inFlight).toHaveLength(0);
  });

  test('a fault leaves the event ready for the next command', async () => {
    const eventId = newEventId();
    const { answer } = submit(eventId);
    await transaction.only.fail(new Error('A fault'));
    await expect(answer).rejects.toThrow('A fault');

    submit(eventId);

    expect(transaction.only.commands).toHaveLength(1);
  });
});

describe('many events at once', () => {
  test(`${CONCURRENT_BATCHES} batches start at once; events that become ready in the meantime share the next one`, async () => {
    const first = newEvents(CONCURRENT_BATCHES);
    for (const eventId of first) submit(eventId);
    const others = newEvents(5);
    const answers = others.map((eventId) => submit(eventId).answer);
    expect(transaction.inFlight.map(eventIdsOf)).toEqual(first.map((eventId) => [eventId]));

    await transaction.inFlight[0]?.commit();

    expect(eventIdsOf(transaction.inFlight.at(-1))).toEqual(others);
    await transaction.inFlight.at(-1)?.commit();
    await expect(Promise.all(answers)).resolves.toHaveLength(others.length);
  });

  test.each([
    ['events', Array(EVENTS_PER_BATCH_MAX + 3).fill(1), [EVENTS_PER_BATCH_MAX, 3]],
    ['commands', [BATCH_SIZE_MAX / 2, BATCH_SIZE_MAX / 2, 1], [2, 1]],
  ])('no more %s share one than its limit', async (_what, commandsOfEvent, eventsOfBatch) => {
    const blocking = newEvents(CONCURRENT_BATCHES);
    for (const eventId of blocking) submit(eventId);
    for (const count of commandsOfEvent) submitMany(newEvents(1)[0] as string, count);

    await transaction.inFlight[0]?.commit();
    await transaction.inFlight[0]?.commit();

    expect(transaction.inFlight.slice(-2).map(({ events }) => events.length)).toEqual(eventsOfBatch);
  });

  test('an event of which only some commands had room continues with the others', async () => {
    for (const eventId of newEvents(CONCURRENT_BATCHES)) submit(eventId);
    const [small, hot] = newEvents(2) as [string, string];
    submit(small);
    const hotCommands = submitMany(hot, BATCH_SIZE_MAX).map(({ command }) => command);

    await transaction.inFlight[0]?.commit();
    const shared = transaction.inFlight.at(-1);
    expect(shared?.events.map(({ commands }) => commands.length)).toEqual([1, BATCH_SIZE_MAX - 1]);
    await shared?.commit();

    expect(transaction.inFlight.at(-1)).toMatchObject({ eventId: hot, commands: hotCommands.slice(-1) });
  });

  test('events with a batch in flight are never in another one', async () => {
    for (const eventId of newEvents(CONCURRENT_BATCHES)) submit(eventId);
    const [one, two] = newEvents(2) as [string, string];
    submit(one);
    submit(two);
    await transaction.inFlight[0]?.commit();
    submit(one);
    submit(newEvents(1)[0] as string);
    await transaction.inFlight[0]?.commit();

    const busy = transaction.inFlight.flatMap(eventIdsOf);
    expect(new Set(busy).size).toBe(busy.length);
    expect(busy).toContain(two);
  });

  test('a shared batch that fails is halved, until one event is left, which has a batch of its own', async () => {
    for (const eventId of newEvents(CONCURRENT_BATCHES)) submit(eventId);
    const others = newEvents(4);
    const guilty = others[2] as string;
    const submitted = others.map((eventId) => submit(eventId));
    await transaction.inFlight[0]?.commit();
    const shared = () =>
      transaction.inFlight.find(({ events }) => events.some(({ eventId }) => others.includes(eventId)));
    const seen: string[][] = [];
    for (let batch = shared(); batch !== undefined; batch = shared()) {
      seen.push(eventIdsOf(batch));
      if (batch.events.length > 1 && eventIdsOf(batch).includes(guilty))
        await batch.fail(new Error('conflict'));
      else await batch.commit();
    }

    const [first, second, third, fourth] = others;
    expect(seen).toEqual([others, [first, second], [third, fourth], [third], [fourth]]);
    await expect(Promise.all(submitted.map(({ answer }) => answer))).resolves.toEqual(
      submitted.map(({ command }) => ({ of: command })),
    );
  });

  test('while the database is unavailable not every half is tried: commands return to their queues and are refused in time', async () => {
    for (const eventId of newEvents(CONCURRENT_BATCHES)) submit(eventId);
    const others = newEvents(8);
    const submitted = others.map((eventId) => submit(eventId));
    await transaction.inFlight[0]?.commit();
    const shared = transaction.inFlight.at(-1) as InFlight;
    expect(eventIdsOf(shared)).toEqual(others);
    const later = submit(others[0] as string);

    await vi.advanceTimersByTimeAsync(HALVING_MS_MAX + 1);
    await shared.fail(new Error('no primary'));

    expect(transaction.inFlight.every(({ events }) => events.length === 1)).toBe(true);
    await vi.advanceTimersByTimeAsync(QUEUE_WAIT_MS_MAX - HALVING_MS_MAX - 1);
    const waiting = others.filter(
      (eventId) => !transaction.inFlight.some((batch) => batch.eventId === eventId),
    );
    const toldOff = submitted.filter((_, index) => waiting.includes(others[index] as string));
    await Promise.all(
      toldOff.map(({ answer }) => expect(answer).rejects.toMatchObject({ code: 'TOO_BUSY' })),
    );
    // It was queued later, and joins the next batch of its event.
    const next = transaction.inFlight.find(({ eventId }) => eventId === others[0]);
    expect(next?.commands).toEqual([submitted[0]?.command, later.command]);
  });

  test('an expiry command, which ends many records, shares no batch', async () => {
    for (const eventId of newEvents(CONCURRENT_BATCHES)) submit(eventId);
    const [expiring, other] = newEvents(2) as [string, string];
    void batches.submit(expireLocksCommand(expiring));
    submit(other);

    await transaction.inFlight[0]?.commit();

    expect(eventIdsOf(transaction.inFlight.at(-1))).toEqual([expiring]);
  });

  test('an event that competes with another process shares no batch, as it would delay the others', async () => {
    const [shared, next, other] = newEvents(3) as [string, string, string];
    submit(shared);
    submit(shared);
    for (const eventId of newEvents(CONCURRENT_BATCHES - 1)) submit(eventId);
    submit(next);
    await transaction.inFlight[0]?.commit(answered, 2);
    expect(eventIdsOf(transaction.inFlight.at(-1))).toEqual([next]);
    await vi.advanceTimersByTimeAsync(YIELD_MS_MIN);
    await transaction.awaited.get(shared)?.();
    submit(other);

    await transaction.inFlight[0]?.commit();

    expect(eventIdsOf(transaction.inFlight.at(-1))).toEqual([shared]);
  });

  test('one that hangs delays the start of others only for a short time', async () => {
    const hanging = newEvents(CONCURRENT_BATCHES);
    for (const eventId of hanging) submit(eventId);
    const { answer } = submit(newEvents(1)[0] as string);

    await vi.advanceTimersByTimeAsync(SLOW_BATCH_MS - 1);
    expect(transaction.inFlight).toHaveLength(CONCURRENT_BATCHES);
    await vi.advanceTimersByTimeAsync(1);

    await transaction.inFlight.at(-1)?.commit();
    await expect(answer).resolves.toBeDefined();
  });

  test(`no more than ${BATCHES_IN_FLIGHT_MAX} batches are in flight, however slow they are`, async () => {
    await occupy(BATCHES_IN_FLIGHT_MAX);
    submit(newEvents(1)[0] as string);
    await vi.advanceTimersByTimeAsync(SLOW_BATCH_MS);

    expect(transaction.inFlight).toHaveLength(BATCHES_IN_FLIGHT_MAX);
    await transaction.inFlight[0]?.commit();
    expect(transaction.inFlight).toHaveLength(BATCHES_IN_FLIGHT_MAX);
  });

  test('an event with a long queue has its next batch after those that waited for a first one', async () => {
    const hot = newEventId();
    submitMany(hot, 5 * BATCH_SIZE_MAX);
    for (const eventId of newEvents(CONCURRENT_BATCHES - 1)) submit(eventId);
    const waiting = newEvents(2);
    for (const eventId of waiting) submitMany(eventId, BATCH_SIZE_MAX);

    await batchOf(hot)?.commit();
    expect(batchOf(waiting[0] as string)).toBeDefined();
    expect(batchOf(hot)).toBeUndefined();
    await batchOf(waiting[0] as string)?.commit();
    expect(batchOf(waiting[1] as string)).toBeDefined();
    expect(batchOf(hot)).toBeUndefined();
    await batchOf(waiting[1] as string)?.commit();

    expect(batchOf(hot)?.commands).toHaveLength(BATCH_SIZE_MAX);
  });
});

describe('fair between processes', () => {
  const YIELDED_BATCHES = 10;
  const EVENTS_WAITED_FOR_MAX = 8;

  test.each([
    ['was tried twice', [2, 2]],
    ['has a fencing token two above the one before', [1, 3]],
  ])(
    'after a batch that %s the event yields, and commands that arrive in the meantime are in the next batch',
    async (_, [attempts, fencingToken]) => {
      const [shared, other] = [newEventId(), newEventId()];
      submit(shared);
      submit(shared);
      await transaction.only.commit(answered, 1, 1);
      submit(shared);
      await transaction.only.commit(answered, attempts, fencingToken);

      await vi.advanceTimersByTimeAsync(YIELD_MS_MIN - 1);
      expect([...transaction.awaited.keys()]).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect([...transaction.awaited.keys()]).toEqual([shared]);
      expect(transaction.inFlight).toHaveLength(0);
      submit(shared);
      submit(other);
      expect(transaction.only.eventId).toBe(other);
      await transaction.only.commit();
      await transaction.awaited.get(shared)?.();

      expect(transaction.only).toMatchObject({ eventId: shared, commands: { length: 2 } });
    },
  );

  test('consecutive batches without another process’s batch between them do not wait', async () => {
    const eventId = newEventId();
    submit(eventId);
    for (let fencingToken = 1; fencingToken <= 5; fencingToken++) {
      submit(eventId);
      await transaction.only.commit(answered, 1, fencingToken);
    }

    expect(transaction.inFlight).toHaveLength(1);
  });

  test('after a shared batch it is unknown whether another process had a batch in between', async () => {
    const [eventId, other] = newEvents(2) as [string, string];
    submit(eventId);
    for (const busy of newEvents(CONCURRENT_BATCHES - 1)) submit(busy);
    submit(eventId);
    submit(other);
    await transaction.inFlight[0]?.commit(answered, 1, 1);
    const together = batchOf(eventId);
    expect(eventIdsOf(together)).toEqual([other, eventId]);
    submit(eventId);
    await together?.commit();
    submit(eventId);
    await batchOf(eventId)?.commit(answered, 1, 3);

    expect(batchOf(eventId)).toBeDefined();
  });

  test('an event without commands after yielding is idle: its next command starts a batch at once', async () => {
    const eventId = newEventId();
    submit(eventId);
    await transaction.only.commit(answered, 2);
    await vi.advanceTimersByTimeAsync(YIELD_MS_MIN);
    await transaction.awaited.get(eventId)?.();

    submit(eventId);

    expect(transaction.only.commands).toHaveLength(1);
  });

  test(`an event that competed with no other process for ${YIELDED_BATCHES} batches yields no more`, async () => {
    const eventId = newEventId();
    submit(eventId);
    submitMany(eventId, (YIELDED_BATCHES + 1) * BATCH_SIZE_MAX);
    await transaction.only.commit(answered, 2);

    for (let batch = 0; batch < YIELDED_BATCHES; batch++) {
      expect(transaction.inFlight, `before batch ${batch}`).toHaveLength(0);
      await vi.advanceTimersByTimeAsync(YIELD_MS_MIN);
      await transaction.awaited.get(eventId)?.();
      await transaction.only.commit();
    }

    expect(transaction.inFlight).toHaveLength(1);
  });

  test(`more than ${EVENTS_WAITED_FOR_MAX} events at a time continue without waiting, so that enough connections are left`, async () => {
    const eventIds = newEvents(EVENTS_WAITED_FOR_MAX + 1);
    for (const eventId of eventIds) {
      submit(eventId);
      submit(eventId);
      await batchOf(eventId)?.commit(answered, 2);
    }

    await vi.advanceTimersByTimeAsync(YIELD_MS_MIN);

    expect([...transaction.awaited.keys()]).toEqual(eventIds.slice(0, EVENTS_WAITED_FOR_MAX));
    expect(transaction.only.eventId).toBe(eventIds.at(-1));
  });

  test('a command that waits too long while its event yields gets TOO_BUSY, and the event is idle again', async () => {
    const eventId = newEventId();
    const first = submit(eventId);
    const late = submit(eventId);
    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX - 1);
    await transaction.only.commit(answered, 2);
    await vi.advanceTimersByTimeAsync(1);

    await expect(first.answer).resolves.toBeDefined();
    await expect(late.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
    await vi.advanceTimersByTimeAsync(YIELD_MS_MAX);
    await transaction.awaited.get(eventId)?.();
    expect(transaction.inFlight).toHaveLength(0);
    submit(eventId);
    expect(transaction.only.commands).toHaveLength(1);
  });

  test('if another process has shared batches too, one runs at a time, after waiting for all its events', async () => {
    const busy = newEvents(CONCURRENT_BATCHES);
    for (const eventId of busy) submit(eventId);
    const [one, two, three] = newEvents(3) as [string, string, string];
    submit(one);
    submit(two);
    await batchOf(busy[0] as string)?.commit();
    expect(eventIdsOf(batchOf(one))).toEqual([one, two]);
    submit(one);
    submit(three);
    await batchOf(one)?.commit(answered, 2);
    for (const eventId of busy.slice(1)) await batchOf(eventId)?.commit();

    expect(transaction.inFlight).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(YIELD_MS_MIN);
    expect([...transaction.awaited.keys()]).toEqual([`${three},${one}`]);
    await transaction.awaited.get(`${three},${one}`)?.();
    expect(eventIdsOf(transaction.only)).toEqual([three, one]);
    for (const eventId of newEvents(2)) submit(eventId);
    expect(eventIdsOf(transaction.only)).toEqual([three, one]);

    // A slow one does not delay others.
    await vi.advanceTimersByTimeAsync(SLOW_BATCH_MS + YIELD_MS_MIN);
    expect(transaction.awaited.size).toBe(1);
  });

  test('after shared batches with conflicts, an event that competes with other processes still shares', async () => {
    const busy = newEvents(CONCURRENT_BATCHES);
    for (const eventId of busy) submit(eventId);
    const [one, two] = newEvents(2) as [string, string];
    submit(one);
    submit(two);
    await batchOf(busy[0] as string)?.commit();
    await batchOf(one)?.fail(new mongo.MongoServerError({ code: 112 }));
    for (const eventId of [one, two]) {
      submit(eventId);
      await batchOf(eventId)?.commit(answered, 2);
    }
    for (const eventId of busy.slice(1)) await batchOf(eventId)?.commit();

    await vi.advanceTimersByTimeAsync(YIELD_MS_MIN);
    await transaction.awaited.get(`${one},${two}`)?.();

    expect(eventIdsOf(transaction.only)).toEqual([one, two]);
  });
});

describe('bounded', () => {
  test(`${QUEUE_LENGTH_MAX} commands may wait for an event; the next one gets TOO_BUSY and a time to retry`, async () => {
    const eventId = newEventId();
    submit(eventId);
    const waiting = submitMany(eventId, QUEUE_LENGTH_MAX);
    expect(batches.queued).toBe(QUEUE_LENGTH_MAX);

    const oneTooMany = submit(eventId);
    const ofAnotherEvent = submit(newEventId());

    await expect(oneTooMany.answer).rejects.toMatchObject({
      code: 'TOO_BUSY',
      details: { retryAfterMs: expect.any(Number) },
    });
    expect(batches.queued).toBe(QUEUE_LENGTH_MAX);
    await transaction.commitAll();
    await expect(waiting.at(-1)?.answer).resolves.toBeDefined();
    await expect(ofAnotherEvent.answer).resolves.toBeDefined();
    expect(committed.reduce((sum, { size }) => sum + size, 0)).toBe(QUEUE_LENGTH_MAX + 2);
  });

  test('a command that has waited too long gets TOO_BUSY and never enters a batch', async () => {
    const eventId = newEventId();
    const first = submit(eventId);
    const late = submit(eventId);

    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX);

    await expect(late.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
    expect(batches.queued).toBe(0);
    await transaction.only.commit();
    await expect(first.answer).resolves.toBeDefined();
    expect(transaction.inFlight).toHaveLength(0);
  });

  test('one millisecond before that it is still in the queue, and its batch takes it', async () => {
    const eventId = newEventId();
    submit(eventId);
    const inTime = submit(eventId);

    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX - 1);
    await transaction.only.commit();

    expect(transaction.only.commands).toEqual([inTime.command]);
    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX);
    await transaction.only.commit();
    await expect(inTime.answer).resolves.toBeDefined();
  });

  test('each command has its own time: later ones stay', async () => {
    const eventId = newEventId();
    submit(eventId);
    const early = submit(eventId);
    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX / 2);
    const later = submit(eventId);

    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX / 2);
    await expect(early.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
    expect(batches.queued).toBe(1);
    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX / 2);
    await expect(later.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
    expect(batches.queued).toBe(0);
  });

  test('an event that yields loses commands that have waited too long, and continues', async () => {
    await occupy(BATCHES_IN_FLIGHT_MAX);
    const eventId = newEventId();
    const late = submit(eventId);
    vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX);
    await expect(late.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });

    const next = submit(eventId);
    await transaction.inFlight[0]?.commit();

    expect(transaction.inFlight.at(-1)?.commands).toEqual([next.command]);
  });
});

describe('close', () => {
  test('answers all accepted commands, batch after batch, before it returns', async () => {
    const eventId = newEventId();
    const taken = [submit(eventId), ...submitMany(eventId, BATCH_SIZE_MAX + 1), submit(newEventId())];
    let closed = false;
    const closing = batches.close().then(() => {
      closed = true;
    });

    for (let left = 4; left > 0; left--) {
      expect(closed).toBe(false);
      await transaction.inFlight[0]?.commit();
    }

    await closing;
    await expect(Promise.all(taken.map(({ answer }) => answer))).resolves.toHaveLength(taken.length);
  });

  test('refuses later commands with TOO_BUSY, and never runs them', async () => {
    const eventId = newEventId();
    submit(eventId);
    const closing = batches.close();

    const late = submit(eventId);

    await expect(late.answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
    await transaction.only.commit();
    await closing;
    expect(transaction.inFlight).toHaveLength(0);
    await expect(submit(newEventId()).answer).rejects.toMatchObject({ code: 'TOO_BUSY' });
  });

  test('returns at once if nothing waits', async () => {
    await batches.close();
  });
});

const newEvents = (count: number): string[] => Array.from({ length: count }, () => newEventId());

const batchOf = (eventId: string): InFlight | undefined =>
  transaction.inFlight.find(({ events }) => events.some((event) => event.eventId === eventId));

const eventIdsOf = (batch: InFlight | undefined): string[] =>
  (batch?.events ?? []).map(({ eventId }) => eventId);

/** So many batches that hang. */
async function occupy(count: number): Promise<void> {
  while (transaction.inFlight.length < count) {
    for (const eventId of newEvents(CONCURRENT_BATCHES)) submit(eventId);
    await vi.advanceTimersByTimeAsync(SLOW_BATCH_MS);
  }
}

interface Submitted {
  readonly command: Command;
  readonly answer: Promise<unknown>;
}

function submit(eventId: string): Submitted {
  const command = releaseLockCommand('ann', newLockId(eventId));
  const answer = batches.submit(command);
  // Until the test handles it, it must not count as unhandled.
  answer.catch(() => undefined);
  return { command, answer };
}

const submitMany = (eventId: string, count: number): Submitted[] =>
  Array.from({ length: count }, () => submit(eventId));

const answered = (command: Command): BatchOutcome => ({ answer: { of: command } as never });

/** Lets all pending microtasks and immediates run. */
const settled = () => vi.advanceTimersByTimeAsync(0);
