import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbeddedMongod } from '../../embedded/embedded-mongod.js';
import { findMongodBinary, mongodCacheDir } from '../../embedded/mongod-binary.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A replica set of one, for the whole run; every test file takes a database of its own in it. */
    readonly mongodbUri: string;
  }
}

/** Starts the real database that the tests run against, unless TEST_MONGODB_URI names one. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { TEST_MONGODB_URI } = process.env;
  if (TEST_MONGODB_URI) {
    project.provide('mongodbUri', TEST_MONGODB_URI);
    return undefined;
  }
  const log = pino({ level: 'error' });
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-test-'));
  const binary = await findMongodBinary({ cacheDir: await mongodCacheDir(dataDir), log });
  const mongod = await startEmbeddedMongod({
    dataDir,
    binary,
    log,
    args: [
      // Lets tests force faults inside the server (failCommand).
      ...['--setParameter', 'enableTestCommands=1'],
      // The tests' clock stands on one day for ever; by the server's own clock their records are long out of date.
      ...['--setParameter', 'ttlMonitorEnabled=false'],
    ],
  });
  project.provide('mongodbUri', mongod.uri);
  return async () => {
    await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
