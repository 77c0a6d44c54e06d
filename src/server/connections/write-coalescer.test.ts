import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { WriteCoalescer } from './write-coalescer.js';

const endOfTask = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Transports whose writes are logged in order. */
function make(names: readonly string[]) {
  const log: string[] = [];
  const coalescer = new WriteCoalescer();
  const transports = names.map((name) => {
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      log.push(`${name} sent ${chunk}`);
      done();
    };
    return { name, transport: new Writable({ write }) };
  });
  return { log, coalescer, transports };
}

test('the messages of one event-loop task are sent one right after the other, before any callback', async () => {
  const { log, coalescer, transports } = make(['a', 'b', 'c']);
  for (const { name, transport } of transports) {
    coalescer.cork(transport, () => log.push(`${name} flushed`));
    transport.write('it');
    log.push(`${name} written`);
  }
  await endOfTask();
  expect(log).toEqual([
    ...['a written', 'b written', 'c written'],
    ...['a sent it', 'b sent it', 'c sent it'],
    ...['a flushed', 'b flushed', 'c flushed'],
  ]);
});

test('writes keep their order, also those of other code to the same transport', async () => {
  const { log, coalescer, transports } = make(['a']);
  const transport = transports[0]?.transport as Writable;
  for (const message of ['first', 'second']) {
    coalescer.cork(transport, () => log.push(`flushed ${message}`));
    transport.write(message);
  }
  transport.end('the end');
  await endOfTask();
  expect(log).toEqual(['a sent first', 'a sent second', 'a sent the end', 'flushed first', 'flushed second']);
});
