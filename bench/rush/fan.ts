import { randomUUID } from 'node:crypto';
import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import type { CardStatus, Habits } from './fan-behaviour.js';
import { FanClient } from './fan-client.js';
import {
  type BookingAnswer,
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  type LockAnswer,
  PAY,
  type PaymentAnswer,
  READ_MAP,
  RELEASE_LOCK,
  SETTLE,
  type SeatMapAnswer,
} from './operations.js';
import { type Deadline, UnansweredError } from './retry.js';
import type { Ending, SaleRecord, Step, Visit } from './sale-record.js';
import { type Api, type Data, Refusal } from './server-api.js';

/** Attempts to lock seats before a fan gives up. */
const TRIES_MAX = 6;
/** How often a fan reads a full map before giving up. */
const READS_OF_FULL_MAP_MAX = 3;
/** How often a fan starts again after an expiry. */
const EXPIRIES_MAX = 2;
/** How much more popular the first seats are than the last ones. With 1 all are equally popular. */
const EAGERNESS = 2.5;
const CHANCE_STEPS = 100_000;
/** Longest pause between two steps. */
const THINK_MS_MAX = 250;
/** Pause before a fan reads a full map again. */
const READ_MAP_AGAIN_MS = 700;
/** Locks with a longer life are released instead of waiting for their expiry. */
const EXPIRY_WAIT_MS_MAX = 15_000;
/** Timers may fire a little early, and a lock's times are whole milliseconds. */
const EXPIRY_MARGIN_MS = 20;

/** An account, and the seats that its fans want or have. Fans of one account never want the same seat. */
export interface Account {
  readonly token: string;
  readonly seats: Set<number>;
  /** Number of seats requested so far. */
  requested: number;
}

export interface Sale {
  readonly api: Api;
  readonly eventId: string;
  /** Of every seat, in the currency's minor unit. */
  readonly price: number;
  readonly currency: string;
  readonly deadline: Deadline;
  readonly record: SaleRecord;
}

type Locks = readonly [LockAnswer, ...LockAnswer[]];

/** A simulated buyer who tries until there is an answer. */
export class Fan {
  readonly #client: FanClient;
  #waitsForExpiry: Habits['waitsForExpiry'];
  #expiredLocks: ReadonlySet<string> = new Set();

  constructor(
    private readonly sale: Sale,
    private readonly account: Account,
    private readonly habits: Habits,
    private readonly random: SeededRandom,
  ) {
    const { api, deadline, record } = sale;
    this.#client = new FanClient(record.reportedSeats.record(api), account.token, deadline, random, record);
    this.#waitsForExpiry = habits.waitsForExpiry;
  }

  /** From the arrival to the answer or the deadline. Never throws. */
  async visit(visit: Visit): Promise<void> {
    try {
      await this.sale.deadline.pause(this.habits.arrivesAfterMs);
      visit.arrived = true;
      const startMs = performance.now();
      visit.ending = await this.#buySomething();
      this.sale.record.answered('visit', performance.now() - startMs);
    } catch (error) {
      visit.reason = error instanceof UnansweredError ? error.message : String(error);
    }
  }

  async #buySomething(): Promise<Ending> {
    let wanted = await this.#choose();
    let expiries = 0;
    let readsOfFullMap = 0;
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      if (wanted.length === 0) {
        readsOfFullMap += 1;
        if (readsOfFullMap === READS_OF_FULL_MAP_MAX) return 'withoutSeat';
        await this.sale.deadline.pause(READ_MAP_AGAIN_MS);
        wanted = await this.#choose();
        continue;
      }
      const answer = await this.#lock(wanted);
      if (answer === 'limit') return 'withoutSeat';
      if ('suggested' in answer) {
        wanted = await this.#chooseAfterLoss(wanted, answer);
        continue;
      }
      const ending = await this.#buy(answer.locks);
      if (ending !== 'expired') return ending;
      this.#forget(wanted);
      expiries += 1;
      if (expiries > EXPIRIES_MAX) return 'withoutSeat';
      wanted = await this.#choose();
    }
    this.#forget(wanted);
    return 'withoutSeat';
  }

  /** Reads the map and picks free seats, preferably good ones. @returns none if too few are free */
  async #choose(): Promise<number[]> {
    const { statuses } = await this.#seatMap();
    await this.#think();
    const free = [...statuses].flatMap((letter, index) =>
      letter === 'A' && !this.account.seats.has(index + 1) ? [index + 1] : [],
    );
    if (free.length < this.habits.seats) return [];
    const chosen = new Set<number>();
    while (chosen.size < this.habits.seats) {
      // Seats near the stage are more popular.
      const part = this.random.below(CHANCE_STEPS) / CHANCE_STEPS;
      chosen.add(free[Math.floor(free.length * part ** EAGERNESS)] as number);
    }
    return this.#keep([...chosen]);
  }

  async #seatMap(): Promise<SeatMapAnswer> {
    const data = await this.#client.read('readMap', READ_MAP, { eventId: this.sale.eventId });
    const { seatMap } = (data.event ?? {}) as { seatMap?: SeatMapAnswer };
    if (seatMap === undefined) throw this.#breach('readMap: there is no such event');
    return seatMap;
  }

  async #lock(
    seatNumbers: readonly number[],
  ): Promise<{ locks: Locks } | { lost: number[]; suggested: number[] } | 'limit'> {
    const { eventId } = this.sale;
    const [seatNumber] = seatNumbers;
    this.account.requested += seatNumbers.length;
    const [operation, input] =
      seatNumbers.length === 1
        ? [LOCK_SEAT, { eventId, seatNumber }]
        : [LOCK_SEATS, { eventId, seatNumbers }];
    try {
      const data = await this.#client.change('lock', operation, { input }, isSameLock);
      return { locks: listOf<LockAnswer>(data) as unknown as Locks };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'SEAT_LIMIT_REACHED') {
        const { limit } = error.details;
        if (Number(limit) >= this.account.requested) {
          this.sale.record.breach(`lock: SEAT_LIMIT_REACHED at ${this.account.requested} seats of ${limit}`);
        }
        this.#forget(seatNumbers);
        return 'limit';
      }
      const { seatNumbers: lost, suggestedSeats: suggested } = error.details;
      if (!isNumbers(lost) || !isNumbers(suggested)) throw this.#breach(`lock: ${error.code} without seats`);
      return { lost, suggested };
    }
  }

  /** Takes the suggested seats, or chooses others. */
  async #chooseAfterLoss(
    wanted: readonly number[],
    { lost, suggested }: { readonly lost: readonly number[]; readonly suggested: readonly number[] },
  ): Promise<number[]> {
    const missed = wanted.filter((seat) => lost.includes(seat));
    this.#forget(missed);
    const offered = suggested.filter((seat) => !this.account.seats.has(seat));
    if (this.habits.takesSuggestion && offered.length >= missed.length) {
      const taken = this.#keep(this.random.some(offered, missed.length));
      await this.#think();
      return [...wanted.filter((seat) => !missed.includes(seat)), ...taken];
    }
    this.#forget(wanted);
    return this.#choose();
  }

  async #buy(firstLocks: Locks): Promise<Ending | 'expired'> {
    let locks = firstLocks;
    await this.#think();
    if (this.habits.changesMind) return this.#release(locks, 'changedMind');
    if (this.habits.extends) locks = await this.#extend(locks);
    if (this.#waitsForExpiry === 'before paying' && !(await this.#waitUntilExpiry(locks))) {
      return this.#release(locks, 'changedMind');
    }
    const payment = await this.#pay(locks);
    if (payment === 'expired') return 'expired';
    if (payment === 'refused') return this.#release(locks, 'cardRefused');
    if (this.#waitsForExpiry === 'after paying' && !(await this.#waitUntilExpiry(locks))) {
      return this.#release(locks, 'changedMind');
    }
    await this.#think();
    const bookings = await this.#confirm(locks, payment);
    if (bookings === 'expired') return 'expired';
    const ending = await this.#settle(bookings, payment);
    return this.habits.cancels && ending !== 'cancelled' ? this.#cancel(bookings) : ending;
  }

  /** Waits once in a visit until the locks have expired. @returns false if that takes too long */
  async #waitUntilExpiry(locks: Locks): Promise<boolean> {
    this.#waitsForExpiry = null;
    const lastMs = Math.max(...locks.map(({ remainingMs }) => remainingMs));
    if (lastMs > EXPIRY_WAIT_MS_MAX) return false;
    this.sale.record.expiryWaits += 1;
    await this.sale.deadline.pause(lastMs + EXPIRY_MARGIN_MS);
    // The next answer must be LOCK_EXPIRED.
    this.#expiredLocks = new Set(locks.map(({ id }) => id));
    return true;
  }

  async #extend(locks: Locks): Promise<Locks> {
    const extended: LockAnswer[] = [];
    for (const lock of locks) {
      try {
        extended.push(
          ...listOf<LockAnswer>(await this.#client.change('extend', EXTEND_LOCK, { lockId: lock.id })),
        );
      } catch (error) {
        // The lock has expired, which the payment will show, or has its longest life.
        if (!(error instanceof Refusal)) throw error;
        extended.push(lock);
      }
    }
    return extended as unknown as Locks;
  }

  /** Tries one card after the other. */
  async #pay(locks: Locks): Promise<PaymentAnswer | 'expired' | 'refused'> {
    for (const cardStatus of this.habits.cards) {
      const payment = await this.#payWith(cardStatus, locks);
      if (payment === 'expired') return 'expired';
      if (payment.status !== 'FAILED') return payment;
      if (payment.retryable !== true) return 'refused';
      await this.#think();
    }
    return 'refused';
  }

  async #payWith(cardStatus: CardStatus, locks: Locks): Promise<PaymentAnswer | 'expired'> {
    const { price, currency } = this.sale;
    const lockIds = locks.map(({ id }) => id);
    const input = { lockIds, amount: price * locks.length, currency, cardStatus, requestId: randomUUID() };
    return this.#unlessExpired('pay', locks, async () => {
      const data = await this.#client.change('pay', PAY, { input }, isSamePayment);
      return listOf<PaymentAnswer>(data)[0] as PaymentAnswer;
    });
  }

  async #confirm(locks: Locks, { paymentId }: PaymentAnswer): Promise<readonly BookingAnswer[] | 'expired'> {
    const [operation, which] =
      locks.length === 1
        ? [CONFIRM_BOOKING, { lockId: locks[0].id }]
        : [CONFIRM_BOOKINGS, { lockIds: locks.map(({ id }) => id) }];
    const input = { ...which, paymentId, requestId: randomUUID() };
    const bookings = await this.#unlessExpired('confirm', locks, async () => {
      // Both answers to a double click count as acknowledged.
      const isSame = (one: Data, other: Data) => {
        this.#acknowledge(other);
        return isSameBooking(one, other);
      };
      return this.#acknowledge(await this.#client.change('confirm', operation, { input }, isSame));
    });
    if (bookings === 'expired') return 'expired';
    const confirmed = bookings.map(({ seatNumber }) => seatNumber);
    if (String(confirmed) !== String(locks.map(({ seatNumber }) => seatNumber))) {
      this.sale.record.breach(`confirm: seats ${confirmed} were confirmed for other locks`);
    }
    return bookings;
  }

  async #settle(bookings: readonly BookingAnswer[], { paymentId }: PaymentAnswer): Promise<Ending> {
    if (bookings.every(({ status }) => status === 'CONFIRMED')) return 'booked';
    const { settlement: outcome } = this.habits;
    if (outcome === null) return 'pending';
    await this.#think();
    const { record } = this.sale;
    if (outcome === 'FAILED') for (const { id } of bookings) record.cancellationRequested(id);
    const [payment] = listOf<PaymentAnswer>(
      await this.#client.change('settle', SETTLE, { input: { paymentId, outcome } }),
    );
    // REFUNDED: the bookings had timed out, and somebody else has the seats.
    const booked = payment?.status === 'COMPLETED';
    for (const { id, seatNumber } of bookings) {
      record.settled(id, booked);
      if (!booked) this.#forget([seatNumber]);
    }
    return booked ? 'booked' : 'cancelled';
  }

  async #cancel(bookings: readonly BookingAnswer[]): Promise<Ending> {
    await this.#think();
    for (const { id, seatNumber } of bookings) {
      this.sale.record.cancellationRequested(id);
      this.#acknowledge(await this.#client.change('cancel', CANCEL_BOOKING, { id }));
      this.#forget([seatNumber]);
    }
    return 'cancelled';
  }

  async #release(locks: Locks, ending: Ending): Promise<Ending> {
    for (const { id, seatNumber } of locks) {
      await this.#client.change('release', RELEASE_LOCK, { lockId: id });
      this.#forget([seatNumber]);
    }
    return ending;
  }

  async #unlessExpired<Answer>(
    step: Step,
    locks: Locks,
    ask: () => Promise<Answer>,
  ): Promise<Answer | 'expired'> {
    try {
      const answer = await ask();
      if (locks.some(({ id }) => this.#expiredLocks.has(id))) {
        this.sale.record.breach(`${step}: the lock had expired`);
      }
      return answer;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'LOCK_EXPIRED') return 'expired';
      throw error;
    }
  }

  #acknowledge(data: Data): readonly BookingAnswer[] {
    const bookings = listOf<BookingAnswer>(data);
    for (const booking of bookings) this.sale.record.acknowledge(booking);
    return bookings;
  }

  #breach(what: string): UnansweredError {
    this.sale.record.breach(what);
    return new UnansweredError(what);
  }

  #keep(seats: number[]): number[] {
    for (const seat of seats) this.account.seats.add(seat);
    return seats;
  }

  #forget(seats: readonly number[]): void {
    for (const seat of seats) this.account.seats.delete(seat);
  }

  #think = (): Promise<void> => this.sale.deadline.pause(this.random.below(THINK_MS_MAX));
}

/** The only field of an answer, as a list. */
function listOf<Item>(data: Data): readonly Item[] {
  const [field] = Object.values(data);
  return (Array.isArray(field) ? field : [field]) as Item[];
}

const idsOf = (data: Data, key: string): string =>
  String(listOf<Record<string, unknown>>(data).map((item) => item[key]));

const isSamePayment = (one: Data, other: Data): boolean =>
  idsOf(one, 'paymentId') === idsOf(other, 'paymentId');
const isSameBooking = (one: Data, other: Data): boolean => idsOf(one, 'id') === idsOf(other, 'id');

/** Different locks are right if the first one had expired before the second one. */
function isSameLock(one: Data, other: Data): boolean {
  if (idsOf(one, 'id') === idsOf(other, 'id')) return true;
  const [earlier, later] = [listOf<LockAnswer>(one), listOf<LockAnswer>(other)].sort((a, b) =>
    (a[0]?.createdAt ?? '').localeCompare(b[0]?.createdAt ?? ''),
  );
  return (
    earlier?.every((lock, index) => lock.expiresAt <= (later?.[index]?.createdAt ?? lock.createdAt)) ?? false
  );
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isInteger(item));
