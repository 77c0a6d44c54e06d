import { OURS } from '../environment.js';
import { createEvent } from '../events.js';
import { atLeast, atMost } from '../goals.js';
import { figuresOf, measure } from '../measure.js';
import { firstSeats, planOf } from '../plan.js';
import type { ServerProcess } from '../processes.js';
import { type Arm, runRounds } from '../rounds.js';
import { phaseColumns, type Report, type Setting } from '../scenario.js';

const CALLERS = 64;
const SEATS_PER_EVENT = 100_000;
/** More than the servers get through. */
const SEATS_PER_SECOND_MAX = 3_000;

/** One event sold by two server processes, half of the callers at each, against one process that has them all. */
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
  const one: Arm = { name: 'one process', run: (phaseMs) => book([first], phaseMs) };
  const two: Arm = { name: 'two processes', run: (phaseMs) => book([first, second], phaseMs) };
  const results = await runRounds([one, two], setting);
  // Another scenario is not to pay for a server that listens in.
  await second.stop();
  const ofOne = figuresOf(results(one.name, 'journey'));
  const ofTwo = figuresOf(results(two.name, 'journey'));
  return {
    about:
      `${CALLERS} callers over HTTP book (lock, pay, confirm) on one event; CPU times are of one booking. ` +
      'The second process runs all the time, and follows the changes while it has no callers.',
    rows: [
      { servers: one.name, ...phaseColumns(ofOne) },
      { servers: two.name, ...phaseColumns(ofTwo) },
    ],
    goals: [
      atLeast(0.75, 'bookings/s of two processes, times those of one', ofTwo.perSecond / ofOne.perSecond),
      atMost(0, 'refusals: conflicts that came to the surface', ofOne.refusals + ofTwo.refusals),
    ],
  };
}
