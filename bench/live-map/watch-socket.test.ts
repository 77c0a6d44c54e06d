import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { framesOf, WatchSocket } from './watch-socket.js';

/** The load client's own socket with a server of the ws library. */

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

/** Sends the texts. @returns all received texts and the reason of the close */
function exchange(url: URL, sent: readonly string[] = []) {
  const texts: string[] = [];
  return new Promise<{ texts: string[]; why: string }>((resolve) => {
    const socket = new WatchSocket(url, null, {
      opened: () => {
        for (const text of sent) socket.send(framesOf(text));
      },
      text: (message) => texts.push(String(message)),
      closed: (why) => resolve({ texts, why }),
    });
  });
}

const SERVERS: [string, ServerOptions['perMessageDeflate']][] = [
  ['does not compress', false],
  ['compresses', { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true }],
];

test.each(SERVERS)(
  'from a server that %s, messages of any size arrive complete and in order, and pings are answered',
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
    expect(await exchange(url)).toEqual({ texts: messages, why: 'closed with 1013 Reading too slowly' });
  },
);

test.each(SERVERS)('a server that %s receives its messages unchanged', async (_what, compression) => {
  const sent = ['', 'x', 'ü'.repeat(63), 'x'.repeat(60_000)];
  const url = await serve((socket) => {
    const texts: string[] = [];
    socket.on('message', (text) => {
      texts.push(String(text));
      if (texts.length === sent.length) socket.send(JSON.stringify(texts), () => socket.close());
    });
  }, compression);
  const { texts, why } = await exchange(url, sent);
  expect(JSON.parse(texts[0] ?? '')).toEqual(sent);
  expect(why).toBe('closed');
});

test('a refused upgrade and a missing server are reported', async () => {
  const http = createServer((_request, response) => response.writeHead(429).end());
  http.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 429 Too Many Requests\r\n\r\n'));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`);
  expect((await exchange(url)).why).toBe('refused with HTTP/1.1 429 Too Many Requests');
  http.close();
  await once(http, 'close');
  expect((await exchange(url)).why).toMatch(/ECONNREFUSED/);
});
