import { afterEach, expect, test, vi } from 'vitest';
import { captureLog } from '../test/support/captured-log.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { GuestMerges, type Guests, MERGE_REPEATED_MS, type Merge } from './guests.js';

/** What a log-in waits for, and what the job does with merges that fail. Real ones are in `guest-merges.test.ts`. */

afterEach(() => {
  vi.useRealTimers();
});

function make(transferAll: (from: string, to: string) => Promise<void>) {
  const clock = new ManualClock();
  const { log, lines } = captureLog();
  const steps: string[] = [];
  const merges: Merge[] = [];
  const guests: Partial<Guests> = {
    dueMerges: async () => merges,
    postponeMerge: async (id, at) =>
      void steps.push(`${id} again after ${at.getTime() - startedAt.getTime()}`),
    endMerge: async (id) => void steps.push(`${id} ended`),
  };
  const startedAt = clock.now();
  const merge = (guestId: string): Merge => ({ guestId, accountId: 'ann', startedAt });
  return {
    clock,
    lines,
    steps,
    merges,
    merge,
    job: new GuestMerges(guests as Guests, transferAll, clock, log),
  };
}

test('a log-in whose merge fails or hangs is answered all the same, and the failure is logged', async () => {
  vi.useFakeTimers();
  const failing = make(async () => {
    throw new Error('The database is busy');
  });
  await failing.job.transfer(failing.merge('guest'));
  expect(failing.lines).toMatchObject([{ guestId: 'guest', accountId: 'ann' }]);

  const hanging = make(() => new Promise(() => {}));
  let isAnswered = false;
  const answered = hanging.job.transfer(hanging.merge('guest')).then(() => {
    isAnswered = true;
  });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(isAnswered).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await answered;
});

test('each merge is repeated at its times and then ended; one that fails does not stop the others and stays due', async () => {
  const { clock, steps, merges, merge, job } = make(async (from) => {
    if (from === 'broken') throw new Error('This one always fails');
  });
  merges.push(merge('broken'), merge('guest'));
  const [first, last] = MERGE_REPEATED_MS;
  clock.advance(first);
  await expect(job.continueDue()).rejects.toThrow('1 guests could not be merged');
  expect(steps).toEqual([`guest again after ${last}`]);
  clock.advance(last);
  await expect(job.continueDue()).rejects.toThrow();
  expect(steps).toEqual([`guest again after ${last}`, 'guest ended']);
});
