import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { WriteCoalescer } from './write-coalescer.js';

const turnEnds = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Transports and their owners, and what became of them in its order. */
function make(names: readonly string[]) {
  const log: string[] = [];
  const outbox = new WriteCoalescer();
  const transports = names.map((name) => {
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      log.push(`${name} has ${chunk}`);
      done();
    };
    return { name, transport: new Writable({ write }) };
  });
  return { log, outbox, transports };
}

test('the messages of one turn leave one right after the other, before anybody goes on', async () => {
  const { log, outbox, transports } = make(['a', 'b', 'c']);
  for (const { name, transport } of transports) {
    outbox.cork(transport, () => log.push(`${name} goes on`));
    transport.write('it');
    log.push(`${name} is made`);
  }
  await turnEnds();
  expect(log).toEqual([
    ...['a is made', 'b is made', 'c is made'],
    ...['a has it', 'b has it', 'c has it'],
    ...['a goes on', 'b goes on', 'c goes on'],
  ]);
});

test('nothing overtakes a message, whoever writes it, and the next turn’s waits for the next turn', async () => {
  const { log, outbox, transports } = make(['a']);
  const transport = transports[0]?.transport as Writable;
  for (const message of ['first', 'second']) {
    outbox.cork(transport, () => log.push(`told of ${message}`));
    transport.write(message);
  }
  transport.end('the end');
  await turnEnds();
  expect(log).toEqual(['a has first', 'a has second', 'a has the end', 'told of first', 'told of second']);
});
