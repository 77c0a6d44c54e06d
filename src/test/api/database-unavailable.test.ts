import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Mongod } from '../../../bench/chaos/mongod.js';
import { ReplicaSet } from '../../../bench/chaos/replica-set.js';
import { findMongodBinary, mongodCacheDir } from '../../embedded/mongod-binary.js';
import { callFrom } from '../attacks/caller.js';
import {
  CREATE_EVENT,
  EVENTS,
  LOCK_SEAT,
  SEAT_AVAILABILITY_CHANGED,
  SIGN_UP,
} from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { ServerProcess } from '../support/server-process.js';
import { dataOf } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** A real mongod freezes or dies under a real server process. */

let folder: string;
let set: ReplicaSet;
let mongod: Mongod;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-unavailable-'));
  const cacheDir = await mongodCacheDir(os.tmpdir());
  const binary = await findMongodBinary({ cacheDir, log: pino({ level: 'silent' }) });
  set = await ReplicaSet.start({ binary, dataDir: folder, members: 1 });
  [mongod] = set.members as [Mongod];
});
afterAll(async () => {
  await Promise.all((set?.members ?? []).map((member) => member.kill()));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

type Code = string | undefined;

async function serve() {
  await set.primary();
  const server = await ServerProcess.start(set.uriOf(`away_${crypto.randomUUID().slice(0, 8)}`));
  const credentials = { email: 'a@example.com', password: 'a long password' };
  const { signUp: user } = dataOf(await server.call(SIGN_UP, { input: credentials }));
  const input = {
    name: 'A night',
    eventDate: new Date(Date.now() + 86_400_000).toISOString(),
    totalSeats: 100,
  };
  const { id: eventId } = dataOf(await server.call(CREATE_EVENT, { input }, user)).createEvent;
  const locking = (seatNumber: number) => ({ input: { eventId, seatNumber } });
  const codeOf = ({ errors }: { errors?: readonly { extensions: { code: string } }[] }): Code =>
    errors?.[0]?.extensions.code;
  return {
    server,
    user,
    eventId,
    locking,
    lock: (seatNumber: number) => server.call(LOCK_SEAT, locking(seatNumber), user).then(codeOf),
    untilUnavailable: async () => {
      await expect.poll(() => gauge(server, 'database_unavailable')).toBe(1);
    },
  };
}

async function gauge({ url }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

const FAILURES: Readonly<Record<string, { fail(): Promise<void> | void; recover(): Promise<void> | void }>> =
  {
    frozen: { fail: () => mongod.freeze(), recover: () => mongod.thaw() },
    dead: { fail: () => mongod.kill(), recover: () => mongod.start() },
  };

describe.each(Object.entries(FAILURES))('while mongod is %s', (_how, { fail, recover }) => {
  test('new work is refused at once, accepted work is executed after the failure, and writes continue', async () => {
    const { server, user, locking, lock, untilUnavailable } = await serve();
    onTestFinished(() => recover());
    const socket = await RawSocket.open(server.url);
    await socket.init({ authorization: `Bearer ${user.token}` });
    await fail();
    let accepted: Code | 'waits' = 'waits';
    const outlasting = lock(1).then((code) => {
      accepted = code;
    });
    await untilUnavailable();

    const refusal = { code: 'TOO_BUSY', details: { retryAfterMs: 2_000 } };
    for (const { errors, retryAfter } of [
      await callFrom(server, { user }, EVENTS),
      await callFrom(server, { user }, LOCK_SEAT, locking(2)),
    ]) {
      expect([errors?.[0]?.extensions, retryAfter]).toEqual([refusal, '2']);
    }
    socket.subscribe('1', textOf(LOCK_SEAT), locking(2));
    expect((await socket.answerTo('1'))?.errors).toMatchObject([{ extensions: refusal }]);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    // The earlier call still waits, and no later call is queued behind it.
    expect(accepted).toBe('waits');
    expect(await gauge(server, 'booking_queued_commands')).toBe(0);

    await recover();
    await outlasting;
    expect(accepted).toBeUndefined();
    await expect.poll(() => lock(2)).toBeUndefined();
    expect(await gauge(server, 'database_unavailable')).toBe(0);
    expect(await server.stop()).toBe(0);
  });
});

test('SIGTERM while mongod is frozen ends the server in time with exit code 0, and answers each call in progress and each socket', async () => {
  const { server, user, eventId, lock, untilUnavailable } = await serve();
  onTestFinished(() => mongod.thaw());
  const socket = await RawSocket.open(server.url);
  await socket.init({ authorization: `Bearer ${user.token}` });
  socket.subscribe('map', textOf(SEAT_AVAILABILITY_CHANGED), { eventId });
  await socket.answerTo('map');
  await mongod.freeze();
  const inProgress = [1, 2, 3].map((seatNumber) => lock(seatNumber));
  await untilUnavailable();
  const exitCode = server.stop();
  for (const code of await Promise.all(inProgress)) expect(['TOO_BUSY', 'OUTCOME_UNKNOWN']).toContain(code);
  expect((await socket.closed).code).toBe(1001);
  expect(await exitCode).toBe(0);
  expect(server.lines.at(-1)?.msg).toBe('Stopped');
  mongod.thaw();
});
