import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { CONFIRM_BOOKING, LOCK_SEAT, SIGN_UP, SIMULATE_PAYMENT } from '../support/operations.js';
import { type LogLine, ServerProcess } from '../support/server-process.js';
import { dataOf, TestApp, uriOf } from '../support/test-app.js';

/** The jobs of built servers that run alone, with short settings. */

const HOUR_MS = 60 * 60 * 1000;
const JOBS = ['lock-expiry', 'booking-expiry', 'guest-merge'] as const;
type Job = (typeof JOBS)[number];
const ERROR = 50;

const SETTINGS = {
  LOCK_TTL_SECONDS: '1',
  LOCK_SWEEP_CRON: '* * * * * *',
  PENDING_BOOKING_TTL_SECONDS: '1',
  BOOKING_SWEEP_CRON: '* * * * * *',
  GUEST_MERGE_CRON: '* * * * * *',
  // Runs that end nothing are logged at this level: that shows which server runs the jobs.
  LOG_LEVEL: 'debug',
};

/** The first line after the first `from` lines that matches. Waits for it. */
async function lineOf(server: ServerProcess, matches: (line: LogLine) => boolean, from = 0) {
  const find = () => server.lines.slice(from).find(matches);
  await expect.poll(find).toBeDefined();
  return find() as LogLine;
}

const isRun = (line: LogLine, job: Job) => line.job === job && line.msg === 'Job ran';
const nextRun = (server: ServerProcess, job: Job) =>
  lineOf(server, (line) => isRun(line, job), server.lines.length);

let databaseName: string;
let database: mongo.Db;
/** A new database. It is dropped after the test, once its servers have ended. */
async function openDatabase(): Promise<void> {
  databaseName = `test_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const client = await new mongo.MongoClient(uriOf(databaseName)).connect();
  database = client.db();
  onTestFinished(async () => {
    await client.db(databaseName).dropDatabase();
    await client.close();
  });
}
/** The server is stopped after the test: a killed one may leave a transaction that delays dropping the database. */
async function start(): Promise<ServerProcess> {
  const server = await ServerProcess.start(uriOf(databaseName), SETTINGS);
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** Stores leases of another process, so that no server runs the jobs. */
async function holdJobs(): Promise<void> {
  const until = new Date(Date.now() + HOUR_MS);
  for (const job of JOBS) {
    await leases().updateOne({ _id: job }, { $set: { owner: 'nobody', until } }, { upsert: true });
  }
}
const letJobsGo = () => leases().deleteMany({ owner: 'nobody' });
const leases = () => database.collection<{ _id: string }>('leases');

/**
 * Acts through a server whose clock stands an hour ago. By the clock of a server that runs now, all locks and PENDING
 * bookings have ended long since, so the jobs must be held meanwhile.
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
    expiring: await lock(1),
    pending: await book(await lock(2), 'PROCESSING'),
    confirmed: await book(await lock(3), 'SUCCESS'),
  };
}

const statusOf = async (collection: string, id: string) =>
  (await database.collection<{ _id: string; status: string }>(collection).findOne({ _id: id }))?.status;

describe('a server that runs alone', () => {
  test('expires locks and cancels overdue bookings, also after a failed run, logs each run, and releases its leases when it is stopped', async () => {
    await openDatabase();
    await holdJobs();
    const server = await start();
    const { expiring, pending, confirmed } = await anHourAgo(lockedAndPending);
    let from = server.lines.length;
    // Reading the locks fails from here on.
    await database.collection('seatlocks').rename('seatlocks_moved');
    const pipeline = [{ $match: { $expr: { $divide: ['$seatNumber', 0] } } }];
    await database.createCollection('seatlocks', { viewOn: 'seatlocks_moved', pipeline });
    await letJobsGo();
    const failed = await lineOf(server, ({ level, job }) => level === ERROR && job === 'lock-expiry', from);
    expect(failed).toMatchObject({ durationMs: expect.any(Number) });
    await database.collection('seatlocks').drop();
    await database.collection('seatlocks_moved').rename('seatlocks');

    for (const job of ['lock-expiry', 'booking-expiry'] as const) {
      const line = await lineOf(server, (each) => isRun(each, job) && each.ended !== 0, from);
      expect(line).toMatchObject({ ended: 1, durationMs: expect.any(Number) });
    }
    expect(await statusOf('seatlocks', expiring)).toBe('expired');
    expect(await statusOf('bookings', pending.id)).toBe('cancelled');
    expect(await statusOf('bookings', confirmed.id)).toBe('confirmed');
    // Only the seat of the confirmed booking is taken.
    const held = database.collection('seatlocks').find({ status: { $in: ['active', 'used'] } });
    expect(await held.toArray()).toMatchObject([{ seatNumber: 3, status: 'used' }]);

    // Its own settings: a lock of one second.
    const input = { email: 'fan@example.com', password: 'a long password' };
    const { signUp: user } = dataOf(await server.call(SIGN_UP, { input }));
    const eventDate = new Date(Date.now() + HOUR_MS).toISOString();
    const event = { name: 'Soon', eventDate, totalSeats: 5 };
    // Selects no availability: a loaded map would record the expiry before the job does.
    const CREATE = 'mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }';
    const answer = await server.call<{ createEvent: { id: string } }, object>(CREATE, { input: event }, user);
    const { createEvent } = dataOf(answer);
    from = server.lines.length;
    const locking = { input: { eventId: createEvent.id, seatNumber: 1 } };
    const { lockSeat } = dataOf(await server.call(LOCK_SEAT, locking, user));
    expect(Date.parse(lockSeat.expiresAt) - Date.parse(lockSeat.createdAt)).toBe(1_000);
    await lineOf(server, (line) => isRun(line, 'lock-expiry') && line.ended === 1, from);
    expect(await statusOf('seatlocks', lockSeat.id)).toBe('expired');

    for (const job of JOBS) await nextRun(server, job);
    expect(await leases().distinct('_id')).toEqual(expect.arrayContaining(['booking-expiry', 'lock-expiry']));
    expect(await server.stop()).toBe(0);
    expect(await leases().countDocuments()).toBe(0);
  });
});

/** The server that runs the job next, and the others. */
async function runnerOf(job: Job, among: readonly ServerProcess[]) {
  const runner = await Promise.race(among.map((server) => nextRun(server, job).then(() => server)));
  return { runner, others: among.filter((server) => server !== runner) };
}

test('of several servers on one database, another runs the jobs when the first one stops or is killed', async () => {
  await openDatabase();
  const all = await Promise.all([start(), start(), start()]);
  const first = await runnerOf('booking-expiry', all);
  expect(await first.runner.stop()).toBe(0);
  const second = await runnerOf('lock-expiry', first.others);
  await second.runner.kill();

  const [last] = second.others as [ServerProcess];
  const from = last.lines.length;
  for (const job of JOBS) await lineOf(last, (line) => isRun(line, job), from);
});
