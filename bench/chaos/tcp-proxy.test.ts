import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

/** A server that says back what it hears, behind a proxy, and a client of it. */
async function echoed(): Promise<{
  proxy: TcpProxy;
  client: Socket;
  say: (text: string) => Promise<string>;
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
  const say = async (text: string) => {
    client.write(text);
    const [bytes] = await once(client, 'data');
    return String(bytes);
  };
  return { proxy, client, say };
}

test('replies come through, and in their order while the delay shrinks', async () => {
  const { proxy, client, say } = await echoed();
  expect(await say('a')).toBe('a');
  const heard: string[] = [];
  client.on('data', (bytes) => heard.push(String(bytes)));
  proxy.delayReplies(60);
  client.write('slow ');
  await new Promise((resolve) => setImmediate(resolve));
  proxy.delayReplies(0);
  client.write('fast');
  await expect.poll(() => heard.join('')).toBe('slow fast');
});

test('while it is held nothing comes and the connection stands; then all of it comes', async () => {
  const { proxy, client, say } = await echoed();
  const heard: string[] = [];
  proxy.hold();
  client.on('data', (bytes) => heard.push(String(bytes)));
  client.write('one ');
  client.write('two ');
  // Another client's connection is held as well, and is answered by nobody.
  const other = connect(proxy.port, '127.0.0.1');
  await once(other, 'connect');
  other.destroy();
  expect(heard).toEqual([]);
  expect(client.destroyed).toBe(false);
  proxy.release();
  await expect.poll(() => heard.join('')).toBe('one two ');
  expect(await say('three')).toBe('three');
});

test('cut, it breaks what is open and lets nobody in; mended, it does', async () => {
  const { proxy, client } = await echoed();
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

/** `once` would take the error that comes before it for the answer. */
const ended = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
