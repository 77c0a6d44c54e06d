import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbeddedMongod } from '../../embedded/embedded-mongod.js';
import { findMongodBinary, mongodCacheDir } from '../../embedded/mongod-binary.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A replica set with one member for the whole run. Every test file uses its own database in it. */
    readonly mongodbUri: string;
  }
}

const FOLDER_PREFIX = 'seat-booking-test-';
/** A running mongod writes a checkpoint every minute. */
const CHECKPOINT_AGE_MS_MAX = 10 * 60_000;

/** Removes what killed runs have left. In memory it would stay until the machine is restarted. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(FOLDER_PREFIX));
  for (const left of names.map((name) => path.join(folder, name))) {
    const checkpoint = await stat(path.join(left, 'mongodb', 'WiredTiger.turtle')).catch(() => undefined);
    if (checkpoint === undefined || Date.now() - checkpoint.mtimeMs < CHECKPOINT_AGE_MS_MAX) continue;
    await rm(left, { recursive: true, force: true });
  }
}

/** What the tests of a run write. More than Docker's default for this folder, which is 64 MB. */
const DATA_BYTES_MAX = 4 * 1024 ** 3;

/** A folder in memory where the system has one: every acknowledged write waits for the disk. */
async function dataFolder(): Promise<string> {
  const memory = '/dev/shm';
  const free = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return free > DATA_BYTES_MAX ? memory : os.tmpdir();
}

/**
 * Starts the real database for the tests, unless TEST_MONGODB_URI names one. Every project calls this; the first one
 * starts it for all.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { TEST_MONGODB_URI } = process.env;
  if (TEST_MONGODB_URI) {
    project.provide('mongodbUri', TEST_MONGODB_URI);
    return undefined;
  }
  const log = pino({ level: 'error' });
  const folder = await dataFolder();
  await removeLeftovers(folder);
  const dataDir = await mkdtemp(path.join(folder, FOLDER_PREFIX));
  const binary = await findMongodBinary({ cacheDir: await mongodCacheDir(dataDir), log });
  const mongod = await startEmbeddedMongod({
    dataDir,
    binary,
    log,
    args: [
      // Lets tests cause errors inside the server (failCommand).
      ...['--setParameter', 'enableTestCommands=1'],
      // The tests' clock stands still on one day, so by mongod's own clock their records have been expired for long.
      ...['--setParameter', 'ttlMonitorEnabled=false'],
      // Statistics for support cases, written every second.
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ],
  });
  project.provide('mongodbUri', mongod.uri);
  process.env.TEST_MONGODB_URI = mongod.uri;
  return async () => {
    await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
