import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { CONFIRM_BOOKING, LOCK_SEAT, SIMULATE_PAYMENT } from '../support/operations.js';
import { TestApp, TOKEN_SECRET, uriOf } from '../support/test-app.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const HOUR_MS = 60 * 60 * 1000;
const JOBS = ['lock-expiry', 'booking-expiry'] as const;
type Job = (typeof JOBS)[number];

/** One line of the server's log. */
interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly job?: string;
  readonly ended?: number;
  readonly durationMs?: number;
}
const ERROR = 50;

/** The built server, left alone in a process of its own with a short time for everything. */
class LoneServer {
  readonly #lines: Line[] = [];
  #waiting: (() => void)[] = [];
  readonly #ended: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
      this.#lines.push(JSON.parse(text) as Line);
      this.#look();
    });
    this.#ended = once(child, 'exit').then(([code]) => {
      this.#look();
      return code as number | null;
    });
  }

  static async start(databaseName: string): Promise<LoneServer> {
    const env = {
      PATH: process.env.PATH,
      MONGODB_URI: uriOf(databaseName),
      TOKEN_SECRET,
      PAYMENT_PROVIDER: 'simulated',
      HOST: '127.0.0.1',
      PORT: '0',
      LOCK_TTL_SECONDS: '1',
      LOCK_SWEEP_CRON: '* * * * * *',
      PENDING_BOOKING_TTL_SECONDS: '1',
      BOOKING_SWEEP_CRON: '* * * * * *',
      // Runs that end nothing are told of as well: that is how a test knows who runs the jobs.
      LOG_LEVEL: 'debug',
    };
    const server = new LoneServer(
      spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    await server.line(({ msg }) => msg.startsWith('Ready at'));
    return server;
  }

  /** How many lines there have been, for asking about what comes after them. */
  get lines(): number {
    return this.#lines.length;
  }

  /** The first such line from one on, waited for. */
  async line(isWished: (line: Line) => boolean, from = 0): Promise<Line> {
    for (;;) {
      const found = this.#lines.slice(from).find(isWished);
      if (found !== undefined) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`The server has ended. Its log: ${JSON.stringify(this.#lines)}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  ran = (job: Job, from = 0): Promise<Line> => this.line((line) => isRun(line, job), from);

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.child.kill(signal);
    return this.#ended;
  }

  #look(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const isRun = (line: Line, job: Job) => line.job === job && line.msg === 'Job ran';

let databaseName: string;
let client: mongo.MongoClient;
let database: mongo.Db;
let servers: LoneServer[];
const openDatabase = async () => {
  databaseName = `test_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  client = await new mongo.MongoClient(uriOf(databaseName)).connect();
  database = client.db();
  servers = [];
};
const dropDatabase = async () => {
  await Promise.all(servers.map((server) => server.end('SIGKILL')));
  await database.dropDatabase();
  await client.close();
};

const start = async () => {
  const server = await LoneServer.start(databaseName);
  servers.push(server);
  return server;
};

/** Another process seems to run the jobs, so that nobody does. */
async function holdJobs(): Promise<void> {
  const until = new Date(Date.now() + HOUR_MS);
  for (const job of JOBS) {
    await leases().updateOne({ _id: job }, { $set: { owner: 'nobody', until } }, { upsert: true });
  }
}
const letJobsGo = () => leases().deleteMany({ owner: 'nobody' });
const leases = () => database.collection<{ _id: string }>('leases');

/**
 * What people did an hour ago through a server whose clock stands at that time: whatever ends with time has ended
 * long since by the clock of a server that runs now, whose jobs therefore have to be held.
 */
async function anHourAgo<Result>(doing: (app: TestApp) => Promise<Result>): Promise<Result> {
  const clock = new ManualClock(new Date(Date.now() - HOUR_MS));
  const app = await TestApp.start({ clock, databaseName });
  try {
    return await doing(app);
  } finally {
    await app.close({ keepData: true });
  }
}

async function lockedAndPending(app: TestApp) {
  const [organizer, user] = await app.users(2);
  if (organizer === undefined || user === undefined) throw new Error('There are no users.');
  const eventId = await app.event(organizer);
  const lock = async (seatNumber: number) =>
    (await app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, user)).lockSeat.id;
  const book = async (lockId: string, cardStatus: 'SUCCESS' | 'PROCESSING') => {
    const pay = { lockIds: [lockId], amount: 100, currency: 'USD', cardStatus };
    const { paymentId } = (await app.ok(SIMULATE_PAYMENT, { input: pay }, user)).simulatePayment;
    const input = { lockId, paymentId, requestId: `confirm ${lockId}` };
    const { id } = (await app.ok(CONFIRM_BOOKING, { input }, user)).confirmBooking;
    return { id, paymentId };
  };
  return {
    eventId,
    user,
    lapsing: await lock(1),
    pending: await book(await lock(2), 'PROCESSING'),
    confirmed: await book(await lock(3), 'SUCCESS'),
  };
}

const statusOf = async (collection: string, id: string) =>
  (await database.collection<{ _id: string; status: string }>(collection).findOne({ _id: id }))?.status;

describe('a server that is left alone', () => {
  let server: LoneServer;
  beforeAll(async () => {
    await openDatabase();
    server = await start();
  });
  afterAll(dropDatabase);

  test('ends what has lapsed and what is overdue by itself, and says how many and how long it took', async () => {
    await holdJobs();
    const { lapsing, pending, confirmed } = await anHourAgo(lockedAndPending);
    const from = server.lines;
    await letJobsGo();
    for (const job of JOBS) {
      const line = await server.line((each) => isRun(each, job) && each.ended !== 0, from);
      expect(line).toMatchObject({ ended: 1, durationMs: expect.any(Number) });
    }
    expect(await statusOf('seatlocks', lapsing)).toBe('expired');
    expect(await statusOf('bookings', pending.id)).toBe('cancelled');
    expect(await statusOf('bookings', confirmed.id)).toBe('confirmed');
    // The seat of the confirmed booking and no other is taken.
    const held = database.collection('seatlocks').find({ status: { $in: ['active', 'used'] } });
    expect(await held.toArray()).toMatchObject([{ seatNumber: 3, status: 'used' }]);
  });

  test('goes by its settings: a lock of one second lapses and is written down', async () => {
    const { url } = (await server.line(({ msg }) => msg.startsWith('Ready at'))) as Line & { url: string };
    const call = async (query: string, variables: object, token?: string) => {
      const headers = {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      };
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
      });
      return ((await response.json()) as { data: Record<string, { [field: string]: string }> }).data;
    };
    const signUp = 'mutation($input: CredentialsInput!) { signUp(input: $input) { token } }';
    const credentials = { email: 'fan@example.com', password: 'a long password' };
    const token = (await call(signUp, { input: credentials })).signUp?.token as string;
    const createEvent = 'mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }';
    const eventDate = new Date(Date.now() + HOUR_MS).toISOString();
    const event = { name: 'Soon', eventDate, totalSeats: 5 };
    const eventId = (await call(createEvent, { input: event }, token)).createEvent?.id as string;
    const from = server.lines;
    const lockSeat =
      'mutation($input: LockSeatInput!) { lockSeat(input: $input) { id createdAt expiresAt } }';
    const lock = (await call(lockSeat, { input: { eventId, seatNumber: 1 } }, token)).lockSeat;
    expect(Date.parse(lock?.expiresAt ?? '') - Date.parse(lock?.createdAt ?? '')).toBe(1_000);

    await server.line((line) => isRun(line, 'lock-expiry') && line.ended === 1, from);
    expect(await statusOf('seatlocks', lock?.id ?? '')).toBe('expired');
  });

  test('survives work that fails: it is logged, and the next run does it', async () => {
    await holdJobs();
    const { lapsing } = await anHourAgo(lockedAndPending);
    const from = server.lines;
    // The locks cannot be read any more.
    await database.collection('seatlocks').rename('seatlocks_away');
    const pipeline = [{ $match: { $expr: { $divide: ['$seatNumber', 0] } } }];
    await database.createCollection('seatlocks', { viewOn: 'seatlocks_away', pipeline });
    await letJobsGo();

    const failed = await server.line(({ level, job }) => level === ERROR && job === 'lock-expiry', from);
    expect(failed).toMatchObject({ durationMs: expect.any(Number) });
    await database.collection('seatlocks').drop();
    await database.collection('seatlocks_away').rename('seatlocks');
    await server.line((line) => isRun(line, 'lock-expiry') && line.ended === 1, from);
    expect(await statusOf('seatlocks', lapsing)).toBe('expired');
  });

  test('stops when it is told to, and gives its leases back', async () => {
    for (const job of JOBS) await server.ran(job, server.lines);
    expect(await leases().distinct('_id')).toEqual(['booking-expiry', 'lock-expiry']);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(await leases().countDocuments()).toBe(0);
  });
});

describe('several servers on one database', () => {
  beforeAll(openDatabase);
  afterAll(dropDatabase);

  /** Whoever runs the job next, and those who do not. */
  const runnerOf = async (job: Job, among: readonly LoneServer[]) => {
    const runner = await Promise.race(
      among.map(async (server) => {
        await server.ran(job, server.lines);
        return server;
      }),
    );
    return { runner, others: among.filter((server) => server !== runner) };
  };

  test('when the one that runs the jobs stops or is killed, another takes over', async () => {
    const all = await Promise.all([start(), start(), start()]);
    const first = await runnerOf('booking-expiry', all);
    expect(await first.runner.end('SIGTERM')).toBe(0);
    const second = await runnerOf('lock-expiry', first.others);
    await second.runner.end('SIGKILL');

    const [last] = second.others as [LoneServer];
    const from = last.lines;
    for (const job of JOBS) await last.ran(job, from);
  });
});
