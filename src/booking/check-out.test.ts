import { describe, expect, test } from 'vitest';
import type { DomainError } from '../core/errors.js';
import {
  BoxOffice,
  codeOf,
  EVENT_ID,
  eventOf,
  later,
  MINUTE_MS,
  NOW,
  PRICED_SECTIONS,
  RULES,
  refusalOf,
  UNPRICED_SECTIONS,
} from '../test/support/booking-fixtures.js';
import { type CheckOutInput, checkOutCommand, LAPSED_LOCKS_COUNT_MS } from './check-out.js';
import { LOCKS_PER_CALL_MAX } from './route.js';

const usd = (amount: number) => ({ amount, currency: 'USD' });
const TTL_MS = RULES.lockTtlMs;

/** The refusal's code and details. A refused check-out must have paid nothing. */
function refused(box: BoxOffice, call: () => unknown): Pick<DomainError, 'code' | 'details'> {
  const before = [box.store.payments.size, box.store.event];
  const { code, details } = refusalOf(call);
  expect([box.store.payments.size, box.store.event]).toEqual(before);
  return { code, details };
}

describe('a call that checks out', () => {
  const seats = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  test.each<[what: string, input: Partial<CheckOutInput>, code: string]>([
    ['of all that is held', {}, 'done'],
    ['of as many seats as a call may name', { seatNumbers: seats(LOCKS_PER_CALL_MAX) }, 'done'],
    ['of one more', { seatNumbers: seats(LOCKS_PER_CALL_MAX + 1) }, 'BAD_USER_INPUT'],
    ['of no seat', { seatNumbers: [] }, 'BAD_USER_INPUT'],
    ['of a seat twice', { seatNumbers: [1, 1] }, 'BAD_USER_INPUT'],
    ['for nothing', { amount: usd(0) }, 'BAD_USER_INPUT'],
    ['in a currency that is none', { amount: { amount: 1, currency: 'US' } }, 'BAD_USER_INPUT'],
    ['with an empty requestId', { requestId: '' }, 'BAD_USER_INPUT'],
    ['for a text that is no event’s id', { eventId: 'x' }, 'EVENT_NOT_FOUND'],
  ])('%s', (_, change, code) => {
    const input = { eventId: EVENT_ID, requestId: 'r', ...change };
    expect(codeOf(() => checkOutCommand('ann', input, 'ann@example.com', 'simulated', NOW))).toBe(code);
  });
});

describe('a check-out', () => {
  test('pays for the whole hold and books it in one batch, in seat order', () => {
    const box = new BoxOffice();
    box.lock('ann', [6, 2]);
    box.lock('bob', [3]);
    box.wait(MINUTE_MS);
    const { payment, bookings } = box.checkOut('ann', { requestId: 'r', expectedTotal: usd(2_500) });
    expect(payment).toMatchObject({
      ...{ userId: 'ann', amount: 2_500, currency: 'USD', provider: 'simulated', status: 'completed' },
      ...{ contactEmail: 'ann@example.com', createdAt: box.now, processedAt: box.now },
    });
    expect(payment.shares.map(({ seatNumber, amount }) => [seatNumber, amount])).toEqual([
      [2, 1_500],
      [6, 1_000],
    ]);
    expect(bookings).toMatchObject(
      [2, 6].map((seatNumber, index) => ({
        ...{ seatNumber, userId: 'ann', status: 'confirmed', paymentStatus: 'completed', requestId: 'r' },
        ...{ paymentId: payment.id, lockId: payment.shares[index]?.lockId, createdAt: box.now },
      })),
    );
    for (const { lockId, id } of bookings) {
      const lock = box.lockNow({ id: lockId });
      expect(lock).toMatchObject({ status: 'used', bookingId: id, paymentId: payment.id, endedAt: box.now });
    }
    expect(box.store.event).toMatchObject({ bookedSeats: 2, version: 3, amountPaid: 2_500 });
    expect(box.announced.at(-1)?.seats).toMatchObject([2, 6].map((seatNumber) => ({ seatNumber })));
  });

  test('of named seats leaves the others held', () => {
    const box = new BoxOffice();
    const [, second] = box.lock('ann', [1, 2]);
    const { bookings } = box.checkOut('ann', { seatNumbers: [1] });
    expect(bookings.map(({ seatNumber }) => seatNumber)).toEqual([1]);
    expect(box.lockNow(second)).toMatchObject({ status: 'active', paymentId: null });
  });

  test('does not count its seats twice towards the seat limit', () => {
    const box = new BoxOffice(eventOf(), { ...RULES, seatsPerViewerMax: 2 });
    box.lock('ann', [1, 2]);
    expect(box.checkOut('ann').bookings).toHaveLength(2);
    expect(codeOf(() => box.lock('ann', [3]))).toBe('SEAT_LIMIT_REACHED');
  });

  test('that a refused card ends keeps the hold, and the next card can pay', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1, 2]);
    const { payment, bookings } = box.checkOut('ann', { simulatedCard: 'declined' });
    expect(bookings).toEqual([]);
    expect(payment).toMatchObject({ status: 'failed', reason: 'Card was declined', retryable: true });
    expect(locks.map(box.lockNow)).toEqual(locks);
    expect(box.announced.at(-1)).toBeNull();
    expect(box.checkOut('ann').payment.status).toBe('completed');
  });

  test.each([
    ['a slow card', { simulatedCard: 'processing' as const }, 'simulated'],
    ['a provider that answers later, whatever the card is', { simulatedCard: 'declined' as const }, 'stripe'],
  ])('with %s gives PENDING bookings, which the settlement confirms', (_, input, provider) => {
    const box = new BoxOffice();
    box.lock('ann', [1, 2]);
    const { payment, bookings } = box.checkOut('ann', input, provider);
    expect(payment).toMatchObject({ status: 'pending', provider, reason: null, processedAt: null });
    const expiresAt = later(RULES.pendingBookingTtlMs);
    expect(bookings).toMatchObject(
      [1, 2].map(() => ({ status: 'pending', paymentStatus: 'pending', expiresAt })),
    );
    box.settle(provider === 'simulated' ? 'ann' : null, payment, 'completed');
    expect(bookings.map((booking) => box.bookingNow(booking).status)).toEqual(['confirmed', 'confirmed']);
  });

  test('of a sum that the provider never takes is refused before the seats are booked', () => {
    let problem: string | null = 'Too much.';
    const box = new BoxOffice(undefined, { ...RULES, amountProblem: () => problem });
    box.lock('ann', [1, 2]);
    const { code, details } = refused(box, () => box.checkOut('ann', {}, 'stripe'));
    expect([code, details]).toEqual(['BAD_USER_INPUT', { field: 'seatNumbers' }]);
    // Nobody is asked about a simulated payment.
    expect(box.checkOut('ann', { seatNumbers: [1] }).bookings).toHaveLength(1);
    problem = null;
    expect(box.checkOut('ann', {}, 'stripe').bookings).toHaveLength(1);
  });

  test('that is repeated gives its payment and bookings as they are by then', () => {
    const box = new BoxOffice();
    box.lock('ann', [1, 2]);
    const first = box.checkOut('ann', { requestId: 'r' });
    const cancelled = box.cancel('ann', first.bookings[0] as { id: string });
    box.lock('ann', [3]);
    box.wait(2 * TTL_MS);
    const again = box.checkOut('ann', { requestId: 'r' });
    expect(again.bookings).toEqual([cancelled, first.bookings[1]]);
    expect(again.payment).toMatchObject({ id: first.payment.id, refundedAmount: 1_500 });
    expect(box.announced.at(-1)).toBeNull();
  });

  test('that a refused card ended is repeated as it was: another try takes a new requestId', () => {
    const box = new BoxOffice();
    box.lock('ann', [1]);
    const input = { requestId: 'r', simulatedCard: 'insufficientFunds' } as const;
    const first = box.checkOut('ann', input);
    expect(box.checkOut('ann', input)).toEqual(first);
    const other = () => box.checkOut('ann', { ...input, simulatedCard: 'success' });
    expect(refused(box, other).code).toBe('IDEMPOTENCY_CONFLICT');
    box.store.payments.delete(first.payment.id);
    expect(codeOf(() => box.checkOut('ann', input))).toBe('PAYMENT_NOT_FOUND');
  });

  test('that was refused by a rule has not used its requestId', () => {
    const box = new BoxOffice();
    expect(codeOf(() => box.checkOut('ann', { requestId: 'r' }))).toBe('HOLD_EXPIRED');
    box.lock('ann', [1]);
    expect(box.checkOut('ann', { requestId: 'r' }).bookings).toHaveLength(1);
  });
});

describe('nothing is paid', () => {
  test('when nothing is held', () => {
    const box = new BoxOffice();
    box.lock('bob', [1]);
    const nothing = { code: 'HOLD_EXPIRED', details: { seatNumbers: [], bookedSeatNumbers: [] } };
    expect(refused(box, () => box.checkOut('ann'))).toEqual(nothing);
    const named = refused(box, () => box.checkOut('ann', { seatNumbers: [2, 1] }));
    expect(named.details).toEqual({ seatNumbers: [2, 1], bookedSeatNumbers: [] });
  });

  test('in a draft of somebody else, of which the answer says nothing', () => {
    const box = new BoxOffice(eventOf({ isDraft: true, organizerId: 'olga' }));
    expect(refused(box, () => box.checkOut('ann')).code).toBe('EVENT_NOT_FOUND');
    expect(refused(box, () => box.checkOut('olga')).code).toBe('HOLD_EXPIRED');
  });

  test.each([
    ['before its lapse is recorded', false],
    ['after its lapse is recorded', true],
  ])('when one of two seats has lapsed, %s, whether seats are named or not', (_, isRecorded) => {
    const box = new BoxOffice();
    const [, second] = box.lock('ann', [1, 2]);
    box.wait(TTL_MS - 1);
    box.extend('ann', second);
    box.wait(1);
    if (isRecorded) box.expireLocks();
    const lost = { code: 'HOLD_EXPIRED', details: { seatNumbers: [1], bookedSeatNumbers: [] } };
    expect(refused(box, () => box.checkOut('ann', { seatNumbers: [1, 2] }))).toEqual(lost);
    expect(refused(box, () => box.checkOut('ann'))).toEqual(lost);
    expect(box.checkOut('ann', { seatNumbers: [2] }).bookings).toHaveLength(1);
  });

  test.each([
    ['released', (box: BoxOffice) => box.release('ann', box.lockOne('ann', 1))],
    ['lapsed before the others were held', (box: BoxOffice) => box.lock('ann', [1]) && box.wait(TTL_MS)],
    [
      'lapsed and was taken again',
      (box: BoxOffice) => {
        const [, other] = box.lock('ann', [1, 3]);
        box.wait(TTL_MS - 1);
        box.extend('ann', other);
        box.wait(1);
        box.lock('ann', [1]);
      },
    ],
  ])('for a seat that was %s, and that stops no check-out of all that is held', (_, before) => {
    const box = new BoxOffice();
    before(box);
    box.lock('ann', [2]);
    expect(box.checkOut('ann').bookings.map(({ seatNumber }) => seatNumber)).toContain(2);
  });

  test('for a lapse so long ago that it says nothing about what is held now', () => {
    const box = new BoxOffice(eventOf(), { ...RULES, lockMaxLifeMs: 60 * MINUTE_MS });
    const [, second] = box.lock('ann', [1, 2]);
    for (let waited = 0; waited < TTL_MS + LAPSED_LOCKS_COUNT_MS; waited += TTL_MS - MINUTE_MS) {
      box.wait(TTL_MS - MINUTE_MS);
      box.extend('ann', second);
    }
    expect(box.checkOut('ann').bookings).toHaveLength(1);
  });

  test('a second time from another device, which hears that the seats are booked', () => {
    const box = new BoxOffice();
    box.lock('ann', [1, 2]);
    box.checkOut('ann', { seatNumbers: [1, 2] });
    const { code, details } = refused(box, () => box.checkOut('ann', { seatNumbers: [1, 2, 3] }));
    expect([code, details]).toEqual(['HOLD_EXPIRED', { seatNumbers: [1, 2, 3], bookedSeatNumbers: [1, 2] }]);
  });

  test.each(['success', 'processing'] as const)(
    'when simulatePayment has paid for one of the seats already (%s)',
    (cardStatus) => {
      const box = new BoxOffice();
      const [, second] = box.lock('ann', [1, 2]);
      const { id } = box.pay('ann', [second], { cardStatus });
      const { code, details } = refused(box, () => box.checkOut('ann'));
      expect([code, details]).toEqual(['LOCK_ALREADY_PAID', { lockId: second.id, paymentId: id }]);
      expect(box.checkOut('ann', { seatNumbers: [1] }).bookings).toHaveLength(1);
    },
  );

  test('when the event has started', () => {
    const box = new BoxOffice(eventOf({ eventDate: later(MINUTE_MS) }));
    box.lock('ann', [1]);
    box.wait(MINUTE_MS);
    expect(refused(box, () => box.checkOut('ann')).code).toBe('EVENT_CLOSED');
  });

  test.each([
    ['another sum', usd(1_500)],
    ['another currency', { amount: 2_500, currency: 'EUR' }],
  ])('when the caller was shown %s', (_, expectedTotal) => {
    const box = new BoxOffice();
    box.lock('ann', [1, 5]);
    const { code, details } = refused(box, () => box.checkOut('ann', { expectedTotal }));
    expect([code, details]).toEqual(['TOTAL_CHANGED', { total: usd(2_500) }]);
  });

  test('of another amount than the seats’ prices', () => {
    const box = new BoxOffice(eventOf({ sections: PRICED_SECTIONS }));
    box.lock('ann', [1]);
    expect(refused(box, () => box.checkOut('ann', { amount: usd(1) })).code).toBe('AMOUNT_MISMATCH');
    expect(box.checkOut('ann', { amount: usd(1_500) }).payment.amount).toBe(1_500);
  });

  test('for seats without a price, unless the caller names the sum', () => {
    const box = new BoxOffice(eventOf({ sections: UNPRICED_SECTIONS }));
    box.lock('ann', [3, 1]);
    const { code, details } = refused(box, () => box.checkOut('ann'));
    expect([code, details]).toEqual(['BAD_USER_INPUT', { field: 'amount' }]);
    const sum = { amount: usd(901), expectedTotal: usd(901) };
    const { payment } = box.checkOut('ann', sum);
    expect(payment.shares.map(({ amount }) => amount)).toEqual([451, 450]);
  });

  test('for more seats than one payment may have, unless some are named', () => {
    const many = LOCKS_PER_CALL_MAX + 1;
    const box = new BoxOffice(eventOf({ totalSeats: many, sections: PRICED_SECTIONS }), {
      ...RULES,
      seatsPerViewerMax: many,
    });
    const seats = Array.from({ length: many }, (_, index) => index + 1);
    box.lock('ann', seats.slice(1));
    box.lock('ann', [1]);
    expect(refused(box, () => box.checkOut('ann')).details).toEqual({ field: 'seatNumbers', max: 100 });
    expect(box.checkOut('ann', { seatNumbers: seats.slice(1) }).bookings).toHaveLength(100);
  });
});
