import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../lib/processes.js';

/** Locks lapse within the sale, and yet not under whoever does not dawdle: the more fans, the longer each answer takes. */
const LOCK_TTL_SECONDS_MIN = 4;
const LOCK_TTL_SECONDS_MAX = 12;
const FANS_PER_LOCK_TTL_SECOND = 150;

export interface OwnServer {
  readonly url: URL;
  stop(): Promise<void>;
}

/** A server for one sale, on a database of its own that goes with it. */
export async function startOwnServer(fans: number): Promise<OwnServer> {
  const growing = LOCK_TTL_SECONDS_MIN + Math.floor(fans / FANS_PER_LOCK_TTL_SECOND);
  const lockTtlSeconds = Math.min(LOCK_TTL_SECONDS_MAX, growing);
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-rush-'));
  const removeData = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await startServer(fileURLToPath(new URL('../../src/main.js', import.meta.url)), {
      // Whatever this terminal has set is meant for another server.
      MONGODB_URI: '',
      TOKEN_SECRET: '',
      DATA_DIR: dataDir,
      RATE_LIMIT_PER_MINUTE: '0',
      LOCK_TTL_SECONDS: String(lockTtlSeconds),
      LOCK_MAX_LIFE_SECONDS: String(3 * lockTtlSeconds),
      LOG_LEVEL: 'info',
    });
    return {
      url: new URL('/graphql', server.url),
      stop: async () => {
        await server.stop();
        await removeData();
      },
    };
  } catch (error) {
    await removeData();
    throw error;
  }
}
