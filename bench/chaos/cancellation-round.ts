import { setTimeout as wait } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { createEvent } from '../lib/events.js';
import type { ServerProcess } from '../lib/server-process.js';
import { ServerApi } from '../rush/server-api.js';
import type { ChaosEnvironment } from './chaos-environment.js';
import { NOTHING_FOUND, type RoundResult } from './round.js';

const KILL_EVERY_MS = 1_000;
/** The goal for an event of 100,000 bookings. */
const DONE_MS_MAX = 10 * 60_000;
const CHECK_EVERY_MS = 500;

const CANCEL_EVENT = 'mutation($eventId: ID!) { cancelEvent(eventId: $eventId, reason: "Chaos") { status } }';

interface CancelledEvent {
  readonly bookedSeats: number;
  readonly availableSeats: number;
  readonly version: number;
  readonly cancellation: { readonly isEnding: boolean; readonly refunded: readonly { amount: number }[] };
}

/** A sold-out event is cancelled while a server is killed every second, if another one runs; then each payment must be back once. */
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
    const [token = ''] = await environment.users.tokens(1, 0);
    const events = database.collection<{ _id: string }>('events');
    await events.updateOne({ _id: eventId }, { $set: { organizerId: decodeJwt(token).sub } });
    const api = new ServerApi(new URL('/graphql', environment.server.url));
    await api.ask(CANCEL_EVENT, { eventId }, token).finally(() => api.close());
    const startMs = performance.now();
    const killing = this.#killAll(servers);
    try {
      const endedMs = await this.#until(startMs, async () => {
        const event = (await events.findOne({ _id: eventId })) as unknown as CancelledEvent;
        this.state = `${event.bookedSeats} bookings left, ${this.#kills} servers killed`;
        return !event.cancellation.isEnding;
      });
      this.#isOver = true;
      await killing;
      await environment.restore();
      const sentMs = await this.#until(startMs, async () => {
        const left = await database.collection('outbox').countDocuments({ state: 'waiting' });
        this.state = `${left} refunds left to send, ${this.#kills} servers killed`;
        return left === 0;
      });
      return {
        findings: { ...NOTHING_FOUND, fault: await this.#audit(eventId, endedMs, sentMs) },
        figures: {
          'bookings ended after ms': endedMs ?? DONE_MS_MAX,
          'refunds sent after ms': sentMs ?? DONE_MS_MAX,
          'servers killed': this.#kills,
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
      await killing;
      await environment.restore();
    }
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
      const start = server.start().then(() => listening.push(server));
      starts.add(start);
    }
    await Promise.allSettled(starts);
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

  async #audit(eventId: string, endedMs: number | null, sentMs: number | null): Promise<string[]> {
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
    const event = (await database
      .collection('events')
      .findOne({ _id: eventId as never })) as unknown as CancelledEvent;
    const facts: Readonly<Record<string, readonly [found: unknown, expected: unknown]>> = {
      'bookings ended in time': [endedMs !== null, true],
      'refunds sent in time': [sentMs !== null, true],
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
