import type { mongo } from 'mongoose';
import { type Environment, OURS } from '../../lib/environment.js';
import { createEvent, SEATS_PER_ROW } from '../../lib/events.js';
import { atLeast, atMost } from '../../lib/goals.js';
import { type Figures, figuresOf, type Measurement, measure } from '../../lib/measure.js';
import { drawSeed } from '../../lib/options.js';
import { type Plan, planOf, type Seat } from '../../lib/plan.js';
import { type Arm, runRounds } from '../../lib/rounds.js';
import type { Report, Setting } from '../../lib/scenario.js';
import type { ServerProcess } from '../../lib/server-process.js';
import { figure } from '../../lib/table.js';
import { fillHouses, ROW_LENGTHS } from '../../wishes/full-houses.js';
import { pickAtRandom } from '../../wishes/random-picks.js';

const CALLERS = 64;
const SMALL_SEATS = 1_000;
const SMALL_EVENTS = 4;
const LARGE_SEATS = 100_000;
/** Pairs that one user may have. */
const PAIRS_PER_USER = 5;
const LARGE_PAIRS = 1_500;
/** Long enough to finish: the same amount of work is compared. */
const DURATION_MS_MAX = 60_000;
/** How long random picks are made, times a phase. */
const PICKING_PHASES = 20;

type PairStep = 'lockPair' | 'holdPair';

/** Two seats by wish against two named seats, on small and large events and in two processes; and what wishes leave. */
export async function wishes(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const server = await environment.ours();
  const second = await environment.startServer('../src/main.js', OURS);
  const pairs = new Pairs(environment);
  const large = {
    lockPair: await largeEvent(environment.database(OURS)),
    holdPair: await largeEvent(environment.database(OURS)),
  };
  const firstWishMs = await pairs.firstWishMs(server, large.holdPair);

  const inSmall = (name: string, step: PairStep, servers: readonly ServerProcess[]): Arm => ({
    name,
    run: async () => ({ pairs: await pairs.takeSmall(step, servers) }),
  });
  const inLarge = (name: string, step: PairStep): Arm => ({
    name,
    run: async () => ({ pairs: await pairs.takeLarge(step, server, large[step]) }),
  });
  const arms = [
    inSmall('lockSeats, 1,000 seats', 'lockPair', [server]),
    inSmall('holdSeats, 1,000 seats', 'holdPair', [server]),
    inSmall('holdSeats, 1,000 seats, two processes', 'holdPair', [server, second]),
    inLarge('lockSeats, 100,000 seats, 90 % taken', 'lockPair'),
    inLarge('holdSeats, 100,000 seats, 90 % taken', 'holdPair'),
  ];
  const results = await runRounds(arms, setting);
  // Otherwise this server would use CPU time in what follows.
  await second.stop();
  const figures = arms.map(({ name }) => figuresOf(results(name, 'pairs')));
  const [lockSmall, holdSmall, holdTwo, lockLarge, holdLarge] = figures as [
    Figures,
    Figures,
    Figures,
    Figures,
    Figures,
  ];

  const seed = drawSeed();
  const picked = await pickAtRandom(environment, server, PICKING_PHASES * setting.phaseMs, seed);
  const houses = await fillHouses(environment, seed);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const inRowsOf = (length: number) => houses.filter(({ seatsPerRow }) => seatsPerRow === length);
  const soldIn = (length: number) => 100 * mean(inRowsOf(length).map(({ sold }) => sold));
  const singles = 100 * mean(houses.map((house) => house.singles));
  return {
    about:
      `${CALLERS} callers over HTTP lock two named seats, or hold the best two. CPU times are of one call. ` +
      `The first wish for the event with 90,000 taken seats took ${figure(firstWishMs)} ms. ` +
      `${picked.picks} random picks under the orphan rule: ${picked.choices} were locked, ${picked.excused} of them ` +
      `with an orphan that no choice avoids; refused: ${JSON.stringify(picked.refusals)}. ` +
      `${houses.length} halls of 600 seats, parties of 1 to 6, half by wish and half by the frontmost allowed block, ` +
      `${houses.reduce((sum, { lapsed }) => sum + lapsed, 0)} of ` +
      `${houses.reduce((sum, { parties }) => sum + parties, 0)} parties let their hold lapse. Seed ${seed}.`,
    rows: arms.map(({ name }, index) => ({ pairs: name, ...(figures[index] as Figures) })),
    goals: [
      atLeast(
        0.8,
        'holdSeats/s, times lockSeats/s, on 1,000 seats',
        holdSmall.perSecond / lockSmall.perSecond,
      ),
      atLeast(
        0.7,
        'holdSeats/s, times lockSeats/s, on 100,000 seats',
        holdLarge.perSecond / lockLarge.perSecond,
      ),
      atLeast(0.75, 'holdSeats/s of two processes, times one', holdTwo.perSecond / holdSmall.perSecond),
      atMost(0, 'seats given twice', pairs.givenTwice),
      atMost(0, 'orphans that the rule forbids, in all picks', picked.forbidden.length),
      ...ROW_LENGTHS.map((length) =>
        atLeast(97, `% sold when a party of up to 4 is refused, rows of ${length}`, soldIn(length)),
      ),
      atMost(1, '% stranded single seats', singles),
    ],
  };
}

/** An event of which the users of a bench can still have one pair in each row, not always at the same place. */
function largeEvent(database: mongo.Db): Promise<string> {
  return createEvent(database, LARGE_SEATS, (seat) => {
    const row = Math.floor((seat - 1) / SEATS_PER_ROW);
    return isOfPair(seat, row) ? 'available' : 'locked';
  });
}

const firstOfPair = (row: number): number => row * SEATS_PER_ROW + 1 + ((row * 7) % (SEATS_PER_ROW - 1));
const isOfPair = (seat: number, row: number): boolean => [0, 1].includes(seat - firstOfPair(row));

/** Takes pairs and measures it. */
class Pairs {
  givenTwice = 0;

  constructor(private readonly environment: Environment) {}

  /** Fills some events of 1,000 seats. */
  async takeSmall(step: PairStep, servers: readonly ServerProcess[]): Promise<Measurement> {
    const database = this.environment.database(OURS);
    const seats: Seat[] = [];
    for (let event = 0; event < SMALL_EVENTS; event++) {
      const eventId = await createEvent(database, SMALL_SEATS);
      for (let seatNumber = 1; seatNumber < SMALL_SEATS; seatNumber += 2) seats.push({ eventId, seatNumber });
    }
    return this.#take(step, servers, await this.#planOf(seats));
  }

  /** Takes a part of the free pairs, and releases them afterwards, which is not measured. */
  async takeLarge(step: PairStep, server: ServerProcess, eventId: string): Promise<Measurement> {
    const rows = Array.from({ length: LARGE_PAIRS }, (_, index) => index);
    const plan = await this.#planOf(rows.map((row): Seat => ({ eventId, seatNumber: firstOfPair(row) })));
    const measurement = await this.#take(step, [server], plan);
    const isFirstOfUser = new Map(plan.work.map((work) => [`${work.caller} ${work.user}`, work]));
    const releases = { ...plan, work: [...isFirstOfUser.values()] };
    const job = { transport: 'http', step: 'releaseHold', durationMs: DURATION_MS_MAX, ...releases } as const;
    await measure(this.environment, [server], job);
    return measurement;
  }

  /** How long the first call takes that needs to know which seats of the event are free. It holds nothing. */
  async firstWishMs(server: ServerProcess, eventId: string): Promise<number> {
    const plan = await this.#planOf([{ eventId, seatNumber: 1 }]);
    const job = { transport: 'http', step: 'holdPair', durationMs: DURATION_MS_MAX, ...plan } as const;
    const { measurement } = await measure(this.environment, [server], job);
    await measure(this.environment, [server], { ...job, step: 'releaseHold' });
    return measurement.elapsedMs;
  }

  async #take(step: PairStep, servers: readonly ServerProcess[], plan: Plan): Promise<Measurement> {
    const job = { transport: 'http', step, durationMs: DURATION_MS_MAX, ...plan } as const;
    const { measurement, done } = await measure(this.environment, servers, job);
    const seats = done.flatMap(({ eventId, seatNumbers = [] }) =>
      seatNumbers.map((seat) => `${eventId} ${seat}`),
    );
    this.givenTwice += seats.length - new Set(seats).size;
    return measurement;
  }

  #planOf(seats: readonly Seat[]): Promise<Plan> {
    return planOf(this.environment.users, CALLERS, seats, { seatsPerUser: PAIRS_PER_USER });
  }
}
