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
  SEAT_MAP,
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

/** What happens to the frozen mongod, and what ends the failure. */
const FAILURES: Readonly<Record<string, Failure>> = {
  frozen: { fail: () => undefined, recover: () => mongod.thaw(), canOutlast: true },
  dead: { fail: () => mongod.kill(), recover: () => mongod.start(), canOutlast: false },
};
interface Failure {
  fail(): Promise<void> | void;
  recover(): Promise<void> | void;
  /** Whether the failure surely ends before an accepted command is refused. */
  readonly canOutlast: boolean;
}

describe.each(Object.entries(FAILURES))('while mongod is %s', (_how, { fail, recover, canOutlast }) => {
  test('new work is refused at once, accepted work is executed after the failure or not at all, and writes continue', async () => {
    const { server, user, eventId, locking, lock, untilUnavailable } = await serve();
    onTestFinished(() => recover());
    const socket = await RawSocket.open(server.url);
    await socket.init({ authorization: `Bearer ${user.token}` });
    await mongod.freeze();
    let accepted: Code | 'waits' = 'waits';
    const outlasting = lock(1).then((code) => {
      accepted = code;
    });
    // The call has come before the server can notice: a killed mongod closes its connections, a frozen one does not.
    expect(await gauge(server, 'database_unavailable')).toBe(0);
    await fail();
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
    await expect.poll(() => lock(2)).toBeUndefined();
    // A mongod may take longer to start than a command may wait: then nothing was done.
    if (canOutlast) expect(accepted).toBeUndefined();
    else expect([undefined, 'TOO_BUSY']).toContain(accepted);
    const { event } = dataOf(await server.call(SEAT_MAP, { id: eventId }));
    expect(event?.seatMap.statuses.slice(0, 2)).toBe(accepted === undefined ? 'LL' : 'AL');
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
