import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

/** An echo without a delay takes less. */
const ECHO_MS = 50;

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

test('replies keep their order when the delay becomes shorter', async () => {
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

test('replies of all connections are held until the release, and the connections stay open', async () => {
  const { proxy, client, send } = await startEcho();
  const received: string[] = [];
  proxy.hold();
  client.on('data', (bytes) => received.push(String(bytes)));
  client.write('one ');
  client.write('two ');
  const other = connect(proxy.port, '127.0.0.1');
  const receivedByOther: string[] = [];
  other.on('data', (bytes) => receivedByOther.push(String(bytes)));
  other.write('another connection');
  await wait(ECHO_MS);
  expect(received).toEqual([]);
  expect(receivedByOther).toEqual([]);
  expect(client.destroyed).toBe(false);
  proxy.release();
  await expect.poll(() => received.join('')).toBe('one two ');
  await expect.poll(() => receivedByOther.join('')).toBe('another connection');
  other.destroy();
  expect(await send('three')).toBe('three');
});

test('`cut` closes existing connections and refuses new ones until `mend`', async () => {
  const { proxy, client } = await startEcho();
  const closed = ended(client);
  proxy.cut();
  await closed;
  const refused = connect(proxy.port, '127.0.0.1');
  refused.on('error', () => undefined);
  await ended(refused);
  proxy.mend();
  const accepted = connect(proxy.port, '127.0.0.1');
  accepted.write('hello');
  const [bytes] = await once(accepted, 'data');
  expect(String(bytes)).toBe('hello');
  accepted.destroy();
});

/** `once` would reject with the error that comes before the close. */
const ended = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
