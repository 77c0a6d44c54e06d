import { CombinedGraphQLErrors } from '@apollo/client';
import { describe, expect, test } from 'vitest';
import type { BookingDetailsFragment, PaymentDetailsFragment } from '../graphql/generated/graphql.js';
import {
  type Attempt,
  type CheckoutCalls,
  checkOut,
  confirmRequestId,
  journalIn,
  settled,
} from './checkout.js';

const PAYMENT: PaymentDetailsFragment = {
  id: 'pay_1',
  eventId: 'e1',
  lockIds: ['l1', 'l2'],
  amount: 9_000,
  refundedAmount: 0,
  currency: 'USD',
  status: 'COMPLETED',
  reason: null,
  retryable: null,
};
const BOOKING: BookingDetailsFragment = {
  id: 'b1',
  eventId: 'e1',
  seatNumber: 1,
  lockId: 'l1',
  paymentId: 'pay_1',
  status: 'CONFIRMED',
  paymentStatus: 'COMPLETED',
  createdAt: '2026-11-22T10:00:00.000Z',
  expiresAt: null,
};
const PURCHASE = { payment: PAYMENT, bookings: [BOOKING], lost: [], wasPaidBefore: false };
const ATTEMPT: Attempt = {
  userId: 'u1',
  eventId: 'e1',
  lockIds: ['l1', 'l2'],
  amount: 9_000,
  currency: 'USD',
  card: 'SUCCESS',
  requestId: 'r1',
};

const RETRY_AT_ONCE = { firstPauseMs: 1 };

const lost = () => new TypeError('Failed to fetch');
const refused = (code: string, details = {}) =>
  new CombinedGraphQLErrors({ errors: [{ message: code, extensions: { code, details } }] });

type Fate = 'arrives' | 'is lost' | 'answer is lost' | Error;

/** Remembers calls by requestId, as the real server does. The network loses the calls or answers that `fates` names. */
function server(payment = PAYMENT, booking = BOOKING) {
  const session: { viewerId: string | null } = { viewerId: ATTEMPT.userId };
  const paid = new Set<string>();
  const booked = new Set<string>();
  const fates: Fate[] = [];
  const sent: string[] = [];
  /** The locks of each confirmation. */
  const confirmed: string[] = [];
  async function call<Answer>(name: string, did: Set<string>, requestId: string, answer: Answer) {
    sent.push(name);
    const fate = fates.shift() ?? 'arrives';
    if (fate instanceof Error) throw fate;
    if (fate === 'is lost') throw lost();
    did.add(requestId);
    if (fate === 'answer is lost') throw lost();
    return answer;
  }
  const calls: CheckoutCalls = {
    pay: (attempt) => call('pay', paid, attempt.requestId, payment),
    payment: (paymentId) => call(`payment ${paymentId}`, new Set(), paymentId, payment),
    confirm: (_paymentId, lockIds, requestId) => {
      confirmed.push(lockIds.join(' '));
      return call('confirm', booked, requestId, [booking]);
    },
    booking: (id) => call(`booking ${id}`, new Set(), id, booking),
    viewerId: async () => session.viewerId,
  };
  return { calls, paid, booked, fates, sent, confirmed, session };
}

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe('checking out', () => {
  test('pays, books, and removes the attempt', async () => {
    const { calls } = server();
    const journal = journalIn(memory());
    expect(await checkOut(ATTEMPT, calls, journal)).toEqual({ kind: 'booked', ...PURCHASE });
    expect(journal.read('u1', 'e1')).toBeNull();
  });

  test('a lost call or answer is sent again with the same request id: paid once, booked once', async () => {
    const { calls, paid, booked, fates, sent } = server();
    fates.push('is lost', 'answer is lost', 'arrives', 'answer is lost', refused('TOO_BUSY'), 'arrives');
    expect((await checkOut(ATTEMPT, calls, journalIn(memory()), RETRY_AT_ONCE)).kind).toBe('booked');
    expect(sent).toEqual(['pay', 'pay', 'pay', 'confirm', 'confirm', 'confirm']);
    expect([[...paid], [...booked]]).toEqual([['r1'], [confirmRequestId('pay_1')]]);
  });

  test('an attempt that ends late removes only itself, and no later attempt', async () => {
    const { calls, fates } = server();
    const journal = journalIn(memory());
    const since: Attempt = { ...ATTEMPT, requestId: 'r2' };
    fates.push('arrives');
    const late: CheckoutCalls = {
      ...calls,
      confirm: (...call) => {
        journal.write(since);
        return calls.confirm(...call);
      },
    };
    expect((await checkOut(ATTEMPT, late, journal)).kind).toBe('booked');
    expect(journal.read('u1', 'e1')).toEqual(since);
  });

  test('an unanswered attempt survives a reload, and ends as one payment and one booking', async () => {
    const { calls, paid, booked, fates } = server();
    const storage = memory();
    fates.push('arrives', ...Array<Fate>(6).fill('answer is lost'));
    expect(await checkOut(ATTEMPT, calls, journalIn(storage), RETRY_AT_ONCE)).toEqual({
      kind: 'unanswered',
      retryAfterMs: 0,
    });

    const kept = journalIn(storage).read('u1', 'e1');
    expect(kept).toEqual(ATTEMPT);
    expect((await checkOut(kept as Attempt, calls, journalIn(storage), RETRY_AT_ONCE)).kind).toBe('booked');
    expect([paid.size, booked.size]).toEqual([1, 1]);
    expect(journalIn(storage).read('u1', 'e1')).toBeNull();
  });

  test.each([
    ['before it is paid', []],
    ['once its payment has been lost on the way', ['answer is lost']],
    ['between paying and booking', ['arrives']],
  ] as const)(
    'a session that is over %s keeps the attempt; after signing in it ends as one payment and one booking',
    async (_when, before) => {
      const { calls, paid, booked, fates } = server();
      const storage = memory();
      fates.push(...before, refused('UNAUTHENTICATED'));
      expect(await checkOut(ATTEMPT, calls, journalIn(storage), RETRY_AT_ONCE)).toEqual({
        kind: 'session ended',
      });

      const kept = journalIn(storage).read('u1', 'e1');
      expect(kept).toEqual(ATTEMPT);
      expect((await checkOut(kept as Attempt, calls, journalIn(storage), RETRY_AT_ONCE)).kind).toBe('booked');
      expect([[...paid], [...booked]]).toEqual([['r1'], [confirmRequestId('pay_1')]]);
      expect(journalIn(storage).read('u1', 'e1')).toBeNull();
    },
  );

  test('a refusal in another account’s session keeps the attempt for its user', async () => {
    const { calls, paid, booked, fates, session } = server();
    const storage = memory();
    // After the payment another account signs in, in another tab.
    fates.push('answer is lost', refused('LOCK_NOT_FOUND'));
    session.viewerId = 'u2';
    expect(await checkOut(ATTEMPT, calls, journalIn(storage), RETRY_AT_ONCE)).toEqual({
      kind: 'session ended',
    });

    session.viewerId = 'u1';
    const kept = journalIn(storage).read('u1', 'e1');
    expect((await checkOut(kept as Attempt, calls, journalIn(storage), RETRY_AT_ONCE)).kind).toBe('booked');
    expect([paid.size, booked.size]).toEqual([1, 1]);
  });

  test('a browser without storage space pays and books too', async () => {
    const full = () => {
      throw new Error('QuotaExceededError');
    };
    const outcome = await checkOut(ATTEMPT, server().calls, journalIn({ ...memory(), setItem: full }));
    expect(outcome.kind).toBe('booked');
  });

  test('if the server asks for a long pause, the attempt is kept and not repeated before that', async () => {
    const { calls, fates, sent } = server();
    const journal = journalIn(memory());
    fates.push(refused('RATE_LIMITED', { retryAfterMs: 3_600_000 }));
    expect(await checkOut(ATTEMPT, calls, journal, RETRY_AT_ONCE)).toEqual({
      kind: 'unanswered',
      retryAfterMs: 3_600_000,
    });
    expect([sent, journal.read('u1', 'e1')]).toEqual([['pay'], ATTEMPT]);
  });

  test('attempts are kept by user and event', () => {
    const journal = journalIn(memory());
    journal.write(ATTEMPT);
    expect([journal.read('u2', 'e1'), journal.read('u1', 'e2')]).toEqual([null, null]);
  });

  test('a declined card confirms nothing, and the next payment is a new attempt', async () => {
    const declined = {
      ...PAYMENT,
      status: 'FAILED',
      reason: 'Card was declined',
      retryable: true,
    } as const;
    const { calls, booked } = server(declined);
    const journal = journalIn(memory());
    expect(await checkOut(ATTEMPT, calls, journal)).toEqual({
      kind: 'declined',
      reason: 'Card was declined',
      retryable: true,
    });
    expect([booked.size, journal.read('u1', 'e1')]).toEqual([0, null]);
  });

  test('a pending payment gives a pending booking', async () => {
    const { calls } = server({ ...PAYMENT, status: 'PENDING' }, { ...BOOKING, status: 'PENDING' });
    const outcome = await checkOut(ATTEMPT, calls, journalIn(memory()));
    expect(outcome).toMatchObject({ kind: 'pending', payment: { id: 'pay_1' } });
  });

  test('seats that another tab has paid for are booked with that payment, and not paid again', async () => {
    const { calls, booked, fates, sent } = server();
    fates.push(refused('LOCK_ALREADY_PAID', { paymentId: 'pay_1' }));
    expect((await checkOut(ATTEMPT, calls, journalIn(memory()))).kind).toBe('booked');
    expect(sent).toEqual(['pay', 'payment pay_1', 'confirm']);
    expect([...booked]).toEqual([confirmRequestId('pay_1')]);
  });

  test('seats that another tab has paid for and booked are shown as booked, and not paid again', async () => {
    const { calls, paid, fates, sent } = server();
    fates.push(refused('LOCK_ALREADY_USED', { lockId: 'l1', seatNumber: 1, bookingId: 'b1' }));
    expect(await checkOut(ATTEMPT, calls, journalIn(memory()))).toEqual({
      kind: 'booked',
      ...PURCHASE,
      wasPaidBefore: true,
    });
    expect(sent).toEqual(['pay', 'booking b1', 'payment pay_1', 'confirm']);
    expect(paid.size).toBe(0);
  });

  test('a pending outcome follows the answer of the card network', () => {
    const pending = { kind: 'pending', ...PURCHASE, bookings: [{ ...BOOKING, status: 'PENDING' }] } as const;
    const now = (
      status: BookingDetailsFragment['status'],
      paymentStatus: BookingDetailsFragment['paymentStatus'],
    ) => settled(pending, [{ ...BOOKING, status, paymentStatus }]);
    expect(settled(pending, []).kind).toBe('pending');
    expect(now('PENDING', 'PENDING').kind).toBe('pending');
    expect(now('CONFIRMED', 'COMPLETED')).toEqual({ kind: 'booked', ...PURCHASE });
    expect(now('CANCELLED', 'FAILED')).toMatchObject({ message: expect.stringContaining('declined') });
    expect(now('CANCELLED', 'PENDING')).toMatchObject({ message: expect.stringContaining('cancelled') });
    expect(now('CANCELLED', 'REFUNDED')).toMatchObject({ message: expect.stringContaining('paid back') });
  });

  test('of two pending bookings, the cancelled one is lost and the other one is booked', () => {
    const other = { ...BOOKING, id: 'b2', seatNumber: 2 };
    const bookings = [BOOKING, other].map((booking) => ({ ...booking, status: 'PENDING' }) as const);
    const pending = { kind: 'pending', ...PURCHASE, bookings } as const;
    expect(settled(pending, [BOOKING, { ...other, status: 'CANCELLED', paymentStatus: 'REFUNDED' }])).toEqual(
      {
        kind: 'booked',
        ...PURCHASE,
        lost: [{ seatNumber: 2, wasGivenBack: true }],
      },
    );
  });

  test('a refusal ends the attempt, and says what was paid before', async () => {
    const { calls, fates, sent } = server();
    const journal = journalIn(memory());
    fates.push('arrives', refused('EVENT_CLOSED'));
    expect(await checkOut(ATTEMPT, calls, journal)).toEqual({
      kind: 'refused',
      message: 'The event has begun: its seats are no longer sold.',
      paid: PAYMENT,
    });
    expect([sent, journal.read('u1', 'e1')]).toEqual([['pay', 'confirm'], null]);
    fates.push(refused('EVENT_CLOSED'));
    expect(await checkOut(ATTEMPT, calls, journal)).toMatchObject({ kind: 'refused', paid: null });
  });

  describe('of paid seats, some of which are no longer held', () => {
    const expired = (lockId: string, seatNumber: number, status = 'EXPIRED') =>
      refused('LOCK_EXPIRED', { lockId, seatNumber, status });

    test.each([
      ['has run out', 'EXPIRED', false],
      ['was given back', 'RELEASED', true],
    ])('the rest is booked where the hold of one %s', async (_how, status, wasGivenBack) => {
      const { calls, paid, fates, sent, confirmed } = server();
      fates.push('arrives', expired('l2', 2, status), 'answer is lost');
      const journal = journalIn(memory());
      expect(await checkOut(ATTEMPT, calls, journal, RETRY_AT_ONCE)).toEqual({
        kind: 'booked',
        ...PURCHASE,
        lost: [{ seatNumber: 2, wasGivenBack }],
      });
      expect(confirmed).toEqual(['l1 l2', 'l1', 'l1']);
      expect([sent.filter((call) => call === 'pay').length, paid.size]).toEqual([1, 1]);
      expect(journal.read('u1', 'e1')).toBeNull();
    });

    test('the same if another device had paid for them', async () => {
      const { calls, fates, confirmed } = server();
      fates.push(
        refused('LOCK_ALREADY_PAID', { paymentId: 'pay_1' }),
        'arrives',
        expired('l2', 2, 'RELEASED'),
      );
      const outcome = await checkOut({ ...ATTEMPT, lockIds: ['l1'] }, calls, journalIn(memory()));
      expect(outcome).toMatchObject({ kind: 'booked', bookings: [BOOKING], wasPaidBefore: true });
      expect(outcome).toMatchObject({ lost: [{ seatNumber: 2, wasGivenBack: true }] });
      expect(confirmed).toEqual(['l1 l2', 'l1']);
    });

    test('seats that another device has booked with the same payment are booked', async () => {
      const { calls, fates, sent } = server();
      fates.push(
        refused('LOCK_ALREADY_PAID', { paymentId: 'pay_1' }),
        'arrives',
        refused('LOCK_ALREADY_USED', { lockId: 'l1', seatNumber: 1, bookingId: 'b1' }),
        expired('l2', 2),
      );
      expect(await checkOut(ATTEMPT, calls, journalIn(memory()))).toMatchObject({
        kind: 'booked',
        bookings: [BOOKING],
        lost: [{ seatNumber: 2, wasGivenBack: false }],
      });
      expect(sent.at(-1)).toBe('booking b1');
    });

    test('if none is held any more, the outcome is that nothing was booked', async () => {
      const { calls, fates } = server();
      fates.push('arrives', expired('l1', 1), expired('l2', 2));
      expect(await checkOut(ATTEMPT, calls, journalIn(memory()))).toMatchObject({
        kind: 'lost',
        bookings: [],
        lost: [{ seatNumber: 1 }, { seatNumber: 2 }],
      });
    });

    test('a booking that was cancelled meanwhile is lost', async () => {
      const { calls } = server(PAYMENT, { ...BOOKING, status: 'CANCELLED', paymentStatus: 'REFUNDED' });
      expect(await checkOut(ATTEMPT, calls, journalIn(memory()))).toMatchObject({
        kind: 'lost',
        bookings: [],
        lost: [{ seatNumber: 1, wasGivenBack: true }],
      });
    });
  });
});
