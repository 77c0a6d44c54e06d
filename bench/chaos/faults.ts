import { statfs, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import { NoAnswer, Refusal } from '../rush/server-api.js';
import { type Call, type History, isUnknown, nowMs } from './call-history.js';
import type { ChaosEnvironment, EnvironmentOptions } from './chaos-environment.js';
import { jobRunsOf, ownerAt, ranTwice, takenOverAfterMs } from './job-runs.js';
import { ReadinessProbe } from './readiness-probe.js';
import { WatchedSockets } from './watched-sockets.js';

/** When a fault strikes after the first fan has arrived. */
const STRIKES_AFTER_MS_MIN = 700;
const STRIKES_AFTER_MS_MAX = 3_000;
/** Longest time until a process is started again. */
const DOWN_MS_MAX = 1_500;
/** Long enough for the election of another primary. */
const FROZEN_MS = 12_000;
const FULL_MS = 6_000;
const SLOW_MS = 8_000;
const REPLY_DELAY_MS = 2_000;
const HELD_MS = 6_000;
/** More than a server's pool has connections. */
const READERS = 150;
const SOCKETS = 6;
/** Longest shutdown. */
const STOP_MS_MAX = 30_000;
/** Refusals come within this time, in any state of the database. */
const REFUSED_MS_MAX = 12_000;
/** `/readyz` must fail within this time. */
const NOT_READY_MS_MAX = 5_000;
const JOB_PERIOD_MS = 2_000;
/** Two periods of the job, and a busy machine. */
const TAKEN_OVER_MS_MAX = 2 * JOB_PERIOD_MS + 2_000;
const LEFT_BYTES = 512 * 1024;
const BALLAST_BYTES = 4 * 1024 * 1024;
const READ = '{ me { bookings(first: 20) { nodes { id } } } }';

/** What a fault uses. */
export interface Scene {
  readonly environment: ChaosEnvironment;
  readonly history: History;
  readonly eventId: string;
  readonly token: string;
  readonly random: SeededRandom;
}

export interface Struck {
  /** Writes must continue from this time on: the fault itself, or its end if it lasts. */
  readonly fromMs: number;
  /** Findings of the fault itself, besides those of the audit. */
  readonly wrong: readonly string[];
  /** Durations to report, in milliseconds. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Fault {
  readonly what: string;
  /** Writes must continue within this time. */
  readonly writesMsMax: number;
  readonly environment: EnvironmentOptions;
  /** Causes the fault and repairs it. Returns once it has ended. */
  strike(scene: Scene): Promise<Struck>;
}

/** For faults that another server or member can compensate. */
const SOON_MS = 15_000;
/** For faults after which everything must be started again, on a busy machine. */
const AFTER_A_START_MS = 60_000;
const EMBEDDED: EnvironmentOptions = { database: 'embedded', servers: 1 };
const ONE: EnvironmentOptions = { database: 'one member', servers: 1 };
const THREE: EnvironmentOptions = { database: 'three members', servers: 2 };
const NAMES = [
  'server-kill',
  'database-kill',
  'both-kill',
  'server-stop',
  'primary-kill',
  'primary-freeze',
  'members-restart',
  'upgrade',
  'two-servers',
  'four-servers',
  'disk-full',
  'database-slow',
  'pool-exhausted',
] as const;
export type FaultName = (typeof NAMES)[number];

/** A fault without a fixed duration: writes must continue from its start. */
const sudden = (
  what: string,
  writesMsMax: number,
  environment: EnvironmentOptions,
  happen: (environment: ChaosEnvironment, random: SeededRandom) => Promise<void>,
): Fault => ({
  what,
  writesMsMax,
  environment,
  strike: async (scene) => {
    await strikeTime(scene.random);
    const fromMs = nowMs();
    await happen(scene.environment, scene.random);
    return struck(fromMs);
  },
});

const killMongod = async (environment: ChaosEnvironment) =>
  void process.kill(await environment.mongodPid(), 'SIGKILL');

async function killServer({ server }: ChaosEnvironment): Promise<void> {
  await server.kill();
  await server.start();
}

export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  'server-kill': sudden('kill -9 of the server', AFTER_A_START_MS, ONE, killServer),
  'database-kill': sudden(
    'kill -9 of mongod, which the server restarts',
    AFTER_A_START_MS,
    EMBEDDED,
    killMongod,
  ),
  'both-kill': sudden(
    'kill -9 of the server and of its mongod at once',
    AFTER_A_START_MS,
    EMBEDDED,
    async (environment) => {
      await killMongod(environment);
      await killServer(environment);
    },
  ),
  'server-stop': {
    what: 'SIGTERM',
    writesMsMax: AFTER_A_START_MS,
    environment: { ...ONE, settings: { STOP_DELAY_SECONDS: '1' } },
    strike: stopServer,
  },
  'primary-kill': sudden(
    'kill -9 of the primary of three members',
    SOON_MS,
    THREE,
    async ({ set }, random) => {
      const primary = await set.primary();
      await primary.kill();
      await wait(random.below(2 * DOWN_MS_MAX));
      await primary.start();
    },
  ),
  'primary-freeze': sudden(
    'SIGSTOP of the primary of three members, and SIGCONT later',
    SOON_MS,
    THREE,
    async ({ set }, random) => {
      const primary = await set.primary();
      await primary.freeze();
      await wait(FROZEN_MS + random.below(DOWN_MS_MAX));
      primary.thaw();
    },
  ),
  'members-restart': sudden(
    'the three members restarted one by one',
    SOON_MS,
    THREE,
    async ({ set }, random) => {
      for (const member of random.some(set.members, set.members.length)) {
        await member.stop();
        await member.start();
        await set.restored();
      }
    },
  ),
  upgrade: {
    what: 'two servers replaced one by one by another version (--from), in the next round back again',
    writesMsMax: SOON_MS,
    environment: { database: 'one member', servers: 2, settings: { STOP_DELAY_SECONDS: '1' } },
    strike: replaceServers,
  },
  'two-servers': severalServers(2),
  'four-servers': severalServers(4),
  'disk-full': {
    what: 'the database’s disk full until mongod ends',
    writesMsMax: SOON_MS,
    environment: { ...ONE, smallDisk: true },
    strike: fillDisk,
  },
  'database-slow': {
    what: `every reply of mongod ${REPLY_DELAY_MS / 1000} s late`,
    writesMsMax: SOON_MS,
    environment: { ...ONE, proxied: true },
    strike: (scene) =>
      hamper(scene, SLOW_MS, {
        start: () => scene.environment.proxy.delayReplies(REPLY_DELAY_MS),
        end: () => scene.environment.proxy.delayReplies(0),
      }),
  },
  'pool-exhausted': {
    what: 'every connection to mongod waiting for a reply',
    writesMsMax: SOON_MS,
    environment: { ...ONE, proxied: true },
    strike: async (scene) => {
      const { proxy } = scene.environment;
      let readers: Promise<string[]> = Promise.resolve([]);
      const struck = await hamper(scene, HELD_MS, {
        start: () => {
          proxy.hold();
          readers = exhaustPool(scene);
        },
        end: () => proxy.release(),
      });
      return { ...struck, wrong: [...struck.wrong, ...(await readers)] };
    },
  },
};

export const FAULT_NAMES: readonly FaultName[] = NAMES;

const struck = (fromMs: number, wrong: readonly string[] = [], figures: Struck['figures'] = {}): Struck => ({
  fromMs,
  wrong,
  figures,
});

const strikeTime = (random: SeededRandom): Promise<void> =>
  wait(STRIKES_AFTER_MS_MIN + random.below(STRIKES_AFTER_MS_MAX - STRIKES_AFTER_MS_MIN));

async function stopServer({ environment, history, eventId, random }: Scene): Promise<Struck> {
  const { server } = environment;
  const sockets = await WatchedSockets.open(server.url, eventId, SOCKETS);
  const probe = new ReadinessProbe(server.url);
  await strikeTime(random);
  const fromMs = nowMs();
  const { exitCode, tookMs } = await server.stop();
  const endedMs = nowMs();
  await probe.stop();
  sockets.end();
  await server.start();
  const wrong: string[] = [];
  if (exitCode !== 0) wrong.push(`the server exited with ${exitCode}`);
  if (tookMs > STOP_MS_MAX) wrong.push(`the stop took ${tookMs.toFixed(0)} ms`);
  const codes = sockets.codes.filter((code) => code !== 1001);
  if (codes.length > 0) wrong.push(`sockets were closed with ${codes}`);
  if (probe.answeredAfterMs(false, fromMs) === null) wrong.push('/readyz never failed during the stop');
  const inProgress = history.calls.filter(
    ({ callMs, returnMs, isCut }) => !isCut && callMs < fromMs && (returnMs ?? endedMs) > fromMs,
  );
  const cut = inProgress.filter((call) => call.outcome?.kind === 'lost' || call.outcome === null);
  if (cut.length > 0) wrong.push(`${cut.length} of ${inProgress.length} calls in progress had no answer`);
  const later = history.calls.filter((call) => call.callMs >= fromMs && call.callMs < endedMs && !call.isCut);
  return struck(fromMs, wrong, {
    'stopped after': tookMs,
    'calls in progress': inProgress.length,
    'later calls without an answer': later.filter(isUnknown).length,
  });
}

async function replaceServers({ environment, random }: Scene): Promise<Struck> {
  await strikeTime(random);
  const fromMs = nowMs();
  const wrong: string[] = [];
  for (const server of environment.servers) {
    const { exitCode } = await server.stop();
    if (exitCode !== 0) wrong.push(`${server.name} exited with ${exitCode}`);
    server.switchVersion();
    await server.start();
  }
  return struck(fromMs, wrong, { 'replaced within': nowMs() - fromMs });
}

function severalServers(servers: number): Fault {
  return {
    what: `${servers} servers on one database, the one that runs the jobs killed in the middle`,
    writesMsMax: SOON_MS,
    environment: {
      database: 'one member',
      servers,
      settings: { LOCK_SWEEP_CRON: `*/${JOB_PERIOD_MS / 1000} * * * * *` },
    },
    strike: async ({ environment, random }) => {
      const startedMs = nowMs();
      await strikeTime(random);
      const runs = () =>
        environment.servers
          .flatMap(({ name, lines }) => jobRunsOf(name, lines))
          .filter(({ job }) => job === 'lock-expiry');
      const fromMs = nowMs();
      const owner = ownerAt(runs(), fromMs);
      const victim =
        environment.servers.find(({ name }) => name === owner) ?? random.pick(environment.servers);
      await victim.kill();
      while (
        takenOverAfterMs(runs(), victim.name, fromMs) === null &&
        nowMs() - fromMs < 2 * TAKEN_OVER_MS_MAX
      ) {
        await wait(100);
      }
      const takenOverMs = takenOverAfterMs(runs(), victim.name, fromMs);
      await victim.start();
      const wrong = ranTwice(
        runs().filter(({ atMs }) => atMs >= startedMs),
        JOB_PERIOD_MS,
      );
      if (takenOverMs === null || takenOverMs > TAKEN_OVER_MS_MAX) {
        wrong.push(`the job of ${victim.name} was taken over after ${takenOverMs ?? 'no'} ms`);
      }
      return struck(fromMs, wrong, { 'job taken over after': takenOverMs ?? Number.NaN });
    },
  };
}

async function fillDisk({ environment, history }: Scene): Promise<Struck> {
  const [mongod] = environment.set.members;
  if (mongod === undefined) throw new Error('There is no database.');
  const ballast = path.join(path.dirname(mongod.dbPath), 'ballast');
  const probe = new ReadinessProbe(environment.server.url);
  const repaired = new AbortController();
  // Without delay: mongod needs some seconds to notice.
  const filledMs = nowMs();
  await fill(ballast);
  const reviving = environment.revive(mongod, repaired.signal);
  const diedMs = await endOf(mongod, FULL_MS);
  await wait(FULL_MS);
  await unlink(ballast);
  const fromMs = nowMs();
  while (!mongod.isRunning) await wait(50);
  repaired.abort();
  await reviving;
  await environment.set.restored();
  await wait(1_000);
  await probe.stop();
  const figures: Record<string, number> = {
    'refused after at most': slowestRefusalMs(history.calls, filledMs, fromMs),
  };
  const wrong = slowRefusals(figures['refused after at most'] ?? 0);
  if (diedMs !== null) {
    figures['mongod gave up after'] = diedMs - filledMs;
    wrong.push(...notReadyInTime(probe, diedMs, figures));
  }
  return struck(fromMs, wrong, figures);
}

/** Leaves almost no free space. */
async function fill(ballast: string): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(ballast));
  const bytes = Math.max(0, bavail * bsize - LEFT_BYTES);
  await writeFile(ballast, '');
  for (let left = bytes; left > 0; left -= BALLAST_BYTES) {
    const chunk = Buffer.alloc(Math.min(left, BALLAST_BYTES));
    // Another process may have filled the disk meanwhile.
    if (
      !(await writeFile(ballast, chunk, { flag: 'a' }).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

/** @returns when it ended; null if it has not within the time */
async function endOf(mongod: { readonly isRunning: boolean }, msMax: number): Promise<number | null> {
  const untilMs = nowMs() + msMax;
  while (nowMs() < untilMs) {
    if (!mongod.isRunning) return nowMs();
    await wait(50);
  }
  return null;
}

/** A database that is reachable but useless for a while. */
async function hamper(
  { environment, history, random }: Scene,
  forMs: number,
  { start, end }: { start(): void; end(): void },
): Promise<Struck> {
  const probe = new ReadinessProbe(environment.server.url);
  await strikeTime(random);
  const startedMs = nowMs();
  start();
  await wait(forMs);
  end();
  const fromMs = nowMs();
  const untilMs = fromMs + 2 * NOT_READY_MS_MAX;
  while (probe.answeredAfterMs(true, fromMs) === null && nowMs() < untilMs) await wait(100);
  await probe.stop();
  const figures: Record<string, number> = {
    'refused after at most': slowestRefusalMs(history.calls, startedMs, fromMs),
  };
  const wrong = [
    ...slowRefusals(figures['refused after at most'] ?? 0),
    ...notReadyInTime(probe, startedMs, figures),
  ];
  const readyMs = probe.answeredAfterMs(true, fromMs);
  if (readyMs === null) wrong.push('/readyz did not recover');
  else figures['ready again after'] = readyMs;
  return struck(fromMs, wrong, figures);
}

/** Sends more reads than the pool has connections. @returns what was wrong with their answers */
async function exhaustPool({ history, token }: Scene): Promise<string[]> {
  let refused = 0;
  const wrong = new Set<string>();
  const read = async (reader: number) => {
    try {
      await history.apiOf(1_000_000 + reader).ask(READ, {}, token);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'TOO_BUSY') {
        refused += 1;
        if (typeof error.details.retryAfterMs !== 'number') wrong.add('TOO_BUSY without a retry time');
      } else
        wrong.add(error instanceof NoAnswer ? `a reader had no answer: ${error.message}` : String(error));
    }
  };
  await Promise.all(Array.from({ length: READERS }, (_, reader) => read(reader)));
  if (refused === 0) wrong.add('no reader was refused: the pool was not exhausted');
  return [...wrong];
}

function slowestRefusalMs(calls: readonly Call[], fromMs: number, toMs: number): number {
  const times = calls
    .filter(
      ({ outcome, callMs }) =>
        outcome?.kind === 'refused' && outcome.code === 'TOO_BUSY' && callMs >= fromMs && callMs < toMs,
    )
    .map(({ callMs, returnMs }) => (returnMs ?? nowMs()) - callMs);
  return Math.max(0, ...times);
}

const slowRefusals = (ms: number): string[] =>
  ms > REFUSED_MS_MAX ? [`a refusal took ${ms.toFixed(0)} ms`] : [];

function notReadyInTime(probe: ReadinessProbe, fromMs: number, figures: Record<string, number>): string[] {
  const ms = probe.answeredAfterMs(false, fromMs);
  if (ms !== null) figures['/readyz failed after'] = ms;
  return ms === null || ms > NOT_READY_MS_MAX ? [`/readyz failed after ${ms ?? 'no'} ms`] : [];
}
