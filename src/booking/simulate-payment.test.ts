import { describe, expect, test } from 'vitest';
import type { Section } from '../catalog/event.js';
import { AMOUNT_MAX, EVENT_AMOUNT_MAX } from '../catalog/money.js';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  EVENT_ID,
  eventOf,
  later,
  MINUTE_MS,
  NO_LOCK_ID,
  NOW,
  PRICED_SECTIONS,
  RULES,
  refusalOf,
  UNPRICED_SECTIONS,
} from '../test/support/booking-fixtures.js';
import type { CardStatus } from './payment.js';
import { type CardPayment, simulatePaymentCommand } from './simulate-payment.js';

describe('a call that pays', () => {
  const input = { lockIds: [NO_LOCK_ID], amount: 1, currency: 'USD', cardStatus: 'success' } as const;

  test.each<[what: string, input: Partial<CardPayment>, code: string]>([
    ['of one minor unit', {}, 'done'],
    ['of nothing', { amount: 0 }, 'BAD_USER_INPUT'],
    ['of as much as an Int holds', { amount: AMOUNT_MAX }, 'done'],
    ['of more', { amount: AMOUNT_MAX + 1 }, 'BAD_USER_INPUT'],
    ['without amount and currency', { amount: null, currency: undefined }, 'done'],
    ['in a currency that is none', { currency: 'US' }, 'BAD_USER_INPUT'],
    ['in a currency in small letters', { currency: 'usd' }, 'BAD_USER_INPUT'],
    ['with an empty requestId', { requestId: '' }, 'BAD_USER_INPUT'],
    ['with no requestId', { requestId: null }, 'done'],
    ['for no lock', { lockIds: [] }, 'BAD_USER_INPUT'],
  ])('%s', (_, change, code) => {
    expect(codeOf(() => simulatePaymentCommand('ann', { ...input, ...change }, NOW))).toBe(code);
  });

  test('names its payment after the instant and the event', () => {
    const { newPaymentId } = simulatePaymentCommand('ann', input, NOW);
    expect(newPaymentId).toMatch(new RegExp(`^pay_20261122_1000_${EVENT_ID}[0-9a-z]{16}$`));
  });
});

describe('a card', () => {
  test.each<[CardStatus, object]>([
    ['success', { status: 'completed', reason: null, retryable: null, processedAt: NOW }],
    ['processing', { status: 'pending', reason: null, retryable: null, processedAt: null }],
    ['declined', { status: 'failed', reason: 'Card was declined', retryable: true, processedAt: NOW }],
    [
      'insufficientFunds',
      { status: 'failed', reason: 'Insufficient funds in account', retryable: true, processedAt: NOW },
    ],
    ['expired', { status: 'failed', reason: 'Card has expired', retryable: false, processedAt: NOW }],
  ])('%s', (cardStatus, expected) => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const payment = box.pay('ann', [lock], { cardStatus });
    expect(payment).toEqual({
      id: payment.id,
      eventId: EVENT_ID,
      userId: 'ann',
      shares: [{ lockId: lock.id, seatNumber: 1, amount: 1_500, refunded: false }],
      amount: 1_500,
      refundedAmount: 0,
      currency: 'USD',
      contactEmail: null,
      provider: 'simulated',
      createdAt: NOW,
      ...expected,
    });
  });

  test.each<[CardStatus, code: string]>([
    ['success', 'LOCK_ALREADY_PAID'],
    ['processing', 'LOCK_ALREADY_PAID'],
    ['declined', 'done'],
    ['insufficientFunds', 'done'],
    ['expired', 'done'],
  ])('%s, and the same lock paid again: %s', (cardStatus, code) => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.pay('ann', [lock], { cardStatus });
    expect(codeOf(() => box.pay('ann', [lock]))).toBe(code);
  });

  test('changes no seat: a payment alone makes no change', () => {
    const box = new BoxOffice();
    box.pay('ann', [box.lockOne('ann', 1)]);
    expect(box.announced).toEqual([expect.objectContaining({ version: 1 }), null]);
  });
});

test('a lock that has a payment says which one, be it one of several', () => {
  const box = new BoxOffice();
  const [first, second] = box.lock('ann', [1, 2]);
  const payment = box.pay('ann', [second], { cardStatus: 'processing' });
  expect(refusalOf(() => box.pay('ann', [first, second]))).toMatchObject({
    code: 'LOCK_ALREADY_PAID',
    details: { lockId: second.id, paymentId: payment.id },
  });
  expect(box.lockNow(first).paymentId).toBeNull();
});

test('a lock whose PENDING payment failed can be paid again', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  box.settle('ann', box.pay('ann', [lock], { cardStatus: 'processing' }), 'failed');
  expect(codeOf(() => box.pay('ann', [lock]))).toBe('done');
});

describe('the amount', () => {
  const sections = { priced: PRICED_SECTIONS, mixed: eventOf().sections, unpriced: UNPRICED_SECTIONS };

  test.each<[keyof typeof sections, seats: number[], amount: number, result: number[] | object]>([
    // Where every seat has a price it is their sum, to the unit.
    ['priced', [1], 1_500, [1_500]],
    ['priced', [1], 1_499, { expectedAmount: 1_500, atLeast: false, currency: 'USD' }],
    ['priced', [1], 1_501, { expectedAmount: 1_500, atLeast: false, currency: 'USD' }],
    ['priced', [6, 2, 5], 3_500, [1_000, 1_500, 1_000]],
    // Where a seat has none it is more than the sum of the others; what is left is divided.
    ['mixed', [1, 9], 1_500, { expectedAmount: 1_501, atLeast: true, currency: 'USD' }],
    ['mixed', [1, 9], 1_501, [1_500, 1]],
    ['mixed', [10, 5, 9], 1_101, [50, 1_000, 51]],
    ['mixed', [11, 10, 9], 1, [0, 0, 1]],
    ['unpriced', [9], 1, [1]],
    ['unpriced', [12, 3, 7], 1_000, [333, 334, 333]],
    ['unpriced', [12, 3, 7], 1_001, [333, 335, 333]],
    ['unpriced', [12, 3, 7], 999, [333, 333, 333]],
  ])('in a %s event, seats %j for %i: %j', (kind, seats, amount, result) => {
    const box = new BoxOffice(eventOf({ sections: sections[kind] }));
    const locks = box.lock('ann', seats);
    if (Array.isArray(result)) {
      const { shares } = box.pay('ann', locks, { amount });
      expect(shares.map((share) => share.amount)).toEqual(result);
      expect(shares.map((share) => share.seatNumber)).toEqual(seats);
      expect(shares.reduce((sum, share) => sum + share.amount, 0)).toBe(amount);
    } else {
      const refusal = refusalOf(() => box.pay('ann', locks, { amount }));
      expect(refusal).toMatchObject({ code: 'AMOUNT_MISMATCH', details: result });
    }
  });

  test.each([
    ['priced', [1], 'EUR', 'AMOUNT_MISMATCH'],
    ['mixed', [9], 'EUR', 'AMOUNT_MISMATCH'],
    ['unpriced', [9], 'EUR', 'done'],
    ['unpriced', [9], 'ABC', 'BAD_USER_INPUT'],
    ['unpriced', [9], 'HRK', 'BAD_USER_INPUT'],
  ] as const)('in a %s event, seats %j in %s: %s', (kind, seats, currency, code) => {
    const box = new BoxOffice(eventOf({ sections: sections[kind] }));
    const locks = box.lock('ann', seats);
    expect(codeOf(() => box.pay('ann', locks, { currency }))).toBe(code);
  });
});

describe('what is left out', () => {
  const sections = { priced: PRICED_SECTIONS, mixed: eventOf().sections, unpriced: UNPRICED_SECTIONS };
  const both = { amount: null, currency: null };
  const amountAlone = { amount: null };
  const currencyAlone = { currency: null };

  test.each<[keyof typeof sections, seats: number[], leftOut: Partial<CardPayment>, result: number | string]>(
    [
      ['priced', [1, 5], both, 2_500],
      ['priced', [1, 5], amountAlone, 2_500],
      ['priced', [1, 5], currencyAlone, 2_500],
      ['mixed', [1, 5], both, 2_500],
      ['mixed', [1, 9], both, 'amount'],
      ['mixed', [1, 9], { amount: 2_000, ...currencyAlone }, 2_000],
      ['unpriced', [9], both, 'amount'],
      ['unpriced', [9], currencyAlone, 'currency'],
    ],
  )('in a %s event, seats %j, %j: %s', (kind, seats, leftOut, result) => {
    const box = new BoxOffice(eventOf({ sections: sections[kind] }));
    const pay = () => box.pay('ann', box.lock('ann', seats), leftOut);
    if (typeof result === 'number') expect(pay()).toMatchObject({ amount: result, currency: 'USD' });
    else expect(refusalOf(pay)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: result } });
  });

  test('is the event’s currency also where that is in force no more, and so it may be named', () => {
    const sections = [{ ...(PRICED_SECTIONS[0] as Section), price: { amount: 1_500, currency: 'BGN' } }];
    for (const currency of [null, 'BGN']) {
      const box = new BoxOffice(eventOf({ totalSeats: 4, sections }));
      expect(box.pay('ann', box.lock('ann', [1]), { currency })).toMatchObject({ currency: 'BGN' });
    }
  });
});

describe('what an event takes in all', () => {
  test('counts every payment that no card refused, also refunded ones', () => {
    const box = new BoxOffice(eventOf({ sections: PRICED_SECTIONS }));
    const { booking } = box.bookOne('ann', 1);
    box.cancel('ann', booking);
    box.pay('ann', [box.lockOne('ann', 2)], { cardStatus: 'processing' });
    box.pay('ann', [box.lockOne('ann', 3)], { cardStatus: 'declined' });
    expect(box.store.event.amountPaid).toBe(3_000);
  });

  test.each([
    ['up to the largest sum that is exact', 1_500, 'done'],
    ['and not a unit beyond it', 1_499, 'BAD_USER_INPUT'],
  ])('goes %s', (_, left, code) => {
    const box = new BoxOffice(eventOf({ sections: PRICED_SECTIONS, amountPaid: EVENT_AMOUNT_MAX - left }));
    expect(codeOf(() => box.pay('ann', box.lock('ann', [1])))).toBe(code);
  });
});

describe('a call with a requestId', () => {
  test.each<[CardStatus]>([['success'], ['processing'], ['declined']])(
    'made twice (%s) gives one payment, as it is by now, whatever became of the lock',
    (cardStatus) => {
      const box = new BoxOffice();
      const locks = box.lock('ann', [1]);
      const pay = () => box.pay('ann', locks, { cardStatus, requestId: 'r' });
      const payment = pay();
      box.wait(DAY_MS);
      expect(pay()).toEqual(payment);
      box.expireLocks();
      expect(pay()).toEqual(box.paymentNow(payment));
      expect(box.store.payments.size).toBe(1);
    },
  );

  test.each<[what: string, change: Partial<CardPayment>]>([
    ['another amount', { amount: 1_600 }],
    ['another currency', { currency: 'EUR' }],
    ['another card', { cardStatus: 'declined' }],
    ['the amount left out that was named', { amount: null }],
    ['the currency left out that was named', { currency: null }],
  ])('made again with %s is IDEMPOTENCY_CONFLICT', (_, change) => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1]);
    box.pay('ann', locks, { requestId: 'r' });
    expect(codeOf(() => box.pay('ann', locks, { requestId: 'r', ...change }))).toBe('IDEMPOTENCY_CONFLICT');
  });

  test('made again for other locks is IDEMPOTENCY_CONFLICT, even where those are not to be had', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 2]);
    box.pay('ann', [first], { requestId: 'r' });
    const conflicts = [second, { id: NO_LOCK_ID }].map((lock) =>
      codeOf(() => box.pay('ann', [lock], { requestId: 'r', amount: 1_500 })),
    );
    expect(conflicts).toEqual(['IDEMPOTENCY_CONFLICT', 'IDEMPOTENCY_CONFLICT']);
  });

  test('that ended in an error has not used its requestId', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1]);
    expect(codeOf(() => box.pay('ann', locks, { requestId: 'r', amount: 1 }))).toBe('AMOUNT_MISMATCH');
    expect(codeOf(() => box.pay('ann', locks, { requestId: 'r' }))).toBe('done');
  });

  test('is no replay of another user’s', () => {
    const box = new BoxOffice();
    const payments = ['ann', 'bob'].map((user, index) =>
      box.pay(user, box.lock(user, [index + 1]), { requestId: 'r' }),
    );
    expect(payments[0]?.id).not.toBe(payments[1]?.id);
  });
});

test.each<[what: string, waitMs: number, code: string]>([
  ['in its last millisecond', RULES.lockTtlMs - 1, 'done'],
  ['from expiresAt on', RULES.lockTtlMs, 'LOCK_EXPIRED'],
])('a lock can be paid %s: %s', (_, waitMs, code) => {
  const box = new BoxOffice();
  const locks = box.lock('ann', [1]);
  box.wait(waitMs);
  expect(codeOf(() => box.pay('ann', locks))).toBe(code);
});

test.each<[what: string, leftMs: number, code: string]>([
  ['a millisecond before', 1, 'done'],
  ['from', 0, 'EVENT_CLOSED'],
])('a lock can be paid %s the event’s date: %s', (_, leftMs, code) => {
  const box = new BoxOffice(eventOf({ eventDate: later(MINUTE_MS) }));
  const locks = box.lock('ann', [1]);
  box.wait(MINUTE_MS - leftMs);
  expect(codeOf(() => box.pay('ann', locks))).toBe(code);
});

test('refusals have one order, whatever the order of the locks', () => {
  const box = new BoxOffice(eventOf({ eventDate: later(RULES.lockTtlMs) }));
  const { lock: used } = box.bookOne('ann', 1);
  const expired = box.lockOne('ann', 2);
  const foreign = box.lockOne('bob', 3);
  box.wait(1);
  const [paid, free] = box.lock('ann', [4, 5]);
  box.pay('ann', [paid]);
  box.wait(RULES.lockTtlMs - 1);

  const invalid = [foreign, used, expired, paid];
  const codes = invalid.map((_, fixed) => {
    const locks = [free, ...invalid.slice(fixed)];
    const codes = [locks, locks.toReversed()].map((each) =>
      codeOf(() => box.pay('ann', each, { amount: 1 })),
    );
    expect(codes[0]).toBe(codes[1]);
    return codes[0];
  });
  expect(codes).toEqual(['LOCK_NOT_FOUND', 'LOCK_ALREADY_USED', 'LOCK_EXPIRED', 'LOCK_ALREADY_PAID']);
  expect(codeOf(() => box.pay('ann', [free], { amount: 1 }))).toBe('EVENT_CLOSED');
});
