import { expect, test } from 'vitest';
import { FirstParses } from './first-parse.js';

const TEXT = '{ fresh }';

/** Whether it has begun by the time that everything has which waits for nothing. */
const begun = (reading: Promise<unknown>) =>
  Promise.race([reading.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))]);

test('who comes with the same document from the same address waits for what it turns out to be', async () => {
  let isKnown = false;
  const reads = new FirstParses(() => isKnown);
  const first = await reads.begin(TEXT, 'crowd');
  expect(first.wasKnown).toBe(false);
  const second = reads.begin(TEXT, 'crowd');
  expect(await begun(second)).toBe(false);
  isKnown = true;
  first.done();
  expect((await second).wasKnown).toBe(true);
});

test('a document that one address has waiting behind thousands keeps no other address waiting for it', async () => {
  const reads = new FirstParses(() => false);
  await reads.begin(TEXT, 'flood');
  const neighbour = reads.begin(TEXT, 'neighbour');
  expect(await begun(neighbour)).toBe(true);
  expect((await neighbour).wasKnown).toBe(false);
});
