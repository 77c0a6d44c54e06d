import { describe, expect, test, vi } from 'vitest';
import type { BookingReads } from '../booking/booking-reads.js';
import type { Command, Commands, Expired } from '../booking/commands.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { EventExpiry } from './event-expiry.js';
import {
  cancelOverdueBookings,
  EVENT_RUN_MS_MAX,
  failOverduePayments,
  recordExpiredLocks,
} from './expiry-jobs.js';

const clock = new ManualClock();

const reads = (eventIds: string[]) =>
  ({
    eventsWithExpiredLocks: async () => eventIds,
    eventsWithOverdueBookings: async () => eventIds,
    eventsWithOverduePayments: async () => eventIds,
  }) as Partial<BookingReads> as BookingReads;

const commands = (expire: (command: Command) => Promise<Expired>) =>
  ({ submit: expire }) as unknown as Commands;

describe('a run', () => {
  test('for locks, bookings or payments sends one command for each event, and counts what was ended', async () => {
    const submitted: Command[] = [];
    const commandsThatEnd = commands(async (command) => {
      submitted.push(command);
      return { ended: 3, hasMore: false };
    });
    expect(await recordExpiredLocks(new EventExpiry(commandsThatEnd), reads(['a', 'b']), clock)).toBe(6);
    expect(await cancelOverdueBookings(commandsThatEnd, reads(['c']), clock)).toBe(3);
    expect(await failOverduePayments(commandsThatEnd, reads(['d']), clock)).toBe(3);
    expect(submitted.map(({ kind, eventId }) => [kind, eventId]).sort()).toEqual([
      ['expireBookings', 'c'],
      ['expireLocks', 'a'],
      ['expireLocks', 'b'],
      ['expirePayments', 'd'],
    ]);
  });

  test('repeats the command of an event while there is more', async () => {
    const left = [1_000, 1_000, 5];
    const commandsThatEnd = commands(async () => ({ ended: left.shift() ?? 0, hasMore: left.length > 0 }));
    expect(await recordExpiredLocks(new EventExpiry(commandsThatEnd), reads(['a']), clock)).toBe(2_005);
  });

  test('stops waiting for a slow event after 10 s; its recording continues', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let end: (expired: Expired) => void = () => undefined;
    const eventExpiry = new EventExpiry(
      commands(({ eventId }) =>
        eventId === 'long'
          ? new Promise((resolve) => (end = resolve))
          : Promise.resolve({ ended: 1, hasMore: false }),
      ),
    );
    const run = recordExpiredLocks(eventExpiry, reads(['a', 'long']), clock);
    await vi.advanceTimersByTimeAsync(EVENT_RUN_MS_MAX);
    vi.useRealTimers();
    expect(await run).toBe(1);
    const recording = eventExpiry.recordExpiries('long');
    end({ ended: 7, hasMore: false });
    end({ ended: 0, hasMore: false });
    await new Promise((resolve) => setImmediate(resolve));
    end({ ended: 0, hasMore: false });
    expect(await recording).toBe(7);
  });

  test('continues with the other events if one fails, and throws the errors at the end', async () => {
    const handled: string[] = [];
    const commandsThatEnd = commands(async ({ eventId }) => {
      if (eventId === 'bad') throw new Error('broken');
      handled.push(eventId);
      return { ended: 1, hasMore: false };
    });
    const events = ['a', 'bad', ...Array.from({ length: 30 }, (_, index) => `e${index}`)];
    await expect(
      recordExpiredLocks(new EventExpiry(commandsThatEnd), reads(events), clock),
    ).rejects.toMatchObject({
      errors: [{ message: 'broken' }],
    });
    expect(handled).toHaveLength(31);
  });

  test('works on at most sixteen events at a time', async () => {
    let inProgress = 0;
    let most = 0;
    const commandsThatEnd = commands(async () => {
      most = Math.max(most, ++inProgress);
      await new Promise((resolve) => setImmediate(resolve));
      inProgress -= 1;
      return { ended: 1, hasMore: false };
    });
    const events = Array.from({ length: 100 }, (_, index) => `e${index}`);
    expect(await recordExpiredLocks(new EventExpiry(commandsThatEnd), reads(events), clock)).toBe(100);
    expect(most).toBe(16);
  });
});
