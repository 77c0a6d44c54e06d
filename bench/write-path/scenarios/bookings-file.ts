import { setTimeout as wait } from 'node:timers/promises';
import type { EventDocument } from '../../../src/store/models/event.model.js';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { firstSeats, planOf } from '../../lib/plan.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report, Setting } from '../../lib/scenario.js';
import { median } from '../../lib/statistics.js';
import { LOCKS_PER_SECOND, lockSteadily, STEADY_CALLERS, type SteadyLocks } from '../../lib/steady-locks.js';
import { figure } from '../../lib/table.js';
import { overHttp } from '../../lib/transports.js';

const BOOKINGS = 100_000;
const BUSY = 503;
const ASK_AGAIN_MS = 100;
/** A file starts by reading the whole seating plan, once. Locks are measured afterwards. */
const FILE_STARTS_MS = 2_000;

interface Measured extends SteadyLocks {
  /** Lines of the file that arrived in each second. */
  readonly linesPerSecond: number;
}

/** Buyers lock 500 seats a second of one event, and the organizer of another one downloads its bookings. */
export async function bookingsFile(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const server = await environment.ours();
  const database = environment.database(OURS);
  const work = firstSeats('', (LOCKS_PER_SECOND * setting.phaseMs) / 1000);
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
      await wait(FILE_STARTS_MS);
      const startMs = performance.now();
      const locks = await lockSteadily(callers, eventId, phaseMs);
      const elapsedMs = performance.now() - startMs + FILE_STARTS_MS;
      end.abort();
      return { locks: { ...locks, linesPerSecond: ((await lines) * 1000) / elapsedMs } };
    },
  });
  const quiet = arm('no file', false);
  const downloading = arm('a file all the time', true);
  const results = await runRoundsOf([quiet, downloading], setting, lineOf);
  await close();
  const of = ({ name }: Arm<Measured>, key: keyof Measured) =>
    median(results(name, 'locks').map((each) => each[key]));
  return {
    about:
      `${LOCKS_PER_SECOND} seats of an event are locked each second, whether or not earlier calls are answered. Meanwhile the organizer ` +
      `of another event downloads the file of its ${BOOKINGS} bookings, which began ${FILE_STARTS_MS / 1000} s before. A lock's time begins when it is due.`,
    rows: [quiet, downloading].map((each) => ({
      download: each.name,
      'locks/s': of(each, 'perSecond'),
      p50Ms: of(each, 'p50Ms'),
      p99Ms: of(each, 'p99Ms'),
      maxMs: of(each, 'maxMs'),
      'lines/s': of(each, 'linesPerSecond'),
    })),
    goals: [
      atMost(
        5,
        '% that the file adds to the p99 of locks',
        100 * (of(downloading, 'p99Ms') / of(quiet, 'p99Ms') - 1),
      ),
    ],
  };
}

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
