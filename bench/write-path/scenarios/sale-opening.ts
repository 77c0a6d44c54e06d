import { setTimeout as wait } from 'node:timers/promises';
import { CLOCK_AHEAD_VARIABLE, OWN_CLOCK } from '../../../src/test/support/own-clock.js';
import { OURS } from '../../lib/environment.js';
import { atMost } from '../../lib/goals.js';
import { firstSeats, planOf } from '../../lib/plan.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report, Setting } from '../../lib/scenario.js';
import { median, quantile } from '../../lib/statistics.js';
import { figure } from '../../lib/table.js';
import { type Caller, overHttp, Refused } from '../../lib/transports.js';

const CALLERS = 2_000;
/** They differ by a minute, and both are wrong. */
const CLOCKS_AHEAD_MS = [-30_000, 30_000] as const;
/** How long before its opening an event is created. */
const WAIT_MS = 3_000;
/** Those of the callers who cannot wait: each tries again and again before the opening. */
const IMPATIENT = 100;
const TRY_AGAIN_MS = 100;

const CREATE_EVENT = 'mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }';
const LOCK = 'mutation($input: LockSeatInput!) { lockSeat(input: $input) { createdAt } }';

interface Opening {
  /** Locks whose creation is earlier than the opening. */
  readonly tooEarly: number;
  /** Calls sent after the opening that were answered by SALE_NOT_OPEN. */
  readonly refusedAfter: number;
  readonly refusedBefore: number;
  /** From the opening to the creation of the first lock, by the database's clock. */
  readonly firstMs: number;
  /** From the opening to the answers with locks, by the callers' clock. One process sends and reads for all callers. */
  readonly firstAnswerMs: number;
  readonly p50Ms: number;
  readonly lastMs: number;
}

/** A sale opens while many callers wait at two servers with wrong clocks. */
export async function saleOpening(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const servers = await Promise.all(
    CLOCKS_AHEAD_MS.map((aheadMs) =>
      environment.startServer(
        '../src/main.js',
        OURS,
        { [CLOCK_AHEAD_VARIABLE]: String(aheadMs) },
        { preload: new URL(OWN_CLOCK) },
      ),
    ),
  );
  const { tokens } = await planOf(environment.users, CALLERS, firstSeats('', CALLERS));
  const urls = servers.map(({ url }) => url);
  const { callers, close } = await overHttp(urls, tokens);
  const arm: Arm<Opening> = {
    name: 'two servers',
    run: async () => ({ opening: await openOnce(callers) }),
  };
  const results = await runRoundsOf([arm], setting, lineOf);
  await close();
  await Promise.all(servers.map((server) => server.stop()));
  const openings = results(arm.name, 'opening');
  const sum = (key: keyof Opening) => openings.reduce((total, opening) => total + opening[key], 0);
  const middle = (key: keyof Opening) => median(openings.map((opening) => opening[key]));
  return {
    about:
      `${CALLERS} callers, half of them at each of two servers, lock a seat each in the millisecond in which the sale of one event ` +
      `opens by the database's clock. The servers' clocks are ${CLOCKS_AHEAD_MS.map((ms) => ms / 1000).join(' and ')} s ahead. ` +
      `${IMPATIENT} callers try every ${TRY_AGAIN_MS} ms before. Times begin at the opening; counts are of all ${openings.length} openings.`,
    rows: [
      {
        servers: arm.name,
        'first lock, ms': middle('firstMs'),
        'first answer, ms': middle('firstAnswerMs'),
        p50Ms: middle('p50Ms'),
        'last answer, ms': middle('lastMs'),
        'refused before': sum('refusedBefore'),
      },
    ],
    goals: [
      atMost(0, 'locks before the opening', sum('tooEarly')),
      atMost(0, 'calls after the opening that were refused', sum('refusedAfter')),
      atMost(
        100,
        'ms from the opening to the first lock, worst opening',
        Math.max(...openings.map(({ firstMs }) => firstMs)),
      ),
    ],
  };
}

async function openOnce(callers: readonly Caller[]): Promise<Opening> {
  // This machine's clock is also the database's.
  const opensAtMs = Date.now() + WAIT_MS;
  const input = {
    name: 'Bench',
    eventDate: '2100-01-01T20:00:00Z',
    totalSeats: CALLERS,
    salesStartAt: new Date(opensAtMs),
  };
  const { createEvent } = (await (callers[0] as Caller).call(CREATE_EVENT, { input }, 0)) as {
    createEvent: { id: string };
  };
  const counts = { tooEarly: 0, refusedAfter: 0, refusedBefore: 0 };
  const answeredMs: number[] = [];
  let firstMs = Number.POSITIVE_INFINITY;
  /** @returns whether the seat is locked */
  const lock = async (caller: Caller, seatNumber: number): Promise<boolean> => {
    const sentMs = Date.now();
    try {
      const { lockSeat } = await caller.call(LOCK, { input: { eventId: createEvent.id, seatNumber } }, 0);
      answeredMs.push(Date.now() - opensAtMs);
      const createdMs = Date.parse((lockSeat as { createdAt: string }).createdAt) - opensAtMs;
      firstMs = Math.min(firstMs, createdMs);
      if (createdMs < 0) counts.tooEarly += 1;
      return true;
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'SALE_NOT_OPEN')) throw error;
      if (sentMs < opensAtMs) counts.refusedBefore += 1;
      else counts.refusedAfter += 1;
      return false;
    }
  };
  const untilMs = (ms: number) => wait(Math.max(0, ms - Date.now()));
  await Promise.all(
    callers.map(async (caller, index) => {
      const seatNumber = index + 1;
      if (index < IMPATIENT) {
        while (Date.now() < opensAtMs) {
          if (await lock(caller, seatNumber)) return;
          await untilMs(Math.min(opensAtMs, Date.now() + TRY_AGAIN_MS));
        }
      }
      while (Date.now() < opensAtMs) await untilMs(opensAtMs);
      await lock(caller, seatNumber);
    }),
  );
  answeredMs.sort((one, other) => one - other);
  return {
    ...counts,
    firstMs,
    firstAnswerMs: answeredMs[0] ?? Number.NaN,
    p50Ms: quantile(answeredMs, 0.5),
    lastMs: answeredMs.at(-1) ?? Number.NaN,
  };
}

const lineOf = (phase: string, opening: Opening): string => {
  const { firstMs, firstAnswerMs, p50Ms, lastMs, refusedBefore, refusedAfter, tooEarly } = opening;
  return (
    `${phase}: first lock ${figure(firstMs)} ms; answers: first ${figure(firstAnswerMs)} ms, p50 ${figure(p50Ms)} ms, ` +
    `last ${figure(lastMs)} ms; refused ${refusedBefore} before and ${refusedAfter} after; ${tooEarly} too early`
  );
};
