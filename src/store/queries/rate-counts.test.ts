import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApp } from '../../test/support/test-app.js';
import { RateCounts } from './rate-counts.js';

/** The counts of all server processes, in the database. */

const MINUTE_MS = 60_000;

let app: TestApp;
let counts: RateCounts;
beforeAll(async () => {
  app = await TestApp.start();
  counts = new RateCounts(app.database, app.clock);
});
afterAll(() => app.close());

const add = async (key: string, points: number) =>
  (await counts.add([{ key, points, windowMs: MINUTE_MS }]))[0];

test('points of one window add up, and start anew with the next one', async () => {
  const until = new Date(app.clock.now().getTime() + MINUTE_MS);
  expect(await add('ann', 3)).toEqual({ points: 3, until });
  expect(await add('ann', 4)).toEqual({ points: 7, until });
  expect(await counts.read('ann')).toEqual({ points: 7, until });
  app.clock.advance(MINUTE_MS);
  expect(await counts.read('ann')).toBeNull();
  expect((await add('ann', 1))?.points).toBe(1);
});

test('points given back after their window are no credit for the next one', async () => {
  await add('bob', 5);
  app.clock.advance(MINUTE_MS);
  expect((await add('bob', -5))?.points).toBe(0);
  expect((await add('bob', 2))?.points).toBe(2);
});

test('no more points can be given back than were added', async () => {
  await add('eve', 5);
  expect((await add('eve', -9))?.points).toBe(0);
  expect((await add('eve', 1))?.points).toBe(1);
});

test('a renewed count starts anew each time', async () => {
  await counts.renew('known', MINUTE_MS);
  app.clock.advance(MINUTE_MS - 1);
  await counts.renew('known', MINUTE_MS);
  app.clock.advance(MINUTE_MS - 1);
  expect(await counts.read('known')).toMatchObject({ points: 1 });
  app.clock.advance(1);
  expect(await counts.read('known')).toBeNull();
});
