import { expect, test } from 'vitest';
import {
  BOOK_HELD_BACK,
  CHECK_OUT,
  CONFIRM_BOOKINGS,
  HOLD_BACK,
  HOLD_SEATS,
  LOCK_SEAT,
  LOCK_SEATS,
  READ_MAP,
  RELEASE_HELD_BACK,
} from '../rush/operations.js';
import {
  type Call,
  isUnknown,
  longestPauseMs,
  type Outcome,
  writesContinuedAfterMs,
} from './call-history.js';
import { seatOperations } from './seat-operations.js';

const NO_FINALS = { seats: [], fromMs: 0, toMs: 0 };

function call(operation: string, variables: object, outcome: Outcome | null, callMs = 0): Call {
  return {
    ...{ client: 1, server: 0, token: 'ann', operation, variables, callMs, outcome, isCut: false },
    returnMs: outcome === null ? null : callMs + 10,
  };
}

const data = (field: unknown): Outcome => ({ kind: 'data', data: { field } });
const refused = (code: string, details = {}): Outcome => ({ kind: 'refused', code, details });
const lockOf = (id: string, seatNumber: number) => ({
  id,
  seatNumber,
  expiresAt: new Date(5_000).toISOString(),
});

const operationsOf = (...calls: Call[]) => seatOperations(calls, NO_FINALS, 5_000);

test('a call about two seats is an operation on each, and each lock may expire from its time on', () => {
  const locks = data([lockOf('l1', 1), lockOf('l2', 2)]);
  const steps = operationsOf(call(LOCK_SEATS, { input: { seatNumbers: [1, 2] } }, locks));
  expect(steps.map(({ seat, kind, lock }) => [seat, kind, lock])).toEqual([
    [1, 'lock', 'l1'],
    [1, 'expiry', 'l1'],
    [2, 'lock', 'l2'],
    [2, 'expiry', 'l2'],
  ]);
  expect(steps[1]).toMatchObject({ call: 4_950, return: null });
});

test('a refusal tells for each seat whether it was lost', () => {
  const details = { seatNumbers: [2], suggestedSeats: [] };
  const steps = operationsOf(
    call(LOCK_SEATS, { input: { seatNumbers: [1, 2] } }, refused('SEAT_UNAVAILABLE', details)),
  );
  expect(steps.map(({ result }) => result)).toEqual(['free', 'unavailable']);
});

test('what the organizer takes off sale, gives away and puts back is an operation on each seat', () => {
  const input = { seatNumbers: [1, 2], requestId: 'r' };
  const taken = refused('SEAT_UNAVAILABLE', { seatNumbers: [2] });
  const steps = operationsOf(
    call(HOLD_BACK, { input }, data({ seatNumbers: [1, 2] })),
    call(HOLD_BACK, { input }, taken),
    call(BOOK_HELD_BACK, { input }, data([{ id: 'b1', seatNumber: 1 }])),
    call(RELEASE_HELD_BACK, { seatNumbers: [2] }, { kind: 'lost', why: 'reset' }),
  );
  expect(steps.map(({ seat, kind, result, booking }) => [seat, kind, result, booking])).toEqual([
    [1, 'holdBack', 'done', undefined],
    [2, 'holdBack', 'done', undefined],
    [1, 'holdBack', 'free', undefined],
    [2, 'holdBack', 'unavailable', undefined],
    [1, 'invite', 'done', 'b1'],
    [2, 'invite', 'done', undefined],
    [2, 'putBack', 'unknown', undefined],
  ]);
});

test('an unanswered call may be executed later; a call that changed nothing or was not sent is no operation', () => {
  const input = { input: { seatNumber: 1 } };
  const lost = operationsOf(call(LOCK_SEAT, input, { kind: 'lost', why: 'reset' }));
  expect(lost[0]).toMatchObject({ kind: 'lock', result: 'unknown', return: null });
  expect(operationsOf(call(LOCK_SEAT, input, refused('OUTCOME_UNKNOWN')))[0]?.result).toBe('unknown');
  expect(operationsOf(call(LOCK_SEAT, input, refused('TOO_BUSY')))).toEqual([]);
  expect(operationsOf(call(LOCK_SEAT, input, { kind: 'unsent' }))).toEqual([]);
  expect(isUnknown(call(LOCK_SEAT, input, null))).toBe(true);
});

test('a confirmation names the booking of each lock', () => {
  const steps = operationsOf(
    call(LOCK_SEATS, { input: { seatNumbers: [1, 2] } }, data([lockOf('l1', 1), lockOf('l2', 2)])),
    call(
      CONFIRM_BOOKINGS,
      { input: { lockIds: ['l1', 'l2'], paymentId: 'p', requestId: 'r' } },
      data([
        { id: 'b1', seatNumber: 1 },
        { id: 'b2', seatNumber: 2 },
      ]),
      100,
    ),
  );
  const confirms = steps.filter(({ kind }) => kind === 'confirm');
  expect(confirms.map(({ seat, lock, booking }) => [seat, lock, booking])).toEqual([
    [1, 'l1', 'b1'],
    [2, 'l2', 'b2'],
  ]);
});

test('a check-out books what its user holds; a refused card only pays, and a lost seat has expired', () => {
  const hold = call(
    HOLD_SEATS,
    { input: { wishes: [{ seatNumbers: [1, 2] }] } },
    { kind: 'data', data: { holdSeats: { locks: [lockOf('l1', 1), lockOf('l2', 2)], refusal: null } } },
  );
  const input = { seatNumbers: [1, 2], requestId: 'r', simulatedCard: 'SUCCESS' };
  const answer = (payment: object, bookings: object[]): Outcome => ({
    kind: 'data',
    data: { checkOut: { payment, bookings } },
  });
  const booked = answer({ paymentId: 'p', status: 'COMPLETED' }, [
    { id: 'b1', seatNumber: 1 },
    { id: 'b2', seatNumber: 2 },
  ]);
  const declined = { input: { ...input, simulatedCard: 'DECLINED' } };
  const steps = operationsOf(
    hold,
    call(CHECK_OUT, { input }, booked),
    call(CHECK_OUT, declined, answer({ paymentId: 'p', status: 'FAILED' }, [])),
    call(CHECK_OUT, declined, { kind: 'lost', why: 'reset' }),
    call(CHECK_OUT, { input }, { kind: 'lost', why: 'reset' }),
    call(CHECK_OUT, { input }, refused('HOLD_EXPIRED', { seatNumbers: [2] })),
  ).filter(({ kind }) => kind !== 'expiry');
  expect(steps.map(({ seat, kind, result, user, booking }) => [seat, kind, result, user, booking])).toEqual([
    [1, 'lock', 'done', 'user-1', undefined],
    [2, 'lock', 'done', 'user-1', undefined],
    [1, 'confirm', 'done', 'user-1', 'b1'],
    [2, 'confirm', 'done', 'user-1', 'b2'],
    [1, 'pay', 'done', 'user-1', undefined],
    [2, 'pay', 'done', 'user-1', undefined],
    [1, 'pay', 'unknown', 'user-1', undefined],
    [2, 'pay', 'unknown', 'user-1', undefined],
    [1, 'confirm', 'unknown', 'user-1', undefined],
    [2, 'confirm', 'unknown', 'user-1', undefined],
    [2, 'confirm', 'expired', 'user-1', undefined],
  ]);
});

test('reading the map is an operation on every seat', () => {
  const seen: Outcome = { kind: 'data', data: { event: { seatMap: { statuses: 'ALB' } } } };
  expect(operationsOf(call(READ_MAP, {}, seen)).map(({ seat, result }) => `${seat}${result}`)).toEqual([
    '1A',
    '2L',
    '3B',
  ]);
});

test('writes continue with the first change requested after a fault; a pause is between any two changes', () => {
  const ok = data({ id: 'l' });
  const calls = [
    call(LOCK_SEAT, {}, ok, 90),
    call(READ_MAP, {}, ok, 110),
    call(LOCK_SEAT, {}, refused('TOO_BUSY'), 120),
    call(LOCK_SEAT, {}, ok, 150),
    call(LOCK_SEAT, {}, ok, 400),
  ];
  expect(writesContinuedAfterMs(calls, 100)).toBe(60);
  expect(longestPauseMs(calls, 100)).toBe(250);
  expect(writesContinuedAfterMs(calls, 500)).toBeNull();
});
