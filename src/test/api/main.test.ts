import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mongo } from 'mongoose';
import { pino } from 'pino';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { findMongodBinary, mongodCacheDir } from '../../embedded/mongod-binary.js';
import {
  CREATE_EVENT,
  EVENTS,
  LOCK_SEAT,
  ME,
  SEAT_AVAILABILITY_CHANGED,
  SEAT_LOCK,
  SIGN_UP,
} from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { ServerProcess } from '../support/server-process.js';
import { dataOf, uriOf } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** The built program in its own process, as an operator runs it. */

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const SECRET = 'a secret that only the tests know, 32 bytes';

let mongodBinary: string;
beforeAll(async () => {
  const cacheDir = await mongodCacheDir(os.tmpdir());
  mongodBinary = await findMongodBinary({ cacheDir, log: pino({ level: 'silent' }) });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-main-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Runs it with only these settings until it ends. */
async function runToEnd(settings: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

/** The outcome of a failed start: exit code 1, and one message without a stack that says what to do. */
async function refusalOf(settings: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(settings);
  expect(code).toBe(1);
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m);
  expect(stdout).not.toMatch(/"stack"/);
  return stderr;
}

describe('a start that fails has one clear error and exit code 1', () => {
  test('wrong settings: all are reported at once, each by its name', async () => {
    const output = await refusalOf({
      PORT: 'http',
      LOG_LEVEL: 'loud',
      LOCK_TTL_SECONDS: '0',
      MONGODB_URI: 'mongodb://a',
    });
    expect(output).toBe(
      [
        'The settings have 5 errors:',
        '- PORT must be a whole number from 0 to 65535, e.g. 4000; it is "http"',
        '- LOCK_TTL_SECONDS must be a whole number from 1 to 604800, e.g. 300; it is "0"',
        '- LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; it is "loud"',
        '- TOKEN_SECRET is required with MONGODB_URI: every server process must sign with the same secret, e.g. the output of "openssl rand -base64 32"',
        '- PAYMENT_PROVIDER is required with MONGODB_URI: "stripe" takes money; "simulated" takes none, and everybody gets tickets for nothing; with "none" nobody can pay',
        '',
      ].join('\n'),
    );
  });

  test('an unreachable MONGODB_URI: it is named, without its password', async () => {
    const output = await refusalOf({
      MONGODB_URI: 'mongodb://ann:hunter2@127.0.0.1:1/?replicaSet=rs0',
      TOKEN_SECRET: SECRET,
      PAYMENT_PROVIDER: 'none',
    });
    expect(output).toMatch(
      /^No MongoDB primary answered at mongodb:\/\/127\.0\.0\.1:1\/\?replicaSet=rs0 within \d+ seconds/,
    );
    expect(output).toContain('Check MONGODB_URI');
    expect(output).not.toContain('hunter2');
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  test('a mongod that is not in a replica set: the message says how to make it one', async () => {
    const uri = await startStandalone();
    const output = await refusalOf({ MONGODB_URI: uri, TOKEN_SECRET: SECRET, PAYMENT_PROVIDER: 'none' });
    expect(output).toMatch(/^MONGODB_URI leads to a MongoDB server that is not a member of a replica set/);
    expect(output).toContain('--replSet');
    expect(output).toContain('rs.initiate()');
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  test('a port in use: it is named', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const uri = await temporaryDatabase();
    const output = await refusalOf({
      MONGODB_URI: uri,
      TOKEN_SECRET: SECRET,
      PAYMENT_PROVIDER: 'none',
      PORT: String(port),
    });
    expect(output).toBe(
      `Port ${port} is in use by another program. Stop that program, or set PORT to another one (0 takes any).\n`,
    );
  });
});

/** A mongod that is not in a replica set. */
async function startStandalone(): Promise<string> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
  const mongod: ChildProcess = spawn(mongodBinary, args, { stdio: 'ignore' });
  onTestFinished(async () => {
    const exit = once(mongod, 'exit');
    mongod.kill('SIGKILL');
    await exit;
  });
  const uri = `mongodb://127.0.0.1:${port}/test`;
  // The driver retries until it is there.
  const client = await mongo.MongoClient.connect(uri, { directConnection: true });
  await client.close();
  return uri;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A new database in the test run's replica set. */
async function temporaryDatabase(): Promise<string> {
  const name = `main_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
  onTestFinished(async () => {
    const client = await mongo.MongoClient.connect(inject('mongodbUri'));
    await client.db(name).dropDatabase();
    await client.close();
  });
  return uriOf(name);
}

/** Without real payments the log warns. */
const saysSimulated = ({ lines }: ServerProcess) =>
  lines.some(({ msg }) => msg.startsWith('Payments are simulated'));

test("with PLAYGROUND=off the log names no playground; an operator's database gets no demo event; idle, it ends at once", async () => {
  const server = await ServerProcess.start(await temporaryDatabase(), { PLAYGROUND: 'off' });
  expect(server.lines.some(({ msg }) => msg.startsWith('Ready at '))).toBe(true);
  expect(JSON.stringify(server.lines)).not.toContain('playground');
  expect(saysSimulated(server)).toBe(true);
  expect(dataOf(await server.call(EVENTS, {})).events.nodes).toEqual([]);
  const startMs = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

describe('SIGTERM', () => {
  test('answers calls in progress, closes the sockets with 1001, and ends with exit code 0', async () => {
    const uri = await temporaryDatabase();
    const server = await ServerProcess.start(uri, { PAYMENT_PROVIDER: 'none' });
    expect(saysSimulated(server)).toBe(false);
    const { signUp: user } = dataOf(
      await server.call(SIGN_UP, { input: { email: 'a@example.com', password: 'a long password' } }),
    );
    const eventDate = new Date(Date.now() + 86_400_000).toISOString();
    const { createEvent } = dataOf(
      await server.call(CREATE_EVENT, { input: { name: 'A night', eventDate, totalSeats: 10 } }, user),
    );
    const socket = await RawSocket.open(server.url);
    expect(await socket.init()).toBe(true);
    socket.subscribe('map', textOf(SEAT_AVAILABILITY_CHANGED), { eventId: createEvent.id });
    await socket.answerTo('map');

    // Another transaction holds the event's fencing token, so the server's batches wait.
    const client = await mongo.MongoClient.connect(uri);
    onTestFinished(() => client.close());
    const session = client.startSession();
    session.startTransaction();
    await client
      .db()
      .collection<{ _id: string }>('events')
      .updateOne({ _id: createEvent.id }, { $inc: { turn: 1 } }, { session });
    const lock = (seatNumber: number) =>
      server.call(LOCK_SEAT, { input: { eventId: createEvent.id, seatNumber } }, user);
    const inProgress = [lock(1), lock(2)];
    await expect.poll(() => queuedCommands(server)).toBe(1);

    const startMs = performance.now();
    const stopped = server.stop();
    // A stopping server accepts no new calls.
    await expect.poll(() => isRefused(server)).toBe(true);
    await session.abortTransaction();
    await session.endSession();
    for (const answer of await Promise.all(inProgress)) expect(dataOf(answer).lockSeat.status).toBe('ACTIVE');
    expect((await socket.closed).code).toBe(1001);
    expect(await stopped).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(15_000);
    expect(server.errors).toEqual([]);
  });
});

async function queuedCommands({ url }: ServerProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^booking_queued_commands (\d+)$/m.exec(text)?.[1]);
}

async function isRefused({ url }: ServerProcess): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    ({ status }) => status === 503,
    () => true,
  );
}

describe('the embedded default', () => {
  test('keeps everything across a restart and a kill -9: data, tokens, and the demo events; its secret is in a file for its owner alone', async () => {
    const dataDir = await temporaryFolder();
    const start = () =>
      ServerProcess.start('', { TOKEN_SECRET: '', DATA_DIR: dataDir, MONGOD_BINARY: mongodBinary });
    const names = async (server: ServerProcess) =>
      dataOf(await server.call(EVENTS, {}))
        .events.nodes.map(({ name }) => name)
        .sort();
    const DEMOS = [
      'Late Show at the Lantern Cinema',
      'Opening Night at the Riverside Hall',
      'Summer Tour at the Harbour Arena',
    ];

    let server = await start();
    const secret = path.join(dataDir, 'token-secret');
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(secret, 'utf8'), 'base64url')).toHaveLength(32);
    expect((await readdir(dataDir)).filter((name) => name.startsWith('token-secret'))).toEqual([
      'token-secret',
    ]);
    expect(await names(server)).toEqual(DEMOS);
    const { signUp: user } = dataOf(
      await server.call(SIGN_UP, { input: { email: 'a@example.com', password: 'a long password' } }),
    );
    const eventDate = new Date(Date.now() + 86_400_000).toISOString();
    const { createEvent } = dataOf(
      await server.call(CREATE_EVENT, { input: { name: 'A night', eventDate, totalSeats: 10 } }, user),
    );
    const lock = async (seatNumber: number) =>
      dataOf(await server.call(LOCK_SEAT, { input: { eventId: createEvent.id, seatNumber } }, user)).lockSeat;
    const first = await lock(1);
    expect(await server.stop()).toBe(0);

    server = await start();
    expect(dataOf(await server.call(ME, {}, user)).me).toMatchObject(user.user);
    expect(await names(server)).toEqual(['A night', ...DEMOS]);
    const second = await lock(2);
    // Every answered write is durable: nothing must be saved at shutdown.
    await server.kill();

    server = await start();
    for (const { id, seatNumber } of [first, second]) {
      expect(dataOf(await server.call(SEAT_LOCK, { id }, user)).seatLock).toMatchObject({ id, seatNumber });
    }
    expect(await names(server)).toEqual(['A night', ...DEMOS]);
    expect(await server.stop()).toBe(0);
  });
});
