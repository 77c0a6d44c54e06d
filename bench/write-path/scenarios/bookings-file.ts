import { setTimeout as wait } from 'node:timers/promises';
import type { EventDocument } from '../../../src/store/models/event.model.js';
import { SeededRandom } from '../../../src/test/support/seeded-random.js';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { firstSeats, planOf } from '../../lib/plan.js';
import { cpuMsOf } from '../../lib/processes.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report, Row, Setting } from '../../lib/scenario.js';
import { median, percentAbove } from '../../lib/statistics.js';
import { LOCKS_PER_SECOND, lockSteadily, STEADY_CALLERS, type SteadyLocks } from '../../lib/steady-locks.js';
import { figure } from '../../lib/table.js';
import { overHttp } from '../../lib/transports.js';

const BOOKINGS = 100_000;
const BUSY = 503;
const ASK_AGAIN_MS = 100;
/** The variants alternate so often, so that what else the machine does affects both alike. */
const SLICE_MS = 2_000;

interface Measured extends SteadyLocks {
  /** Lines of the file that arrived in each second. */
  readonly linesPerSecond: number;
  readonly serverCpuMsPerSecond: number;
  readonly mongodCpuMsPerSecond: number;
}

/** Buyers lock 500 seats a second of one event, and the organizer of another one downloads its bookings. */
export async function bookingsFile(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const server = await environment.ours();
  const database = environment.database(OURS);
  const work = firstSeats('', (LOCKS_PER_SECOND * SLICE_MS) / 1000);
  const { tokens } = await planOf(environment.users, STEADY_CALLERS, work);
  const { callers, close } = await overHttp([server.url], tokens);
  const organizerToken = tokens[0]?.[0] as string;
  const soldOut = await createEvent(database, BOOKINGS, () => 'booked');
  await database
    .collection<EventDocument>('events')
    .updateOne({ _id: soldOut }, { $set: { organizerId: userIdOf(organizerToken) } });

  const arm = (name: string, downloads: boolean): Arm<Measured> => ({
    name,
    run: async (phaseMs) => {
      const eventId = await createEvent(database, BOOKINGS);
      const end = new AbortController();
      const lines = downloads
        ? countLines(`${server.url}/events/${soldOut}/bookings.csv`, organizerToken, end.signal)
        : Promise.resolve(0);
      const serverBeforeMs = await cpuMsOf(server.pid);
      const mongodBeforeMs = await cpuMsOf(environment.mongodPid);
      const startMs = performance.now();
      const locks = await lockSteadily(callers, eventId, phaseMs);
      const elapsedMs = performance.now() - startMs;
      const perSecond = (value: number) => (value * 1000) / elapsedMs;
      const serverCpuMsPerSecond = perSecond((await cpuMsOf(server.pid)) - serverBeforeMs);
      const mongodCpuMsPerSecond = perSecond((await cpuMsOf(environment.mongodPid)) - mongodBeforeMs);
      end.abort();
      const linesPerSecond = perSecond(await lines);
      return { locks: { ...locks, linesPerSecond, serverCpuMsPerSecond, mongodCpuMsPerSecond } };
    },
  });
  const arms = [arm('no file', false), arm('a file all the time', true)] as const;
  const slices = setting.rounds * Math.max(1, Math.round(setting.phaseMs / SLICE_MS));
  const results = await runRoundsOf(arms, { ...setting, rounds: slices, phaseMs: SLICE_MS }, lineOf);
  await close();
  const [quiet, downloading] = arms.map(({ name }) => results(name, 'locks')) as [Measured[], Measured[]];
  const { percent, low, high } = percentAbove(
    quiet.map(({ p99Ms }, slice) => [p99Ms, (downloading[slice] as Measured).p99Ms]),
    new SeededRandom(1),
  );
  return {
    about:
      `${LOCKS_PER_SECOND} seats of an event are locked each second, whether or not earlier calls are answered. Every ${SLICE_MS / 1000} s ` +
      `the organizer of another event begins to download the file of its ${BOOKINGS} bookings, or stops. A lock's time begins when it is due. ` +
      `Quantiles are medians of ${quiet.length} times ${SLICE_MS / 1000} s. The p99 with the file is between ${figure(low)} and ` +
      `${figure(high)} % above the one without (90 % confidence, bootstrap over pairs of neighbours).`,
    rows: arms.map(({ name }) => rowOf(name, results(name, 'locks'))),
    goals: [atMost(5, '% that the file adds to the p99 of locks', percent)],
  };
}

function rowOf(download: string, slices: readonly Measured[]): Row {
  const of = (key: keyof Measured) => median(slices.map((each) => each[key]));
  return {
    download,
    'locks/s': of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    maxMs: of('maxMs'),
    'lines/s': of('linesPerSecond'),
    'server CPU ms/s': mean(slices.map((each) => each.serverCpuMsPerSecond)),
    'mongod CPU ms/s': mean(slices.map((each) => each.mongodCpuMsPerSecond)),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The user of a token of this bench. */
function userIdOf(token: string): string {
  const [, payload = ''] = token.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}

/** Downloads a file until the signal. @returns how many lines have arrived @throws if it is refused */
async function countLines(url: string, token: string, signal: AbortSignal): Promise<number> {
  let lines = 0;
  try {
    const ask = () => fetch(url, { headers: { authorization: `Bearer ${token}` }, signal });
    let response = await ask();
    // The server ends the file of the phase before after its pause.
    while (response.status === BUSY) {
      await wait(ASK_AGAIN_MS);
      response = await ask();
    }
    if (!response.ok || response.body === null)
      throw new Error(`The file was refused with ${response.status}.`);
    for await (const chunk of response.body) lines += Buffer.from(chunk).toString().split('\n').length - 1;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return lines;
}

const lineOf = (phase: string, { p50Ms, p99Ms, maxMs, linesPerSecond }: Measured): string =>
  `${phase}: p50 ${figure(p50Ms)} ms, p99 ${figure(p99Ms)} ms, max ${figure(maxMs)} ms, ${figure(linesPerSecond)} lines/s`;
