import { beforeEach, describe, expect, test } from 'vitest';
import type { Command, Commands, Expired } from '../booking/commands.js';
import { silent } from '../test/fake-feed-source.js';
import { ManualClock } from '../test/manual-clock.js';
import { LapseSweeper } from './lapse-sweeper.js';
import { LockSweeps } from './lock-sweeps.js';

const GRACE_MS = 100;

let clock: ManualClock;
let holdsLease: boolean;
let unwritten: boolean;
/** The sweeps that were asked for, each to be answered by the test. */
let asked: { eventId: string; answer(expired: Expired): void; fail(): void }[];
let sweeper: LapseSweeper;
beforeEach(() => {
  clock = new ManualClock();
  holdsLease = true;
  unwritten = true;
  asked = [];
  const submit = ({ eventId }: Command) =>
    new Promise<Expired>((resolve, reject) =>
      asked.push({ eventId, answer: resolve, fail: () => reject(new Error('broken')) }),
    );
  sweeper = new LapseSweeper(
    new LockSweeps({ submit } as unknown as Commands),
    () => holdsLease,
    () => unwritten,
    clock,
    silent,
  );
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const sweptEvents = () => asked.map(({ eventId }) => eventId);

describe('a lapse on a watched map', () => {
  test('is written down at once by the process that holds the lease', () => {
    sweeper.lapsed('a');
    expect(sweptEvents()).toEqual(['a']);
  });

  test('is left to that process by the others, and written down by them where it has not been', () => {
    holdsLease = false;
    sweeper.lapsed('a');
    clock.advance(GRACE_MS - 1);
    expect(sweptEvents()).toEqual([]);
    clock.advance(1);
    expect(sweptEvents()).toEqual(['a']);
  });

  test('is not written down again by the others once they have seen it', () => {
    holdsLease = false;
    sweeper.lapsed('a');
    unwritten = false;
    clock.advance(10 * GRACE_MS);
    expect(sweptEvents()).toEqual([]);
  });

  test('that comes while its event is being swept costs one sweep more, however many come', async () => {
    for (let i = 0; i < 10; i++) sweeper.lapsed('a');
    sweeper.lapsed('b');
    expect(sweptEvents()).toEqual(['a', 'b']);
    asked[0]?.answer({ ended: 1, more: false });
    await settled();
    expect(sweptEvents()).toEqual(['a', 'b', 'a']);
    asked[2]?.answer({ ended: 9, more: false });
    await settled();
    expect(sweptEvents()).toEqual(['a', 'b', 'a']);
    sweeper.lapsed('a');
    expect(sweptEvents()).toEqual(['a', 'b', 'a', 'a']);
  });

  test('with more than one sweep can end is swept to its end', async () => {
    sweeper.lapsed('a');
    asked[0]?.answer({ ended: 1_000, more: true });
    await settled();
    asked[1]?.answer({ ended: 10, more: false });
    await settled();
    expect(asked).toHaveLength(2);
  });

  test('that cannot be written down harms nothing: the next one is', async () => {
    sweeper.lapsed('a');
    asked[0]?.fail();
    await settled();
    sweeper.lapsed('a');
    expect(sweptEvents()).toEqual(['a', 'a']);
  });
});
