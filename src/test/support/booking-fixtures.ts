import type { Booking } from '../../booking/booking.js';
import { cancelBookingCommand } from '../../booking/cancel-booking.js';
import { cancelEventCommand } from '../../booking/cancel-event.js';
import { type Change, changeOf } from '../../booking/change.js';
import { checkInCommand, type Scan } from '../../booking/check-in.js';
import { type CheckOutInput, checkOutCommand, LAPSED_LOCKS_COUNT_MS } from '../../booking/check-out.js';
import type { CheckedOut, CheckInAnswer, Command, CommandAnswer } from '../../booking/commands.js';
import { confirmBookingsCommand } from '../../booking/confirm-bookings.js';
import { decide } from '../../booking/decide.js';
import { endReservationsCommand, LOCKS_ENDED_FIRST_MAX } from '../../booking/end-reservations.js';
import { BOOKINGS_EXPIRED_AT_ONCE_MAX, expireBookingsCommand } from '../../booking/expire-bookings.js';
import { expireLocksCommand, LOCKS_EXPIRED_AT_ONCE_MAX } from '../../booking/expire-locks.js';
import {
  expirePaymentsCommand,
  isOverdue,
  PAYMENTS_EXPIRED_AT_ONCE_MAX,
} from '../../booking/expire-payments.js';
import { extendLockCommand } from '../../booking/extend-lock.js';
import { isRequestOf, type Request, requestIdOf } from '../../booking/idempotent-request.js';
import { type LedgerEntry, ledgerEntriesOf } from '../../booking/ledger.js';
import { hasExpired, isLive, type Lock } from '../../booking/lock.js';
import { lockSeatsCommand } from '../../booking/lock-seats.js';
import { mailsOf } from '../../booking/mail-messages.js';
import { needsOccupancy, needsOf } from '../../booking/needs.js';
import { Occupancy } from '../../booking/occupancy.js';
import { messagesOf, type OutboxMessage } from '../../booking/outbox-messages.js';
import { type Payment, type SettlementOutcome, SIMULATED } from '../../booking/payment.js';
import { releaseLockCommand } from '../../booking/release-lock.js';
import type { Rules } from '../../booking/rules.js';
import { seatState } from '../../booking/seat-state.js';
import { settlePaymentCommand } from '../../booking/settle-payment.js';
import { type CardPayment, simulatePaymentCommand } from '../../booking/simulate-payment.js';
import type { TicketClaims } from '../../booking/ticket.js';
import { WorkingSet } from '../../booking/working-set.js';
import { type Event, priceOfSeat, type Section } from '../../catalog/event.js';
import { geometryOf } from '../../catalog/seating-geometry.js';
import { derivedPlan, type SeatingPlan } from '../../catalog/seating-plan.js';
import { DomainError } from '../../core/errors.js';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const DAY_MS = 24 * 60 * MINUTE_MS;

export const NOW = new Date('2026-11-22T10:00:00.000Z');
export const later = (ms: number, from = NOW): Date => new Date(from.getTime() + ms);

/** The defaults of the settings. */
export const RULES: Rules = {
  lockTtlMs: 5 * MINUTE_MS,
  lockMaxLifeMs: 15 * MINUTE_MS,
  pendingBookingTtlMs: 30 * MINUTE_MS,
  seatsPerViewerMax: 10,
  amountProblem: () => null,
};

export const EVENT_ID = 'event0000000';
export const OTHER_EVENT_ID = 'other0000000';
/** Ids in the right form that belong to no record. */
export const NO_LOCK_ID = `lock_${EVENT_ID}_${'0'.repeat(16)}`;
export const NO_BOOKING_ID = `book_${EVENT_ID}_${'0'.repeat(16)}`;
export const NO_PAYMENT_ID = `pay_20261122_1000_${EVENT_ID}${'0'.repeat(16)}`;

const usd = (amount: number) => ({ amount, currency: 'USD' });
const section = (name: string, firstSeatNumber: number, seats: number, price: number | null): Section => ({
  kind: 'seated',
  name,
  firstSeatNumber,
  rows: 1,
  seatsPerRow: seats,
  price: price === null ? null : usd(price),
});

/** Seats 1 to 4 cost 15.00, seats 5 to 8 cost 10.00. For seats 9 to 20 the client chooses the amount. */
export const MIXED_SECTIONS = [
  section('Stalls', 1, 4, 1_500),
  section('Circle', 5, 4, 1_000),
  section('Lawn', 9, 12, null),
];
export const PRICED_SECTIONS = [section('Stalls', 1, 4, 1_500), section('Circle', 5, 16, 1_000)];
export const UNPRICED_SECTIONS = [section('Lawn', 1, 20, null)];

export function eventOf(overrides: Partial<Event> = {}): Event {
  const totalSeats = overrides.totalSeats ?? 20;
  return {
    id: EVENT_ID,
    name: 'Opening night',
    eventDate: later(DAY_MS),
    timeZone: 'UTC',
    totalSeats,
    bookedSeats: 0,
    unbookedSeats: totalSeats,
    heldBackSeats: 0,
    amountPaid: 0,
    version: 0,
    sections: MIXED_SECTIONS,
    price: null,
    planId: null,
    salesStartAt: null,
    salesEndAt: null,
    orphanRule: 'off',
    seatsPerViewerMax: null,
    isDraft: false,
    isPaused: false,
    cancellation: null,
    dateNotice: null,
    refundUntil: null,
    venue: null,
    description: null,
    imageUrl: null,
    revision: 1,
    inputHash: null,
    organizerId: 'olga',
    createdAt: NOW,
    ...overrides,
  };
}

function attempt(call: () => unknown): DomainError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** The code of the call's refusal, or `done`. */
export const codeOf = (call: () => unknown): DomainError['code'] | 'done' => attempt(call)?.code ?? 'done';

/** The call's refusal. A call that is not refused fails the test. */
export function refusalOf(call: () => unknown): DomainError {
  const refusal = attempt(call);
  if (refusal === undefined) throw new Error('The call was not refused.');
  return refusal;
}

/**
 * The collections as maps. A batch loads exactly what `needs.ts` documents, so that a need which a command does not
 * declare is missing here as it would be in the database. `write` checks what the unique index and the narrow updates
 * of the store guarantee.
 */
export class MemoryStore {
  readonly locks = new Map<string, Lock>();
  readonly payments = new Map<string, Payment>();
  readonly bookings = new Map<string, Booking>();
  readonly requests = new Map<string, Request>();
  /** By their ids. The same message again is the same document. */
  readonly outbox = new Map<string, OutboxMessage>();
  readonly mails = new Map<string, ReturnType<typeof mailsOf>[number]>();

  /** @param plan default: derived from the event's sections */
  constructor(
    public event: Event,
    private readonly plan?: SeatingPlan,
  ) {
    deepFreeze(event);
  }

  loadAll(now = NOW): WorkingSet {
    return new WorkingSet({
      event: this.event,
      locks: this.locks.values(),
      payments: this.payments.values(),
      bookings: this.bookings.values(),
      requests: this.requests.values(),
      occupancy: this.#occupancy(now),
    });
  }

  #occupancy(now: Date): Occupancy {
    const taken = pick(this.locks, isLive).map((lock) => seatState(lock.seatNumber, lock));
    const geometry = geometryOf(this.plan ?? derivedPlan(this.event.sections, this.event.totalSeats));
    const occupancy = new Occupancy(geometry, this.event.version, taken);
    occupancy.advanceTo(now);
    return occupancy;
  }

  /** @param furtherSeats seats whose live locks are needed besides those that the commands name */
  load(commands: readonly Command[], now: Date, furtherSeats: Iterable<number> = []): WorkingSet {
    const needs = needsOf(commands);
    const requests = pick(this.requests, (request) => needs.requestIds.has(request.id));
    const isTransferred = ({ userId }: { userId: string }) => needs.transfers.has(userId);
    const transferredRequestIds = new Set<string>();
    for (const [from, to] of needs.transfers) {
      for (const request of pick(this.requests, (each) => isRequestOf(from, each))) {
        transferredRequestIds.add(request.id).add(requestIdOf(to, request));
      }
    }
    const resultIds = new Set(requests.flatMap((request) => request.resultIds));

    const isPastEnd = ({ status, expiresAt }: Booking) =>
      status === 'pending' && expiresAt !== null && expiresAt <= now;
    const overdue = needs.overdueBookings ? pick(this.bookings, isPastEnd) : [];
    const overdueNow = new Set(overdue.slice(0, BOOKINGS_EXPIRED_AT_ONCE_MAX));
    const named = pick(
      this.bookings,
      (booking) =>
        needs.bookingIds.has(booking.id) ||
        resultIds.has(booking.id) ||
        overdueNow.has(booking) ||
        isTransferred(booking),
    );
    const live = needs.liveLocks ? pick(this.locks, isLive).sort((a, b) => a.seatNumber - b.seatNumber) : [];
    const ending = live.slice(0, LOCKS_ENDED_FIRST_MAX);
    const endingUserIds = new Set(ending.map(({ userId }) => userId));
    const expired = needs.expiredLocks ? pick(this.locks, (lock) => hasExpired(lock, now)) : [];
    const expiredNow = new Set(expired.slice(0, LOCKS_EXPIRED_AT_ONCE_MAX));
    const overduePayments = needs.overduePayments ? pick(this.payments, (each) => isOverdue(each, now)) : [];
    const overdueIds = new Set(overduePayments.slice(0, PAYMENTS_EXPIRED_AT_ONCE_MAX).map(({ id }) => id));

    // Follows references until no new record is found.
    const bookingIds = new Set(named.map(({ id }) => id));
    const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);
    const paymentIds = new Set([
      ...needs.paymentIds,
      ...resultIds,
      ...overdueIds,
      ...idsOf(pick(this.payments, isTransferred)),
    ]);
    const lockIds = new Set([...needs.lockIds, ...resultIds, ...idsOf(pick(this.locks, isTransferred))]);
    const seatNumbers = new Set([...needs.seatNumbers, ...furtherSeats]);
    const userIds = new Set(needs.userIds);
    const endingPaymentIds = new Set(overdueIds);
    const found = [bookingIds, paymentIds, lockIds, seatNumbers, userIds, endingPaymentIds];
    const countFound = () => found.reduce((sum, { size }) => sum + size, 0);
    for (let before = -1; before < countFound(); ) {
      before = countFound();
      for (const booking of pick(this.bookings, ({ id }) => bookingIds.has(id))) {
        paymentIds.add(booking.paymentId);
        lockIds.add(booking.lockId);
        if (needs.endingBookingIds.has(booking.id)) endingPaymentIds.add(booking.paymentId);
      }
      for (const lock of this.locks.values()) {
        const isAsked = seatNumbers.has(lock.seatNumber) || userIds.has(lock.userId);
        const isOfLate =
          lock.endedAt !== null && lock.endedAt.getTime() > now.getTime() - LAPSED_LOCKS_COUNT_MS;
        const hasLapsed = lock.status === 'expired' && isOfLate && needs.lapsedUserIds.has(lock.userId);
        if ((isLive(lock) && isAsked) || hasLapsed || expiredNow.has(lock)) lockIds.add(lock.id);
        const endsWithEvent = isLive(lock) && endingUserIds.has(lock.userId);
        if (endsWithEvent) {
          lockIds.add(lock.id);
          if (lock.bookingId !== null) bookingIds.add(lock.bookingId);
        }
        const mayEnd =
          endsWithEvent ||
          hasExpired(lock, now) ||
          needs.endingLockIds.has(lock.id) ||
          (isLive(lock) && needs.endingUserIds.has(lock.userId));
        if (!lockIds.has(lock.id) || !mayEnd || lock.paymentId === null) continue;
        paymentIds.add(lock.paymentId);
        endingPaymentIds.add(lock.paymentId);
      }
      for (const payment of pick(this.payments, ({ id }) => paymentIds.has(id))) {
        const isSettled = needs.settledPaymentIds.has(payment.id);
        if (isSettled) userIds.add(payment.userId);
        if (!isSettled && (payment.status !== 'pending' || !endingPaymentIds.has(payment.id))) continue;
        for (const { lockId, seatNumber } of payment.shares) {
          lockIds.add(lockId);
          if (isSettled) seatNumbers.add(seatNumber);
          const bookingId = this.locks.get(lockId)?.bookingId;
          if (bookingId) bookingIds.add(bookingId);
        }
      }
    }
    return new WorkingSet({
      event: this.event,
      locks: pick(this.locks, ({ id }) => lockIds.has(id)),
      payments: pick(this.payments, ({ id }) => paymentIds.has(id)),
      bookings: pick(this.bookings, ({ id }) => bookingIds.has(id)),
      requests: pick(this.requests, ({ id }) => needs.requestIds.has(id) || transferredRequestIds.has(id)),
      occupancy: needsOccupancy(this.event, commands) ? this.#occupancy(now) : null,
    });
  }

  /** Writes a batch's changes as the store does: the event's counters only together with a new version. */
  write(set: WorkingSet, now: Date): Change | null {
    for (const { before, after } of set.changedLocks()) {
      mustKeep(before, after, ['eventId', 'seatNumber', 'createdAt']);
      this.locks.set(after.id, deepFreeze(after));
    }
    for (const { before, after } of set.changedPayments()) {
      mustKeep(before, after, ['eventId', 'amount', 'currency', 'createdAt']);
      this.payments.set(after.id, deepFreeze(after));
    }
    for (const { before, after } of set.changedBookings()) {
      mustKeep(before, after, ['eventId', 'seatNumber', 'lockId', 'paymentId', 'requestId']);
      this.bookings.set(after.id, deepFreeze(after));
    }
    for (const id of set.removedRequestIds()) this.requests.delete(id);
    for (const request of set.newRequests()) {
      if (this.requests.has(request.id)) throw new Error(`Request ${request.id} was made twice.`);
      this.requests.set(request.id, deepFreeze(request));
    }
    const taken = pick(this.locks, isLive).map((lock) => lock.seatNumber);
    if (new Set(taken).size !== taken.length) throw new Error('A seat has two live locks.');

    for (const message of messagesOf(set)) {
      if (message.kind === 'refundShare' && this.outbox.has(message.id))
        throw new Error(`${message.id} was decided twice.`);
      this.outbox.set(message.id, deepFreeze(message));
    }
    for (const mail of mailsOf(set)) {
      // A buyer who gets bookings by several merges is mailed about a new date once.
      if (this.mails.has(mail.id) && mail.kind !== 'mailNewDate')
        throw new Error(`${mail.id} was decided twice.`);
      this.mails.set(mail.id, deepFreeze(mail));
    }
    const change = changeOf(set, now);
    const { bookedSeats, unbookedSeats, heldBackSeats, amountPaid } = set.event;
    this.event = deepFreeze({ ...this.event, ...(set.changedSettings() ?? {}), amountPaid });
    if (change?.version != null) {
      const { version } = change;
      this.event = deepFreeze({ ...this.event, bookedSeats, unbookedSeats, heldBackSeats, version });
    }
    return change;
  }
}

const pick = <Stored>(from: ReadonlyMap<string, Stored>, isWanted: (stored: Stored) => boolean): Stored[] =>
  [...from.values()].filter(isWanted);

/** The rules must be pure: writing into a stored record fails. */
function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}

function mustKeep<Stored>(
  before: Stored | undefined,
  after: Stored,
  fields: readonly (keyof Stored)[],
): void {
  if (before === undefined) return;
  const earlier: Stored = before;
  const changed = fields.filter((field) => earlier[field] !== after[field]);
  if (changed.length > 0) throw new Error(`${changed.join(', ')} can never change.`);
}

/** One record for each of the given things. */
type Of<Made, Named extends readonly unknown[]> = { readonly [Index in keyof Named]: Made };

/** A box office of one event: every call is a batch of one command, decided on exactly the records it needs. */
export class BoxOffice {
  now = NOW;
  readonly store: MemoryStore;
  /** What each batch announced, or null. */
  readonly announced: (Change | null)[] = [];
  /** What happened to seats so far, in order. */
  readonly history: LedgerEntry[] = [];
  #requests = 0;

  constructor(
    event: Event = eventOf(),
    readonly rules = RULES,
    plan?: SeatingPlan,
  ) {
    this.store = new MemoryStore(event, plan);
  }

  /** @throws the refusal */
  submit<C extends Command>(command: C): CommandAnswer<C> {
    let set = this.store.load([command], this.now);
    let { outcome, changes } = decide(set, command, this.now, this.rules);
    if (set.missingLocks.size > 0) {
      set = this.store.load([command], this.now, set.missingLocks);
      ({ outcome, changes } = decide(set, command, this.now, this.rules));
    }
    if ('refusal' in outcome) throw outcome.refusal;
    this.history.push(...ledgerEntriesOf(set, command, changes));
    set.apply(changes);
    this.announced.push(this.store.write(set, this.now));
    return outcome.answer as CommandAnswer<C>;
  }

  wait(ms: number): void {
    this.now = later(ms, this.now);
  }

  /** One lock for each of the given seats. */
  lock<const Seats extends readonly number[]>(userId: string, seatNumbers: Seats): Of<Lock, Seats> {
    const locks = this.submit(lockSeatsCommand(userId, this.store.event.id, seatNumbers));
    return locks as Of<Lock, Seats>;
  }

  lockOne = (userId: string, seatNumber: number): Lock => this.lock(userId, [seatNumber])[0] as Lock;

  release = (userId: string, { id }: { id: string }): Lock => this.submit(releaseLockCommand(userId, id));

  extend = (userId: string, { id }: { id: string }): Lock => this.submit(extendLockCommand(userId, id));

  /** Pays the price of the seats, by default 9.00 for a seat without a price. */
  pay(
    userId: string,
    locks: readonly { id: string; seatNumber?: number }[],
    card: Partial<CardPayment> = {},
  ): Payment {
    const cost = ({ seatNumber = 1 }) => priceOfSeat(this.store.event, seatNumber)?.amount ?? 900;
    const amount = locks.reduce((sum, lock) => sum + cost(lock), 0);
    const lockIds = locks.map((lock) => lock.id);
    const input = { lockIds, amount, currency: 'USD', cardStatus: 'success' as const, ...card };
    return this.submit(simulatePaymentCommand(userId, input, this.now));
  }

  settle(userId: string | null, { id }: { id: string }, outcome: SettlementOutcome): Payment {
    return this.submit(settlePaymentCommand(userId, id, outcome));
  }

  confirm<const Locks extends readonly { id: string }[]>(
    userId: string,
    locks: Locks,
    payment: { id: string },
    requestId = `request-${++this.#requests}`,
  ): Of<Booking, Locks> {
    const lockIds = locks.map((lock) => lock.id);
    const confirmation = { lockIds, paymentId: payment.id, requestId };
    const bookings = this.submit(confirmBookingsCommand('confirmBookings', userId, confirmation));
    return bookings as readonly Booking[] as Of<Booking, Locks>;
  }

  cancel = (userId: string, { id }: { id: string }): Booking => this.submit(cancelBookingCommand(userId, id));

  /** Scans a ticket at the entrance, as the organizer. */
  checkIn(ticket: TicketClaims | null, scan: Partial<Scan> & { by?: string } = {}): CheckInAnswer {
    const { by = this.store.event.organizerId, ...rest } = scan;
    const code = JSON.stringify(ticket);
    const whole = { eventId: this.store.event.id, code, scanId: `scan-${++this.#requests}`, at: this.now };
    return this.submit(checkInCommand(by, { ...whole, ...rest }, ticket));
  }

  expireLocks = () => this.submit(expireLocksCommand(this.store.event.id));

  expireBookings = () => this.submit(expireBookingsCommand(this.store.event.id));

  expirePayments = () => this.submit(expirePaymentsCommand(this.store.event.id));

  /** As the organizer. */
  cancelEvent = (reason?: string) =>
    this.submit(cancelEventCommand(this.store.event.organizerId, this.store.event.id, reason));

  /** One step of a cancelled event. */
  endReservations = () => this.submit(endReservationsCommand(this.store.event.id));

  transfer = (fromUserId: string, toUserId: string) =>
    this.submit({ kind: 'transferReservations', eventId: this.store.event.id, fromUserId, toUserId });

  /** Pays for what the user holds and books it, by default for a sum that the seats' prices allow. */
  checkOut(userId: string, input: Partial<CheckOutInput> = {}, provider: string = SIMULATED): CheckedOut {
    const requestId = `request-${++this.#requests}`;
    const given = { eventId: this.store.event.id, requestId, ...input };
    return this.submit(checkOutCommand(userId, given, `${userId}@example.com`, provider, this.now));
  }

  /** Locks, pays and confirms. With a `processing` card the bookings are PENDING. */
  book<const Seats extends readonly number[]>(
    userId: string,
    seatNumbers: Seats,
    card: Partial<CardPayment> = {},
  ) {
    const locks = this.lock(userId, seatNumbers);
    const payment = this.pay(userId, locks, card);
    const bookings = this.confirm(userId, locks, payment) as readonly Booking[] as Of<Booking, Seats>;
    return { locks, payment, bookings };
  }

  bookOne(userId: string, seatNumber: number, card: Partial<CardPayment> = {}) {
    const { locks, payment, bookings } = this.book(userId, [seatNumber], card);
    return { lock: locks[0], payment, booking: bookings[0] };
  }

  /** The stored records. */
  lockNow = ({ id }: { id: string }): Lock => must(this.store.locks.get(id));
  paymentNow = ({ id }: { id: string }): Payment => must(this.store.payments.get(id));
  bookingNow = ({ id }: { id: string }): Booking => must(this.store.bookings.get(id));
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('There is no such record.');
  return value;
}
