import { expect, test } from 'vitest';
import { SearchScheduler } from './search-scheduler.js';

test('two searches at a time, rotating between addresses; an address with twenty that wait is refused more', async () => {
  const scheduler = new SearchScheduler();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const search = (name: string, address: string) =>
    scheduler.run(address, () => {
      begun.push(name);
      return new Promise<void>((end) => ends.push(end));
    });
  const flood = Array.from({ length: 22 }, (_, index) => search(`flood ${index}`, 'flood'));
  await expect(search('one too many', 'flood')).rejects.toMatchObject({
    code: 'TOO_BUSY',
    details: { retryAfterMs: 1_000 },
  });
  const neighbour = search('neighbour', 'neighbour');
  await Promise.resolve();
  expect(begun).toEqual(['flood 0', 'flood 1']);
  ends.shift()?.();
  await flood[0];
  ends.shift()?.();
  await flood[1];
  expect(begun.slice(2)).toEqual(['flood 2', 'neighbour']);

  // A search that fails gives its place back, too.
  const failing = expect(
    scheduler.run('other', () => Promise.reject(new Error('no primary'))),
  ).rejects.toThrow('no primary');
  while (ends.length > 0) {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await failing;
  await Promise.all([...flood, neighbour]);
  expect(begun).toHaveLength(23);
});
