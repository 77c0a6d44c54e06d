import { listOf } from '../rush/answers.js';
import type { CardStatus } from '../rush/fan-behaviour.js';
import {
  BOOK_HELD_BACK,
  CANCEL_BOOKING,
  CHECK_OUT,
  type CheckOutAnswer,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  EXTEND_LOCK,
  HOLD_BACK,
  HOLD_SEATS,
  LOCK_SEAT,
  LOCK_SEATS,
  PAY,
  READ_MAP,
  RELEASE_HELD_BACK,
  RELEASE_LOCK,
  SETTLE,
} from '../rush/operations.js';
import { wantedSeats } from '../rush/reported-seats.js';
import type { Data } from '../rush/server-api.js';
import { type Call, isUnknown } from './call-history.js';
import type { Finals, SeatOperation } from './seat-operation.js';

/** This process's clock may show an expiry so much earlier than the server's. */
const CLOCK_MARGIN_MS = 50;

interface Variables {
  readonly input?: {
    readonly seatNumbers?: readonly number[];
    readonly simulatedCard?: CardStatus;
    readonly lockId?: string;
    readonly lockIds?: readonly string[];
    readonly requestId?: string;
    readonly paymentId?: string;
    readonly outcome?: string;
  };
  readonly lockId?: string;
  readonly id?: string;
  readonly seatNumbers?: readonly number[];
}

interface Item {
  readonly id: string;
  readonly seatNumber: number;
  readonly expiresAt: string | null;
  readonly paymentId: string;
  readonly status: string;
}

interface Received {
  readonly seatOfLock: Map<string, number>;
  readonly seatOfBooking: Map<string, number>;
  /** Bookings by payment. */
  readonly bookingsOf: Map<string, Set<string>>;
  /** A short name for each token. */
  readonly users: Map<string, string>;
}

/**
 * Splits a history into operations on single seats. A call about two seats is an operation on each. Refused calls that
 * changed nothing are left out: if a server changed something anyway, the history is not linearizable.
 *
 * @param lockTtlMs the life of a lock whose answer was lost
 */
export function seatOperations(calls: readonly Call[], finals: Finals, lockTtlMs: number): SeatOperation[] {
  const received = receivedIds(calls);
  const operations = calls.flatMap((call, index) => operationsOf(call, index, received, lockTtlMs));
  for (const { seatNumber: seat, letter, lockId: lock, bookingId: booking } of finals.seats) {
    const { fromMs, toMs } = finals;
    const times = { call: fromMs, return: toMs };
    operations.push({ seat, client: 0, ...times, kind: 'final', result: letter, lock, booking });
  }
  return operations;
}

/** Ids and seats from every received answer. */
function receivedIds(calls: readonly Call[]): Received {
  const received: Received = {
    seatOfLock: new Map(),
    seatOfBooking: new Map(),
    bookingsOf: new Map(),
    users: new Map(),
  };
  for (const { operation, variables, outcome, token } of calls) {
    if (!received.users.has(token)) received.users.set(token, `user-${received.users.size + 1}`);
    const { input } = variables as Variables;
    if (outcome?.kind !== 'data') continue;
    const items = listOf<Item>(outcome.data);
    if (operation === LOCK_SEAT || operation === LOCK_SEATS || operation === HOLD_SEATS) {
      for (const { id, seatNumber } of items) received.seatOfLock.set(id, seatNumber);
    }
    const isCheckOut = operation === CHECK_OUT;
    if (!isCheckOut && operation !== CONFIRM_BOOKING && operation !== CONFIRM_BOOKINGS) continue;
    for (const { id, seatNumber } of items) {
      received.seatOfBooking.set(id, seatNumber);
      const paymentId = isCheckOut ? checkOutIn(outcome.data).payment.paymentId : (input?.paymentId ?? '');
      received.bookingsOf.set(paymentId, (received.bookingsOf.get(paymentId) ?? new Set()).add(id));
    }
  }
  return received;
}

function operationsOf(call: Call, index: number, received: Received, lockTtlMs: number): SeatOperation[] {
  const { operation, outcome, client, callMs } = call;
  if (outcome?.kind === 'unsent') return [];
  const unknown = isUnknown(call);
  const { input, lockId, id, seatNumbers } = call.variables as Variables;
  const items = outcome?.kind === 'data' ? listOf<Item>(outcome.data) : [];
  const user = received.users.get(call.token) as string;
  const base = { client, call: callMs, return: unknown ? null : call.returnMs };
  const code = outcome?.kind === 'refused' ? outcome.code : '';
  const result = unknown ? 'unknown' : code === 'LOCK_EXPIRED' ? 'expired' : 'done';
  const onLocks = (
    kind: SeatOperation['kind'],
    locks: readonly string[],
    more: (lock: string) => Partial<SeatOperation> = () => ({}),
  ) =>
    locks.flatMap((lock): SeatOperation[] => {
      const seat = received.seatOfLock.get(lock);
      return seat === undefined ? [] : [{ ...base, seat, kind, result, lock, ...more(lock) }];
    });

  const ofRefusal = (kind: SeatOperation['kind'], seats: readonly number[]): SeatOperation[] => {
    const lost = outcome?.kind === 'refused' ? (outcome.details.seatNumbers as number[]) : [];
    return seats.map((seat) => ({
      ...{ ...base, seat, kind, user },
      result: lost.includes(seat) ? 'unavailable' : 'free',
    }));
  };

  switch (operation) {
    case READ_MAP: {
      if (outcome?.kind !== 'data') return [];
      const { seatMap } = outcome.data.event as { seatMap: { statuses: string } };
      return [...seatMap.statuses].map((letter, at) => ({
        ...base,
        seat: at + 1,
        kind: 'read' as const,
        result: letter,
      }));
    }
    case LOCK_SEAT:
    case LOCK_SEATS:
    case HOLD_SEATS: {
      const seats = wantedSeats(call.variables);
      if (unknown) {
        const origin = `call-${index}`;
        return seats.flatMap((seat): SeatOperation[] => [
          { ...base, seat, kind: 'lock', result, user, origin },
          expiryOf({ seat, client, origin, call: callMs + lockTtlMs }),
        ]);
      }
      if (code === 'SEAT_UNAVAILABLE') return ofRefusal('lock', seats);
      return items.flatMap((item): SeatOperation[] => {
        const expires = Date.parse(item.expiresAt ?? '');
        const { id: lock, seatNumber: seat } = item;
        return [
          { ...base, seat, kind: 'lock', result, user, lock, expires },
          expiryOf({ seat, client, lock, expires, call: expires }),
        ];
      });
    }
    case EXTEND_LOCK: {
      if (code !== '' && code !== 'LOCK_EXPIRED' && code !== 'LOCK_EXTENSION_LIMIT' && !unknown) return [];
      const expires = Date.parse(items[0]?.expiresAt ?? '') || 0;
      const outcomeOfExtension = code === 'LOCK_EXTENSION_LIMIT' ? 'limit' : result;
      return onLocks('extend', [lockId as string], () => ({ result: outcomeOfExtension, expires })).flatMap(
        (step) =>
          outcomeOfExtension !== 'done'
            ? [step]
            : [
                step,
                expiryOf({
                  seat: step.seat,
                  client,
                  lock: lockId as string,
                  expires,
                  call: expires,
                }),
              ],
      );
    }
    case RELEASE_LOCK:
      return code !== '' && !unknown ? [] : onLocks('release', [lockId as string]);
    case PAY: {
      // For several locks, LOCK_EXPIRED may be about any of them.
      const locks = locksOf(input);
      if (code !== '' && !unknown && (code !== 'LOCK_EXPIRED' || locks.length > 1)) return [];
      return onLocks('pay', locks, () => ({ request: input?.requestId ?? '' }));
    }
    case CONFIRM_BOOKING:
    case CONFIRM_BOOKINGS: {
      const locks = locksOf(input);
      if (code !== '' && !unknown && (code !== 'LOCK_EXPIRED' || locks.length > 1)) return [];
      return onLocks('confirm', locks, (lock) => {
        const booking = items.find(({ seatNumber }) => seatNumber === received.seatOfLock.get(lock))?.id;
        return { request: input?.requestId ?? '', ...(booking !== undefined && { booking }) };
      });
    }
    case CHECK_OUT: {
      // Which locks these are is known to the server alone: the seats that the user holds.
      const request = input?.requestId ?? '';
      const on = (seat: number, more: Partial<SeatOperation>): SeatOperation => ({
        ...{ ...base, seat, kind: 'confirm', result, user, request },
        ...more,
      });
      if (code === 'HOLD_EXPIRED') {
        const lost = outcome?.kind === 'refused' ? (outcome.details.seatNumbers as number[]) : [];
        return lost.map((seat) => on(seat, { result: 'expired' }));
      }
      if (code !== '' && !unknown) return [];
      if (items.length > 0) return items.map(({ id, seatNumber }) => on(seatNumber, { booking: id }));
      // A refused card leaves a payment and changes no seat.
      const isRefused = !BOOKING_CARDS.has(input?.simulatedCard ?? 'SUCCESS');
      return (input?.seatNumbers ?? []).map((seat) => on(seat, isRefused ? { kind: 'pay' } : {}));
    }
    case HOLD_BACK:
    case BOOK_HELD_BACK: {
      const kind = operation === HOLD_BACK ? 'holdBack' : 'invite';
      const seats = input?.seatNumbers ?? [];
      if (code === 'SEAT_UNAVAILABLE') return ofRefusal(kind, seats);
      if (code !== '' && !unknown) return [];
      return seats.map((seat): SeatOperation => {
        const booking = items.find(({ seatNumber }) => seatNumber === seat)?.id;
        return { ...base, seat, kind, result, request: input?.requestId ?? '', ...(booking && { booking }) };
      });
    }
    case RELEASE_HELD_BACK:
      if (code !== '' && !unknown) return [];
      return (seatNumbers ?? []).map((seat) => ({ ...base, seat, kind: 'putBack', result }));
    case CANCEL_BOOKING:
    case SETTLE: {
      if (code !== '' && !unknown) return [];
      const bookings =
        operation === CANCEL_BOOKING
          ? [id as string]
          : (received.bookingsOf.get(input?.paymentId ?? '') ?? []);
      const ends = operation === CANCEL_BOOKING || input?.outcome === 'FAILED';
      return [...bookings].flatMap((booking): SeatOperation[] => {
        const seat = received.seatOfBooking.get(booking);
        if (seat === undefined) return [];
        return [{ ...base, seat, kind: ends ? 'cancel' : 'settle', result, booking }];
      });
    }
    default:
      return [];
  }
}

/** From its expiry on a lock may end without a call. */
function expiryOf({
  call,
  ...rest
}: {
  seat: number;
  client: number;
  call: number;
  lock?: string;
  origin?: string;
  expires?: number;
}): SeatOperation {
  return { ...rest, kind: 'expiry', result: 'done', call: call - CLOCK_MARGIN_MS, return: null };
}

/** Cards with which a check-out books. */
const BOOKING_CARDS: ReadonlySet<CardStatus> = new Set(['SUCCESS', 'PROCESSING']);

const checkOutIn = ({ checkOut }: Data): CheckOutAnswer => checkOut as CheckOutAnswer;

const locksOf = (input: Variables['input']): readonly string[] =>
  input?.lockIds ?? (input?.lockId === undefined ? [] : [input.lockId]);
