import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atLeast, atMost } from '../../lib/goals.js';
import { figuresOf, measure } from '../../lib/measure.js';
import { planOf, type Seat } from '../../lib/plan.js';
import { type Arm, runRounds } from '../../lib/rounds.js';
import { type Report, type Setting } from '../../lib/scenario.js';

const EVENTS = 1_000;
/** One for each event, so that all events are busy at once. */
const CALLERS = EVENTS;
const SEATS_PER_EVENT = 100_000;
/** More than the server can execute. */
const SEATS_PER_SECOND_MAX = 6_000;

/** The same callers on 1,000 events, one each, against all of them on one event. */
export async function manyEvents(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const database = environment.database(OURS);
  const server = await environment.ours();

  const lock = async (eventIds: readonly string[], phaseMs: number) => {
    const seats = Array.from(
      { length: Math.ceil((SEATS_PER_SECOND_MAX * phaseMs) / 1000) },
      (_, index): Seat => {
        const eventId = eventIds[index % eventIds.length] as string;
        return { eventId, seatNumber: Math.floor(index / eventIds.length) + 1 };
      },
    );
    const plan = await planOf(environment.users, CALLERS, seats);
    const job = { transport: 'http', step: 'lock', durationMs: phaseMs, ...plan } as const;
    return { lock: (await measure(environment, [server], job)).measurement };
  };
  const one: Arm = {
    name: 'one event',
    run: async (phaseMs) => lock([await createEvent(database, SEATS_PER_EVENT)], phaseMs),
  };
  const many: Arm = {
    name: '1,000 events',
    run: async (phaseMs) => {
      const eventIds: string[] = [];
      while (eventIds.length < EVENTS) eventIds.push(await createEvent(database, SEATS_PER_EVENT));
      return lock(eventIds, phaseMs);
    },
  };
  const results = await runRounds([one, many], setting);
  const ofOne = figuresOf(results(one.name, 'lock'));
  const ofMany = figuresOf(results(many.name, 'lock'));
  return {
    about: `${CALLERS} callers over HTTP lock seats, on one event or each on an event of its own; CPU times are of one lock.`,
    rows: [
      { events: one.name, ...ofOne },
      { events: many.name, ...ofMany },
    ],
    goals: [
      atLeast(1, 'locks/s on 1,000 events, times those on one', ofMany.perSecond / ofOne.perSecond),
      atMost(0, 'refusals', ofOne.refusals + ofMany.refusals),
    ],
  };
}
