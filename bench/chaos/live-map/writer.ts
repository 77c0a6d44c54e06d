import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../../src/test/support/seeded-random.js';
import type { BookingAnswer, LockAnswer, PaymentAnswer } from '../../rush/operations.js';
import {
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  PAY,
  RELEASE_LOCK,
  SETTLE,
} from '../../rush/operations.js';
import { type Api, type Data, NoAnswer, Refusal } from '../../rush/server-api.js';

const PAUSE_MS_MAX = 10;
/** After this time the writer continues without an answer. The server may still execute the call. */
const ANSWER_MS_MAX = 1_000;
/** How often a server without answers is tried again, in percent. */
const RETRIED_PERCENT = 10;
const SEATS_AT_ONCE_MAX = 4;
/** It remembers so many of its own locks and bookings. */
const REMEMBERED_MAX = 20;
const AMOUNT = { amount: 1_000, currency: 'USD' };
const CARDS = ['SUCCESS', 'SUCCESS', 'SUCCESS', 'PROCESSING', 'PROCESSING', 'DECLINED'] as const;

/** Errors that the contract excludes in any state of the database. */
const NEVER = new Set(['EVENT_NOT_FOUND', 'UNAUTHENTICATED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

interface Payment {
  readonly paymentId: string;
  readonly lockIds: readonly string[];
  pending: boolean;
}

/** Calls every mutation on seats, in random order, at any server. */
export class Writer {
  readonly answers = new Map<string, number>();
  readonly breaches: string[] = [];
  readonly #locks: string[] = [];
  readonly #payments: Payment[] = [];
  readonly #bookings: string[] = [];
  #others: readonly Api[] = [];
  #isFull = false;
  /** The server that gave no answer the last time. It is not used for a while. */
  #silent: Api | undefined;
  #requests = 0;

  constructor(
    private readonly servers: readonly Api[],
    private readonly eventId: string,
    /** It uses only the first seats. */
    private readonly seats: number,
    private readonly token: string,
    private readonly random: SeededRandom,
  ) {}

  /**
   * Writes until it is stopped, and then waits for no answer.
   *
   * @param servers used besides its own
   */
  async write(stop: AbortSignal, servers: readonly Api[] = []): Promise<void> {
    this.#others = servers;
    while (!stop.aborted) {
      await this.writeOnce(stop);
      await wait(this.random.below(PAUSE_MS_MAX));
    }
  }

  async writeOnce(stop: AbortSignal): Promise<void> {
    const { random } = this;
    const locks = this.#locks;
    if (this.#isFull) return this.#makeRoom(stop);
    switch (random.below(10)) {
      case 0:
        return this.#release(stop);
      case 1:
        if (locks.length > 0) await this.#ask(stop, EXTEND_LOCK, { lockId: random.pick(locks) });
        return;
      case 2:
      case 3:
        return this.#pay(stop);
      case 4:
      case 5:
        return this.#confirm(stop);
      case 6:
        if (this.#bookings.length > 0) {
          await this.#ask(stop, CANCEL_BOOKING, { id: random.pick(this.#bookings) });
        }
        return;
      case 7:
        return this.#settle(stop);
      default:
        return this.lock(stop);
    }
  }

  async lock(stop: AbortSignal): Promise<void> {
    const wanted = Array.from({ length: 1 + this.random.below(SEATS_AT_ONCE_MAX) }, () => this.#seat());
    const seatNumbers = [...new Set(wanted)];
    const [seatNumber] = seatNumbers;
    const data =
      seatNumbers.length === 1
        ? await this.#ask(stop, LOCK_SEAT, { input: { eventId: this.eventId, seatNumber } })
        : await this.#ask(stop, LOCK_SEATS, { input: { eventId: this.eventId, seatNumbers } });
    const locked = [data?.lockSeat ?? data?.lockSeats ?? []].flat() as LockAnswer[];
    remember(this.#locks, ...locked.map(({ id }) => id));
  }

  /** Without a free seat it gives one back, so that there is always something to do. */
  async #makeRoom(stop: AbortSignal): Promise<void> {
    const { random } = this;
    this.#isFull = false;
    if (this.#bookings.length > 0 && random.chance(50)) {
      await this.#ask(stop, CANCEL_BOOKING, { id: random.pick(this.#bookings) });
    } else await this.#release(stop);
  }

  /** It usually forgets a released lock. */
  async #release(stop: AbortSignal): Promise<void> {
    const { random } = this;
    if (this.#locks.length === 0) return;
    const lockId = random.pick(this.#locks);
    await this.#ask(stop, RELEASE_LOCK, { lockId });
    if (random.chance(80)) this.#locks.splice(this.#locks.indexOf(lockId), 1);
  }

  async #pay(stop: AbortSignal): Promise<void> {
    const lockIds = this.random.some(this.#locks.slice(-3), 1 + this.random.below(2));
    if (lockIds.length === 0) return;
    const input = { lockIds, ...AMOUNT, cardStatus: this.random.pick(CARDS), requestId: this.#requestId() };
    const payment = (await this.#ask(stop, PAY, { input }))?.simulatePayment as PaymentAnswer | undefined;
    if (payment === undefined) return;
    const { paymentId, status } = payment;
    remember(this.#payments, { paymentId, lockIds, pending: status === 'PENDING' });
  }

  async #confirm(stop: AbortSignal): Promise<void> {
    const payment = this.#payments.at(-1);
    if (payment === undefined) return;
    const { paymentId, lockIds } = payment;
    const [lockId] = lockIds;
    const requestId = this.#requestId();
    const data =
      lockIds.length === 1
        ? await this.#ask(stop, CONFIRM_BOOKING, { input: { lockId, paymentId, requestId } })
        : await this.#ask(stop, CONFIRM_BOOKINGS, { input: { lockIds, paymentId, requestId } });
    const booked = [data?.confirmBooking ?? data?.confirmBookings ?? []].flat() as BookingAnswer[];
    remember(this.#bookings, ...booked.map(({ id }) => id));
  }

  async #settle(stop: AbortSignal): Promise<void> {
    const payment = this.#payments.find(({ pending }) => pending);
    if (payment === undefined) return;
    const { paymentId } = payment;
    const input = { paymentId, outcome: this.random.pick(['COMPLETED', 'COMPLETED', 'FAILED']) };
    if ((await this.#ask(stop, SETTLE, { input })) !== null) payment.pending = false;
  }

  /** @returns null if it was refused, or the outcome is unknown */
  async #ask(stop: AbortSignal, operation: string, variables: object): Promise<Data | null> {
    const giveUp = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_MS_MAX)]);
    const server = this.#pickServer();
    try {
      const data = await server.ask(operation, variables, this.token, giveUp);
      this.#count('done');
      return data;
    } catch (error) {
      if (error instanceof NoAnswer) {
        this.#count('no answer');
        this.#silent = server;
      } else if (error instanceof Refusal) this.#refused(error, operation);
      else throw error;
      return null;
    }
  }

  #pickServer(): Api {
    const all = [...this.servers, ...this.#others];
    if (this.random.chance(RETRIED_PERCENT)) this.#silent = undefined;
    const others = all.filter((server) => server !== this.#silent);
    return this.random.pick(others.length > 0 ? others : all);
  }

  #refused({ code, details }: Refusal, operation: string): void {
    this.#count(code);
    if (code === 'SEAT_UNAVAILABLE') this.#isFull = true;
    if (NEVER.has(code)) {
      const name = /\{ (\w+)/.exec(operation)?.[1];
      this.breaches.push(`${name}: ${code} ${JSON.stringify(details)}`);
    }
  }

  #count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  #seat = (): number => 1 + this.random.below(this.seats);

  #requestId = (): string => `${this.random.seed} ${++this.#requests}`;
}

function remember<Item>(items: Item[], ...more: Item[]): void {
  // Locking an own seat again returns the same lock.
  items.push(...more.filter((item) => !items.includes(item)));
  items.splice(0, items.length - REMEMBERED_MAX);
}
