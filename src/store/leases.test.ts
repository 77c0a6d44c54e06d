import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../test/support/manual-clock.js';
import { dropTestDatabase, openTestDatabase } from '../test/support/test-database.js';
import type { Database } from './database.js';
import { Leases } from './leases.js';

const TTL_MS = 7_500;

let database: Database;
let clock: ManualClock;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => dropTestDatabase(database));
beforeEach(async () => {
  await database.leases.deleteMany({});
  clock = new ManualClock();
});

const process = (id: string) => new Leases(database, clock, id);

describe('a lease', () => {
  test('of many processes that ask at once exactly one gets it', async () => {
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => process(`p${index}`).hold(`round ${round}`, TTL_MS)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    }
  });

  test("is its holder's until it ends, and free from that instant on", async () => {
    expect(await process('one').hold('job', TTL_MS)).toBe(true);
    clock.advance(TTL_MS - 1);
    expect(await process('two').hold('job', TTL_MS)).toBe(false);
    clock.advance(1);
    expect(await process('two').hold('job', TTL_MS)).toBe(true);
    expect(await process('one').hold('job', TTL_MS)).toBe(false);
  });

  test('is renewed whenever its holder asks for it again', async () => {
    await process('one').hold('job', TTL_MS);
    clock.advance(TTL_MS - 1);
    expect(await process('one').hold('job', TTL_MS)).toBe(true);
    clock.advance(TTL_MS - 1);
    expect(await process('two').hold('job', TTL_MS)).toBe(false);
  });

  test('that has ended is taken by one of the processes that ask at once', async () => {
    await process('dead').hold('job', TTL_MS);
    clock.advance(TTL_MS);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => process(`p${index}`).hold('job', TTL_MS)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test('is free at once when its holder releases it, and only then', async () => {
    await process('one').hold('job', TTL_MS);
    await process('two').release('job');
    expect(await process('two').hold('job', TTL_MS)).toBe(false);
    await process('one').release('job');
    expect(await process('two').hold('job', TTL_MS)).toBe(true);
  });

  test('of one job says nothing about another', async () => {
    await process('one').hold('job', TTL_MS);
    expect(await process('two').hold('other job', TTL_MS)).toBe(true);
  });
});
