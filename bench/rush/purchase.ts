import { randomUUID } from 'node:crypto';
import { isSameBooking, isSameCheckOut, isSamePayment, listOf } from './answers.js';
import type { CardStatus, Habits } from './fan-behaviour.js';
import type { FanClient } from './fan-client.js';
import {
  type BookingAnswer,
  CANCEL_BOOKING,
  CHECK_OUT,
  type CheckOutAnswer,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  EXTEND_LOCK,
  type LockAnswer,
  PAY,
  type PaymentAnswer,
  RELEASE_LOCK,
  SETTLE,
} from './operations.js';
import type { Deadline } from './retry.js';
import type { Ending, SaleRecord, Step } from './sale-record.js';
import { type Api, type Data, Refusal } from './server-api.js';

/** Locks with a longer life are released instead of waiting for their expiry. */
const EXPIRY_WAIT_MS_MAX = 15_000;
/** Timers may fire a little early, and a lock's times are whole milliseconds. */
const EXPIRY_MARGIN_MS = 20;

export interface Sale {
  readonly api: Api;
  readonly eventId: string;
  /** Of every seat, in the currency's minor unit. */
  readonly price: number;
  readonly currency: string;
  readonly deadline: Deadline;
  readonly record: SaleRecord;
}

export type Locks = readonly [LockAnswer, ...LockAnswer[]];
/** What was booked, or why nothing was. */
type Booked = CheckOutAnswer | 'expired' | 'cardRefused' | 'changedMind';

const EXPIRED: ReadonlySet<string> = new Set(['LOCK_EXPIRED', 'HOLD_EXPIRED']);

/** What one fan does with seats that are locked: pays and books them, or lets them go. */
export class Purchase {
  #waitsForExpiry: Habits['waitsForExpiry'];
  #expiredLocks: ReadonlySet<string> = new Set();

  /**
   * @param think a pause between two steps
   * @param forget called with seats that the fan does not have any more
   */
  constructor(
    private readonly sale: Sale,
    private readonly habits: Habits,
    private readonly client: FanClient,
    private readonly think: () => Promise<void>,
    private readonly forget: (seats: readonly number[]) => void,
  ) {
    this.#waitsForExpiry = habits.waitsForExpiry;
  }

  /** @returns how it ended, or that the locks expired before they were booked */
  async buy(firstLocks: Locks): Promise<Ending | 'expired'> {
    let locks = firstLocks;
    await this.think();
    if (this.habits.changesMind) return this.#release(locks, 'changedMind');
    if (this.habits.extends) locks = await this.#extend(locks);
    if (this.#waitsForExpiry === 'before paying' && !(await this.#waitUntilExpiry(locks))) {
      return this.#release(locks, 'changedMind');
    }
    const booked = this.habits.checksOut ? await this.#checkOut(locks) : await this.#payAndConfirm(locks);
    if (typeof booked === 'string') {
      return booked === 'expired' ? 'expired' : this.#release(locks, booked);
    }
    const ending = await this.#settle(booked.bookings, booked.payment);
    return this.habits.cancels && ending !== 'cancelled' ? this.#cancel(booked.bookings) : ending;
  }

  async #payAndConfirm(locks: Locks): Promise<Booked> {
    const payment = await this.#pay(locks);
    if (payment === 'expired') return 'expired';
    if (payment === 'refused') return 'cardRefused';
    if (this.#waitsForExpiry === 'after paying' && !(await this.#waitUntilExpiry(locks))) {
      return 'changedMind';
    }
    await this.think();
    const bookings = await this.#confirm(locks, payment);
    return bookings === 'expired' ? 'expired' : { bookings, payment };
  }

  /** Tries one card after the other. */
  async #checkOut(locks: Locks): Promise<Booked> {
    for (const simulatedCard of this.habits.cards) {
      const answer = await this.#checkOutWith(simulatedCard, locks);
      if (answer === 'expired') return 'expired';
      const { payment, bookings } = answer;
      if (payment.status !== 'FAILED') return answer;
      if (bookings.length > 0) this.sale.record.breach('checkOut: seats were booked, and the card refused');
      if (payment.retryable !== true) return 'cardRefused';
      await this.think();
    }
    return 'cardRefused';
  }

  async #checkOutWith(simulatedCard: CardStatus, locks: Locks): Promise<CheckOutAnswer | 'expired'> {
    const { eventId, price, currency } = this.sale;
    const seatNumbers = locks.map(({ seatNumber }) => seatNumber);
    const expectedTotal = { amount: price * locks.length, currency };
    const input = { eventId, seatNumbers, expectedTotal, simulatedCard, requestId: randomUUID() };
    const answer = await this.#unlessExpired('checkOut', locks, async () => {
      // Both answers to a double click count as acknowledged.
      const isSame = (one: Data, other: Data) => {
        this.#acknowledge(other);
        return isSameCheckOut(one, other);
      };
      const data = await this.client.change('checkOut', CHECK_OUT, { input }, isSame);
      this.#acknowledge(data);
      return data.checkOut as CheckOutAnswer;
    });
    if (answer !== 'expired' && answer.payment.status !== 'FAILED')
      this.#requireSeats('checkOut', answer.bookings, locks);
    return answer;
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
          ...listOf<LockAnswer>(await this.client.change('extend', EXTEND_LOCK, { lockId: lock.id })),
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
      await this.think();
    }
    return 'refused';
  }

  async #payWith(cardStatus: CardStatus, locks: Locks): Promise<PaymentAnswer | 'expired'> {
    const { price, currency } = this.sale;
    const lockIds = locks.map(({ id }) => id);
    const input = { lockIds, amount: price * locks.length, currency, cardStatus, requestId: randomUUID() };
    return this.#unlessExpired('pay', locks, async () => {
      const data = await this.client.change('pay', PAY, { input }, isSamePayment);
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
      return this.#acknowledge(await this.client.change('confirm', operation, { input }, isSame));
    });
    if (bookings !== 'expired') this.#requireSeats('confirm', bookings, locks);
    return bookings;
  }

  #requireSeats(step: Step, bookings: readonly BookingAnswer[], locks: Locks): void {
    const seatsIn = (of: readonly { readonly seatNumber: number }[]) =>
      String(of.map(({ seatNumber }) => seatNumber).sort((a, b) => a - b));
    if (seatsIn(bookings) === seatsIn(locks)) return;
    this.sale.record.breach(`${step}: seats ${seatsIn(bookings)} were booked for other locks`);
  }

  async #settle(bookings: readonly BookingAnswer[], { paymentId }: PaymentAnswer): Promise<Ending> {
    if (bookings.every(({ status }) => status === 'CONFIRMED')) return 'booked';
    const { settlement: outcome } = this.habits;
    if (outcome === null) return 'pending';
    await this.think();
    const { record } = this.sale;
    if (outcome === 'FAILED') for (const { id } of bookings) record.cancellationRequested(id);
    const [payment] = listOf<PaymentAnswer>(
      await this.client.change('settle', SETTLE, { input: { paymentId, outcome } }),
    );
    // REFUNDED: the bookings had timed out, and somebody else has the seats.
    const booked = payment?.status === 'COMPLETED';
    for (const { id, seatNumber } of bookings) {
      record.settled(id, booked);
      if (!booked) this.forget([seatNumber]);
    }
    return booked ? 'booked' : 'cancelled';
  }

  async #cancel(bookings: readonly BookingAnswer[]): Promise<Ending> {
    await this.think();
    for (const { id, seatNumber } of bookings) {
      this.sale.record.cancellationRequested(id);
      this.#acknowledge(await this.client.change('cancel', CANCEL_BOOKING, { id }));
      this.forget([seatNumber]);
    }
    return 'cancelled';
  }

  async #release(locks: Locks, ending: Ending): Promise<Ending> {
    for (const { id, seatNumber } of locks) {
      await this.client.change('release', RELEASE_LOCK, { lockId: id });
      this.forget([seatNumber]);
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
      if (error instanceof Refusal && EXPIRED.has(error.code)) return 'expired';
      throw error;
    }
  }

  #acknowledge(data: Data): readonly BookingAnswer[] {
    const bookings = listOf<BookingAnswer>(data);
    for (const booking of bookings) this.sale.record.acknowledge(booking);
    return bookings;
  }
}
