import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { captureLog } from '../support/captured-log.js';
import { EVENT, SEAT_AVAILABILITY_CHANGED } from '../support/operations.js';
import { TestApp } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** Clients that reset their connections before they are answered, as many do on bad networks. */

const CLIENTS = 300;
const AT_ONCE = 50;
/** pino's level of errors. */
const ERROR = 50;

test.each([
  ['/graphql', textOf(EVENT)],
  ['/graphql/stream', textOf(SEAT_AVAILABILITY_CHANGED)],
])('who leave %s before they are answered leave no error and no open stream', async (path, query) => {
  const { log, lines } = captureLog();
  const app = await TestApp.start({ log });
  onTestFinished(() => app.close());
  const eventId = await app.event(await app.user(), { totalSeats: 20 });
  const body = JSON.stringify({ query, variables: { id: eventId, eventId } });
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  const vanish = async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, resolve));
    socket.resetAndDestroy();
  };
  for (let first = 0; first < CLIENTS; first += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, vanish));
  // The server has handled them all once it answers a later call.
  await app.ok(EVENT, { id: eventId });
  const metrics = async () => (await fetch(`${app.url}/metrics`)).text();
  await expect.poll(metrics).toMatch(/^event_stream_open_streams 0$/m);
  expect(lines.filter(({ level }) => level >= ERROR)).toEqual([]);
});
