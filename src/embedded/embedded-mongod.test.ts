import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mongo } from 'mongoose';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Log } from '../core/log.js';
import { type EmbeddedMongod, type EmbeddedMongodOptions, startEmbeddedMongod } from './embedded-mongod.js';
import { findMongodBinary, mongodCacheDir } from './mongod-binary.js';

/** The first run on a machine downloads mongod. */
const FETCH_LIMIT_MS = 10 * 60_000;

const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => silent,
};

let binary: string;
let dataDir: string;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  binary = await findMongodBinary({
    configured: process.env.MONGOD_BINARY,
    cacheDir: await mongodCacheDir(tmpdir()),
    log: silent,
  });
}, FETCH_LIMIT_MS);

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-mongod-'));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(dataDir, { recursive: true, force: true });
});

describe('one process', () => {
  test('data are kept over a restart, under the same uri, or on another port if another program has taken the last one', async () => {
    const first = await start();
    await write(first, 'a');
    await first.stop();

    const second = await start();

    expect(second.uri).toBe(first.uri);
    expect(await read(second)).toEqual(['a']);
    await second.stop();
    await occupy(portOf(second));

    const third = await start();

    expect(portOf(third)).not.toBe(portOf(second));
    expect(await read(third)).toEqual(['a']);
    await write(third, 'b');
  });

  test('it is a replica set on the loopback address only that keeps within its memory; killed, it is restarted with its data', async () => {
    const mongod = await start();
    const client = await clientOf(mongod);
    const { parsed } = await client.db('admin').command({ getCmdLineOpts: 1 });
    expect(parsed.net.bindIp).toBe('127.0.0.1');
    expect(parsed.storage).toMatchObject({
      engine: 'wiredTiger',
      wiredTiger: { engineConfig: { cacheSizeGB: 1 } },
    });
    // A transaction and a change stream work.
    const seats = client.db().collection('seats');
    await seats.insertOne({ name: 'before' });
    const changes = seats.watch();
    const seen = changes.next();
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await seats.insertOne({ name: 'inside' }, { session });
      }),
    );
    expect(await seen).toMatchObject({ fullDocument: { name: 'inside' } });
    await changes.close();

    await write(mongod, 'a');
    process.kill(await pidOf(mongod), 'SIGKILL');
    await write(mongod, 'b');
    expect(await read(mongod)).toEqual(['a', 'b']);

    // A second stop does nothing.
    await Promise.all([mongod.stop(), mongod.stop()]);
    await mongod.stop();
  });

  test('the error of a mongod that does not start is quoted, and the folder is free', async () => {
    await expect(start({ args: ['--setParameter', 'noSuchParameter=1'] })).rejects.toThrow(/noSuchParameter/);
    await start();
  });

  test('an owner whose lock was removed gets it back, and serves in the meantime', async () => {
    const mongod = await start();
    await write(mongod, 'a');
    const mongodBefore = await pidOf(mongod);
    const lock = join(dataDir, 'owner.lock');
    await rm(lock, { recursive: true });
    await until(() =>
      access(lock).then(
        () => true,
        () => false,
      ),
    );
    const guest = await start();
    expect(guest.uri).toBe(mongod.uri);
    expect(await read(guest)).toEqual(['a']);
    expect(await pidOf(guest)).toBe(mongodBefore);
  });
});

describe('two processes on one folder', () => {
  test('the second joins the first and leaves without stopping the mongod; when the first stops, it takes over under the same uri', async () => {
    const owner = await start();
    const mongodBefore = await pidOf(owner);
    const leaving = await start();
    await leaving.stop();
    const guest = await start();
    expect(guest.uri).toBe(owner.uri);
    await write(owner, 'a');
    expect(await pidOf(guest)).toBe(mongodBefore);

    await owner.stop();

    await write(guest, 'b');
    expect(await read(guest)).toEqual(['a', 'b']);
    expect(await pidOf(guest)).not.toBe(mongodBefore);
  });

  test('of two that start at once, one runs the mongod and both use it', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.uri).toBe(two.uri);
    expect(await pidOf(one)).toBe(await pidOf(two));
  });

  test('the guest takes over from an owner that was killed', async () => {
    const owner = await startInAnotherProcess();
    const guest = await start();
    expect(guest.uri).toBe(owner.uri);
    await write(guest, 'a');

    owner.process.kill('SIGKILL');

    await once(owner.process, 'exit');
    const mongodOfOwner = owner.mongodPid;
    await until(async () => (await pidOf(guest)) !== mongodOfOwner);
    await write(guest, 'b');
    expect(await read(guest)).toEqual(['a', 'b']);
  });

  test('a mongod whose owner was killed ends by itself, and its data are kept for the next start', async () => {
    const owner = await startInAnotherProcess();
    await write(owner, 'a');
    const ended = closeOf(portOf(owner));

    owner.process.kill('SIGKILL');

    await ended;
    const next = await start();
    expect(await read(next)).toEqual(['a']);
  });

  test('a start right after the owner was killed does not wait for its mongod to end by itself', async () => {
    const owner = await startInAnotherProcess();
    await write(owner, 'a');
    owner.process.kill('SIGKILL');
    const next = await start();
    expect(await read(next)).toEqual(['a']);
    await write(next, 'b');
  });

  test('a guest that cannot get its port back reports that once', async () => {
    const owner = await startInAnotherProcess();
    let tellLost: (error: Error) => void = () => {};
    const lost = new Promise<Error>((resolve) => {
      tellLost = resolve;
    });
    await start({ onLost: tellLost, recoveryLimitMs: 1_000 });

    // The killed owner's lock becomes stale a second later at the earliest: enough time to take the port.
    owner.process.kill('SIGKILL');
    const freed = closeOf(portOf(owner));
    process.kill(owner.mongodPid, 'SIGKILL');
    await freed;
    await occupy(portOf(owner));

    expect((await lost).message).toMatch(/taken by another program/);
    // Its lock is free for others.
    const next = await start();
    expect(portOf(next)).not.toBe(portOf(owner));
  });

  test('a guest whose data moved to another port reports that, since its clients cannot follow', async () => {
    const owner = await start();
    let tellLost: (error: Error) => void = () => {};
    const lost = new Promise<Error>((resolve) => {
      tellLost = resolve;
    });
    await start({ onLost: tellLost });
    const file = join(dataDir, 'mongod.json');
    const whereabouts = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...whereabouts, port: portOf(owner) + 1 }));
    expect((await lost).message).toMatch(/moved it from port/);
  });
});

async function start(options: Partial<EmbeddedMongodOptions> = {}): Promise<EmbeddedMongod> {
  const mongod = await startEmbeddedMongod({ dataDir, binary, log: silent, ...options });
  cleanups.push(() => mongod.stop());
  return mongod;
}

interface Owner {
  uri: string;
  process: ChildProcess;
  mongodPid: number;
}

/** A process that a test can kill. It runs the built module, which `npm test` builds before the tests. */
async function startInAnotherProcess(): Promise<Owner> {
  const script = `
    const [file, dataDir, binary] = process.argv.slice(1);
    const { startEmbeddedMongod } = await import(file);
    const log = { debug() {}, info() {}, warn() {}, error() {}, fatal() {}, child: () => log };
    const { uri } = await startEmbeddedMongod({ dataDir, binary, log });
    process.send({ uri });`;
  const file = new URL('../../dist/embedded/embedded-mongod.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, file, dataDir, binary], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const [{ uri }] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the owner ended with ${code}`))),
  ])) as [{ uri: string }];
  const mongodPid = await pidOf({ uri });
  cleanups.push(() => kill(mongodPid));
  return { uri, process: child, mongodPid };
}

type Reachable = Pick<EmbeddedMongod, 'uri'>;

/** One client for each uri, kept open, as in the server. */
const clients = new WeakMap<Reachable, mongo.MongoClient>();

async function clientOf(mongod: Reachable): Promise<mongo.MongoClient> {
  let client = clients.get(mongod);
  if (client === undefined) {
    const made = new mongo.MongoClient(mongod.uri);
    clients.set(mongod, made);
    cleanups.push(() => made.close());
    client = made;
  }
  return client;
}

async function write(mongod: Reachable, name: string): Promise<void> {
  const client = await clientOf(mongod);
  const seats = client.db().collection<{ _id: string }>('written', { writeConcern: { w: 'majority' } });
  await reconnecting(() => seats.updateOne({ _id: name }, { $set: { written: true } }, { upsert: true }));
}

async function read(mongod: Reachable): Promise<string[]> {
  const client = await clientOf(mongod);
  const seats = client.db().collection<{ _id: string }>('written');
  const found = await reconnecting(() => seats.find().sort({ _id: 1 }).toArray());
  return found.map(({ _id }) => _id);
}

async function pidOf(mongod: Reachable): Promise<number> {
  const client = await clientOf(mongod);
  const status = await reconnecting(() => client.db('admin').command({ serverStatus: 1 }));
  return Number(status.pid);
}

/** As the server does with a batch, it retries after network errors. */
async function reconnecting<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof mongo.MongoError)) throw error;
    }
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

function portOf(mongod: Reachable): number {
  return Number(new URL(mongod.uri).port);
}

/** Another program on the port. */
async function occupy(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return server;
}

/** Resolves when the program on this port ends; at once if there is none. */
async function closeOf(port: number): Promise<void> {
  await new Promise<void>((resolve) => {
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .once('close', () => resolve());
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}
