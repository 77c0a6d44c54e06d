import type { mongo } from 'mongoose';
import { isOfSeat } from '../../src/booking/ledger.js';
import { EVENT_ORGANIZER, isLive } from '../../src/booking/lock.js';
import { seatState } from '../../src/booking/seat-state.js';
import { ledgerEntriesFrom } from '../../src/store/ledger-documents.js';
import type { BookingDocument } from '../../src/store/models/booking.model.js';
import type { ChangeDocument } from '../../src/store/models/change.model.js';
import type { EventDocument } from '../../src/store/models/event.model.js';
import type { LedgerDocument } from '../../src/store/models/ledger.model.js';
import type { PaymentDocument } from '../../src/store/models/payment.model.js';
import type { SeatLockDocument } from '../../src/store/models/seat-lock.model.js';
import type { Acknowledged } from '../rush/sale-record.js';
import { nowMs } from './call-history.js';
import type { FinalSeat, Finals } from './seat-operation.js';

/** Everything that the database has of one event, read without a server. */
export interface DatabaseState {
  readonly event: EventDocument;
  readonly locks: readonly SeatLockDocument[];
  readonly bookings: readonly BookingDocument[];
  readonly payments: readonly PaymentDocument[];
  readonly changes: readonly ChangeDocument[];
  readonly ledger: readonly LedgerDocument[];
  /** When it was read; milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The API's answer about the same event. */
export interface ReportedCounts {
  readonly totalSeats: number;
  readonly availableSeats: number;
  readonly lockedSeats: number;
  readonly bookedSeats: number;
  readonly offSaleSeats: number;
  readonly version: number;
  readonly statuses: string;
}

/** A request that was repeated after the sale because an answer was missing. */
export interface Repeated {
  readonly requestId: string;
  /** The locks that it had to book; of a check-out the seats, and none if the card was refused. */
  readonly wanted: readonly (string | number)[];
  /** The bookings of the answer; null if it was refused. */
  readonly bookingIds: readonly string[] | null;
  readonly refusal: string | null;
  /** The bookings of an earlier answer. */
  readonly earlierIds: readonly string[] | null;
}

export const DATABASE_CHECKS = {
  lost: 'acknowledged bookings without their payment and their used lock',
  repeated: 'repeated requests without exactly one effect',
  owners: 'seats with two owners',
  limit: 'people with more seats than one may have',
  sums: 'counts that differ from the records',
  money: 'payments kept without a seat, or refunded wrongly',
  counterparts: 'documents without their counterpart',
  versions: 'gaps in the versions, or a map that differs from the changes',
  history: 'versions at which the ledger adds up to another map',
} as const;
export type DatabaseCheck = keyof typeof DATABASE_CHECKS;

const LETTERS = { available: 'A', locked: 'L', booked: 'B', offSale: 'X' } as const;

/** The server's default, which the chaos rounds use. */
export const SEATS_PER_VIEWER_MAX = 10;

/** Reads everything in one snapshot, so that a running job cannot change it meanwhile. */
export async function readDatabase(
  client: mongo.MongoClient,
  database: mongo.Db,
  eventId: string,
): Promise<DatabaseState> {
  const fromMs = nowMs();
  const session = client.startSession({ snapshot: true });
  try {
    const find = <Document extends object>(name: string, query: object = { eventId }) =>
      database.collection(name).find(query, { session }).toArray() as unknown as Promise<Document[]>;
    const [event] = await find<EventDocument>('events', { _id: eventId });
    if (event === undefined) throw new Error(`The database has no event ${eventId}.`);
    const locks = await find<SeatLockDocument>('seatlocks');
    const bookings = await find<BookingDocument>('bookings');
    const payments = await find<PaymentDocument>('payments');
    const changes = await find<ChangeDocument>('changes');
    const ledger = await find<LedgerDocument>('ledger');
    return { event, locks, bookings, payments, changes, ledger, fromMs, toMs: nowMs() };
  } finally {
    await session.endSession();
  }
}

const statusOf = ({ status, expiresAt }: SeatLockDocument) => seatState(1, { status, expiresAt }).status;
const hasExpired = ({ status, expiresAt }: SeatLockDocument, atMs: number): boolean =>
  status !== 'used' && expiresAt.getTime() <= atMs;

/** The owner of each seat, for the check of linearizability. */
export function finalsOf({ event, locks, fromMs, toMs }: DatabaseState): Finals {
  const seats = Array.from(
    { length: event.totalSeats },
    (_, index): FinalSeat => ({ seatNumber: index + 1, letter: 'A', lockId: '', bookingId: '' }),
  );
  for (const lock of locks.filter(isLive)) {
    const { _id: lockId, seatNumber, bookingId } = lock;
    if (hasExpired(lock, toMs)) continue;
    const letter = LETTERS[statusOf(lock)];
    seats[seatNumber - 1] = { seatNumber, letter, lockId, bookingId: bookingId ?? '' };
  }
  return { seats, fromMs, toMs };
}

/** Compares the database with itself, with the answers to clients and with the API. */
export function auditDatabase(
  state: DatabaseState,
  acknowledged: Iterable<Acknowledged>,
  repeated: readonly Repeated[],
  reported: ReportedCounts,
): Record<DatabaseCheck, string[]> {
  return {
    lost: lostBookings(state, acknowledged),
    repeated: repeated.flatMap((request) => wrongRepeat(state, request)),
    owners: [
      ...seatsTwice('live locks', state.locks.filter(isLive)),
      ...seatsTwice(
        'bookings',
        state.bookings.filter(({ status }) => status !== 'cancelled'),
      ),
    ],
    limit: overTheLimit(state),
    sums: wrongSums(state, reported),
    money: wrongMoney(state),
    counterparts: withoutCounterpart(state),
    versions: wrongVersions(state),
    history: wrongHistory(state),
  };
}

function lostBookings(
  { bookings, locks, payments }: DatabaseState,
  acknowledged: Iterable<Acknowledged>,
): string[] {
  const wrong: string[] = [];
  for (const { bookingId, seatNumber } of acknowledged) {
    const [booking, second] = bookings.filter(({ _id }) => _id === bookingId);
    if (booking === undefined || second !== undefined || booking.seatNumber !== seatNumber) {
      wrong.push(`booking ${bookingId} of seat ${seatNumber} is ${booking ? 'different' : 'missing'}`);
      continue;
    }
    const lock = locks.find(({ _id }) => _id === booking.lockId);
    const payment = payments.find(({ paymentId }) => paymentId === booking.paymentId);
    const isCancelled = booking.status === 'cancelled';
    if (payment === undefined) wrong.push(`booking ${bookingId} has no payment`);
    else if (!payment.shares.some(({ lockId }) => lockId === booking.lockId)) {
      wrong.push(`booking ${bookingId} has a payment for something else`);
    }
    if (lock?.bookingId !== bookingId || (lock.status === 'used') === isCancelled) {
      wrong.push(`booking ${bookingId} is ${booking.status}, and its lock ${lock?.status ?? 'is missing'}`);
    }
  }
  return wrong;
}

function wrongRepeat({ bookings }: DatabaseState, repeated: Repeated): string[] {
  const { requestId, wanted, bookingIds, refusal, earlierIds } = repeated;
  const found = bookings.filter((booking) => booking.requestId === requestId);
  const say = (what: string) => [`request ${requestId}: ${what}`];
  if (bookingIds === null) {
    if (earlierIds !== null) return say(`was answered first, and then refused with ${refusal}`);
    return found.length === 0 ? [] : say(`was refused with ${refusal} and has ${found.length} bookings`);
  }
  if (earlierIds !== null && String(earlierIds) !== String(bookingIds)) {
    return say(`was answered with ${earlierIds}, and then with ${bookingIds}`);
  }
  const bookingsOf = (one: string | number) =>
    found.filter(({ lockId, seatNumber }) => one === (typeof one === 'string' ? lockId : seatNumber));
  if (found.length === wanted.length && wanted.every((one) => bookingsOf(one).length === 1)) return [];
  return say(`${found.length} bookings for ${wanted.length} seats`);
}

function seatsTwice(what: string, all: readonly { readonly seatNumber: number }[]): string[] {
  const counts = new Map<number, number>();
  for (const { seatNumber } of all) counts.set(seatNumber, (counts.get(seatNumber) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([seat, count]) => `seat ${seat}: ${count} ${what}`);
}

/** Expired locks do not count, bookings do. What the organizer holds back or books without payment has no limit. */
function overTheLimit({ locks, toMs }: DatabaseState): string[] {
  const counts = new Map<string, number>();
  for (const lock of locks.filter(isLive)) {
    if (lock.userId === EVENT_ORGANIZER || hasExpired(lock, toMs)) continue;
    counts.set(lock.userId, (counts.get(lock.userId) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > SEATS_PER_VIEWER_MAX)
    .map(([userId, count]) => `user ${userId} has ${count} seats`);
}

function wrongSums({ event, locks, bookings, toMs }: DatabaseState, reported: ReportedCounts): string[] {
  const booked = bookings.filter(({ status }) => status !== 'cancelled').length;
  const [locked, offSale] = (['active', 'heldBack'] as const).map(
    (status) => locks.filter((lock) => lock.status === status && !hasExpired(lock, toMs)).length,
  ) as [number, number];
  const heldBack = locks.filter(({ status }) => status === 'heldBack').length;
  const total = event.totalSeats;
  const pairs: [string, number, number][] = [
    ['bookedSeats in the database', event.bookedSeats, booked],
    ['availableSeats in the database', event.availableSeats, total - booked],
    ['totalSeats reported', reported.totalSeats, total],
    ['bookedSeats reported', reported.bookedSeats, booked],
    ['lockedSeats reported', reported.lockedSeats, locked],
    ['heldBackSeats in the database', event.heldBackSeats ?? 0, heldBack],
    ['offSaleSeats reported', reported.offSaleSeats, offSale],
    ['availableSeats reported', reported.availableSeats, total - booked - locked - offSale],
    [
      'available + locked + booked + offSale',
      reported.availableSeats + reported.lockedSeats + reported.bookedSeats + reported.offSaleSeats,
      total,
    ],
    ['X on the map', reported.statuses.split('X').length - 1, offSale],
    ['B on the map', reported.statuses.split('B').length - 1, booked],
    ['L on the map', reported.statuses.split('L').length - 1, locked],
    ['version reported', reported.version, event.version],
  ];
  return pairs.flatMap(([what, actual, expected]) =>
    actual === expected ? [] : [`${what}: ${actual} instead of ${expected}`],
  );
}

function wrongMoney({ locks, bookings, payments }: DatabaseState): string[] {
  const lockById = new Map(locks.map((lock) => [lock._id, lock]));
  const bookingById = new Map(bookings.map((booking) => [booking._id, booking]));
  return payments.flatMap(({ paymentId, status, amount, refundedAmount, shares }) => {
    const wrong: string[] = [];
    const say = (what: string) => wrong.push(`${paymentId} (${status}) ${what}`);
    const refunds = shares.filter(({ refunded }) => refunded).reduce((sum, share) => sum + share.amount, 0);
    if (refunds !== refundedAmount) say(`has refundedAmount ${refundedAmount}, its shares ${refunds}`);
    if ((status === 'refunded') !== shares.every(({ refunded }) => refunded))
      say(`refunded ${refundedAmount} of ${amount}`);
    if (status !== 'completed') return wrong;
    for (const { lockId, refunded } of shares) {
      const lock = lockById.get(lockId);
      const keeps = lock !== undefined && lock.paymentId === paymentId && isLive(lock);
      if (keeps === refunded)
        say(`${refunded ? 'refunded' : 'keeps'} the money of lock ${lockId} (${lock?.status})`);
      if (lock?.status === 'used' && bookingById.get(lock.bookingId ?? '')?.status !== 'confirmed') {
        say(`paid for lock ${lockId}, whose booking is not confirmed`);
      }
    }
    return wrong;
  });
}

function withoutCounterpart({ locks, bookings }: DatabaseState): string[] {
  const bookingById = new Map(bookings.map((booking) => [booking._id, booking]));
  const lockById = new Map(locks.map((lock) => [lock._id, lock]));
  return [
    ...locks
      .filter(
        ({ _id, status, bookingId }) => status === 'used' && bookingById.get(bookingId ?? '')?.lockId !== _id,
      )
      .map(({ _id }) => `lock ${_id} is used, and has no booking`),
    ...bookings
      .filter(({ _id, lockId }) => lockById.get(lockId)?.bookingId !== _id)
      .map(({ _id }) => `booking ${_id} has no lock`),
  ];
}

function wrongVersions({ event, locks, changes }: DatabaseState): string[] {
  const numbered = changes
    .filter(({ version }) => version !== null)
    .sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
  const gap = numbered.findIndex(({ version }, index) => version !== index + 1);
  if (gap !== -1) return [`version ${gap + 1} is followed by ${numbered[gap]?.version}`];
  if (numbered.length !== event.version) return [`${numbered.length} changes, and version ${event.version}`];
  const announced = new Map<number, string>();
  for (const { seats } of numbered)
    for (const { seatNumber, status } of seats) announced.set(seatNumber, status);
  const taken = new Map(locks.filter(isLive).map((lock) => [lock.seatNumber, statusOf(lock)]));
  return Array.from({ length: event.totalSeats }, (_, index) => index + 1).flatMap((seat) => {
    const inChanges = announced.get(seat) ?? 'available';
    const inLocks = taken.get(seat) ?? 'available';
    return inChanges === inLocks ? [] : [`seat ${seat} was announced as ${inChanges}, and is ${inLocks}`];
  });
}

function wrongHistory({ event, changes, ledger }: DatabaseState): string[] {
  const [inChanges, inLedger] = [new Map<number, string>(), new Map<number, string>()];
  const batches = [...ledger].sort((a, b) => a.turn - b.turn);
  const wrong: string[] = [];
  for (let version = 1; version <= event.version; version++) {
    const changed = changes.filter((change) => change.version === version).flatMap(({ seats }) => seats);
    for (const { seatNumber, status } of changed) inChanges.set(seatNumber, status);
    const entries = batches
      .filter((batch) => batch.version === version)
      .flatMap(ledgerEntriesFrom)
      .filter(isOfSeat);
    for (const { seatNumber, after } of entries) inLedger.set(seatNumber, after);
    for (const { seatNumber } of [...changed, ...entries]) {
      const [one, other] = [inChanges, inLedger].map((map) => map.get(seatNumber) ?? 'available');
      if (one !== other)
        wrong.push(`version ${version}: seat ${seatNumber} is ${one}, and ${other} in the ledger`);
    }
  }
  return wrong;
}
