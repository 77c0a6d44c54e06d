import { expect, test } from 'vitest';
import { FirstParses } from './first-parse.js';

const TEXT = '{ fresh }';

/** Whether it resolves without waiting for anything. */
const resolvesAtOnce = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))]);

test('the same document from the same address waits until the first one is parsed', async () => {
  let isKnown = false;
  const parses = new FirstParses(() => isKnown);
  const first = await parses.begin(TEXT, 'crowd');
  expect(first.wasKnown).toBe(false);
  const second = parses.begin(TEXT, 'crowd');
  expect(await resolvesAtOnce(second)).toBe(false);
  isKnown = true;
  first.done();
  expect((await second).wasKnown).toBe(true);
});

test('a document that another address is parsing does not delay this address', async () => {
  const parses = new FirstParses(() => false);
  await parses.begin(TEXT, 'flood');
  const neighbour = parses.begin(TEXT, 'neighbour');
  expect(await resolvesAtOnce(neighbour)).toBe(true);
  expect((await neighbour).wasKnown).toBe(false);
});
