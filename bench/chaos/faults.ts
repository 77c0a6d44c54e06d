import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import { nowMs } from './call-history.js';
import type { ChaosEnvironment, EnvironmentOptions } from './chaos-environment.js';
import { exhaustPool, fillDisk, hamper } from './database-faults.js';
import { type Fault, SOON_MS, strikeTime, struck } from './fault.js';
import {
  PENDING_SECONDS,
  PROVIDER_FAULTS,
  type ProviderFault,
  type ProviderFaultName,
} from './provider/provider-faults.js';
import { replaceServers, severalServers, stopServer } from './server-faults.js';

/** Longest time until a process is started again. */
const DOWN_MS_MAX = 1_500;
/** Long enough for the election of another primary. */
const FROZEN_MS = 12_000;
const SLOW_MS = 8_000;
const REPLY_DELAY_MS = 2_000;
const HELD_MS = 6_000;
/** For faults after which everything must be started again, on a busy machine. */
const AFTER_A_START_MS = 60_000;
const EVERY_SECOND = '* * * * * *';
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
  'cancellation-kill',
] as const;
type SaleFaultName = (typeof NAMES)[number];
export type FaultName = SaleFaultName | ProviderFaultName;

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

const SALE_FAULTS: Readonly<Record<SaleFaultName, Fault>> = {
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
  'cancellation-kill': {
    what: 'a sold-out event of --seats seats cancelled, one of three servers killed every second while another one runs',
    writesMsMax: AFTER_A_START_MS,
    environment: { ...ONE, servers: 3 },
    cancelsEvent: true,
    strike: async () => struck(nowMs()),
  },
};

const PROVIDER_NAMES = Object.keys(PROVIDER_FAULTS) as ProviderFaultName[];

const ofProvider = (provider: ProviderFault): Fault => ({
  what: provider.what,
  writesMsMax: AFTER_A_START_MS,
  environment: {
    ...ONE,
    withStripe: true,
    settings: {
      PENDING_BOOKING_TTL_SECONDS: String(PENDING_SECONDS),
      BOOKING_SWEEP_CRON: EVERY_SECOND,
      OUTBOX_CRON: EVERY_SECOND,
      PAYMENT_CHECK_CRON: EVERY_SECOND,
    },
  },
  provider,
  strike: async () => struck(nowMs()),
});

export const FAULTS = {
  ...SALE_FAULTS,
  ...Object.fromEntries(PROVIDER_NAMES.map((name) => [name, ofProvider(PROVIDER_FAULTS[name])])),
} as Readonly<Record<FaultName, Fault>>;

export const FAULT_NAMES: readonly FaultName[] = [...NAMES, ...PROVIDER_NAMES];
