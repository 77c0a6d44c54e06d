import { setTimeout as wait } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { createEvent } from '../lib/events.js';
import type { ServerProcess } from '../lib/server-process.js';
import { quantile } from '../lib/statistics.js';
import { Deadline } from '../rush/retry.js';
import { ServerApi } from '../rush/server-api.js';
import type { ChaosEnvironment } from './chaos-environment.js';
import { PROBE_SEATS, ProbeWriter } from './probe-writer.js';
import { NOTHING_FOUND, type RoundResult } from './round.js';

const KILL_EVERY_MS = 1_000;
/** The goal for an event of 100,000 bookings. */
const DONE_MS_MAX = 10 * 60_000;
const CHECK_EVERY_MS = 500;
const PROBE_EVERY_MS = 200;

const CANCEL_EVENT = 'mutation($eventId: ID!) { cancelEvent(eventId: $eventId, reason: "Chaos") { status } }';

interface CancelledEvent {
  readonly bookedSeats: number;
  readonly availableSeats: number;
  readonly version: number;
  readonly cancellation: { readonly isEnding: boolean; readonly refunded: readonly { amount: number }[] };
}

/** When everything was done. Null: not within DONE_MS_MAX. */
interface Times {
  readonly endedMs: number | null;
  readonly sentMs: number | null;
}

/**
 * A sold-out event is cancelled while a server is killed every second, if another one runs; then each payment must be
 * back once. Buyers of another event lock seats meanwhile.
 */
export class CancellationRound {
  state = 'preparing';
  #kills = 0;
  #isOver = false;

  constructor(
    private readonly environment: ChaosEnvironment,
    private readonly seats: number,
  ) {}

  async run(): Promise<RoundResult> {
    const { environment, seats } = this;
    const { database, servers } = environment;
    const eventId = await createEvent(database, seats, () => 'booked');
    const otherEventId = await createEvent(database, PROBE_SEATS);
    const [token = '', otherToken = ''] = await environment.users.tokens(2, 0);
    const events = database.collection<{ _id: string }>('events');
    await events.updateOne({ _id: eventId }, { $set: { organizerId: decodeJwt(token).sub } });
    const apis = servers.map(({ url }) => new ServerApi(new URL('/graphql', url)));
    await apis[0]?.ask(CANCEL_EVENT, { eventId }, token);
    const startMs = performance.now();
    const buyers = new ProbeWriter(
      servers.map((server, index) => ({ api: apis[index] as ServerApi, isOpen: () => server.isRunning })),
      { eventId: otherEventId, token: otherToken },
      PROBE_EVERY_MS,
      new Deadline(DONE_MS_MAX),
    );
    const killing = this.#killAll(servers);
    try {
      const times = await this.#waitForEnd(eventId, startMs, killing);
      const tookMs = (times.endedMs ?? DONE_MS_MAX) / 1_000;
      const left = await database
        .collection('bookings')
        .countDocuments({ eventId, status: { $ne: 'cancelled' } });
      await buyers.stop();
      return {
        findings: { ...NOTHING_FOUND, fault: await this.#findings(eventId, times, left) },
        figures: {
          'bookings ended after ms': times.endedMs ?? DONE_MS_MAX,
          'bookings ended a second': (seats - left) / tookMs,
          'refunds sent after ms': times.sentMs ?? DONE_MS_MAX,
          'servers killed': this.#kills,
          'a lock of another event, p50 ms': quantile(buyers.tookMs, 0.5),
          'a lock of another event, p99 ms': quantile(buyers.tookMs, 0.99),
        },
        calls: 1,
        unknown: 0,
        bookings: seats,
        repeated: 0,
        resumes: 0,
        seatOperations: 0,
        writesContinuedMs: null,
      };
    } finally {
      this.#isOver = true;
      await buyers.stop();
      await Promise.all(apis.map((api) => api.close()));
      await killing;
      await environment.restore();
    }
  }

  async #waitForEnd(eventId: string, startMs: number, killing: Promise<void>): Promise<Times> {
    const { database } = this.environment;
    const endedMs = await this.#until(startMs, async () => {
      const event = await this.#event(eventId);
      this.state = `${event.bookedSeats} bookings left, ${this.#kills} servers killed`;
      return !event.cancellation.isEnding;
    });
    this.#isOver = true;
    await killing;
    if (endedMs === null) return { endedMs, sentMs: null };
    await this.environment.restore();
    const sentMs = await this.#until(startMs, async () => {
      const left = await database.collection('outbox').countDocuments({ state: 'waiting' });
      this.state = `${left} refunds left to send, ${this.#kills} servers killed`;
      return left === 0;
    });
    return { endedMs, sentMs };
  }

  /** While steps still run, sums would differ for that reason alone: then there is no audit. */
  async #findings(eventId: string, { endedMs, sentMs }: Times, left: number): Promise<string[]> {
    if (endedMs !== null && sentMs !== null) return this.#audit(eventId);
    const waiting = await this.environment.database.collection('outbox').countDocuments({ state: 'waiting' });
    return [
      `not finished after ${DONE_MS_MAX / 1_000} s: ${left} bookings and ${waiting} refunds were left. Nothing was audited.`,
    ];
  }

  async #event(eventId: string): Promise<CancelledEvent> {
    const events = this.environment.database.collection<{ _id: string }>('events');
    return (await events.findOne({ _id: eventId })) as unknown as CancelledEvent;
  }

  /** Kills the server that has run for the longest time, and starts it again, until all bookings are ended. */
  async #killAll(servers: readonly ServerProcess[]): Promise<void> {
    const listening = [...servers];
    const starts = new Set<Promise<unknown>>();
    while (!this.#isOver) {
      await wait(KILL_EVERY_MS);
      // On a busy machine a start takes longer than a second: one server is left to work.
      if (listening.length < 2) continue;
      const server = listening.shift() as ServerProcess;
      await server.kill();
      this.#kills += 1;
      // The end of the round starts it again, if it cannot start.
      const start = server.start().then(
        () => listening.push(server),
        () => undefined,
      );
      starts.add(start);
    }
    await Promise.all(starts);
  }

  /** @returns how long it took; null if it was not done in time */
  async #until(startMs: number, isDone: () => Promise<boolean>): Promise<number | null> {
    for (;;) {
      const tookMs = performance.now() - startMs;
      if (await isDone()) return tookMs;
      if (tookMs > DONE_MS_MAX) return null;
      await wait(CHECK_EVERY_MS);
    }
  }

  async #audit(eventId: string): Promise<string[]> {
    this.state = 'auditing';
    const { database } = this.environment;
    const count = (name: string, query: object) => database.collection(name).countDocuments(query);
    const [sums] = await database
      .collection('payments')
      .aggregate<{ paid: number; refunded: number; unlike: number }>([
        { $match: { eventId } },
        {
          $group: {
            _id: null,
            paid: { $sum: '$amount' },
            refunded: { $sum: '$refundedAmount' },
            unlike: { $sum: { $cond: [{ $eq: ['$amount', '$refundedAmount'] }, 0, 1] } },
          },
        },
      ])
      .toArray();
    const ofEvent = { kind: 'refundShare', 'content.paymentId': { $regex: eventId } };
    const [sent] = await database
      .collection('outbox')
      .aggregate<{ messages: number; amount: number }>([
        { $match: { ...ofEvent, state: 'done' } },
        { $group: { _id: null, messages: { $sum: 1 }, amount: { $sum: '$content.amount' } } },
      ])
      .toArray();
    const event = await this.#event(eventId);
    const facts: Readonly<Record<string, readonly [found: unknown, expected: unknown]>> = {
      'live bookings': [await count('bookings', { eventId, status: { $ne: 'cancelled' } }), 0],
      'live locks': [await count('seatlocks', { eventId, status: { $in: ['active', 'used'] } }), 0],
      'sum refunded': [sums?.refunded, sums?.paid],
      'payments not refunded in full': [sums?.unlike, 0],
      'refunds sent': [sent?.messages, this.seats],
      'sum of the refunds sent': [sent?.amount, sums?.paid],
      'sum that the event counted': [event.cancellation.refunded[0]?.amount, sums?.paid],
      'booked seats': [event.bookedSeats, 0],
      'available seats': [event.availableSeats, this.seats],
      'changes with a version': [await count('changes', { eventId, version: { $gt: 0 } }), event.version],
    };
    return Object.entries(facts).flatMap(([what, [found, expected]]) =>
      found === expected ? [] : [`${what}: ${found} instead of ${expected}`],
    );
  }
}
