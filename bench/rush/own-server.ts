import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ServerProcess } from '../lib/server-process.js';

/** Some locks expire during the sale, but not those of fans who act at once: with more fans, each answer takes longer. */
const LOCK_TTL_SECONDS_MIN = 4;
const LOCK_TTL_SECONDS_MAX = 12;
const FANS_PER_LOCK_TTL_SECOND = 150;

export interface OwnServer {
  readonly url: URL;
  stop(): Promise<void>;
}

/** Starts a server for one sale. Its database is deleted when it is stopped. */
export async function startOwnServer(fans: number): Promise<OwnServer> {
  const growing = LOCK_TTL_SECONDS_MIN + Math.floor(fans / FANS_PER_LOCK_TTL_SECOND);
  const lockTtlSeconds = Math.min(LOCK_TTL_SECONDS_MAX, growing);
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-rush-'));
  const settings = {
    // Settings of this terminal are meant for another server.
    MONGODB_URI: '',
    TOKEN_SECRET: '',
    DATA_DIR: dataDir,
    RATE_LIMIT_PER_MINUTE: '0',
    LOCK_TTL_SECONDS: String(lockTtlSeconds),
    LOCK_MAX_LIFE_SECONDS: String(3 * lockTtlSeconds),
    LOG_LEVEL: 'info',
  };
  const server = new ServerProcess({ settings });
  const stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  await server.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url: new URL('/graphql', server.url), stop };
}
