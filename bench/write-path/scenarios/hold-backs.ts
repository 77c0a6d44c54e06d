import { setTimeout as wait } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { HELD_BACK_PER_CALL_MAX } from '../../../src/booking/hold-back-seats.js';
import { LIVE_LOCK_STATUSES } from '../../../src/booking/lock.js';
import { OURS } from '../../lib/environment.js';
import { atMost } from '../../lib/goals.js';
import { AVAILABILITY, LOCK } from '../../lib/operations.js';
import { firstSeats, planOf } from '../../lib/plan.js';
import { cpuMsOf } from '../../lib/processes.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report, Setting } from '../../lib/scenario.js';
import { median } from '../../lib/statistics.js';
import { LOCKS_PER_SECOND, lockSteadily, STEADY_CALLERS, type SteadyLocks } from '../../lib/steady-locks.js';
import { figure } from '../../lib/table.js';
import { type Caller, overHttp, Refused } from '../../lib/transports.js';

const EVENT_SEATS = 100_000;
/** Of the seats that are held back. Buyers lock the first ones. */
const FIRST_HELD_BACK = EVENT_SEATS / 2;

const CREATE_EVENT = 'mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }';
const HOLD_BACK = 'mutation($input: HoldBackSeatsInput!) { holdBackSeats(input: $input) { seatNumbers } }';
const RELEASE = `mutation($eventId: ID!, $seatNumbers: [Int!]!) {
  releaseHeldBackSeats(eventId: $eventId, seatNumbers: $seatNumbers) { seatNumbers }
}`;

/** What the organizer does in the middle of a phase. */
type Act = (organizer: Caller, eventId: string) => Promise<void>;

interface Measured extends SteadyLocks {
  /** How long the organizer waited; NaN without a call. */
  readonly organizerMs: number;
}

/** Buyers lock 500 seats a second, and the organizer holds back as many seats as one call may have. */
export async function holdBacks(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const server = await environment.ours();
  const work = firstSeats('', (LOCKS_PER_SECOND * setting.phaseMs) / 1000);
  const { tokens } = await planOf(environment.users, STEADY_CALLERS, work);
  const { callers, close } = await overHttp([server.url], tokens);
  // A connection of its own, so that no lock waits behind the organizer's call.
  const organizers = await overHttp([server.url], tokens.slice(0, 1));
  const [organizer] = organizers.callers as [Caller];
  const database = environment.database(OURS);
  const seatNumbers = Array.from({ length: HELD_BACK_PER_CALL_MAX }, (_, index) => FIRST_HELD_BACK + index);
  const holdBack: Act = async (caller, eventId) => {
    await caller.call(HOLD_BACK, { input: { eventId, seatNumbers, label: 'Tour' } }, 0);
  };
  const release: Act = async (caller, eventId) => {
    await caller.call(RELEASE, { eventId, seatNumbers }, 0);
  };
  const createdEvent = async (): Promise<string> => {
    const input = { name: 'Bench', eventDate: '2100-01-01T20:00:00Z', totalSeats: EVENT_SEATS };
    const { createEvent } = (await organizer.call(CREATE_EVENT, { input }, 0)) as {
      createEvent: { id: string };
    };
    return createEvent.id;
  };
  /** CPU time of a call while nobody locks anything. */
  const costOf = async (act: Act, before?: Act) => {
    const costs: { serverMs: number; mongodMs: number }[] = [];
    for (let round = 0; round <= setting.rounds; round++) {
      const eventId = await createdEvent();
      await before?.(organizer, eventId);
      const cpu = async () => [await cpuMsOf(server.pid), await cpuMsOf(environment.mongodPid)] as const;
      const [serverBefore, mongodBefore] = await cpu();
      await act(organizer, eventId);
      const [serverAfter, mongodAfter] = await cpu();
      if (round > 0)
        costs.push({ serverMs: serverAfter - serverBefore, mongodMs: mongodAfter - mongodBefore });
    }
    const of = (key: keyof (typeof costs)[0]) => figure(median(costs.map((cost) => cost[key])));
    return `${of('serverMs')} ms of the server and ${of('mongodMs')} ms of MongoDB`;
  };
  const wrong = { twoStatuses: 0, notAllOrNone: 0, sums: 0 };

  const arm = (name: string, held: number, act: Act | null, before?: Act): Arm<Measured> => ({
    name,
    run: async (phaseMs) => {
      const eventId = await createdEvent();
      await before?.(organizer, eventId);
      const locks = lockSteadily(callers, eventId, phaseMs);
      let organizerMs = Number.NaN;
      if (act !== null) {
        await wait(phaseMs / 2);
        const startMs = performance.now();
        await act(organizer, eventId);
        organizerMs = performance.now() - startMs;
      }
      const measured = { ...(await locks), organizerMs };
      const counts = await countsOf(database, eventId);
      wrong.twoStatuses += counts.seatsTwice;
      if (counts.heldBack !== held) wrong.notAllOrNone += 1;
      if (!(await addsUp(organizer, eventId, held))) wrong.sums += 1;
      return { locks: measured };
    },
  });
  const arms = [
    arm('no call', 0, null),
    arm('holdBackSeats', seatNumbers.length, holdBack),
    arm(
      'holdBackSeats, refused: one of the seats is locked',
      0,
      refusedOnly(holdBack),
      async (_, eventId) => {
        const last = { eventId, seatNumber: seatNumbers.at(-1) as number };
        await (callers[1] as Caller).call(LOCK, { input: last }, 0);
      },
    ),
    arm('releaseHeldBackSeats', 0, release, holdBack),
  ];
  const holdBackCost = await costOf(holdBack);
  const releaseCost = await costOf(release, holdBack);
  const results = await runRoundsOf(arms, setting, lineOf);
  await Promise.all([close(), organizers.close()]);
  const of = (name: string, key: keyof Measured) => median(results(name, 'locks').map((each) => each[key]));
  const [quiet, ...others] = arms as [Arm<Measured>, ...Arm<Measured>[]];
  return {
    about:
      `${LOCKS_PER_SECOND} seats of an event with ${EVENT_SEATS} are locked each second, whether or not earlier calls are answered. In the ` +
      `middle of a phase the organizer sends one call with ${seatNumbers.length} seats. A lock's time begins when it is due. ` +
      `Without locks, holdBackSeats takes ${holdBackCost}, releaseHeldBackSeats ${releaseCost}.`,
    rows: arms.map(({ name }) => ({
      call: name,
      'locks/s': of(name, 'perSecond'),
      'p50 ms': of(name, 'p50Ms'),
      'p99 ms': of(name, 'p99Ms'),
      'max ms': of(name, 'maxMs'),
      'the call, ms': of(name, 'organizerMs'),
      'refused locks': of(name, 'refused'),
    })),
    goals: [
      ...others.map(({ name }) =>
        atMost(250, `ms added to the p99 of locks, ${name}`, of(name, 'p99Ms') - of(quiet.name, 'p99Ms')),
      ),
      atMost(0, 'seats with two live locks', wrong.twoStatuses),
      atMost(0, 'calls of which a part was done', wrong.notAllOrNone),
      atMost(0, 'events whose counters do not add up', wrong.sums),
    ],
  };
}

const refusedOnly =
  (act: Act): Act =>
  async (organizer, eventId) => {
    const refusal = await act(organizer, eventId).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(refusal instanceof Refused && refusal.code === 'SEAT_UNAVAILABLE'))
      throw new Error('It was not refused.');
  };

async function countsOf(database: mongo.Db, eventId: string) {
  const locks = database.collection('seatlocks');
  const twice = await locks
    .aggregate([
      { $match: { eventId, status: { $in: [...LIVE_LOCK_STATUSES] } } },
      { $group: { _id: '$seatNumber', count: { $sum: 1 } } },
      { $match: { count: { $gt: 1 } } },
      { $count: 'seats' },
    ])
    .toArray();
  return {
    seatsTwice: Number(twice[0]?.seats ?? 0),
    heldBack: await locks.countDocuments({ eventId, status: 'heldBack' }),
  };
}

async function addsUp(caller: Caller, eventId: string, held: number): Promise<boolean> {
  const answer = (await caller.call(AVAILABILITY, { eventId }, 0)) as {
    event: { availability: Readonly<Record<string, number>> };
  };
  const {
    totalSeats,
    availableSeats = 0,
    lockedSeats = 0,
    bookedSeats = 0,
    offSaleSeats = 0,
  } = answer.event.availability;
  return availableSeats + lockedSeats + bookedSeats + offSaleSeats === totalSeats && offSaleSeats === held;
}

const lineOf = (phase: string, { p50Ms, p99Ms, maxMs, organizerMs }: Measured): string =>
  `${phase}: p50 ${figure(p50Ms)} ms, p99 ${figure(p99Ms)} ms, max ${figure(maxMs)} ms, the call ${figure(organizerMs)} ms`;
