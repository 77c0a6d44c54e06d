import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { print } from 'graphql';
import { createClient } from 'graphql-ws';
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ROOT } from '../support/documents.js';
import {
  BOOKING,
  CONFIRM_BOOKING,
  CREATE_EVENT,
  LOCK_SEAT,
  LOCK_SEATS,
  ME,
  SEAT_AVAILABILITY_CHANGED,
  SEAT_MAP,
  SIGN_UP,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { ServerProcess } from '../support/server-process.js';
import { dataOf, uriOf } from '../support/test-app.js';
import { CLIENTS, type OpenClient } from './clients.js';
import { Python } from './python.js';

/** Independent clients: each makes a booking from end to end with the live map open, against a real server. */

// Each test starts servers in their own processes, on machines that may have other work.
vi.setConfig({ testTimeout: 180_000 });

/** A new database, and a server on it. */
async function start(): Promise<{ uri: string; server: ServerProcess }> {
  const uri = uriOf(`test_clients_${randomUUID().slice(0, 8)}`);
  onTestFinished(async () => {
    const connection = await mongoose.createConnection(uri).asPromise();
    await connection.dropDatabase();
    await connection.close();
  });
  return { uri, server: await ServerProcess.start(uri) };
}

/** The messages of a subscription, in order. */
class Received<Message> {
  readonly #arrived: Message[] = [];
  #wake: () => void = () => {};

  readonly receive = (message: Message): void => {
    this.#arrived.push(message);
    this.#wake();
  };

  async next(): Promise<Message> {
    for (;;) {
      const message = this.#arrived.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();
const credentials = () => ({ email: `${randomUUID()}@example.com`, password: 'a long password' });

describe('a booking from end to end, with the live map open', () => {
  const journey = async (server: ServerProcess, open: OpenClient) => {
    const client = (token?: string) => {
      const opened = open(server.url, token);
      onTestFinished(async () => await opened.close());
      return opened;
    };
    const { signUp } = await client().mutate(SIGN_UP, { input: credentials() });
    const user = client(signUp.token);
    expect((await user.query(ME, {})).me.id).toBe(signUp.user.id);
    const event = {
      name: 'A night',
      eventDate: tomorrow(),
      totalSeats: 10,
      price: { amount: 900, currency: 'USD' },
    };
    const { createEvent } = await user.mutate(CREATE_EVENT, { input: event });
    const eventId = createEvent.id;

    const received = new Received<{ kind: string; version: number; statuses: string }>();
    const end = user.subscribe(SEAT_AVAILABILITY_CHANGED, { eventId }, (data) =>
      received.receive(data.seatAvailabilityChanged),
    );
    expect(await received.next()).toMatchObject({ kind: 'SNAPSHOT', version: 0, statuses: 'AAAAAAAAAA' });

    const { lockSeat } = await user.mutate(LOCK_SEAT, { input: { eventId, seatNumber: 3 } });
    expect(await received.next()).toMatchObject({ kind: 'CHANGES', version: 1, statuses: 'AALAAAAAAA' });

    const { simulatePayment } = await user.mutate(SIMULATE_PAYMENT, {
      input: { lockIds: [lockSeat.id], amount: 900, currency: 'USD', cardStatus: 'SUCCESS' },
    });
    expect(simulatePayment.status).toBe('COMPLETED');
    const { paymentId } = simulatePayment;
    const { confirmBooking } = await user.mutate(CONFIRM_BOOKING, {
      input: { lockId: lockSeat.id, paymentId, requestId: 'once' },
    });
    expect(await received.next()).toMatchObject({ kind: 'CHANGES', version: 2, statuses: 'AABAAAAAAA' });
    end();

    const { booking } = await user.query(BOOKING, { id: confirmBooking.id });
    expect(booking).toMatchObject({ status: 'CONFIRMED', seatNumber: 3, payment: { paymentId } });
    expect((await user.query(SEAT_MAP, { id: eventId })).event?.seatMap.statuses).toBe('AABAAAAAAA');
    // A refusal reaches the program as the client reports errors.
    await expect(user.mutate(LOCK_SEAT, { input: { eventId, seatNumber: 3 } })).rejects.toThrow();
  };

  test(`with ${CLIENTS.map(([name]) => name).join(', ')}, one after the other`, async () => {
    const { server } = await start();
    for (const [name, open] of CLIENTS) {
      await journey(server, open).catch((error) => expect.unreachable(`${name}: ${error.stack}`));
    }
    expect(server.errors).toEqual([]);
  });

  test('with gql, a Python client', async (context) => {
    const python = await Python.find(context);
    const { server } = await start();
    const script = fileURLToPath(new URL('gql_journey.py', import.meta.url));
    const { code, output } = await python.run([script, server.url], { signal: context.signal });
    expect(code, output).toBe(0);
    expect(output).toBe('booked');
    expect(server.errors).toEqual([]);
  });
});

test('the Python client of the examples passes the kit for clients of the live map', async (context) => {
  const { program } = await Python.find(context);
  const client = `"${program}" "${path.join(ROOT, 'examples/python-watcher/watch.py')}"`;
  const kit = path.join(ROOT, 'packages/seat-feed-check/bin/seat-feed-check.js');
  const run = promisify(execFile)(process.execPath, [kit, '--client', client, '--timeout', '60'], {
    signal: context.signal,
  });
  const { stdout } = await run.catch((error: { stdout: string }) => expect.unreachable(error.stdout));
  expect(stdout).toMatch(/^(ok .*\n)+The client is right\.\n$/);
});

test('a client whose server is killed reconnects automatically, and continues from its version', async () => {
  const { uri, server } = await start();
  const ok = async <Data, Vars>(...call: Parameters<typeof server.call<Data, Vars>>): Promise<Data> => {
    return dataOf(await server.call<Data, Vars>(...call));
  };
  const { signUp: user } = await ok(SIGN_UP, { input: credentials() });
  const event = { name: 'A night', eventDate: tomorrow(), totalSeats: 10 };
  const eventId = (await ok(CREATE_EVENT, { input: event }, user)).createEvent.id;

  const received = new Received<{
    kind: string;
    version: number;
    previousVersion: number | null;
    statuses: string;
  }>();
  let version: number | undefined;
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: Number.POSITIVE_INFINITY,
    // A connection that is not accepted is retried too.
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  });
  // By then its server has ended, and the client would report that.
  onTestFinished(() => void Promise.resolve(client.dispose()).catch(() => undefined));
  const variables = {
    eventId,
    // Read whenever the client subscribes.
    get since() {
      return version;
    },
  };
  client.subscribe<{ seatAvailabilityChanged: Parameters<typeof received.receive>[0] }>(
    { query: print(SEAT_AVAILABILITY_CHANGED), variables },
    {
      next: ({ data }) => {
        if (data == null) return;
        version = data.seatAvailabilityChanged.version;
        received.receive(data.seatAvailabilityChanged);
      },
      error: () => {},
      complete: () => {},
    },
  );
  expect(await received.next()).toMatchObject({ kind: 'SNAPSHOT', version: 0 });
  await ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, user);
  expect(await received.next()).toMatchObject({ kind: 'CHANGES', version: 1, previousVersion: 0 });

  await server.kill();
  const other = await ServerProcess.start(uri);
  for (const seatNumbers of [[2], [3, 4]]) {
    const { errors } = await other.call(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
    expect(errors).toBeUndefined();
  }
  const again = await ServerProcess.start(uri, { PORT: new URL(server.url).port });
  expect(await received.next()).toMatchObject({
    kind: 'CHANGES',
    version: 3,
    previousVersion: 1,
    statuses: 'LLLLAAAAAA',
  });
  // The subscription is live again.
  await again.call(LOCK_SEAT, { input: { eventId, seatNumber: 5 } }, user);
  expect(await received.next()).toMatchObject({ kind: 'CHANGES', version: 4, previousVersion: 3 });
});
