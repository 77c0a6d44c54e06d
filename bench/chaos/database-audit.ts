import type { mongo } from 'mongoose';
import type { BookingDocument } from '../../src/store/models/booking.model.js';
import type { ChangeDocument } from '../../src/store/models/change.model.js';
import type { EventDocument } from '../../src/store/models/event.model.js';
import type { PaymentDocument } from '../../src/store/models/payment.model.js';
import type { SeatLockDocument } from '../../src/store/models/seat-lock.model.js';
import type { Acknowledged } from '../rush/sale-record.js';
import { nowMs } from './call-history.js';
import type { FinalSeat, Finals } from './seat-operations.js';

/** All that the database has of one event, read past the server. */
export interface DatabaseState {
  readonly event: EventDocument;
  readonly locks: readonly SeatLockDocument[];
  readonly bookings: readonly BookingDocument[];
  readonly payments: readonly PaymentDocument[];
  readonly changes: readonly ChangeDocument[];
  /** When it was read; milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the API says of the same event. */
export interface ReportedCounts {
  readonly totalSeats: number;
  readonly availableSeats: number;
  readonly lockedSeats: number;
  readonly bookedSeats: number;
  readonly version: number;
  readonly statuses: string;
}

/** A request that was sent again after everything was over, because some answer to it never came. */
export interface Repeated {
  readonly requestId: string;
  readonly lockIds: readonly string[];
  /** The bookings of the answer; null where it was refused. */
  readonly bookingIds: readonly string[] | null;
  readonly refusal: string | null;
  /** Those of an earlier answer. */
  readonly earlierIds: readonly string[] | null;
}

export const BOOK_CHECKS = {
  lost: 'acknowledged bookings without their payment and their used lock',
  repeated: 'requests that, repeated, are not exactly one',
  owners: 'seats with two owners',
  limit: 'people with more seats than one may have',
  sums: 'counts that do not add up to what is there',
  money: 'payments kept for nothing, or given back wrongly',
  halves: 'documents whose counterpart is missing',
  versions: 'holes in the versions, or a map that they do not add up to',
} as const;
export type BookCheck = keyof typeof BOOK_CHECKS;

/** The server's default, with which the servers of the chaos rounds run. */
export const SEATS_PER_VIEWER_MAX = 10;

/** In one snapshot, so that a job that is at work does not blur it. */
export async function readBooks(
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
    return { event, locks, bookings, payments, changes, fromMs, toMs: nowMs() };
  } finally {
    await session.endSession();
  }
}

const isLive = ({ status }: SeatLockDocument): boolean => status === 'active' || status === 'used';

/** Who holds which seat, for the check of what clients saw. */
export function finalsOf({ event, locks, fromMs, toMs }: DatabaseState): Finals {
  const seats = Array.from(
    { length: event.totalSeats },
    (_, index): FinalSeat => ({ seatNumber: index + 1, letter: 'A', lockId: '', bookingId: '' }),
  );
  for (const lock of locks.filter(isLive)) {
    const { _id: lockId, seatNumber, status, bookingId, expiresAt } = lock;
    if (status === 'active' && expiresAt.getTime() <= toMs) continue;
    const letter = status === 'used' ? 'B' : 'L';
    seats[seatNumber - 1] = { seatNumber, letter, lockId, bookingId: bookingId ?? '' };
  }
  return { seats, fromMs, toMs };
}

/** Holds the database against itself, against what clients were told and against what the API says. */
export function auditDatabase(
  books: DatabaseState,
  acknowledged: Iterable<Acknowledged>,
  repeated: readonly Repeated[],
  told: ReportedCounts,
): Record<BookCheck, string[]> {
  return {
    lost: lostBookings(books, acknowledged),
    repeated: repeated.flatMap((request) => wrongRepeat(books, request)),
    owners: [
      ...seatsTwice('live locks', books.locks.filter(isLive)),
      ...seatsTwice(
        'bookings',
        books.bookings.filter(({ status }) => status !== 'cancelled'),
      ),
    ],
    limit: overTheLimit(books),
    sums: wrongSums(books, told),
    money: wrongMoney(books),
    halves: halves(books),
    versions: wrongVersions(books),
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
      wrong.push(
        `booking ${bookingId} of seat ${seatNumber} is there ${booking ? 'otherwise' : 'not at all'}`,
      );
      continue;
    }
    const lock = locks.find(({ _id }) => _id === booking.lockId);
    const payment = payments.find(({ paymentId }) => paymentId === booking.paymentId);
    const isStanding = booking.status !== 'cancelled';
    if (payment === undefined) wrong.push(`booking ${bookingId} has no payment`);
    else if (!payment.shares.some(({ lockId }) => lockId === booking.lockId)) {
      wrong.push(`booking ${bookingId} has a payment for something else`);
    }
    if (lock?.bookingId !== bookingId || (lock.status === 'used') !== isStanding) {
      wrong.push(`booking ${bookingId} is ${booking.status}, and its lock ${lock?.status ?? 'is missing'}`);
    }
  }
  return wrong;
}

function wrongRepeat({ bookings }: DatabaseState, repeated: Repeated): string[] {
  const { requestId, lockIds, bookingIds, refusal, earlierIds } = repeated;
  const there = bookings.filter((booking) => booking.requestId === requestId);
  const say = (what: string) => [`request ${requestId}: ${what}`];
  if (bookingIds === null) {
    if (earlierIds !== null) return say(`was answered, and then refused with ${refusal}`);
    return there.length === 0 ? [] : say(`was refused with ${refusal} and has ${there.length} bookings`);
  }
  if (earlierIds !== null && String(earlierIds) !== String(bookingIds)) {
    return say(`was answered with ${earlierIds}, and then with ${bookingIds}`);
  }
  const perLock = lockIds.map((lockId) => there.filter((booking) => booking.lockId === lockId).length);
  if (there.length === lockIds.length && perLock.every((count) => count === 1)) return [];
  return say(`${there.length} bookings for ${lockIds.length} locks`);
}

function seatsTwice(what: string, all: readonly { readonly seatNumber: number }[]): string[] {
  const counts = new Map<number, number>();
  for (const { seatNumber } of all) counts.set(seatNumber, (counts.get(seatNumber) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([seat, count]) => `seat ${seat}: ${count} ${what}`);
}

/** Lapsed locks do not count, bookings do. */
function overTheLimit({ locks, toMs }: DatabaseState): string[] {
  const counts = new Map<string, number>();
  for (const { userId, status, expiresAt } of locks.filter(isLive)) {
    if (status === 'active' && expiresAt.getTime() <= toMs) continue;
    counts.set(userId, (counts.get(userId) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > SEATS_PER_VIEWER_MAX)
    .map(([userId, count]) => `user ${userId} has ${count} seats`);
}

function wrongSums({ event, locks, bookings, toMs }: DatabaseState, told: ReportedCounts): string[] {
  const standing = bookings.filter(({ status }) => status !== 'cancelled').length;
  const locked = locks.filter(
    ({ status, expiresAt }) => status === 'active' && expiresAt.getTime() > toMs,
  ).length;
  const total = event.totalSeats;
  const pairs: [string, number, number][] = [
    ['bookedSeats in the database', event.bookedSeats, standing],
    ['availableSeats in the database', event.availableSeats, total - standing],
    ['totalSeats told', told.totalSeats, total],
    ['bookedSeats told', told.bookedSeats, standing],
    ['lockedSeats told', told.lockedSeats, locked],
    ['availableSeats told', told.availableSeats, total - standing - locked],
    ['available + locked + booked', told.availableSeats + told.lockedSeats + told.bookedSeats, total],
    ['B on the map', told.statuses.split('B').length - 1, standing],
    ['L on the map', told.statuses.split('L').length - 1, locked],
    ['version told', told.version, event.version],
  ];
  return pairs.flatMap(([what, is, ought]) =>
    is === ought ? [] : [`${what}: ${is}, and ${ought} are there`],
  );
}

function wrongMoney({ locks, bookings, payments }: DatabaseState): string[] {
  const lockById = new Map(locks.map((lock) => [lock._id, lock]));
  const bookingById = new Map(bookings.map((booking) => [booking._id, booking]));
  return payments.flatMap(({ paymentId, status, amount, refundedAmount, shares }) => {
    const wrong: string[] = [];
    const say = (what: string) => wrong.push(`${paymentId} (${status}) ${what}`);
    const given = shares.filter(({ refunded }) => refunded).reduce((sum, share) => sum + share.amount, 0);
    if (given !== refundedAmount) say(`says ${refundedAmount} was given back, its shares ${given}`);
    if ((status === 'refunded') !== (refundedAmount === amount))
      say(`gave back ${refundedAmount} of ${amount}`);
    if (status !== 'completed') return wrong;
    for (const { lockId, refunded } of shares) {
      const lock = lockById.get(lockId);
      const keeps = lock !== undefined && lock.paymentId === paymentId && isLive(lock);
      if (keeps === refunded)
        say(`${refunded ? 'gave back' : 'keeps'} the money of lock ${lockId} (${lock?.status})`);
      if (lock?.status === 'used' && bookingById.get(lock.bookingId ?? '')?.status !== 'confirmed') {
        say(`paid for lock ${lockId}, whose booking is not confirmed`);
      }
    }
    return wrong;
  });
}

function halves({ locks, bookings }: DatabaseState): string[] {
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
  const hole = numbered.findIndex(({ version }, index) => version !== index + 1);
  if (hole !== -1) return [`version ${hole + 1} is followed by ${numbered[hole]?.version}`];
  if (numbered.length !== event.version) return [`${numbered.length} changes, and version ${event.version}`];
  const told = new Map<number, string>();
  for (const { seats } of numbered) for (const { seatNumber, status } of seats) told.set(seatNumber, status);
  const taken = new Map(
    locks
      .filter(isLive)
      .map(({ seatNumber, status }) => [seatNumber, status === 'used' ? 'booked' : 'locked']),
  );
  return Array.from({ length: event.totalSeats }, (_, index) => index + 1).flatMap((seat) => {
    const [is, ought] = [told.get(seat) ?? 'available', taken.get(seat) ?? 'available'];
    return is === ought ? [] : [`seat ${seat} was told to be ${is}, and is ${ought}`];
  });
}
