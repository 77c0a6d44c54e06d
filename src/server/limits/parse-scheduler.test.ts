import { expect, test } from 'vitest';
import { ParseScheduler } from './parse-scheduler.js';

test('documents are parsed one at a time, rotating between addresses, with other work in between', async () => {
  const scheduler = new ParseScheduler();
  const order: string[] = [];
  const parse = (name: string, address: string) => scheduler.slot(address).then(() => order.push(name));
  const parsing = [1, 2, 3].map((each) => parse(`flood ${each}`, 'flood'));
  parsing.push(parse('neighbour', 'neighbour'));
  setImmediate(() => {
    order.push('a call');
    setImmediate(() => order.push('another call'));
  });
  await Promise.all(parsing);
  expect(order).toEqual(['flood 1', 'a call', 'neighbour', 'another call', 'flood 2', 'flood 3']);
});
