import { BATCH_SIZE_MAX } from '../../../src/store/batches/command-queue.js';
import { type Environment, OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atLeast, atMost, type Goal } from '../../lib/goals.js';
import type { LoadJob, Step } from '../../lib/load-job.js';
import { type Figures, figuresOf, type Measurement, measure, measurementOf } from '../../lib/measure.js';
import { firstSeats, planOf } from '../../lib/plan.js';
import { cpuMsOf } from '../../lib/processes.js';
import { type Arm, runRounds } from '../../lib/rounds.js';
import { type Report, type Setting } from '../../lib/scenario.js';
import type { ServerProcess } from '../../lib/server-process.js';
import type { Worker } from '../../lib/worker.js';
import type { FloorJob, FloorPhase, FloorResult } from '../peers/driver-floor.js';

/**
 * Locking, paying and confirming on one hot event: this product, its peer, and the floors of both.
 *
 *     ours, ours-websocket             this product
 *     peer                             a stock server, written in a day
 *     nothing, nothing-websocket       this product's server with a mutation that does nothing
 *     nothing-stock                    the same on the peer's server
 *     driver-floor                     the writes of `ours` by the driver alone, with all callers in one batch
 */
export const CONTENDERS = [
  'ours',
  'ours-websocket',
  'peer',
  'nothing',
  'nothing-websocket',
  'nothing-stock',
  'driver-floor',
] as const;
export type ContenderName = (typeof CONTENDERS)[number];

export const BOOKING_PHASES = ['lock', 'pay', 'confirm', 'journey'] as const satisfies readonly Step[];

/** The peer has no check-out, and neither has the driver's floor. */
const OUR_PHASES = [...BOOKING_PHASES, 'twoCallJourney'] as const satisfies readonly Step[];

const SEATS_PER_EVENT = 100_000;
/** More than any contender, and more than one caller, can execute. */
const SEATS_PER_SECOND_MAX = 6_000;
const SEATS_PER_CALLER_AND_SECOND_MAX = 400;
const PEER = 'bench-peer';
const FLOOR = 'bench-floor';

/** Measures with a number of simultaneous callers. */
type Contender = (callers: number, phaseMs: number) => Promise<Readonly<Record<string, Measurement>>>;

export interface WritePathSetting extends Setting {
  readonly callers: readonly number[];
  /** Undefined for all of them. */
  readonly only: ReadonlySet<ContenderName> | undefined;
}

export async function writePath(setting: WritePathSetting): Promise<Report> {
  const { environment, only } = setting;
  const names = CONTENDERS.filter((name) => only?.has(name) ?? true);
  const servers = new Servers(environment);
  const contenders = new Map<ContenderName, Contender>();
  for (const name of names) contenders.set(name, await START[name](environment, servers));

  const arms = setting.callers.flatMap((callers) =>
    [...contenders].map(
      ([name, contender]): Arm => ({
        name: armOf(name, callers),
        run: (phaseMs) => contender(callers, phaseMs),
      }),
    ),
  );
  const results = await runRounds(arms, setting);
  const figures: FiguresOf = (name, callers, phase) => figuresOf(results(armOf(name, callers), phase));

  const rows = setting.callers.flatMap((callers) =>
    names.flatMap((name) =>
      phasesOf(name).map((phase) => ({
        contender: name,
        callers,
        phase,
        ...figures(name, callers, phase),
      })),
    ),
  );
  return {
    about:
      'Callers book seats of one event of 100,000 seats, each caller one call at a time over its own connection; ' +
      'CPU times are of one call. driver-floor: one caller that writes as many bookings at a time as there are callers.',
    rows,
    goals: goalsOf(figures),
  };
}

const armOf = (name: ContenderName, callers: number) => `${name}, callers: ${callers}`;

const phasesOf = (name: ContenderName): readonly Step[] =>
  name.startsWith('nothing') ? ['nothing'] : name.startsWith('ours') ? OUR_PHASES : BOOKING_PHASES;

/** Servers that start when the first contender needs them. */
class Servers {
  #peer: Promise<ServerProcess> | undefined;
  #nothing: Promise<ServerProcess> | undefined;

  constructor(private readonly environment: Environment) {}

  ours = () => this.environment.ours();

  peer = (): Promise<ServerProcess> => {
    this.#peer ??= this.environment.startServer('write-path/peers/stock-booking.js', PEER);
    return this.#peer;
  };

  nothing = (): Promise<ServerProcess> => {
    this.#nothing ??= this.environment.startServer('write-path/peers/empty-mutation.js', OURS);
    return this.#nothing;
  };
}

const START: Readonly<
  Record<ContenderName, (environment: Environment, servers: Servers) => Promise<Contender>>
> = {
  ours: async (environment, servers) =>
    booking(environment, await servers.ours(), 'http', () => newEvent(environment), OUR_PHASES),
  'ours-websocket': async (environment, servers) =>
    booking(environment, await servers.ours(), 'websocket', () => newEvent(environment), OUR_PHASES),
  peer: async (environment, servers) =>
    booking(environment, await servers.peer(), 'http', () => newPeerEvent(environment)),
  nothing: async (environment, servers) => doingNothing(environment, await servers.nothing(), 'http'),
  'nothing-websocket': async (environment, servers) =>
    doingNothing(environment, await servers.nothing(), 'websocket'),
  'nothing-stock': async (environment, servers) => doingNothing(environment, await servers.peer(), 'http'),
  'driver-floor': async (environment) =>
    onTheDriver(
      environment,
      environment.startWorker<FloorJob, FloorResult>('write-path/peers/driver-floor.js', FLOOR),
    ),
};

const newEvent = (environment: Environment) => createEvent(environment.database(OURS), SEATS_PER_EVENT);

async function newPeerEvent(environment: Environment): Promise<string> {
  const events = environment.database(PEER).collection('events');
  const counters = { totalSeats: SEATS_PER_EVENT, bookedSeats: 0, availableSeats: SEATS_PER_EVENT };
  return String((await events.insertOne({ name: 'Bench', ...counters })).insertedId);
}

/** Locks, pays and confirms the same seats, phase by phase, then books other seats in whole journeys of each kind. */
function booking(
  environment: Environment,
  server: ServerProcess,
  transport: LoadJob['transport'],
  createNewEvent: () => Promise<string>,
  phases: readonly Step[] = BOOKING_PHASES,
): Contender {
  return async (callers, phaseMs) => {
    const seatsPerSecond = Math.min(SEATS_PER_SECOND_MAX, callers * SEATS_PER_CALLER_AND_SECOND_MAX);
    const seats = Math.min(SEATS_PER_EVENT, Math.ceil((seatsPerSecond * phaseMs) / 1000));
    const measured: Record<string, Measurement> = {};
    let plan = await planOf(environment.users, callers, firstSeats(await createNewEvent(), seats));
    for (const step of phases) {
      if (step === 'journey' || step === 'twoCallJourney') {
        plan = await planOf(environment.users, callers, firstSeats(await createNewEvent(), seats));
      }
      // An event's first wish reads its seating plan, once: 0.2 s for 100,000 seats. The scenario `wishes` measures that.
      if (step === 'twoCallJourney') {
        const first = await planOf(environment.users, 1, plan.work.slice(0, 1));
        const wish = { transport, step: 'holdPair' as const, durationMs: phaseMs, ...first };
        await measure(environment, [server], wish);
        await measure(environment, [server], { ...wish, step: 'releaseHold' });
      }
      const job = { transport, step, durationMs: phaseMs, ...plan };
      const { measurement, done } = await measure(environment, [server], job);
      measured[step] = measurement;
      plan = { ...plan, work: done };
    }
    return measured;
  };
}

function doingNothing(
  environment: Environment,
  server: ServerProcess,
  transport: LoadJob['transport'],
): Contender {
  return async (callers, phaseMs) => {
    const calls = Math.ceil((SEATS_PER_SECOND_MAX * phaseMs) / 1000);
    const plan = await planOf(environment.users, callers, firstSeats('', calls), {
      seatsPerUser: Number.POSITIVE_INFINITY,
    });
    const job = { transport, step: 'nothing' as const, durationMs: phaseMs, ...plan };
    return { nothing: (await measure(environment, [server], job)).measurement };
  };
}

function onTheDriver(environment: Environment, worker: Worker<FloorJob, FloorResult>): Contender {
  const { mongodPid } = environment;
  return async (callers, phaseMs) => {
    const measured: Record<string, Measurement> = {};
    const batchSize = Math.min(callers, BATCH_SIZE_MAX);
    let eventId = await createEvent(environment.database(FLOOR), SEATS_PER_EVENT);
    for (const phase of BOOKING_PHASES satisfies readonly FloorPhase[]) {
      if (phase === 'journey') eventId = await createEvent(environment.database(FLOOR), SEATS_PER_EVENT);
      const [workerBeforeMs, mongodBeforeMs] = [await cpuMsOf(worker.pid), await cpuMsOf(mongodPid)];
      const result = await worker.ask({ eventId, phase, batchSize, durationMs: phaseMs });
      const [workerAfterMs, mongodAfterMs] = [await cpuMsOf(worker.pid), await cpuMsOf(mongodPid)];
      const { latenciesMs, elapsedMs, transactions } = result;
      const steps = phase === 'journey' ? 3 : 1;
      measured[phase] = measurementOf(
        { latenciesMs, elapsedMs, done: latenciesMs, refusals: {}, refusalsWithSuggestions: 0 },
        {
          serverCpuMs: workerAfterMs - workerBeforeMs,
          mongodCpuMs: mongodAfterMs - mongodBeforeMs,
          batches: transactions,
          commands: latenciesMs.length * steps,
          retries: 0,
        },
      );
    }
    return measured;
  };
}

type FiguresOf = (name: ContenderName, callers: number, phase: Step) => Figures;

function goalsOf(figures: FiguresOf): Goal[] {
  const perSecond = (name: ContenderName, callers: number, phase: Step) =>
    figures(name, callers, phase).perSecond;
  const timesThePeer = (callers: number, phase: Step) =>
    perSecond('ours', callers, phase) / perSecond('peer', callers, phase);
  const cpu = (name: ContenderName, phase: Step) => figures(name, 64, phase).serverCpuUs;
  const crowd = figures('ours', 256, 'journey');
  return [
    atLeast(80, 'confirm, 64 callers: times the peer’s throughput', timesThePeer(64, 'confirm')),
    atMost(
      1 / 50,
      'confirm, 64 callers: p99, parts of the peer’s',
      figures('ours', 64, 'confirm').p99Ms / figures('peer', 64, 'confirm').p99Ms,
    ),
    atLeast(8, 'lock, 64 callers: times the peer’s throughput', timesThePeer(64, 'lock')),
    atLeast(35, 'whole journey, 64 callers: times the peer’s throughput', timesThePeer(64, 'journey')),
    ...BOOKING_PHASES.map((phase) =>
      atMost(
        1.2,
        `${phase}, one caller alone: p50, times the peer’s`,
        figures('ours', 1, phase).p50Ms / figures('peer', 1, phase).p50Ms,
      ),
    ),
    atLeast(150, 'whole journey, 256 callers: times the peer’s throughput', timesThePeer(256, 'journey')),
    atLeast(
      1.5,
      'whole journey, 256 callers: times the throughput with 64',
      crowd.perSecond / perSecond('ours', 64, 'journey'),
    ),
    atLeast(
      1.5,
      'journey by holdSeats and checkOut, 64 callers: times the journey of three calls',
      perSecond('ours', 64, 'twoCallJourney') / perSecond('ours', 64, 'journey'),
    ),
    atMost(5, 'whole journey, 256 callers: p99.9, times the p50', crowd.p999Ms / crowd.p50Ms),
    atMost(
      2,
      'server CPU of a lock over HTTP, 64 callers: times doing nothing',
      cpu('ours', 'lock') / cpu('nothing', 'nothing'),
    ),
    atMost(
      2,
      'server CPU of a lock over WebSocket, 64 callers: times doing nothing',
      cpu('ours-websocket', 'lock') / cpu('nothing-websocket', 'nothing'),
    ),
    atMost(
      0.6,
      'server CPU of doing nothing, 64 callers: parts of the stock server’s',
      cpu('nothing', 'nothing') / cpu('nothing-stock', 'nothing'),
    ),
  ];
}
