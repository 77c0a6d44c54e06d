import { beforeEach, describe, expect, test } from 'vitest';
import type { Command, Commands, Expired } from '../booking/commands.js';
import { silent } from '../test/support/fake-feed-source.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { EventExpiry } from './event-expiry.js';
import { LEASE_HOLDER_HEAD_START_MS, SILENCE_MS, WatchedMapExpiry } from './watched-map-expiry.js';

let clock: ManualClock;
let holdsLease: boolean;
let unwritten: boolean;
/** Lapses that were seen being written down. */
let written: number;
/** The sweeps that were asked for, each to be answered by the test. */
let asked: { eventId: string; answer(expired: Expired): void; fail(): void }[];
let sweeper: WatchedMapExpiry;
beforeEach(() => {
  clock = new ManualClock();
  holdsLease = true;
  unwritten = true;
  written = 0;
  asked = [];
  const submit = ({ eventId }: Command) =>
    new Promise<Expired>((resolve, reject) =>
      asked.push({ eventId, answer: resolve, fail: () => reject(new Error('broken')) }),
    );
  sweeper = new WatchedMapExpiry(
    new EventExpiry({ submit } as unknown as Commands),
    () => holdsLease,
    { hasUnrecordedExpiry: () => unwritten, recordedExpiries: () => written },
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
const sweptEvents = () => asked.map(({ eventId }) => eventId);

describe('a lapse on a watched map', () => {
  test('is written down at once by the process that holds the lease', () => {
    sweeper.expired('a');
    expect(sweptEvents()).toEqual(['a']);
  });

  test('is left to that process by the others, and written down by them where it has not been', async () => {
    holdsLease = false;
    sweeper.expired('a');
    await passes(LEASE_HOLDER_HEAD_START_MS - 1);
    expect(sweptEvents()).toEqual([]);
    await passes(1);
    expect(sweptEvents()).toEqual(['a']);
  });

  test('is not written down again by the others once they have seen it', async () => {
    holdsLease = false;
    sweeper.expired('a');
    unwritten = false;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    await passes(10 * SILENCE_MS);
    expect(sweptEvents()).toEqual([]);
  });

  test('that comes while its event is being swept costs one sweep more, however many come', async () => {
    for (let i = 0; i < 10; i++) sweeper.expired('a');
    sweeper.expired('b');
    expect(sweptEvents()).toEqual(['a', 'b']);
    asked[0]?.answer({ ended: 1, hasMore: false });
    await settled();
    expect(sweptEvents()).toEqual(['a', 'b', 'a']);
    asked[2]?.answer({ ended: 9, hasMore: false });
    await settled();
    expect(sweptEvents()).toEqual(['a', 'b', 'a']);
    sweeper.expired('a');
    expect(sweptEvents()).toEqual(['a', 'b', 'a', 'a']);
  });

  test('with more than one sweep can end is swept to its end', async () => {
    sweeper.expired('a');
    asked[0]?.answer({ ended: 1_000, hasMore: true });
    await settled();
    asked[1]?.answer({ ended: 10, hasMore: false });
    await settled();
    expect(asked).toHaveLength(2);
  });

  test('that cannot be written down harms nothing: the next one is', async () => {
    sweeper.expired('a');
    asked[0]?.fail();
    await settled();
    sweeper.expired('a');
    expect(sweptEvents()).toEqual(['a', 'a']);
  });
});

describe('many lapses of one event, in a process that does not hold the lease', () => {
  const PART = { ended: 25, hasMore: true };
  beforeEach(() => {
    holdsLease = false;
    sweeper.expired('a');
  });

  test('are left to the process that is writing them down, for as long as it does', async () => {
    written += 25;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    for (let parts = 0; parts < 20; parts++) {
      written += 25;
      sweeper.expired('a');
      await passes(SILENCE_MS);
    }
    expect(sweptEvents()).toEqual([]);
  });

  test('are written down here once that process has written none for a while', async () => {
    written += 25;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    await passes(SILENCE_MS - 1);
    expect(sweptEvents()).toEqual([]);
    await passes(1);
    expect(sweptEvents()).toEqual(['a']);
  });

  test('are written down here to the end where nobody else does, though what this process wrote is seen', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    for (let parts = 0; parts < 5; parts++) {
      // The change stream is one part behind.
      if (parts > 0) written += 25;
      asked[parts]?.answer(PART);
      await settled();
    }
    expect(sweptEvents()).toHaveLength(6);
  });

  test('are no longer written down here once another process is seen to do it', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    written += 25;
    asked[0]?.answer(PART);
    await settled();
    expect(sweptEvents()).toHaveLength(2);
    written += 50;
    asked[1]?.answer(PART);
    await settled();
    expect(sweptEvents()).toHaveLength(2);

    // And again once the other one has stopped.
    await passes(SILENCE_MS);
    expect(sweptEvents()).toHaveLength(3);
  });

  test('that follow a sweep of this process wait no longer than the first did', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    asked[0]?.answer({ ended: 3, hasMore: false });
    await settled();
    sweeper.expired('a');
    written += 3;
    await passes(LEASE_HOLDER_HEAD_START_MS);
    expect(sweptEvents()).toEqual(['a', 'a']);
  });

  test('are left to the job where they cannot be written down, and the next one is tried anew', async () => {
    await passes(LEASE_HOLDER_HEAD_START_MS);
    asked[0]?.fail();
    await settled();
    await passes(10 * SILENCE_MS);
    expect(sweptEvents()).toEqual(['a']);
    sweeper.expired('a');
    await passes(LEASE_HOLDER_HEAD_START_MS);
    expect(sweptEvents()).toEqual(['a', 'a']);
  });
});
