import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { mongo } from 'mongoose';
import { pino } from 'pino';
import { Tokens } from '../src/account/tokens.js';
import { systemClock } from '../src/core/clock.js';
import { newEventId, newUserId } from '../src/core/ids.js';
import { startEmbeddedMongod } from '../src/store/embedded-mongod.js';
import { findMongodBinary, mongodCacheDir } from '../src/store/mongod-binary.js';
import type { Phase, Work } from './load-client.js';
import { cpuMsOf, LoadClient, type ServerProcess, startServer } from './processes.js';
import { median, quantile } from './statistics.js';

/**
 * `npm run bench`: locking, paying and confirming on one hot event, this product beside its peer and its floors, in one
 * run, the contenders in turn, several rounds, medians. Everything runs on this machine: database, servers and load.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    callers: { type: 'string', default: '1,16,64,256' },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: '.cache/bench-results' },
  },
});
const ROUNDS = Number(options.rounds);
const PHASE_MS = Number(options.seconds) * 1000;
const CALLERS = options.callers.split(',').map(Number);

const TOKEN_SECRET = 'the bench’s own secret, longer than 32 bytes';
const SEATS_PER_EVENT = 100_000;
/** As many as one user may have by default; each caller goes on as another user after that. */
const SEATS_PER_USER = 10;
const SEATS_OVER_ONE_SOCKET_MAX = 1_000;
/** More seats than any contender gets through in one phase. */
const SEATS_PER_SECOND_MAX = 6_000;

interface Contender {
  readonly name: string;
  readonly transport: 'http' | 'websocket';
  readonly server: ServerProcess;
  readonly phases: readonly Phase[];
  readonly newEvent: () => Promise<string>;
}

interface Measurement {
  readonly contender: string;
  readonly callers: number;
  readonly phase: Phase;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly serverCpuUs: number;
  readonly mongodCpuUs: number;
  readonly commandsPerBatch: number;
  readonly retriesPerBatch: number;
  readonly refusals: number;
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-bench-'));
  const log = pino({ level: 'warn' });
  const binary = await findMongodBinary({ cacheDir: await mongodCacheDir(dataDir), log });
  const mongod = await startEmbeddedMongod({ dataDir, binary, log });
  const client = await new mongo.MongoClient(mongod.uri).connect();
  const mongodPid = Number((await client.db('admin').command({ serverStatus: 1 })).pid);
  const load = new LoadClient();
  const servers: ServerProcess[] = [];
  try {
    const all = await startContenders(mongod.uri, client, servers);
    const contenders = all.filter(
      ({ name }) => options.only === '' || options.only.split(',').includes(name),
    );
    const users = new Users(client.db('bench-ours'));
    const measurements: Measurement[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      for (const callers of CALLERS) {
        for (const contender of contenders) {
          // Round 0 warms every process up and is not counted.
          const measured = await measure(contender, callers, load, users, mongodPid);
          if (round > 0) measurements.push(...measured);
          report(round, measured);
        }
      }
    }
    await publish(measurements);
  } finally {
    await load.stop();
    for (const server of servers) await server.stop();
    await client.close();
    await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function startContenders(
  uri: string,
  client: mongo.MongoClient,
  servers: ServerProcess[],
): Promise<Contender[]> {
  const start = async (file: string, database: string) => {
    const databaseUri = new URL(uri);
    databaseUri.pathname = `/${database}`;
    const server = await startServer(new URL(file, import.meta.url).pathname, {
      MONGODB_URI: databaseUri.href,
      TOKEN_SECRET,
      TOKEN_TTL_SECONDS: '86400',
      RATE_LIMIT_PER_MINUTE: '0',
      SEATS_PER_VIEWER_MAX: String(SEATS_OVER_ONE_SOCKET_MAX),
      LOCK_TTL_SECONDS: '3600',
      LOCK_MAX_LIFE_SECONDS: '3600',
      LOG_LEVEL: 'info',
    });
    servers.push(server);
    return server;
  };
  const ours = await start('../src/main.js', 'bench-ours');
  const peer = await start('./peers/stock-booking.js', 'bench-peer');
  const nothing = await start('./peers/nothing-on-our-server.js', 'bench-ours');
  const booking: Phase[] = ['lock', 'pay', 'confirm', 'journey'];
  const newEvent = () => createEvent(client.db('bench-ours'));
  const newPeerEvent = async () => {
    const events = client.db('bench-peer').collection('events');
    const counters = { totalSeats: SEATS_PER_EVENT, bookedSeats: 0, availableSeats: SEATS_PER_EVENT };
    return String((await events.insertOne({ name: 'Bench', ...counters })).insertedId);
  };
  return [
    { name: 'ours', transport: 'http', server: ours, phases: booking, newEvent },
    { name: 'ours-websocket', transport: 'websocket', server: ours, phases: booking, newEvent },
    { name: 'peer', transport: 'http', server: peer, phases: booking, newEvent: newPeerEvent },
    { name: 'nothing', transport: 'http', server: nothing, phases: ['nothing'], newEvent },
    { name: 'nothing-websocket', transport: 'websocket', server: nothing, phases: ['nothing'], newEvent },
    { name: 'nothing-stock', transport: 'http', server: peer, phases: ['nothing'], newEvent },
  ];
}

async function createEvent(database: mongo.Db): Promise<string> {
  const id = newEventId();
  await database.collection<{ _id: string }>('events').insertOne({
    _id: id,
    name: 'Bench',
    eventDate: new Date(Date.now() + 30 * 24 * 60 * 60 * 1000),
    totalSeats: SEATS_PER_EVENT,
    bookedSeats: 0,
    availableSeats: SEATS_PER_EVENT,
    turn: 0,
    recentBatchIds: [],
    version: 0,
    sections: [{ name: 'Main', firstSeatNumber: 1, rows: 5_000, seatsPerRow: 20, price: null }],
    price: null,
    organizerId: 'bench',
  } as never);
  return id;
}

/** Users straight in the database, so that no password hash is in anybody's figures; made once and used again. */
class Users {
  readonly #tokens: string[] = [];

  constructor(private readonly database: mongo.Db) {}

  async tokens(count: number): Promise<readonly string[]> {
    const issuer = new Tokens(TOKEN_SECRET, 24 * 60 * 60 * 1000, systemClock);
    const tokensValidFrom = new Date();
    const missing = Math.max(0, count - this.#tokens.length);
    const documents = Array.from({ length: missing }, () => {
      const _id = newUserId();
      return {
        _id,
        email: `${_id}@example.com`,
        passwordHash: 'none',
        tokensValidFrom,
        createdAt: tokensValidFrom,
      };
    });
    if (missing > 0) await this.database.collection<{ _id: string }>('users').insertMany(documents);
    for (const { _id } of documents) this.#tokens.push((await issuer.issue(_id, tokensValidFrom)).token);
    return this.#tokens.slice(0, count);
  }
}

async function measure(
  { name, transport, server, phases, newEvent }: Contender,
  callers: number,
  load: LoadClient,
  users: Users,
  mongodPid: number,
): Promise<Measurement[]> {
  const seatsPerCaller = Math.ceil((SEATS_PER_SECOND_MAX * PHASE_MS) / 1000 / callers);
  const usersPerCaller = transport === 'http' ? Math.ceil(seatsPerCaller / SEATS_PER_USER) : 1;
  const flat = await users.tokens(callers * usersPerCaller);
  const tokens = Array.from({ length: callers }, (_, caller) =>
    flat.slice(caller * usersPerCaller, (caller + 1) * usersPerCaller),
  );
  const plan = async (): Promise<Work[]> => {
    const eventId = await newEvent();
    return Array.from({ length: Math.min(SEATS_PER_EVENT, seatsPerCaller * callers) }, (_, index) => {
      const caller = index % callers;
      return {
        eventId,
        seatNumber: index + 1,
        caller,
        user: Math.floor(Math.floor(index / callers) / SEATS_PER_USER) % usersPerCaller,
      };
    });
  };

  const measurements: Measurement[] = [];
  let work = await plan();
  for (const phase of phases) {
    if (phase === 'journey') work = await plan();
    const before = await counters(server, mongodPid);
    const result = await load.run({ url: server.url, transport, tokens, phase, durationMs: PHASE_MS, work });
    const after = await counters(server, mongodPid);
    const operations = result.latenciesMs.length;
    const sorted = [...result.latenciesMs].sort((a, b) => a - b);
    const batches = after.batches - before.batches;
    measurements.push({
      contender: name,
      callers,
      phase,
      perSecond: (result.done.length / result.elapsedMs) * 1000,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      p999Ms: quantile(sorted, 0.999),
      serverCpuUs: ((after.serverCpuMs - before.serverCpuMs) / operations) * 1000,
      mongodCpuUs: ((after.mongodCpuMs - before.mongodCpuMs) / operations) * 1000,
      commandsPerBatch: (after.commands - before.commands) / batches,
      retriesPerBatch: (after.retries - before.retries) / batches,
      refusals: operations - result.done.length,
    });
    for (const [code, count] of Object.entries(result.refusals)) {
      process.stderr.write(`  ${name} ${phase}: ${count} × ${code}\n`);
    }
    work = [...result.done];
  }
  return measurements;
}

/** CPU time and, where the server tells, what its batches were. */
async function counters(server: ServerProcess, mongodPid: number) {
  const response = await fetch(`${server.url}/metrics`);
  const text = response.ok ? await response.text() : '';
  const metric = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    serverCpuMs: await cpuMsOf(server.pid),
    mongodCpuMs: await cpuMsOf(mongodPid),
    batches: metric('booking_batch_commands_count'),
    commands: metric('booking_batch_commands_sum'),
    retries: metric('booking_batch_retries_total'),
  };
}

function report(round: number, measurements: readonly Measurement[]): void {
  for (const each of measurements) {
    process.stdout.write(
      `${round === 0 ? 'warm-up' : `round ${round}`}  ${each.contender.padEnd(18)} ${String(each.callers).padStart(4)} callers  ` +
        `${each.phase.padEnd(8)} ${each.perSecond.toFixed(0).padStart(6)}/s  p50 ${each.p50Ms.toFixed(1).padStart(7)} ms  ` +
        `p99 ${each.p99Ms.toFixed(1).padStart(7)} ms  CPU µs: server ${each.serverCpuUs.toFixed(0).padStart(6)}, ` +
        `mongod ${each.mongodCpuUs.toFixed(0).padStart(6)}  batch ${each.commandsPerBatch.toFixed(1)}\n`,
    );
  }
}

/** Medians over the rounds, as a table and as JSON. */
async function publish(measurements: readonly Measurement[]): Promise<void> {
  const groups = groupBy(measurements);
  const medians = [...groups.values()].map((group) => {
    const [first] = group as [Measurement];
    const of = (key: keyof Measurement) => median(group.map((each) => each[key] as number));
    return {
      contender: first.contender,
      callers: first.callers,
      phase: first.phase,
      perSecond: of('perSecond'),
      p50Ms: of('p50Ms'),
      p99Ms: of('p99Ms'),
      p999Ms: of('p999Ms'),
      serverCpuUs: of('serverCpuUs'),
      mongodCpuUs: of('mongodCpuUs'),
      commandsPerBatch: of('commandsPerBatch'),
      retriesPerBatch: of('retriesPerBatch'),
      refusals: of('refusals'),
    };
  });
  process.stdout.write(
    '\n| contender | callers | phase | /s | p50 ms | p99 ms | server µs | mongod µs | a batch |\n',
  );
  process.stdout.write('| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n');
  for (const row of medians) {
    process.stdout.write(
      `| ${row.contender} | ${row.callers} | ${row.phase} | ${row.perSecond.toFixed(0)} | ${row.p50Ms.toFixed(1)} | ` +
        `${row.p99Ms.toFixed(1)} | ${row.serverCpuUs.toFixed(0)} | ${row.mongodCpuUs.toFixed(0)} | ` +
        `${Number.isNaN(row.commandsPerBatch) ? '' : row.commandsPerBatch.toFixed(1)} |\n`,
    );
  }
  await mkdir(options.out, { recursive: true });
  const file = path.join(options.out, 'write-path.json');
  await writeFile(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), node: process.version, medians }, null, 2)}\n`,
  );
  process.stdout.write(`\n${file}\n`);
}

function groupBy(measurements: readonly Measurement[]): Map<string, Measurement[]> {
  const groups = new Map<string, Measurement[]>();
  for (const each of measurements) {
    const key = `${each.contender} ${each.callers} ${each.phase}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return groups;
}

await main();
