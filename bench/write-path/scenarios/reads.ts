import { type Environment, OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atLeast, atMost, type Goal } from '../../lib/goals.js';
import type { Step } from '../../lib/load-job.js';
import { type Figures, figuresOf, type Measurement, measure } from '../../lib/measure.js';
import { AVAILABILITY, LOCK, STATUSES, TAKEN_SEATS } from '../../lib/operations.js';
import { firstSeats, planOf, type Seat } from '../../lib/plan.js';
import { type Arm, runRounds } from '../../lib/rounds.js';
import { type Report, type Row, type Setting } from '../../lib/scenario.js';
import type { ServerProcess } from '../../lib/server-process.js';
import { median } from '../../lib/statistics.js';
import { type Caller, overHttp } from '../../lib/transports.js';

const SEATS = 100_000;
const READERS = 64;
/** More than the server can execute. */
const READS_PER_SECOND_MAX = 6_000;
/** The same limit as for the growth of a booking's cost with the event's size. */
const GROWTH_MAX = 1.3;

const CROWD = 1_000;
/** One scan of the event for ten readers would be acceptable, one for each would not. */
const SCANS_MAX = CROWD / 10;
/** Each of the simultaneous readers reads once. */
const CROWD_MS_MAX = 5_000;

/** Own writes checked in one round. */
const OWN_WRITES_MAX = 100;

const READS = ['availability', 'statuses', 'takenSeats'] as const satisfies readonly Step[];
type Read = (typeof READS)[number];
const QUERIES: Readonly<Record<Read, string>> = {
  availability: AVAILABILITY,
  statuses: STATUSES,
  takenSeats: TAKEN_SEATS,
};

/** Reads of an event of 100,000 seats: their cost, the cost of many at once, and whether users see their own writes. */
export async function reads(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const server = await environment.ours();
  const half = await readEvent(environment, 'half of the seats taken', 2);
  const few = await readEvent(environment, 'a twentieth of the seats taken', 20);
  await environment.database('admin').command({ fsync: 1 });

  const readArms = [half, few].flatMap((event) =>
    READS.map((read) => ({ event, read, arm: readArm(environment, server, event, read) })),
  );
  const crowds = (['availability', 'statuses'] as const).map(
    (read) => new Crowd(environment, server, half, read),
  );
  const ownWrites = new OwnWrites(environment, server, half);
  const results = await runRounds(
    [...readArms.map(({ arm }) => arm), ...crowds.map(({ arm }) => arm), ownWrites.arm],
    setting,
  );

  const rows: Row[] = [];
  const figures = new Map<string, Figures & { answerBytes: number }>();
  for (const { event, read, arm } of readArms) {
    const each = figuresOf(results(arm.name, read));
    const answerBytes = await sizeOf(server, event.id, read);
    figures.set(arm.name, { ...each, answerBytes });
    rows.push({
      read,
      event: event.name,
      readers: READERS,
      ...readColumns(each),
      answerBytes,
      'keys read': '',
    });
  }
  for (const { read, arm, keysRead } of crowds) {
    const each = figuresOf(results(arm.name, read));
    rows.push({
      read,
      event: half.name,
      readers: CROWD,
      ...readColumns(each),
      answerBytes: await sizeOf(server, half.id, read),
      'keys read': median(keysRead),
    });
  }

  const growths = READS.map((read): Goal => {
    const [ofHalf, ofFew] = [half, few].map((event) => figures.get(armOf(event, read))) as [
      Figures & { answerBytes: number },
      Figures & { answerBytes: number },
    ];
    const growth = cpuOf(ofHalf) / cpuOf(ofFew) / (ofHalf.answerBytes / ofFew.answerBytes);
    return atMost(
      GROWTH_MAX,
      `${read}: growth of CPU with the taken seats, times that of the answer`,
      growth,
    );
  });
  const refusals = [
    ...readArms.map(({ arm, read }) => results(arm.name, read)),
    ...crowds.map(({ arm, read }) => results(arm.name, read)),
  ]
    .map((measurements) => figuresOf(measurements).refusals)
    .reduce((sum, count) => sum + count, 0);
  return {
    about:
      'Readers of one event of 100,000 seats, over HTTP; CPU times are of one read. Of the taken seats one in five is ' +
      `locked, the others are booked. A crowd of ${CROWD} reads once, all at once, just after a seat was locked.`,
    rows,
    goals: [
      ...growths,
      ...crowds.map(({ read, scans }) =>
        atMost(SCANS_MAX, `${read}, ${CROWD} readers at once: scans of the event`, scans),
      ),
      atLeast(1, 'own writes that were checked', ownWrites.checked),
      atMost(0, 'own writes that were not seen', ownWrites.unseen),
      atMost(0, 'refusals', refusals),
    ],
  };
}

interface ReadEvent {
  readonly id: string;
  readonly name: string;
  /** The fewest index keys that a scan of the taken seats reads. */
  readonly scanKeys: Readonly<Record<'availability' | 'statuses', number>>;
  /** Free seats, to be locked during the reads. */
  readonly freeSeats: Seat[];
  lockedSeats: number;
  /** Number of users who have their maximum of seats. */
  usersWithSeats: number;
}

/** @param takenEvery every so many seats one is taken */
async function readEvent(environment: Environment, name: string, takenEvery: number): Promise<ReadEvent> {
  const isTaken = (seatNumber: number) => seatNumber % takenEvery === 0;
  const isLocked = (seatNumber: number) => (seatNumber / takenEvery) % 5 === 0;
  const id = await createEvent(environment.database(OURS), SEATS, (seatNumber) => {
    if (!isTaken(seatNumber)) return 'available';
    return isLocked(seatNumber) ? 'locked' : 'booked';
  });
  const taken = SEATS / takenEvery;
  return {
    id,
    name,
    scanKeys: { availability: taken / 5, statuses: taken },
    freeSeats: firstSeats(id, SEATS).filter(({ seatNumber }) => !isTaken(seatNumber)),
    lockedSeats: taken / 5,
    usersWithSeats: 0,
  };
}

const armOf = (event: ReadEvent, read: Read) => `${read}, ${event.name}`;

function readArm(environment: Environment, server: ServerProcess, event: ReadEvent, read: Read): Arm {
  return {
    name: armOf(event, read),
    run: async (phaseMs) => ({
      [read]: await readFor(environment, server, event.id, read, phaseMs),
    }),
  };
}

async function readFor(
  environment: Environment,
  server: ServerProcess,
  eventId: string,
  step: Read,
  durationMs: number,
): Promise<Measurement> {
  const reads = Math.ceil((READS_PER_SECOND_MAX * durationMs) / 1000);
  const seats = Array.from({ length: reads }, () => ({ eventId, seatNumber: 1 }));
  const plan = await planOf(environment.users, READERS, seats, { seatsPerUser: Number.POSITIVE_INFINITY });
  const job = { transport: 'http', step, durationMs, ...plan } as const;
  return (await measure(environment, [server], job)).measurement;
}

/** A thousand simultaneous readers, and the index keys that the database reads for them. */
class Crowd {
  readonly arm: Arm;
  /** Index keys read by the database in each round. */
  readonly keysRead: number[] = [];

  constructor(
    private readonly environment: Environment,
    private readonly server: ServerProcess,
    private readonly event: ReadEvent,
    readonly read: 'availability' | 'statuses',
  ) {
    this.arm = { name: `${read}, ${CROWD} readers at once`, run: () => this.#run() };
  }

  /** The keys read in the most expensive round, as a multiple of one scan of the taken seats. */
  get scans(): number {
    return Math.max(...this.keysRead) / this.event.scanKeys[this.read];
  }

  async #run(): Promise<Readonly<Record<string, Measurement>>> {
    const { environment, server, event, read } = this;
    await lockFreeSeats(environment, server, event, 1, async () => undefined);
    const seats = Array.from({ length: CROWD }, () => ({ eventId: event.id, seatNumber: 1 }));
    const plan = await planOf(environment.users, CROWD, seats, { seatsPerUser: Number.POSITIVE_INFINITY });
    const job = { transport: 'http', step: read, durationMs: CROWD_MS_MAX, ...plan } as const;
    const before = await keysRead(environment);
    const { measurement } = await measure(environment, [server], job);
    this.keysRead.push((await keysRead(environment)) - before);
    return { [read]: measurement };
  }
}

/** Index keys that the database has read so far. */
async function keysRead(environment: Environment): Promise<number> {
  const status = await environment.database('admin').command({ serverStatus: 1 });
  return Number(status.metrics.queryExecutor.scanned);
}

/** While readers keep the server busy, users lock seats and check at once whether they see the lock. */
class OwnWrites {
  readonly arm: Arm;
  checked = 0;
  unseen = 0;

  constructor(
    private readonly environment: Environment,
    private readonly server: ServerProcess,
    private readonly event: ReadEvent,
  ) {
    this.arm = { name: `own writes, beside ${READERS} readers`, run: (phaseMs) => this.#run(phaseMs) };
  }

  async #run(phaseMs: number): Promise<Readonly<Record<string, Measurement>>> {
    const { environment, server, event } = this;
    let reading = true;
    const readers = readFor(environment, server, event.id, 'availability', phaseMs).finally(() => {
      reading = false;
    });
    const [measurement] = await Promise.all([
      readers,
      lockFreeSeats(environment, server, event, OWN_WRITES_MAX, async (call, { seatNumber }) => {
        const read = async (query: string) => ((await call(query)) as OwnReads).event;
        const { statuses } = (await read(STATUSES)).seatMap;
        const { lockedSeats } = (await read(AVAILABILITY)).availability;
        this.checked += 1;
        if (statuses[seatNumber - 1] !== 'L' || lockedSeats !== event.lockedSeats) this.unseen += 1;
        return reading;
      }),
    ]);
    return { availability: measurement };
  }
}

type OwnReads = { event: { seatMap: { statuses: string }; availability: { lockedSeats: number } } };
type ReadCall = (query: string) => Promise<Record<string, unknown>>;

/**
 * Locks free seats of the event one by one.
 *
 * @param check called after each lock's answer; `false` ends the loop
 */
async function lockFreeSeats(
  environment: Environment,
  server: ServerProcess,
  event: ReadEvent,
  count: number,
  check: (read: ReadCall, seat: Seat) => Promise<boolean | undefined>,
): Promise<void> {
  const { tokens, work } = await planOf(environment.users, 1, event.freeSeats.slice(0, count), {
    skippedUsers: event.usersWithSeats,
  });
  event.usersWithSeats += tokens.flat().length;
  const transport = await overHttp([server.url], tokens);
  const caller = transport.callers[0] as Caller;
  try {
    for (const { seatNumber, user } of work) {
      event.freeSeats.shift();
      event.lockedSeats += 1;
      await caller.call(LOCK, { input: { eventId: event.id, seatNumber } }, user);
      const read: ReadCall = (query) => caller.call(query, { eventId: event.id }, user);
      if ((await check(read, { eventId: event.id, seatNumber })) === false) return;
    }
  } finally {
    await transport.close();
  }
}

async function sizeOf(server: ServerProcess, eventId: string, read: Read): Promise<number> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERIES[read], variables: { eventId } }),
  });
  return (await response.arrayBuffer()).byteLength;
}

const cpuOf = ({ serverCpuUs, mongodCpuUs }: Figures) => serverCpuUs + mongodCpuUs;

function readColumns(figures: Figures): Row {
  const { commandsPerBatch: _commands, retriesPerBatch: _retries, ...columns } = figures;
  return columns as Row;
}
