import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

/** An echo server behind a proxy, and a client of it. */
async function startEcho(): Promise<{
  proxy: TcpProxy;
  client: Socket;
  send: (text: string) => Promise<string>;
}> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await TcpProxy.start((server.address() as AddressInfo).port);
  const client = connect(proxy.port, '127.0.0.1');
  client.on('error', () => undefined);
  await once(client, 'connect');
  onTestFinished(async () => {
    client.destroy();
    await proxy.stop();
    server.close();
  });
  const send = async (text: string) => {
    client.write(text);
    const [bytes] = await once(client, 'data');
    return String(bytes);
  };
  return { proxy, client, send };
}

test('replies are forwarded, in order also while the delay shrinks', async () => {
  const { proxy, client, send } = await startEcho();
  expect(await send('a')).toBe('a');
  const received: string[] = [];
  client.on('data', (bytes) => received.push(String(bytes)));
  proxy.delayReplies(60);
  client.write('slow ');
  await new Promise((resolve) => setImmediate(resolve));
  proxy.delayReplies(0);
  client.write('fast');
  await expect.poll(() => received.join('')).toBe('slow fast');
});

test('held replies come after the release, and the connection stays open', async () => {
  const { proxy, client, send } = await startEcho();
  const received: string[] = [];
  proxy.hold();
  client.on('data', (bytes) => received.push(String(bytes)));
  client.write('one ');
  client.write('two ');
  // Another client's connection is held as well.
  const other = connect(proxy.port, '127.0.0.1');
  await once(other, 'connect');
  other.destroy();
  expect(received).toEqual([]);
  expect(client.destroyed).toBe(false);
  proxy.release();
  await expect.poll(() => received.join('')).toBe('one two ');
  expect(await send('three')).toBe('three');
});

test('a cut breaks open connections and refuses new ones until it is mended', async () => {
  const { proxy, client } = await startEcho();
  const closed = ended(client);
  proxy.cut();
  await closed;
  const refused = connect(proxy.port, '127.0.0.1');
  refused.on('error', () => undefined);
  await ended(refused);
  proxy.mend();
  const welcome = connect(proxy.port, '127.0.0.1');
  welcome.write('hello');
  const [bytes] = await once(welcome, 'data');
  expect(String(bytes)).toBe('hello');
  welcome.destroy();
});

/** `once` would reject with the error that comes before the close. */
const ended = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
