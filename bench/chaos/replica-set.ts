import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { ADDRESS } from '../../src/embedded/mongod-process.js';
import { Mongod } from './mongod.js';

const NAME = 'rs0';
/** The values of docker-compose.yml, with the reasons there. */
const SETTINGS = { electionTimeoutMillis: 3_000, heartbeatTimeoutSecs: 3, catchUpTimeoutMillis: 2_000 };
const PRIMARY_MS_MAX = 60_000;
const CHECK_EVERY_MS = 50;
const ANSWER_MS_MAX = 1_000;

export interface ReplicaSetOptions {
  readonly binary: string;
  /** Has a folder for each member's data, unless `dbPath` is given. */
  readonly dataDir: string;
  readonly members?: number;
  /** The folder of a member's data. */
  readonly dbPath?: (member: number) => string;
  /** The port of a proxy under which clients and members reach a member. */
  readonly announcedPort?: (mongod: Mongod) => Promise<number> | number;
  readonly oplogMb?: number;
  /** More arguments for each mongod. */
  readonly args?: readonly string[];
}

/** A replica set of real processes on this machine. */
export class ReplicaSet {
  private constructor(
    readonly members: readonly Mongod[],
    /** The members' addresses, in their order, as the set itself knows them. */
    readonly hosts: readonly string[],
  ) {}

  /** @returns once it has a primary that accepts writes */
  static async start(options: ReplicaSetOptions): Promise<ReplicaSet> {
    const { binary, dataDir, members: count = 3, announcedPort, oplogMb, args = [] } = options;
    const members: Mongod[] = [];
    const hosts: string[] = [];
    try {
      for (let member = 0; member < count; member++) {
        const mongod = await Mongod.start({
          binary,
          dbPath: options.dbPath?.(member) ?? path.join(dataDir, `member-${member}`),
          logFile: path.join(dataDir, `member-${member}.log`),
          replicaSet: NAME,
          ...(oplogMb !== undefined && { oplogMb }),
          args,
        });
        members.push(mongod);
        hosts.push(announcedPort ? `${ADDRESS}:${await announcedPort(mongod)}` : mongod.host);
      }
      const set = new ReplicaSet(members, hosts);
      await withAdmin(members[0] as Mongod, (admin) =>
        admin.command({
          replSetInitiate: {
            _id: NAME,
            settings: SETTINGS,
            members: hosts.map((host, _id) => ({ _id, host })),
          },
        }),
      );
      await set.primary();
      return set;
    } catch (error) {
      await Promise.all(members.map((mongod) => mongod.kill()));
      throw error;
    }
  }

  uriOf(database: string): string {
    return `mongodb://${this.hosts.join(',')}/${database}?replicaSet=${NAME}`;
  }

  /** @returns the primary, once there is one @throws if there is none for a minute */
  async primary(): Promise<Mongod> {
    const startedMs = performance.now();
    while (performance.now() - startedMs < PRIMARY_MS_MAX) {
      const primary = await this.#findInState((hello) => hello.isWritablePrimary === true);
      if (primary !== undefined) return primary;
      await wait(CHECK_EVERY_MS);
    }
    throw new Error(`The replica set had no primary for ${PRIMARY_MS_MAX / 1000} s.`);
  }

  async secondaries(): Promise<Mongod[]> {
    const primary = await this.primary();
    return this.members.filter((mongod) => mongod !== primary);
  }

  /** Returns once every member runs and is the primary or a secondary. */
  async restored(): Promise<void> {
    const startedMs = performance.now();
    for (const mongod of this.members) {
      for (;;) {
        const hello = await helloOf(mongod);
        if (hello?.isWritablePrimary === true || hello?.secondary === true) break;
        if (performance.now() - startedMs > PRIMARY_MS_MAX) {
          throw new Error(`The member at ${mongod.host} did not come back.`);
        }
        await wait(CHECK_EVERY_MS);
      }
    }
    await this.primary();
  }

  async stop(): Promise<void> {
    // A single remaining member would wait for the others before it stops.
    await Promise.all(this.members.map((mongod) => mongod.kill()));
  }

  async #findInState(isIt: (hello: mongo.Document) => boolean): Promise<Mongod | undefined> {
    for (const mongod of this.members) {
      const hello = await helloOf(mongod);
      if (hello !== undefined && isIt(hello)) return mongod;
    }
    return undefined;
  }
}

/** A member's answer to `hello`; undefined if it is frozen or has ended. */
async function helloOf(mongod: Mongod): Promise<mongo.Document | undefined> {
  if (!mongod.isRunning) return undefined;
  return withAdmin(mongod, (admin) => admin.command({ hello: 1 })).catch(() => undefined);
}

async function withAdmin<Answer>(
  { host }: Mongod,
  ask: (admin: mongo.Db) => Promise<Answer>,
): Promise<Answer> {
  const client = new mongo.MongoClient(`mongodb://${host}`, {
    directConnection: true,
    maxPoolSize: 1,
    connectTimeoutMS: ANSWER_MS_MAX,
    serverSelectionTimeoutMS: ANSWER_MS_MAX,
    // An initiation writes to the disk of every member.
    socketTimeoutMS: 20 * ANSWER_MS_MAX,
  });
  try {
    return await ask(client.db('admin'));
  } finally {
    await client.close();
  }
}
