import { beforeEach, describe, expect, test } from 'vitest';
import type { Command, Commands, Expired } from '../booking/commands.js';
import { silent } from '../test/support/fake-feed-source.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { EventExpiry } from './event-expiry.js';
import { LEASE_HOLDER_HEAD_START_MS, SILENCE_MS, WatchedMapExpiry } from './watched-map-expiry.js';

let clock: ManualClock;
let holdsLease: boolean;
let hasUnrecorded: boolean;
/** How many recorded expiries this process has received. */
let recorded: number;
/** The expiry commands that were submitted, each to be answered by the test. */
let submitted: { eventId: string; answer(expired: Expired): void; fail(): void }[];
let watchedMapExpiry: WatchedMapExpiry;
beforeEach(() => {
  clock = new ManualClock();
  holdsLease = true;
  hasUnrecorded = true;
  recorded = 0;
  submitted = [];
  const submit = ({ eventId }: Command) =>
    new Promise<Expired>((resolve, reject) =>
      submitted.push({ eventId, answer: resolve, fail: () => reject(new Error('broken')) }),
    );
  watchedMapExpiry = new WatchedMapExpiry(
    new EventExpiry({ submit } as unknown as Commands),
    () => holdsLease,
    { hasUnrecordedExpiry: () => hasUnrecorded, recordedExpiries: () => recorded },
    clock,
    silent,
    () => 0,
  );
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const passes = async (ms: number) => {
  clock.advance(ms);
  await settled();
};
const submittedEvents = () => submitted.map(({ eventId }) => eventId);

describe('an expired lock on a watched map', () => {
  test('is recorded at once by the process that holds the lease', () => {
    watchedMapExpiry.expired('a');
    expect(submittedEvents()).toEqual(['a']);
  });

  test('is left to that process by the others, and recorded by them if it was not', async () => {
    holdsLease = false;
    watchedMapExpiry.expired('a');
    await passes(LEASE_HOLDER_HEAD_START_MS - 1);
    expect(submittedEvents()).toEqual([]);
    await passes(1);
    expect(submittedEvents()).toEqual(['a']);
  });

  test('is not recorded again by the others once they have received it', async () => {
    holdsLease = false;
    watchedMapExpiry.expired('a');
    hasUnrecorded = false;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    await passes(10 * SILENCE_MS);
    expect(submittedEvents()).toEqual([]);
  });

  test('that expires during a recording costs one more step, however many expire', async () => {
    for (let i = 0; i < 10; i++) watchedMapExpiry.expired('a');
    watchedMapExpiry.expired('b');
    expect(submittedEvents()).toEqual(['a', 'b']);
    submitted[0]?.answer({ ended: 1, hasMore: false });
    await settled();
    expect(submittedEvents()).toEqual(['a', 'b', 'a']);
    submitted[2]?.answer({ ended: 9, hasMore: false });
    await settled();
    expect(submittedEvents()).toEqual(['a', 'b', 'a']);
    watchedMapExpiry.expired('a');
    expect(submittedEvents()).toEqual(['a', 'b', 'a', 'a']);
  });

  test('is recorded with all others, if there are more than one command can end', async () => {
    watchedMapExpiry.expired('a');
    submitted[0]?.answer({ ended: 1_000, hasMore: true });
    await settled();
    submitted[1]?.answer({ ended: 10, hasMore: false });
    await settled();
    expect(submitted).toHaveLength(2);
  });

  test('that cannot be recorded does no harm: the next one is', async () => {
    watchedMapExpiry.expired('a');
    submitted[0]?.fail();
    await settled();
    watchedMapExpiry.expired('a');
    expect(submittedEvents()).toEqual(['a', 'a']);
  });
});

describe('many expired locks of one event, in a process that does not hold the lease', () => {
  const PART = { ended: 25, hasMore: true };
  beforeEach(() => {
    holdsLease = false;
    watchedMapExpiry.expired('a');
  });

  test('are left to the process that records them, as long as it does', async () => {
    recorded += 25;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    for (let parts = 0; parts < 20; parts++) {
      recorded += 25;
      watchedMapExpiry.expired('a');
      await passes(SILENCE_MS);
    }
    expect(submittedEvents()).toEqual([]);
  });

  test('are recorded here once that process has recorded none for some time', async () => {
    recorded += 25;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    await passes(SILENCE_MS - 1);
    expect(submittedEvents()).toEqual([]);
    await passes(1);
    expect(submittedEvents()).toEqual(['a']);
  });

  test('are all recorded here if no other process does, though this process receives its own changes', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    for (let parts = 0; parts < 5; parts++) {
      // The change stream is one step behind.
      if (parts > 0) recorded += 25;
      submitted[parts]?.answer(PART);
      await settled();
    }
    expect(submittedEvents()).toHaveLength(6);
  });

  test('are no longer recorded here once another process does it', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    recorded += 25;
    submitted[0]?.answer(PART);
    await settled();
    expect(submittedEvents()).toHaveLength(2);
    recorded += 50;
    submitted[1]?.answer(PART);
    await settled();
    expect(submittedEvents()).toHaveLength(2);

    // And again once the other process has stopped.
    await passes(SILENCE_MS);
    expect(submittedEvents()).toHaveLength(3);
  });

  test('that expire after a recording of this process wait no longer than the first did', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    submitted[0]?.answer({ ended: 3, hasMore: false });
    await settled();
    watchedMapExpiry.expired('a');
    recorded += 3;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    expect(submittedEvents()).toEqual(['a', 'a']);
  });

  test('are left to the job if they cannot be recorded, and the next one is tried again', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    submitted[0]?.fail();
    await settled();
    await passes(10 * SILENCE_MS);
    expect(submittedEvents()).toEqual(['a']);
    watchedMapExpiry.expired('a');
    await passes(LEASE_HOLDER_HEAD_START_MS);
    expect(submittedEvents()).toEqual(['a', 'a']);
  });
});
