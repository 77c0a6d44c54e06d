import { describe, expect, test } from 'vitest';
import { DomainError } from '../core/errors.js';
import {
  BoxOffice,
  codeOf,
  EVENT_ID,
  eventOf,
  NO_BOOKING_ID,
  NO_LOCK_ID,
  NO_PAYMENT_ID,
  NOW,
  RULES,
} from '../test/support/booking-fixtures.js';
import { cancelBookingCommand } from './cancel-booking.js';
import type { Command } from './commands.js';
import { confirmBookingsCommand } from './confirm-bookings.js';
import { decide, decideWithoutEvent } from './decide.js';
import { expireBookingsCommand } from './expire-bookings.js';
import { expireLocksCommand } from './expire-locks.js';
import { extendLockCommand } from './extend-lock.js';
import { requestKey } from './idempotent-request.js';
import { lockSeatsCommand } from './lock-seats.js';
import { releaseLockCommand } from './release-lock.js';
import { settlePaymentCommand } from './settle-payment.js';
import { simulatePaymentCommand } from './simulate-payment.js';
import { WorkingSet } from './working-set.js';

const card = { lockIds: [NO_LOCK_ID], amount: 1, currency: 'USD', cardStatus: 'success' } as const;
const confirmation = { lockIds: [NO_LOCK_ID], paymentId: NO_PAYMENT_ID, requestId: 'r' };

describe('a command about an event that does not exist', () => {
  test.each<[Command['kind'], Command, code: string]>([
    ['lockSeats', lockSeatsCommand('ann', EVENT_ID, [1]), 'EVENT_NOT_FOUND'],
    ['releaseLock', releaseLockCommand('ann', NO_LOCK_ID), 'LOCK_NOT_FOUND'],
    ['extendLock', extendLockCommand('ann', NO_LOCK_ID), 'LOCK_NOT_FOUND'],
    ['simulatePayment', simulatePaymentCommand('ann', card, NOW), 'LOCK_NOT_FOUND'],
    ['confirmBookings', confirmBookingsCommand('confirmBookings', 'ann', confirmation), 'LOCK_NOT_FOUND'],
    ['settlePayment', settlePaymentCommand('ann', NO_PAYMENT_ID, 'completed'), 'PAYMENT_NOT_FOUND'],
    ['cancelBooking', cancelBookingCommand('ann', NO_BOOKING_ID), 'BOOKING_NOT_FOUND'],
  ])('%s is refused as it is for what an event does not have', (_, command, code) => {
    expect(decideWithoutEvent(command, [])).toMatchObject({ refusal: { code } });
    if (code !== 'EVENT_NOT_FOUND') expect(codeOf(() => new BoxOffice().submit(command))).toBe(code);
  });

  test.each([
    ['locks', expireLocksCommand(EVENT_ID)],
    ['bookings', expireBookingsCommand(EVENT_ID)],
  ])('finds no %s to end', (_, command) => {
    expect(decideWithoutEvent(command, [])).toEqual({ answer: { ended: 0, hasMore: false } });
  });

  test('conflicts under a requestId that was used for another event, and under no other one', () => {
    const used = { ...requestKey('ann', 'confirmBooking', 'r1', ['else']), resultIds: [], createdAt: NOW };
    const codeUnder = (requestId: string) => {
      const command = confirmBookingsCommand('confirmBooking', 'ann', { ...confirmation, requestId });
      return decideWithoutEvent(command, [used]);
    };
    expect(codeUnder('r1')).toMatchObject({ refusal: { code: 'IDEMPOTENCY_CONFLICT' } });
    expect(codeUnder('r2')).toMatchObject({ refusal: { code: 'LOCK_NOT_FOUND' } });
  });
});

describe('a decision', () => {
  test('leaves the set as it was, however often it is made, until its changes are applied', () => {
    const box = new BoxOffice();
    const command = lockSeatsCommand('ann', EVENT_ID, [1]);
    const set = box.store.load([command], NOW);
    const first = decide(set, command, NOW, RULES);
    expect(decide(set, command, NOW, RULES)).toEqual(first);
    expect(set.liveLockOfSeat(1)).toBeUndefined();
    expect(set.changedLocks()).toEqual([]);
    set.apply(first.changes);
    expect(set.liveLockOfSeat(1)?.userId).toBe('ann');
  });

  test('is made on what the commands before it in its batch have changed', () => {
    const box = new BoxOffice();
    const commands = ['ann', 'bob'].map((user) => lockSeatsCommand(user, EVENT_ID, [1]));
    const set = box.store.load(commands, NOW);
    const outcomes = commands.map((command) => {
      const { outcome, changes } = decide(set, command, NOW, RULES);
      set.apply(changes);
      return 'refusal' in outcome ? outcome.refusal.code : 'done';
    });
    expect(outcomes).toEqual(['done', 'SEAT_UNAVAILABLE']);
  });

  test('that refuses half-way has no changes', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1, 2]);
    const payment = box.pay('ann', locks, { cardStatus: 'processing' });
    // No rule refuses after its first write today: this one is made to, before its second booking.
    let reads = 0;
    const rules = {
      ...RULES,
      get pendingBookingTtlMs() {
        reads += 1;
        if (reads === 2) throw new DomainError('FORBIDDEN', 'Not this one.');
        return RULES.pendingBookingTtlMs;
      },
    };
    const lockIds = locks.map((lock) => lock.id);
    const input = { lockIds, paymentId: payment.id, requestId: 'r' };
    const command = confirmBookingsCommand('confirmBookings', 'ann', input);
    const { outcome, changes } = decide(box.store.loadAll(), command, NOW, rules);
    expect(outcome).toMatchObject({ refusal: { code: 'FORBIDDEN' } });
    expect(changes).toEqual({
      settings: null,
      locks: [],
      payments: [],
      bookings: [],
      requests: [],
      removedRequestIds: [],
    });
  });

  test.each<[what: string, act: (box: BoxOffice) => unknown, missing: 'locks' | 'payments' | 'bookings']>([
    ['a cancelled booking’s lock', (box) => box.cancel('ann', { id: bookingId(box) }), 'locks'],
    ['a cancelled booking’s payment', (box) => box.cancel('ann', { id: bookingId(box) }), 'payments'],
    ['a settled payment’s locks', (box) => box.settle('ann', { id: paymentId(box) }, 'completed'), 'locks'],
    [
      'a settled payment’s bookings',
      (box) => box.settle('ann', { id: paymentId(box) }, 'failed'),
      'bookings',
    ],
  ])('on a set in which %s are missing is a fault and no refusal', (_, act, missing) => {
    const box = new BoxOffice();
    box.book('ann', [1], { cardStatus: 'processing' });
    box.store[missing].clear();
    expect(() => act(box)).toThrow(expect.objectContaining({ name: 'Error' }));
  });
});

const bookingId = (box: BoxOffice) => [...box.store.bookings.keys()][0] as string;
const paymentId = (box: BoxOffice) => [...box.store.payments.keys()][0] as string;

test('a replay of a request whose result is missing makes no second booking or payment', () => {
  const box = new BoxOffice();
  const locks = box.lock('ann', [1]);
  const payment = box.pay('ann', locks, { requestId: 'r' });
  box.confirm('ann', locks, payment, 'r');
  const { event } = box.store;
  const requests = [...box.store.requests.values()];
  const set = new WorkingSet({ event, locks: [], payments: [], bookings: [], requests, occupancy: null });
  const lockIds = locks.map((lock) => lock.id);
  const input = { lockIds, amount: 1_500, currency: 'USD', cardStatus: 'success', requestId: 'r' } as const;
  const confirmation = { lockIds, paymentId: payment.id, requestId: 'r' };
  const confirm = confirmBookingsCommand('confirmBookings', 'ann', confirmation);
  // Bookings are kept for good; a refused payment is deleted in the end.
  expect(() => decide(set, confirm, NOW, RULES)).toThrow(/was not loaded/);
  const { outcome } = decide(set, simulatePaymentCommand('ann', input, NOW), NOW, RULES);
  expect(outcome).toMatchObject({ refusal: { code: 'PAYMENT_NOT_FOUND' } });
});

test('the counters of an event follow every booking and cancellation', () => {
  const box = new BoxOffice(eventOf({ totalSeats: 5 }));
  const counters = () => [box.store.event.bookedSeats, box.store.event.unbookedSeats];
  const { bookings } = box.book('ann', [1, 2, 3]);
  expect(counters()).toEqual([3, 2]);
  box.cancel('ann', bookings[1]);
  expect(counters()).toEqual([2, 3]);
  box.lock('bob', [2]);
  expect(counters()).toEqual([2, 3]);
});
