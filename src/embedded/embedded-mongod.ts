import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESS, REPLICA_SET } from './mongod-process.js';
import { MongodSupervisor, type SupervisorOptions } from './mongod-supervisor.js';
import { mongodVersion } from './mongod-version.js';

const DATABASE = 'seat-booking';

export interface EmbeddedMongod {
  /** For clients in this process. It is valid until `onLost` is called. */
  readonly uri: string;
  /** Stops the mongod if this process runs it. A second call does nothing. */
  stop(): Promise<void>;
}

export interface EmbeddedMongodOptions extends SupervisorOptions {
  /** The database in the uri. Default: "seat-booking". */
  databaseName?: string;
}

/**
 * Starts a real replica set of one member on a data folder, or joins the one that another process runs on it.
 *
 * Exactly one process, the owner, holds the folder's lock and runs mongod. Every other process is a guest: it uses the
 * owner's mongod. Owner and guests supervise the mongod that they use:
 *
 *     owner, its mongod ended ──────────▶ restarts it on the same port
 *     owner, lost its lock (it slept) ──▶ guest
 *     guest, owner and lock are gone ───▶ owner, starts mongod on the same data and the same port
 *
 * So the uri stays valid, and connected clients just reconnect. mongod's own lock in its folder is the last guard: two of
 * them never run on the same data, whatever happens to the lock of this product.
 *
 * @returns once the database accepts writes
 * @throws Error if that takes longer than a minute, or with mongod's own error if it does not start
 */
export async function startEmbeddedMongod(options: EmbeddedMongodOptions): Promise<EmbeddedMongod> {
  await mkdir(join(options.dataDir, 'mongodb'), { recursive: true, mode: 0o700 });
  const version = await mongodVersion(options.binary);
  const supervisor = new MongodSupervisor(options, await realpath(options.dataDir), version);
  await supervisor.open();
  let stopped: Promise<void> | undefined;
  return {
    uri: `mongodb://${ADDRESS}:${supervisor.port}/${options.databaseName ?? DATABASE}?replicaSet=${REPLICA_SET}`,
    stop: () => {
      stopped ??= supervisor.close();
      return stopped;
    },
  };
}
