import { expect, test } from 'vitest';
import { ParseScheduler } from './parse-scheduler.js';

test('documents are read one at a time, each address in its turn, and everything else has its own in between', async () => {
  const turns = new ParseScheduler();
  const order: string[] = [];
  const read = (name: string, address: string) => turns.slot(address).then(() => order.push(name));
  const reading = [1, 2, 3].map((each) => read(`flood ${each}`, 'flood'));
  reading.push(read('neighbour', 'neighbour'));
  setImmediate(() => {
    order.push('a call');
    setImmediate(() => order.push('another call'));
  });
  await Promise.all(reading);
  expect(order).toEqual(['flood 1', 'a call', 'neighbour', 'another call', 'flood 2', 'flood 3']);
});
