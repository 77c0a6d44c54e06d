import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import { isSameLock, listOf } from './answers.js';
import type { Habits } from './fan-behaviour.js';
import { FanClient } from './fan-client.js';
import {
  HOLD_SEATS,
  LOCK_SEAT,
  LOCK_SEATS,
  type LockAnswer,
  READ_MAP,
  type SeatMapAnswer,
} from './operations.js';
import { type Locks, Purchase, type Sale } from './purchase.js';
import { UnansweredError } from './retry.js';
import type { Ending, Visit } from './sale-record.js';
import { Refusal } from './server-api.js';

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

/** An account, and the seats that its fans want or have. Fans of one account never want the same seat. */
export interface Account {
  readonly token: string;
  readonly seats: Set<number>;
  /** Number of seats requested so far. */
  requested: number;
}

/** A simulated buyer who tries until there is an answer. */
export class Fan {
  readonly #client: FanClient;
  readonly #purchase: Purchase;

  constructor(
    private readonly sale: Sale,
    private readonly account: Account,
    private readonly habits: Habits,
    private readonly random: SeededRandom,
  ) {
    const { api, deadline, record } = sale;
    this.#client = new FanClient(record.reportedSeats.record(api), account.token, deadline, random, record);
    this.#purchase = new Purchase(sale, habits, this.#client, this.#think, (seats) => this.#forget(seats));
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
      if (answer === 'salePaused') return 'salePaused';
      if ('suggested' in answer) {
        wanted = await this.#chooseAfterLoss(wanted, answer);
        continue;
      }
      const ending = await this.#purchase.buy(answer.locks);
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
  ): Promise<{ locks: Locks } | { lost: number[]; suggested: number[] } | 'limit' | 'salePaused'> {
    const { eventId } = this.sale;
    const [seatNumber] = seatNumbers;
    this.account.requested += seatNumbers.length;
    const step = this.habits.checksOut ? 'hold' : 'lock';
    const [operation, input] = this.habits.checksOut
      ? [HOLD_SEATS, { eventId, wishes: [{ seatNumbers }] }]
      : seatNumbers.length === 1
        ? [LOCK_SEAT, { eventId, seatNumber }]
        : [LOCK_SEATS, { eventId, seatNumbers }];
    try {
      const data = await this.#client.change(step, operation, { input }, isSameLock);
      return { locks: listOf<LockAnswer>(data) as unknown as Locks };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'SALE_PAUSED') {
        if (!this.sale.record.pauseRequested) this.sale.record.breach(`${step}: SALE_PAUSED without a pause`);
        this.#forget(seatNumbers);
        return 'salePaused';
      }
      if (error.code === 'SEAT_LIMIT_REACHED') {
        const { limit } = error.details;
        if (Number(limit) >= this.account.requested) {
          this.sale.record.breach(
            `${step}: SEAT_LIMIT_REACHED at ${this.account.requested} seats of ${limit}`,
          );
        }
        this.#forget(seatNumbers);
        return 'limit';
      }
      const { seatNumbers: lost, suggestedSeats: suggested } = error.details;
      if (!isNumbers(lost) || !isNumbers(suggested))
        throw this.#breach(`${step}: ${error.code} without seats`);
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

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isInteger(item));
