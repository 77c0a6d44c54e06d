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
const advance = async (ms: number) => {
  clock.advance(ms);
  await settled();
};
const submittedEvents = () => submitted.map(({ eventId }) => eventId);

describe('on a watched map', () => {
  test('an expired lock is recorded at once by the process that holds the lease', () => {
    watchedMapExpiry.expired('a');
    expect(submittedEvents()).toEqual(['a']);
  });

  test('an expired lock is recorded by another process only if the lease holder has not recorded it after 100 ms', async () => {
    holdsLease = false;
    watchedMapExpiry.expired('a');
    await advance(LEASE_HOLDER_HEAD_START_MS - 1);
    expect(submittedEvents()).toEqual([]);
    await advance(1);
    expect(submittedEvents()).toEqual(['a']);
  });

  test('an expired lock is not recorded again by a process that has received its recording', async () => {
    holdsLease = false;
    watchedMapExpiry.expired('a');
    hasUnrecorded = false;
    await advance(LEASE_HOLDER_HEAD_START_MS);
    await advance(10 * SILENCE_MS);
    expect(submittedEvents()).toEqual([]);
  });

  test('locks that expire during a recording cost one further command in total', async () => {
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

  test('further commands follow until all expired locks are recorded', async () => {
    watchedMapExpiry.expired('a');
    submitted[0]?.answer({ ended: 1_000, hasMore: true });
    await settled();
    submitted[1]?.answer({ ended: 10, hasMore: false });
    await settled();
    expect(submitted).toHaveLength(2);
  });

  test('a failed recording does not prevent the next one', async () => {
    watchedMapExpiry.expired('a');
    submitted[0]?.fail();
    await settled();
    watchedMapExpiry.expired('a');
    expect(submittedEvents()).toEqual(['a', 'a']);
  });
});

describe('in a process that does not hold the lease, many expired locks of one event', () => {
  const RECORDED_WITH_MORE = { ended: 25, hasMore: true };
  beforeEach(() => {
    holdsLease = false;
    watchedMapExpiry.expired('a');
  });

  test('are not recorded here while another process records them', async () => {
    recorded += 25;
    await advance(LEASE_HOLDER_HEAD_START_MS);
    for (let parts = 0; parts < 20; parts++) {
      recorded += 25;
      watchedMapExpiry.expired('a');
      await advance(SILENCE_MS);
    }
    expect(submittedEvents()).toEqual([]);
  });

  test('are recorded here once the other process has recorded none for 500 ms', async () => {
    recorded += 25;
    await advance(LEASE_HOLDER_HEAD_START_MS);
    await advance(SILENCE_MS - 1);
    expect(submittedEvents()).toEqual([]);
    await advance(1);
    expect(submittedEvents()).toEqual(['a']);
  });

  test('are all recorded here: changes of this process do not count as recorded by another process', async () => {
    await advance(LEASE_HOLDER_HEAD_START_MS);
    for (let parts = 0; parts < 5; parts++) {
      // The change stream is one command behind.
      if (parts > 0) recorded += 25;
      submitted[parts]?.answer(RECORDED_WITH_MORE);
      await settled();
    }
    expect(submittedEvents()).toHaveLength(6);
  });

  test('are no longer recorded here once another process does it', async () => {
    await advance(LEASE_HOLDER_HEAD_START_MS);
    recorded += 25;
    submitted[0]?.answer(RECORDED_WITH_MORE);
    await settled();
    expect(submittedEvents()).toHaveLength(2);
    recorded += 50;
    submitted[1]?.answer(RECORDED_WITH_MORE);
    await settled();
    expect(submittedEvents()).toHaveLength(2);

    // And again once the other process has stopped.
    await advance(SILENCE_MS);
    expect(submittedEvents()).toHaveLength(3);
  });

  test('wait 100 ms again after a recording by this process', async () => {
    await advance(LEASE_HOLDER_HEAD_START_MS);
    submitted[0]?.answer({ ended: 3, hasMore: false });
    await settled();
    watchedMapExpiry.expired('a');
    recorded += 3;
    await advance(LEASE_HOLDER_HEAD_START_MS);
    expect(submittedEvents()).toEqual(['a', 'a']);
  });

  test('wait for the next expiry or the job after a failed recording', async () => {
    await advance(LEASE_HOLDER_HEAD_START_MS);
    submitted[0]?.fail();
    await settled();
    await advance(10 * SILENCE_MS);
    expect(submittedEvents()).toEqual(['a']);
    watchedMapExpiry.expired('a');
    await advance(LEASE_HOLDER_HEAD_START_MS);
    expect(submittedEvents()).toEqual(['a', 'a']);
  });
});
