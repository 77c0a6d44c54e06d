import { type Event, settingsOf } from '../catalog/event.js';
import type { Booking } from './booking.js';
import type { Request } from './idempotent-request.js';
import { isLive, type Lock } from './lock.js';
import type { Occupancy } from './occupancy.js';
import type { Payment } from './payment.js';
import type { Changes, WorkingSet } from './working-set.js';

/**
 * The view of the working set for one command while it is being decided. It reads through to the set, and keeps the
 * command's writes apart. If the command is refused, the draft is discarded and the set is unchanged.
 */
export class Draft {
  readonly #set: WorkingSet;
  #event: Event | null = null;
  readonly #locks = new Map<string, Lock>();
  /** Of this command's locks, those that are live. */
  readonly #liveLockOfSeat = new Map<number, Lock>();
  readonly #payments = new Map<string, Payment>();
  readonly #bookings = new Map<string, Booking>();
  readonly #requests = new Map<string, Request>();
  readonly #removedRequestIds = new Set<string>();

  constructor(set: WorkingSet) {
    this.#set = set;
  }

  get event(): Event {
    return this.#event ?? this.#set.event;
  }

  /** Which seats are free before this command; null if no command of the batch needs to know. */
  get occupancy(): Occupancy | null {
    return this.#set.occupancy;
  }

  /** The seat's lock has expired without a record of it. It must be loaded, and the batch decided again. */
  reportMissingLock(seatNumber: number): void {
    this.#set.missingLocks.add(seatNumber);
  }

  lock = (id: string): Lock | undefined => this.#locks.get(id) ?? this.#set.lock(id);
  payment = (id: string): Payment | undefined => this.#payments.get(id) ?? this.#set.payment(id);
  booking = (id: string): Booking | undefined => this.#bookings.get(id) ?? this.#set.booking(id);
  request = (id: string): Request | undefined =>
    this.#removedRequestIds.has(id) ? undefined : (this.#requests.get(id) ?? this.#set.request(id));

  /** All records before this command, without the command's own writes. */
  locksBeforeCommand = (): Iterable<Lock> => this.#set.locks();
  bookingsBeforeCommand = (): Iterable<Booking> => this.#set.bookings();
  paymentsBeforeCommand = (): Iterable<Payment> => this.#set.payments();
  requestsBeforeCommand = (): Iterable<Request> => this.#set.requests();
  /** All records before the batch. */
  locksBeforeBatch = (): Iterable<Lock> => this.#set.locksBeforeBatch();
  bookingsBeforeBatch = (): Iterable<Booking> => this.#set.bookingsBeforeBatch();

  /** The live lock of a seat, expired or not. */
  liveLockOfSeat(seatNumber: number): Lock | undefined {
    const own = this.#liveLockOfSeat.get(seatNumber);
    if (own !== undefined) return own;
    const lock = this.#set.liveLockOfSeat(seatNumber);
    return lock && !this.#locks.has(lock.id) ? lock : undefined;
  }

  /** A user's loaded locks, whatever their status, with those of this command. */
  locksOfUser(userId: string): Lock[] {
    const locks: Lock[] = [];
    for (const id of this.#set.lockIdsOfUser(userId)) {
      const lock = this.lock(id);
      if (lock !== undefined) locks.push(lock);
    }
    for (const lock of this.#locks.values()) {
      if (lock.userId === userId && this.#set.lock(lock.id) === undefined) locks.push(lock);
    }
    return locks;
  }

  /** Writes the organizer's settings of the event. Its figures follow from the other records. */
  putEvent(event: Event): Event {
    this.#event = event;
    return event;
  }

  putLock(lock: Lock): Lock {
    this.#locks.set(lock.id, lock);
    const { seatNumber } = lock;
    if (isLive(lock)) this.#liveLockOfSeat.set(seatNumber, lock);
    else if (this.#liveLockOfSeat.get(seatNumber)?.id === lock.id) this.#liveLockOfSeat.delete(seatNumber);
    return lock;
  }

  putPayment(payment: Payment): Payment {
    this.#payments.set(payment.id, payment);
    return payment;
  }

  putBooking(booking: Booking): Booking {
    this.#bookings.set(booking.id, booking);
    return booking;
  }

  putRequest(request: Request): void {
    this.#requests.set(request.id, request);
  }

  removeRequest(id: string): void {
    this.#removedRequestIds.add(id);
  }

  /** Whether users whose reservations are transferred have more records than were loaded. */
  get hasMoreToTransfer(): boolean {
    return this.#set.hasMoreToTransfer;
  }

  changes(): Changes {
    return {
      settings: this.#event && settingsOf(this.#event),
      locks: [...this.#locks.values()],
      payments: [...this.#payments.values()],
      bookings: [...this.#bookings.values()],
      requests: [...this.#requests.values()],
      removedRequestIds: [...this.#removedRequestIds],
    };
  }
}
