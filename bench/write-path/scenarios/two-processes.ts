import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atLeast, atMost } from '../../lib/goals.js';
import { figuresOf, measure } from '../../lib/measure.js';
import { firstSeats, planOf, type Seat } from '../../lib/plan.js';
import { type Arm, runRounds } from '../../lib/rounds.js';
import { type Report, type Setting } from '../../lib/scenario.js';
import type { ServerProcess } from '../../lib/server-process.js';

const CALLERS = 64;
const SEATS_PER_EVENT = 100_000;
/** More than the servers can execute. */
const SEATS_PER_SECOND_MAX = 3_000;
const LOCKS_PER_SECOND_MAX = 6_000;

/** An odd number, so that each event has callers at both servers. */
const EVENTS = 101;
const CALLERS_PER_EVENT = 4;

/**
 * One event sold by two server processes with half of the callers each, against one process with all callers. The same
 * with many events, whose commands share batches.
 */
export async function twoProcesses(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const database = environment.database(OURS);
  const first = await environment.ours();
  const second = await environment.startServer('../src/main.js', OURS);

  const book = async (servers: readonly ServerProcess[], phaseMs: number) => {
    const eventId = await createEvent(database, SEATS_PER_EVENT);
    const seats = firstSeats(eventId, Math.ceil((SEATS_PER_SECOND_MAX * phaseMs) / 1000));
    const plan = await planOf(environment.users, CALLERS, seats);
    const job = { transport: 'http', step: 'journey', durationMs: phaseMs, ...plan } as const;
    return { journey: (await measure(environment, servers, job)).measurement };
  };
  const lockInMany = async (servers: readonly ServerProcess[], phaseMs: number) => {
    const eventIds: string[] = [];
    while (eventIds.length < EVENTS) eventIds.push(await createEvent(database, SEATS_PER_EVENT));
    const seats = Array.from(
      { length: Math.ceil((LOCKS_PER_SECOND_MAX * phaseMs) / 1000) },
      (_, index): Seat => {
        const eventId = eventIds[index % EVENTS] as string;
        return { eventId, seatNumber: Math.floor(index / EVENTS) + 1 };
      },
    );
    const plan = await planOf(environment.users, EVENTS * CALLERS_PER_EVENT, seats);
    const job = { transport: 'http', step: 'lock', durationMs: phaseMs, ...plan } as const;
    return { lock: (await measure(environment, servers, job)).measurement };
  };
  const one: Arm = { name: 'one process', run: (phaseMs) => book([first], phaseMs) };
  const two: Arm = { name: 'two processes', run: (phaseMs) => book([first, second], phaseMs) };
  const oneOfMany: Arm = { name: 'one process, many events', run: (phaseMs) => lockInMany([first], phaseMs) };
  const twoOfMany: Arm = {
    name: 'two processes, many events',
    run: (phaseMs) => lockInMany([first, second], phaseMs),
  };
  const results = await runRounds([one, two, oneOfMany, twoOfMany], setting);
  // Otherwise this server would use CPU time in the next scenario.
  await second.stop();
  const ofOne = figuresOf(results(one.name, 'journey'));
  const ofTwo = figuresOf(results(two.name, 'journey'));
  const locksOfOne = figuresOf(results(oneOfMany.name, 'lock'));
  const locksOfTwo = figuresOf(results(twoOfMany.name, 'lock'));
  return {
    about:
      `${CALLERS} callers over HTTP book (lock, pay, confirm) on one event; CPU times are of one booking. ` +
      'The second process runs all the time, and follows the changes while it has no callers. ' +
      `Of many events: ${EVENTS * CALLERS_PER_EVENT} callers lock seats of ${EVENTS} events; CPU times are of one lock.`,
    rows: [
      { servers: one.name, ...ofOne },
      { servers: two.name, ...ofTwo },
      { servers: oneOfMany.name, ...locksOfOne },
      { servers: twoOfMany.name, ...locksOfTwo },
    ],
    goals: [
      atLeast(0.75, 'bookings/s of two processes, times those of one', ofTwo.perSecond / ofOne.perSecond),
      atLeast(
        0.75,
        'locks/s of two processes, times those of one, on many events',
        locksOfTwo.perSecond / locksOfOne.perSecond,
      ),
      atMost(
        0,
        'refusals: conflicts that callers saw',
        [ofOne, ofTwo, locksOfOne, locksOfTwo].reduce((sum, { refusals }) => sum + refusals, 0),
      ),
    ],
  };
}
