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

/** How often a fan goes for seats before going home without. */
const TRIES_MAX = 6;
/** How often a fan looks at a full map before going home. */
const READS_OF_FULL_MAP_MAX = 3;
/** How often a fan begins anew whose locks have lapsed. */
const LAPSES_MAX = 2;
/** How much the first seats are wanted more than the last ones; with 1 all would be wanted alike. */
const EAGERNESS = 2.5;
const CHANCE_STEPS = 100_000;
/** How long a fan thinks between two steps at most. */
const THINK_MS_MAX = 250;
/** How long until somebody looks again who saw nothing free. */
const READ_MAP_AGAIN_MS = 700;
/** Nobody looks away for longer: where locks last longer, they are given back instead. */
const EXPIRY_WAIT_MS_MAX = 15_000;
/** Timers come a little early at times, and a lock's milliseconds are whole ones. */
const LAPSE_MARGIN_MS = 20;

/** An account and the seats that its fans ask for or have: one account holds a seat once, so they share none. */
export interface Account {
  readonly token: string;
  readonly seats: Set<number>;
  /** How many seats they have asked for so far: more they cannot have. */
  asked: number;
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

/** Somebody who has come for seats and keeps at it until there is an answer. */
export class Fan {
  readonly #phone: FanClient;
  #looksAway: Habits['lapses'];
  #lapsedLocks: ReadonlySet<string> = new Set();

  constructor(
    private readonly sale: Sale,
    private readonly account: Account,
    private readonly habits: Habits,
    private readonly random: SeededRandom,
  ) {
    const { api, deadline, record } = sale;
    this.#phone = new FanClient(record.toldSeats.noting(api), account.token, deadline, random, record);
    this.#looksAway = habits.lapses;
  }

  /** From the arrival to the answer, or to the lack of one; never throws. */
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
    let lapses = 0;
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
      if (ending !== 'lapsed') return ending;
      this.#forget(wanted);
      lapses += 1;
      if (lapses > LAPSES_MAX) return 'withoutSeat';
      wanted = await this.#choose();
    }
    this.#forget(wanted);
    return 'withoutSeat';
  }

  /** Looks at the map and picks free seats, good ones if possible. @returns none where too few are free */
  async #choose(): Promise<number[]> {
    const { statuses } = await this.#seatMap();
    await this.#think();
    const free = [...statuses].flatMap((letter, index) =>
      letter === 'A' && !this.account.seats.has(index + 1) ? [index + 1] : [],
    );
    if (free.length < this.habits.seats) return [];
    const chosen = new Set<number>();
    while (chosen.size < this.habits.seats) {
      // The nearer to the stage the more people want it.
      const part = this.random.below(CHANCE_STEPS) / CHANCE_STEPS;
      chosen.add(free[Math.floor(free.length * part ** EAGERNESS)] as number);
    }
    return this.#keep([...chosen]);
  }

  async #seatMap(): Promise<SeatMapAnswer> {
    const data = await this.#phone.read('look', READ_MAP, { eventId: this.sale.eventId });
    const { seatMap } = (data.event ?? {}) as { seatMap?: SeatMapAnswer };
    if (seatMap === undefined) throw this.#breach('look: there is no such event');
    return seatMap;
  }

  async #lock(
    seatNumbers: readonly number[],
  ): Promise<{ locks: Locks } | { lost: number[]; suggested: number[] } | 'limit'> {
    const { eventId } = this.sale;
    const [seatNumber] = seatNumbers;
    this.account.asked += seatNumbers.length;
    const [operation, input] =
      seatNumbers.length === 1
        ? [LOCK_SEAT, { eventId, seatNumber }]
        : [LOCK_SEATS, { eventId, seatNumbers }];
    try {
      const data = await this.#phone.change('lock', operation, { input }, isSameLock);
      return { locks: listOf<LockAnswer>(data) as unknown as Locks };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'SEAT_LIMIT_REACHED') {
        const { limit } = error.details;
        if (Number(limit) >= this.account.asked) {
          this.sale.record.breach(`lock: SEAT_LIMIT_REACHED at ${this.account.asked} seats of ${limit}`);
        }
        this.#forget(seatNumbers);
        return 'limit';
      }
      const { seatNumbers: lost, suggestedSeats: suggested } = error.details;
      if (!isNumbers(lost) || !isNumbers(suggested)) throw this.#breach(`lock: ${error.code} without seats`);
      return { lost, suggested };
    }
  }

  /** Takes what was suggested for the seats that were lost, or looks for others. */
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

  async #buy(firstLocks: Locks): Promise<Ending | 'lapsed'> {
    let locks = firstLocks;
    await this.#think();
    if (this.habits.changesMind) return this.#giveBack(locks, 'changedMind');
    if (this.habits.extends) locks = await this.#extend(locks);
    if (this.#looksAway === 'before paying' && !(await this.#waitUntilExpiry(locks))) {
      return this.#giveBack(locks, 'changedMind');
    }
    const payment = await this.#pay(locks);
    if (payment === 'lapsed') return 'lapsed';
    if (payment === 'refused') return this.#giveBack(locks, 'cardRefused');
    if (this.#looksAway === 'after paying' && !(await this.#waitUntilExpiry(locks))) {
      return this.#giveBack(locks, 'changedMind');
    }
    await this.#think();
    const bookings = await this.#confirm(locks, payment);
    if (bookings === 'lapsed') return 'lapsed';
    const ending = await this.#settle(bookings, payment);
    return this.habits.cancels && ending !== 'cancelled' ? this.#cancel(bookings) : ending;
  }

  /** Waits, once in a visit, until the locks have lapsed. @returns false where that would take too long */
  async #waitUntilExpiry(locks: Locks): Promise<boolean> {
    this.#looksAway = null;
    const lastMs = Math.max(...locks.map(({ remainingMs }) => remainingMs));
    if (lastMs > EXPIRY_WAIT_MS_MAX) return false;
    this.sale.record.lapses += 1;
    await this.sale.deadline.pause(lastMs + LAPSE_MARGIN_MS);
    // The next answer has to be LOCK_EXPIRED.
    this.#lapsedLocks = new Set(locks.map(({ id }) => id));
    return true;
  }

  async #extend(locks: Locks): Promise<Locks> {
    const extended: LockAnswer[] = [];
    for (const lock of locks) {
      try {
        extended.push(
          ...listOf<LockAnswer>(await this.#phone.change('extend', EXTEND_LOCK, { lockId: lock.id })),
        );
      } catch (error) {
        // Lapsed already, which paying will tell, or as long as it may be.
        if (!(error instanceof Refusal)) throw error;
        extended.push(lock);
      }
    }
    return extended as unknown as Locks;
  }

  /** Tries one card after the other. */
  async #pay(locks: Locks): Promise<PaymentAnswer | 'lapsed' | 'refused'> {
    for (const cardStatus of this.habits.cards) {
      const payment = await this.#payWith(cardStatus, locks);
      if (payment === 'lapsed') return 'lapsed';
      if (payment.status !== 'FAILED') return payment;
      if (payment.retryable !== true) return 'refused';
      await this.#think();
    }
    return 'refused';
  }

  async #payWith(cardStatus: CardStatus, locks: Locks): Promise<PaymentAnswer | 'lapsed'> {
    const { price, currency } = this.sale;
    const lockIds = locks.map(({ id }) => id);
    const input = { lockIds, amount: price * locks.length, currency, cardStatus, requestId: randomUUID() };
    return this.#unlessLapsed('pay', locks, async () => {
      const data = await this.#phone.change('pay', PAY, { input }, isSamePayment);
      return listOf<PaymentAnswer>(data)[0] as PaymentAnswer;
    });
  }

  async #confirm(locks: Locks, { paymentId }: PaymentAnswer): Promise<readonly BookingAnswer[] | 'lapsed'> {
    const [operation, which] =
      locks.length === 1
        ? [CONFIRM_BOOKING, { lockId: locks[0].id }]
        : [CONFIRM_BOOKINGS, { lockIds: locks.map(({ id }) => id) }];
    const input = { ...which, paymentId, requestId: randomUUID() };
    const bookings = await this.#unlessLapsed('confirm', locks, async () => {
      // Both answers to a double click are promises that the audit holds the server to.
      const isSame = (one: Data, other: Data) => {
        this.#acknowledge(other);
        return isSameBooking(one, other);
      };
      return this.#acknowledge(await this.#phone.change('confirm', operation, { input }, isSame));
    });
    if (bookings === 'lapsed') return 'lapsed';
    const told = bookings.map(({ seatNumber }) => seatNumber);
    if (String(told) !== String(locks.map(({ seatNumber }) => seatNumber))) {
      this.sale.record.breach(`confirm: seats ${told} were confirmed for other locks`);
    }
    return bookings;
  }

  async #settle(bookings: readonly BookingAnswer[], { paymentId }: PaymentAnswer): Promise<Ending> {
    if (bookings.every(({ status }) => status === 'CONFIRMED')) return 'booked';
    const { settlement: outcome } = this.habits;
    if (outcome === null) return 'pending';
    await this.#think();
    const { record } = this.sale;
    if (outcome === 'FAILED') for (const { id } of bookings) record.endAsked(id);
    const [payment] = listOf<PaymentAnswer>(
      await this.#phone.change('settle', SETTLE, { input: { paymentId, outcome } }),
    );
    // REFUNDED: time had cancelled the bookings, and the seats were somebody else's by then.
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
      this.sale.record.endAsked(id);
      this.#acknowledge(await this.#phone.change('cancel', CANCEL_BOOKING, { id }));
      this.#forget([seatNumber]);
    }
    return 'cancelled';
  }

  async #giveBack(locks: Locks, ending: Ending): Promise<Ending> {
    for (const { id, seatNumber } of locks) {
      await this.#phone.change('release', RELEASE_LOCK, { lockId: id });
      this.#forget([seatNumber]);
    }
    return ending;
  }

  async #unlessLapsed<Answer>(
    step: Step,
    locks: Locks,
    ask: () => Promise<Answer>,
  ): Promise<Answer | 'lapsed'> {
    try {
      const answer = await ask();
      if (locks.some(({ id }) => this.#lapsedLocks.has(id))) {
        this.sale.record.breach(`${step}: the lock had lapsed`);
      }
      return answer;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'LOCK_EXPIRED') return 'lapsed';
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

/** The one field of an answer, be it one object or several. */
function listOf<Item>(data: Data): readonly Item[] {
  const [field] = Object.values(data);
  return (Array.isArray(field) ? field : [field]) as Item[];
}

const idsOf = (data: Data, key: string): string =>
  String(listOf<Record<string, unknown>>(data).map((item) => item[key]));

const isSamePayment = (one: Data, other: Data): boolean =>
  idsOf(one, 'paymentId') === idsOf(other, 'paymentId');
const isSameBooking = (one: Data, other: Data): boolean => idsOf(one, 'id') === idsOf(other, 'id');

/** A second lock is right where the first one had lapsed by then. */
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
