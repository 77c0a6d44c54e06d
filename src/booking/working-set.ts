import { type Event, type EventSettings, settingsOf } from '../catalog/event.js';
import { type Money, sumsByCurrency } from '../catalog/money.js';
import { type Booking, countsAsBooked } from './booking.js';
import type { Request } from './idempotent-request.js';
import { isLive, type Lock } from './lock.js';
import type { Occupancy } from './occupancy.js';
import { newlyRefunded, type Payment } from './payment.js';
import { seatState } from './seat-state.js';

/** What a batch loaded: all records that its commands may read. */
export interface Loaded {
  readonly event: Event;
  readonly locks: Iterable<Lock>;
  readonly payments: Iterable<Payment>;
  readonly bookings: Iterable<Booking>;
  readonly requests: Iterable<Request>;
  /** Whether users whose reservations are transferred have more records than were loaded. */
  readonly hasMoreToTransfer?: boolean;
  /** Which seats are free; null if no command needs to know. */
  readonly occupancy: Occupancy | null;
}

/** What one command changes: complete new records, in the order in which they were made. */
export interface Changes {
  /** Null if the command left the organizer's settings of the event as they were. */
  readonly settings: EventSettings | null;
  readonly locks: readonly Lock[];
  readonly payments: readonly Payment[];
  readonly bookings: readonly Booking[];
  readonly requests: readonly Request[];
  readonly removedRequestIds: readonly string[];
}

/**
 * The state on which a batch's commands are decided, one after the other: what was loaded, plus the changes of the commands
 * decided so far. At the end it knows what must be written.
 */
export class WorkingSet {
  event: Event;
  readonly hasMoreToTransfer: boolean;
  readonly occupancy: Occupancy | null;
  /** Seats that a command took over without their expired locks being loaded. If there are any, the decisions are void. */
  readonly missingLocks = new Set<number>();
  readonly #locks = new Map<string, Lock>();
  readonly #payments = new Map<string, Payment>();
  readonly #bookings = new Map<string, Booking>();
  readonly #requests = new Map<string, Request>();
  readonly #liveLockOfSeat = new Map<number, Lock>();
  readonly #locksOfUser = new Map<string, Set<string>>();
  readonly #before: {
    readonly locks: ReadonlyMap<string, Lock>;
    readonly bookings: ReadonlyMap<string, Booking>;
    readonly payments: ReadonlyMap<string, Payment>;
  };
  readonly #changed = {
    locks: new Set<string>(),
    payments: new Set<string>(),
    bookings: new Set<string>(),
    requests: new Set<string>(),
  };
  readonly #removedRequestIds = new Set<string>();
  #hasNewSettings = false;

  constructor(loaded: Loaded) {
    this.event = loaded.event;
    this.hasMoreToTransfer = loaded.hasMoreToTransfer ?? false;
    this.occupancy = loaded.occupancy;
    for (const lock of loaded.locks) this.#putLock(lock);
    for (const payment of loaded.payments) this.#payments.set(payment.id, payment);
    for (const booking of loaded.bookings) this.#bookings.set(booking.id, booking);
    for (const request of loaded.requests) this.#requests.set(request.id, request);
    this.#before = {
      locks: new Map(this.#locks),
      bookings: new Map(this.#bookings),
      payments: new Map(this.#payments),
    };
  }

  lock = (id: string): Lock | undefined => this.#locks.get(id);
  payment = (id: string): Payment | undefined => this.#payments.get(id);
  booking = (id: string): Booking | undefined => this.#bookings.get(id);
  request = (id: string): Request | undefined => this.#requests.get(id);
  locks = (): Iterable<Lock> => this.#locks.values();
  bookings = (): Iterable<Booking> => this.#bookings.values();
  payments = (): Iterable<Payment> => this.#payments.values();
  requests = (): Iterable<Request> => this.#requests.values();
  locksBeforeBatch = (): Iterable<Lock> => this.#before.locks.values();
  bookingsBeforeBatch = (): Iterable<Booking> => this.#before.bookings.values();
  /** The seat's live lock in the database, expired or not. */
  liveLockOfSeat = (seatNumber: number): Lock | undefined => this.#liveLockOfSeat.get(seatNumber);
  lockIdsOfUser = (userId: string): Iterable<string> => this.#locksOfUser.get(userId) ?? [];

  apply(changes: Changes): void {
    if (changes.settings !== null) {
      this.event = { ...this.event, ...changes.settings };
      this.#hasNewSettings = true;
    }
    let { bookedSeats, heldBackSeats, amountPaid } = this.event;
    const changedSeats = new Set<number>();
    for (const lock of changes.locks) {
      const before = this.#locks.get(lock.id);
      // A lock that had ended before does not change its seat, which may have another lock by now.
      if (isLive(lock) || (before !== undefined && isLive(before))) changedSeats.add(lock.seatNumber);
      heldBackSeats += Number(lock.status === 'heldBack') - Number(before?.status === 'heldBack');
      this.#putLock(lock);
      this.#changed.locks.add(lock.id);
    }
    for (const seat of changedSeats) this.occupancy?.set(seatState(seat, this.#liveLockOfSeat.get(seat)));
    const refunds: Money[] = [];
    for (const payment of changes.payments) {
      if (!this.#payments.has(payment.id) && payment.status !== 'failed') amountPaid += payment.amount;
      const refunded = newlyRefunded(this.#payments.get(payment.id), payment);
      refunds.push(...refunded.map(({ amount }) => ({ amount, currency: payment.currency })));
      this.#payments.set(payment.id, payment);
      this.#changed.payments.add(payment.id);
    }
    for (const booking of changes.bookings) {
      const before = this.#bookings.get(booking.id);
      if (before && countsAsBooked(before)) bookedSeats -= 1;
      if (countsAsBooked(booking)) bookedSeats += 1;
      this.#bookings.set(booking.id, booking);
      this.#changed.bookings.add(booking.id);
    }
    for (const request of changes.requests) {
      this.#requests.set(request.id, request);
      this.#changed.requests.add(request.id);
    }
    for (const id of changes.removedRequestIds) {
      this.#requests.delete(id);
      // One that was made in this batch was never written.
      if (!this.#changed.requests.delete(id)) this.#removedRequestIds.add(id);
    }
    this.#countRefunds(refunds);
    const unbookedSeats = this.event.totalSeats - bookedSeats;
    this.event = { ...this.event, bookedSeats, unbookedSeats, heldBackSeats, amountPaid };
  }

  /** Null if no command of the batch changed them. */
  changedSettings = (): EventSettings | null => (this.#hasNewSettings ? settingsOf(this.event) : null);
  /** Every changed record, with its state before the batch, which is undefined for a new record. */
  changedLocks = (): Changed<Lock>[] => changedOf(this.#changed.locks, this.#locks, this.#before.locks);
  changedPayments = (): Changed<Payment>[] =>
    changedOf(this.#changed.payments, this.#payments, this.#before.payments);
  changedBookings = (): Changed<Booking>[] =>
    changedOf(this.#changed.bookings, this.#bookings, this.#before.bookings);
  removedRequestIds = (): string[] => [...this.#removedRequestIds];
  newRequests = (): Request[] => [...this.#changed.requests].map((id) => required(this.#requests.get(id)));

  /** A cancelled event counts what it pays back. It is one of its settings, so that watchers follow it. */
  #countRefunds(refunds: readonly Money[]): void {
    const { cancellation } = this.event;
    if (cancellation === null || refunds.every(({ amount }) => amount === 0)) return;
    const refunded = sumsByCurrency([...cancellation.refunded, ...refunds]);
    this.event = { ...this.event, cancellation: { ...cancellation, refunded } };
    this.#hasNewSettings = true;
  }

  #putLock(lock: Lock): void {
    const before = this.#locks.get(lock.id);
    if (before !== undefined && before.userId !== lock.userId) {
      this.#locksOfUser.get(before.userId)?.delete(lock.id);
    }
    this.#locks.set(lock.id, lock);
    if (isLive(lock)) this.#liveLockOfSeat.set(lock.seatNumber, lock);
    else if (this.#liveLockOfSeat.get(lock.seatNumber)?.id === lock.id) {
      this.#liveLockOfSeat.delete(lock.seatNumber);
    }
    let ids = this.#locksOfUser.get(lock.userId);
    if (ids === undefined) {
      ids = new Set();
      this.#locksOfUser.set(lock.userId, ids);
    }
    ids.add(lock.id);
  }
}

export interface Changed<Stored> {
  readonly before: Stored | undefined;
  readonly after: Stored;
}

function changedOf<Stored>(
  ids: ReadonlySet<string>,
  now: ReadonlyMap<string, Stored>,
  before: ReadonlyMap<string, Stored>,
): Changed<Stored>[] {
  return [...ids].map((id) => ({ before: before.get(id), after: required(now.get(id)) }));
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('A changed record is missing from its working set.');
  return value;
}
