import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { framesOf, WatchSocket } from './watch-socket.js';

/** What the load client's own socket makes of a server of the library's. */

/** @param perMessageDeflate whether and how the server compresses */
async function serve(
  connected: (socket: WebSocket) => void,
  perMessageDeflate: ServerOptions['perMessageDeflate'] = false,
): Promise<URL> {
  const http = createServer((_request, response) => response.writeHead(404).end());
  new WebSocketServer({ server: http, perMessageDeflate }).on('connection', connected);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`);
}

/** @returns all that a socket is told, and why it was closed, once it is */
function heard(url: URL, said: readonly string[] = []) {
  const texts: string[] = [];
  return new Promise<{ texts: string[]; why: string }>((resolve) => {
    const socket = new WatchSocket(url, null, {
      opened: () => {
        for (const text of said) socket.send(framesOf(text));
      },
      text: (message) => texts.push(String(message)),
      closed: (why) => resolve({ texts, why }),
    });
  });
}

const SERVERS: [string, ServerOptions['perMessageDeflate']][] = [
  ['sends them as they are', false],
  ['compresses', { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true }],
];

test.each(SERVERS)(
  'from a server that %s, messages of any size come whole and in order, however they are cut up, and pings among them are answered',
  async (_what, compression) => {
    const messages = [0, 1, 125, 126, 65_535, 65_536, 300_000, 2].map((length) => 'ü'.repeat(length / 2));
    const url = await serve((socket) => {
      for (const message of messages) {
        socket.send(message);
        socket.ping('?');
      }
      let pongs = 0;
      socket.on('pong', () => {
        pongs += 1;
        if (pongs === messages.length) socket.close(1013, 'Reading too slowly');
      });
    }, compression);
    expect(await heard(url)).toEqual({ texts: messages, why: 'closed with 1013 Reading too slowly' });
  },
);

test.each(SERVERS)(
  'by a server that %s, what it says is heard as it was said',
  async (_what, compression) => {
    const said = ['', 'x', 'ü'.repeat(63), 'x'.repeat(60_000)];
    const url = await serve((socket) => {
      const texts: string[] = [];
      socket.on('message', (text) => {
        texts.push(String(text));
        if (texts.length === said.length) socket.send(JSON.stringify(texts), () => socket.close());
      });
    }, compression);
    const { texts, why } = await heard(url, said);
    expect(JSON.parse(texts[0] ?? '')).toEqual(said);
    expect(why).toBe('closed');
  },
);

test('a server that speaks no WebSocket, and one that is not there, are told of', async () => {
  const http = createServer((_request, response) => response.writeHead(429).end());
  http.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 429 Too Many Requests\r\n\r\n'));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`);
  expect((await heard(url)).why).toBe('refused with HTTP/1.1 429 Too Many Requests');
  http.close();
  await once(http, 'close');
  expect((await heard(url)).why).toMatch(/ECONNREFUSED/);
});
