import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualClock } from '../support/manual-clock.js';
import {
  CONFIRM_BOOKING,
  LOCK_SEAT,
  MY_LOCKS,
  SEAT_LOCK,
  SEAT_MAP,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { ServerProcess } from '../support/server-process.js';
import { TestApp, type TestUser, uriOf } from '../support/test-app.js';

const MINUTE_MS = 60_000;
const LOCK_TTL_MS = 5 * MINUTE_MS;
/** Two processes start, one after the other. */
const LIMIT_MS = 120_000;
/** Allowed difference between the process's estimate of the database's time and the real one. */
const ERROR_MS_MAX = 100;
/** The process asks the database twice a second. */
const NOTICED_MS_MAX = 10_000;

/** How far the second server's clock is ahead at its start, and what it is set to while the server runs. */
const CLOCKS = [
  ['six minutes ahead, then six behind', 6 * MINUTE_MS, -6 * MINUTE_MS],
  ['six minutes behind, then a day ahead', -6 * MINUTE_MS, 24 * 60 * MINUTE_MS],
] as const;

let app: TestApp;
let ann: TestUser;
let bob: TestUser;
let eventId: string;
/** The tests' clock agrees with the database's: both run on one machine. */
let right: ServerProcess;
let off: ServerProcess;

beforeEach(async () => {
  app = await TestApp.start({ clock: new ManualClock(new Date()) });
  const [organizer, ...users] = await app.users(3);
  [ann, bob] = users as [TestUser, TestUser];
  eventId = await app.event(organizer as TestUser, { totalSeats: 20 });
});
afterEach(() => app.close());

const jobsEvery = (pattern: string) => ({ LOCK_SWEEP_CRON: pattern, BOOKING_SWEEP_CRON: pattern });

/** @param clockAheadMs of the second one, which alone runs the jobs: the first one would take over after any delay */
async function start(clockAheadMs: number): Promise<void> {
  const uri = uriOf(app.databaseName);
  off = await ServerProcess.start(uri, jobsEvery('* * * * * *'), { clockAheadMs });
  right = await ServerProcess.start(uri, jobsEvery('0 0 0 1 1 *'));
}

describe.each(CLOCKS)('two servers, the second one’s clock %s', (_clocks, aheadMs, thenAheadMs) => {
  test(
    'decide the same: a held seat is held on both, no job ends it early, and it is booked on either. The second one reports its clock until it is right',
    async () => {
      await start(aheadMs);
      await expectReported(aheadMs);
      await expectSameDecisions([1, 2]);
      off.setClockAhead(thenAheadMs);
      await expectReported(thenAheadMs);
      await expectSameDecisions([3, 4]);
      expect([...right.errors, ...off.errors]).toEqual([]);
      off.setClockAhead(0);
      await expect.poll(() => readinessOf(off), { timeout: NOTICED_MS_MAX }).toEqual([200, 'ok']);
      await expect.poll(() => linesWith('clock agrees with the database')).toHaveLength(1);
    },
    LIMIT_MS,
  );
});

const lockOn = async (server: ServerProcess, seatNumber: number, user: TestUser) => {
  const answer = await server.call(LOCK_SEAT, { input: { eventId, seatNumber } }, user);
  return { lock: answer.data?.lockSeat, code: answer.errors?.[0]?.extensions.code };
};

async function book(lockId: string, payOn: ServerProcess, confirmOn: ServerProcess) {
  const payment = { lockIds: [lockId], amount: 500, currency: 'USD', cardStatus: 'SUCCESS' as const };
  const paid = await payOn.call(SIMULATE_PAYMENT, { input: payment }, ann);
  const paymentId = paid.data?.simulatePayment?.paymentId as string;
  const input = { lockId, paymentId, requestId: `confirm ${lockId}` };
  return confirmOn.call(CONFIRM_BOOKING, { input }, ann);
}

/** A held seat is the same hold on both servers. */
async function expectHeldOnBoth(seatNumber: number, [first, other]: readonly [ServerProcess, ServerProcess]) {
  const beforeMs = Date.now();
  const { lock } = await lockOn(first, seatNumber, ann);
  expect(lock).toMatchObject({ status: 'ACTIVE' });
  const { id, expiresAt } = lock as { id: string; expiresAt: string };
  const expiresMs = Date.parse(expiresAt);
  expect(expiresMs).toBeGreaterThanOrEqual(beforeMs + LOCK_TTL_MS);
  expect(expiresMs).toBeLessThanOrEqual(Date.now() + LOCK_TTL_MS);

  expect(await lockOn(other, seatNumber, bob)).toMatchObject({ code: 'SEAT_UNAVAILABLE' });
  for (const server of [first, other]) {
    const askedMs = Date.now();
    const { data } = await server.call(SEAT_LOCK, { id }, ann);
    expect(data?.seatLock).toMatchObject({ id, status: 'ACTIVE', expiresAt });
    expectNow(expiresMs - (data?.seatLock?.remainingMs ?? 0), askedMs);
    const mine = await server.call(MY_LOCKS, { eventId }, ann);
    expect(mine.data?.me?.locks).toContainEqual(expect.objectContaining({ id, status: 'ACTIVE' }));
  }
  return id;
}

async function expectSameMaps() {
  const maps = [];
  for (const server of [right, off]) {
    const { data } = await server.call(SEAT_MAP, { id: eventId });
    maps.push(data?.event?.seatMap);
  }
  expect(maps[0]).toEqual(maps[1]);
  return maps[0]?.statuses;
}

/** The server's time lies between the times of the question and of its answer. */
function expectNow(saidMs: number, askedMs: number) {
  expect(saidMs).toBeGreaterThanOrEqual(askedMs - ERROR_MS_MAX);
  expect(saidMs).toBeLessThanOrEqual(Date.now() + ERROR_MS_MAX);
}

async function expectSameTime() {
  for (const server of [right, off]) {
    const askedMs = Date.now();
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
    });
    const messages = app.watch(eventId, undefined, client);
    const { seatAvailabilityChanged } = await messages.next();
    await client.dispose();
    expectNow(Date.parse(seatAvailabilityChanged.serverTime), askedMs);
  }
}

const readinessOf = async (server: ServerProcess) => {
  const response = await fetch(`${server.url}/readyz`);
  return [response.status, ((await response.json()) as { checks: { clock: string } }).checks.clock];
};

/** In its log, as a metric and in its readiness. */
async function expectReported(ms: number) {
  const seconds = Math.abs(ms) / 1_000;
  const reason = `is ${seconds} s ${ms > 0 ? 'ahead of' : 'behind'} the database's`;
  await expect.poll(() => readinessOf(off), { timeout: NOTICED_MS_MAX }).toEqual([503, reason]);
  expect(await readinessOf(right)).toEqual([200, 'ok']);
  expect(await aheadSeconds(off)).toBeCloseTo(ms / 1_000, 0);
  expect(await aheadSeconds(right)).toBeCloseTo(0, 0);
  expect(linesWith('clock differs from the database')).toHaveLength(1);
}

async function expectSameDecisions(seats: readonly [number, number]) {
  const ofRight = await expectHeldOnBoth(seats[0], [right, off]);
  const ofOff = await expectHeldOnBoth(seats[1], [off, right]);
  await expectSameMaps();
  await expectSameTime();
  await jobsRun(2);
  const statuses = await expectSameMaps();
  expect(seats.map((seat) => statuses?.[seat - 1])).toEqual(['L', 'L']);
  for (const [lockId, payOn, confirmOn] of [
    [ofRight, right, off],
    [ofOff, off, right],
  ] as const) {
    const { data, errors } = await book(lockId, payOn, confirmOn);
    expect(errors).toBeUndefined();
    expect(data?.confirmBooking).toMatchObject({ status: 'CONFIRMED' });
  }
}

async function metric(server: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

const aheadSeconds = (server: ServerProcess) => metric(server, 'process_clock_ahead_seconds');
const linesWith = (text: string) => off.lines.filter(({ msg }) => msg.includes(text));

/** Returns once the job has run so often on the server with the wrong clock. */
async function jobsRun(times: number): Promise<void> {
  const runs = () => metric(off, 'job_seconds_count{job="lock-expiry"}');
  const before = await runs();
  await expect.poll(runs, { timeout: LIMIT_MS / 4 }).toBeGreaterThanOrEqual(before + times);
}
