import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atLeast, atMost } from '../../lib/goals.js';
import { type Figures, figuresOf, type Measurement, measure } from '../../lib/measure.js';
import { planOf, type Seat } from '../../lib/plan.js';
import { type Arm, runRounds } from '../../lib/rounds.js';
import type { Report, Row, Setting } from '../../lib/scenario.js';

const CALLERS = 5_000;
const WANTED_SEATS = 500;
/** Enough to suggest another seat to every loser. */
const SEATS = 10_000;
/** Each caller makes one call, all at once. */
const DURATION_MS_MAX = 5_000;
const LOST = 'SEAT_UNAVAILABLE';

/** 5,000 simultaneous callers for the same 500 seats, against as many callers for one seat each. */
export async function contention(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const database = environment.database(OURS);
  const server = await environment.ours();
  const soldTwice: number[] = [];

  const lock = async (seatOf: (caller: number) => number) => {
    const eventId = await createEvent(database, SEATS);
    const seats = Array.from(
      { length: CALLERS },
      (_, caller): Seat => ({ eventId, seatNumber: seatOf(caller) }),
    );
    const plan = await planOf(environment.users, CALLERS, seats);
    const job = { transport: 'websocket', step: 'lock', durationMs: DURATION_MS_MAX, ...plan } as const;
    const { measurement, done } = await measure(environment, [server], job);
    soldTwice.push(done.length - new Set(done.map(({ seatNumber }) => seatNumber)).size);
    return { lock: measurement };
  };
  const alone: Arm = { name: 'a seat for each caller', run: () => lock((caller) => caller + 1) };
  const contended: Arm = {
    name: 'ten callers for each seat',
    run: () => lock((caller) => (caller % WANTED_SEATS) + 1),
  };
  const results = await runRounds([alone, contended], setting);
  const without = outcomesOf(results(alone.name, 'lock'));
  const withIt = outcomesOf(results(contended.name, 'lock'));
  return {
    about:
      `${CALLERS} callers, each with one lockSeat on its own open WebSocket, all sent at once, ` +
      'on one event; /s counts locks and lost seats, counts are of the worst round.',
    rows: [
      { callers: alone.name, ...columns(without) },
      { callers: contended.name, ...columns(withIt) },
    ],
    goals: [
      atLeast(WANTED_SEATS, 'winners, in the round with the fewest', withIt.winnersMin),
      atMost(WANTED_SEATS, 'winners, in the round with the most', withIt.winnersMax),
      atMost(
        0,
        'seats given twice, all rounds',
        soldTwice.reduce((sum, seats) => sum + seats, 0),
      ),
      atLeast(CALLERS - WANTED_SEATS, 'losers with suggested seats', withIt.suggestedMin),
      atMost(0, 'other errors', withIt.otherErrorsMax),
      atLeast(
        1,
        'answers/s, times those without contention',
        withIt.decidedPerSecond / without.decidedPerSecond,
      ),
    ],
  };
}

interface Outcomes {
  readonly figures: Figures;
  /** Locks and lost seats. Other errors do not count as answers. */
  readonly decidedPerSecond: number;
  readonly winnersMin: number;
  readonly winnersMax: number;
  readonly losersMin: number;
  readonly suggestedMin: number;
  readonly otherErrorsMax: number;
}

function outcomesOf(measurements: readonly Measurement[]): Outcomes {
  const losers = ({ refusals }: Measurement) => refusals[LOST] ?? 0;
  const winners = measurements.map(({ done }) => done);
  const decided = measurements.map((each) => ({
    ...each,
    perSecond: ((each.done + losers(each)) / each.elapsedMs) * 1000,
  }));
  const figures = figuresOf(decided);
  return {
    figures,
    decidedPerSecond: figures.perSecond,
    winnersMin: Math.min(...winners),
    winnersMax: Math.max(...winners),
    losersMin: Math.min(...measurements.map(losers)),
    suggestedMin: Math.min(...measurements.map((each) => each.refusalsWithSuggestions)),
    otherErrorsMax: Math.max(...measurements.map((each) => CALLERS - each.done - losers(each))),
  };
}

const columns = ({ figures, ...outcomes }: Outcomes): Row => ({
  winners: outcomes.winnersMin,
  losers: outcomes.losersMin,
  'with suggestions': outcomes.suggestedMin,
  'other errors': outcomes.otherErrorsMax,
  perSecond: figures.perSecond,
  p50Ms: figures.p50Ms,
  p99Ms: figures.p99Ms,
  serverCpuUs: figures.serverCpuUs,
  mongodCpuUs: figures.mongodCpuUs,
  commandsPerBatch: figures.commandsPerBatch,
});
