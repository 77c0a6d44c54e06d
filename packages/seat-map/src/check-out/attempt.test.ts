import { CombinedGraphQLErrors } from '@apollo/client';
import { describe, expect, test } from 'vitest';
import type { BookedSeat, SeatPayment } from '../core/held-seats.js';
import { fallingBack, memoryStorage } from '../core/storage.js';
import { type CheckoutCalls, checkOut, settled } from './attempt.js';
import { type Attempt, journalIn } from './journal.js';

const PAYMENT: SeatPayment = {
  id: 'pay_1',
  eventId: 'e1',
  lockIds: ['l1', 'l2'],
  amount: 9_000,
  refundedAmount: 0,
  currency: 'USD',
  status: 'COMPLETED',
  reason: null,
  retryable: null,
  reference: 'K7F-4M9',
  provider: 'simulated',
};
const BOOKING: BookedSeat = {
  id: 'b1',
  eventId: 'e1',
  seatNumber: 1,
  lockId: 'l1',
  paymentId: 'pay_1',
  status: 'CONFIRMED',
  paymentStatus: 'COMPLETED',
  createdAt: '2026-11-22T10:00:00.000Z',
  expiresAt: null,
  price: { amount: 4_500, currency: 'USD' },
};
const PURCHASE = { payment: PAYMENT, bookings: [BOOKING], cancelled: [] };
const ATTEMPT: Attempt = {
  userId: 'u1',
  eventId: 'e1',
  seatNumbers: [1, 2],
  total: { amount: 9_000, currency: 'USD' },
  isNamed: false,
  card: 'SUCCESS',
  contactEmail: 'ann@example.com',
  requestId: 'r1',
};

const RETRY_AT_ONCE = { firstPauseMs: 1 };

const lost = () => new TypeError('Failed to fetch');
const refused = (code: string, details = {}) =>
  new CombinedGraphQLErrors({ errors: [{ message: code, extensions: { code, details } }] });

type Fate = 'arrives' | 'is lost' | 'answer is lost' | Error;

/** Remembers calls by requestId, as the real server does. The network loses the calls or answers that `fates` names. */
function server(payment = PAYMENT, bookings: readonly BookedSeat[] = [BOOKING]) {
  const session: { viewerId: string | null } = { viewerId: ATTEMPT.userId };
  const done = new Set<string>();
  const fates: Fate[] = [];
  const sent: string[] = [];
  async function call(name: string, requestId: string) {
    sent.push(name);
    const fate = fates.shift() ?? 'arrives';
    if (fate instanceof Error) throw fate;
    if (fate === 'is lost') throw lost();
    done.add(requestId);
    if (fate === 'answer is lost') throw lost();
    return { payment, bookings };
  }
  const calls: CheckoutCalls = {
    checkOut: ({ requestId }) => call('check out', requestId),
    confirm: (paymentId) => call('confirm', paymentId),
    viewerId: async () => session.viewerId,
  };
  return { calls, done, fates, sent, session };
}

describe('checking out', () => {
  test('pays and books with one call, and removes the attempt', async () => {
    const { calls, sent } = server();
    const journal = journalIn(memoryStorage());
    expect(await checkOut(ATTEMPT, calls, journal)).toEqual({ kind: 'booked', ...PURCHASE });
    expect([sent, journal.read('u1', 'e1')]).toEqual([['check out'], null]);
  });

  test('a lost call or answer is sent again with the same request id: done once', async () => {
    const { calls, done, fates, sent } = server();
    fates.push('is lost', 'answer is lost', refused('TOO_BUSY'), 'arrives');
    expect((await checkOut(ATTEMPT, calls, journalIn(memoryStorage()), RETRY_AT_ONCE)).kind).toBe('booked');
    expect([sent.length, [...done]]).toEqual([4, ['r1']]);
  });

  test('an attempt that ends late removes only itself, and no later attempt', async () => {
    const { calls } = server();
    const journal = journalIn(memoryStorage());
    const since: Attempt = { ...ATTEMPT, requestId: 'r2' };
    const late: CheckoutCalls = {
      ...calls,
      checkOut: (attempt) => {
        journal.write(since);
        return calls.checkOut(attempt);
      },
    };
    expect((await checkOut(ATTEMPT, late, journal)).kind).toBe('booked');
    expect(journal.read('u1', 'e1')).toEqual(since);
  });

  test('an unanswered attempt survives a reload, and is done once', async () => {
    const { calls, done, fates } = server();
    const storage = memoryStorage();
    fates.push(...Array<Fate>(6).fill('answer is lost'));
    const unanswered = { kind: 'unanswered', retryAfterMs: 0 };
    expect(await checkOut(ATTEMPT, calls, journalIn(storage), RETRY_AT_ONCE)).toEqual(unanswered);

    const kept = journalIn(storage).read('u1', 'e1');
    expect(kept).toEqual(ATTEMPT);
    expect((await checkOut(kept as Attempt, calls, journalIn(storage), RETRY_AT_ONCE)).kind).toBe('booked');
    expect([[...done], journalIn(storage).read('u1', 'e1')]).toEqual([['r1'], null]);
  });

  test.each([
    ['before it is sent', []],
    ['once its answer has been lost on the way', ['answer is lost']],
  ] as const)(
    'a session that is over %s keeps the attempt; after signing in it is done once',
    async (_when, before) => {
      const { calls, done, fates } = server();
      const storage = memoryStorage();
      fates.push(...before, refused('UNAUTHENTICATED'));
      const ended = { kind: 'session ended' };
      expect(await checkOut(ATTEMPT, calls, journalIn(storage), RETRY_AT_ONCE)).toEqual(ended);

      const kept = journalIn(storage).read('u1', 'e1');
      expect(kept).toEqual(ATTEMPT);
      expect((await checkOut(kept as Attempt, calls, journalIn(storage), RETRY_AT_ONCE)).kind).toBe('booked');
      expect([[...done], journalIn(storage).read('u1', 'e1')]).toEqual([['r1'], null]);
    },
  );

  test('a refusal in another account’s session keeps the attempt for its user', async () => {
    const { calls, done, fates, session } = server();
    const storage = memoryStorage();
    // Another account signs in, in another tab.
    fates.push('answer is lost', refused('HOLD_EXPIRED', { seatNumbers: [1, 2], bookedSeatNumbers: [] }));
    session.viewerId = 'u2';
    const ended = { kind: 'session ended' };
    expect(await checkOut(ATTEMPT, calls, journalIn(storage), RETRY_AT_ONCE)).toEqual(ended);

    session.viewerId = 'u1';
    const kept = journalIn(storage).read('u1', 'e1');
    expect((await checkOut(kept as Attempt, calls, journalIn(storage), RETRY_AT_ONCE)).kind).toBe('booked');
    expect([...done]).toEqual(['r1']);
  });

  test('a browser without storage space pays and books too', async () => {
    const full = () => {
      throw new Error('QuotaExceededError');
    };
    const outcome = await checkOut(
      ATTEMPT,
      server().calls,
      journalIn(fallingBack({ ...memoryStorage(), setItem: full })),
    );
    expect(outcome.kind).toBe('booked');
  });

  test('if the server asks for a long pause, the attempt is kept and not repeated before that', async () => {
    const { calls, fates, sent } = server();
    const journal = journalIn(memoryStorage());
    fates.push(refused('RATE_LIMITED', { retryAfterMs: 3_600_000 }));
    expect(await checkOut(ATTEMPT, calls, journal, RETRY_AT_ONCE)).toEqual({
      kind: 'unanswered',
      retryAfterMs: 3_600_000,
    });
    expect([sent, journal.read('u1', 'e1')]).toEqual([['check out'], ATTEMPT]);
  });

  test('attempts are kept by user and event', () => {
    const journal = journalIn(memoryStorage());
    journal.write(ATTEMPT);
    expect([journal.read('u2', 'e1'), journal.read('u1', 'e2')]).toEqual([null, null]);
  });

  test('a declined card books nothing, and the next payment is a new attempt', async () => {
    const reason = 'Card was declined';
    const { calls } = server({ ...PAYMENT, status: 'FAILED', reason, retryable: true }, []);
    const journal = journalIn(memoryStorage());
    expect(await checkOut(ATTEMPT, calls, journal)).toEqual({ kind: 'declined', reason, retryable: true });
    expect(journal.read('u1', 'e1')).toBeNull();
  });

  test('a pending payment gives a pending booking', async () => {
    const { calls } = server({ ...PAYMENT, status: 'PENDING' }, [{ ...BOOKING, status: 'PENDING' }]);
    const outcome = await checkOut(ATTEMPT, calls, journalIn(memoryStorage()));
    expect(outcome).toMatchObject({ kind: 'pending', payment: { id: 'pay_1' } });
  });

  test('what is no longer held is told apart from what another device has booked, and nothing is paid', async () => {
    const { calls, fates } = server();
    const journal = journalIn(memoryStorage());
    fates.push(refused('HOLD_EXPIRED', { seatNumbers: [1, 2], bookedSeatNumbers: [2] }));
    expect(await checkOut(ATTEMPT, calls, journal)).toEqual({ kind: 'lost', lost: [1], booked: [2] });
    expect(journal.read('u1', 'e1')).toBeNull();
  });

  test('another price than the buyer was shown is said with the new sum', async () => {
    const { calls, fates } = server();
    fates.push(refused('TOTAL_CHANGED', { total: { amount: 9_900, currency: 'USD' } }));
    expect(await checkOut(ATTEMPT, calls, journalIn(memoryStorage()))).toMatchObject({
      kind: 'refused',
      error: { code: 'TOTAL_CHANGED', details: { total: { amount: 9_900 } } },
    });
  });

  test('seats that another program has paid for are booked with that payment, and not paid again', async () => {
    const { calls, fates, sent } = server();
    fates.push(refused('LOCK_ALREADY_PAID', { paymentId: 'pay_1' }), 'answer is lost');
    expect((await checkOut(ATTEMPT, calls, journalIn(memoryStorage()), RETRY_AT_ONCE)).kind).toBe('booked');
    expect(sent).toEqual(['check out', 'confirm', 'confirm']);
  });

  test('a repeated call says which of its bookings were cancelled meanwhile', async () => {
    const cancelled = {
      ...BOOKING,
      id: 'b2',
      seatNumber: 2,
      status: 'CANCELLED',
      paymentStatus: 'REFUNDED',
    } as const;
    const some = server(PAYMENT, [BOOKING, cancelled]);
    expect(await checkOut(ATTEMPT, some.calls, journalIn(memoryStorage()))).toEqual({
      kind: 'booked',
      ...PURCHASE,
      cancelled: [expect.objectContaining({ seatNumber: 2 })],
    });
    const all = server(PAYMENT, [cancelled]);
    expect(await checkOut(ATTEMPT, all.calls, journalIn(memoryStorage()))).toEqual({
      kind: 'cancelled',
      paymentStatus: 'REFUNDED',
    });
  });
});

describe('a pending outcome', () => {
  const other = { ...BOOKING, id: 'b2', seatNumber: 2 };
  const pendingWith = (all: readonly BookedSeat[]) =>
    ({
      kind: 'pending',
      clientSecret: null,
      ...PURCHASE,
      bookings: all.map((each) => ({ ...each, status: 'PENDING' as const })),
    }) as const;

  test('follows the answer of the card network', () => {
    const pending = pendingWith([BOOKING]);
    const now = (status: BookedSeat['status'], paymentStatus: BookedSeat['paymentStatus']) =>
      settled(pending, [{ ...BOOKING, status, paymentStatus }]);
    expect(settled(pending, []).kind).toBe('pending');
    expect(now('PENDING', 'PENDING').kind).toBe('pending');
    expect(now('CONFIRMED', 'COMPLETED')).toEqual({ kind: 'booked', ...PURCHASE });
    expect(now('CANCELLED', 'FAILED')).toEqual({ kind: 'cancelled', paymentStatus: 'FAILED' });
    expect(now('CANCELLED', 'PENDING')).toEqual({ kind: 'cancelled', paymentStatus: 'PENDING' });
    expect(now('CANCELLED', 'REFUNDED')).toEqual({ kind: 'cancelled', paymentStatus: 'REFUNDED' });
  });

  test('of two bookings keeps the one that stands', () => {
    const known = [BOOKING, { ...other, status: 'CANCELLED', paymentStatus: 'REFUNDED' } as const];
    expect(settled(pendingWith([BOOKING, other]), known)).toEqual({
      kind: 'booked',
      ...PURCHASE,
      cancelled: [expect.objectContaining({ seatNumber: 2 })],
    });
  });
});

describe('a payment at a provider', () => {
  const pending = { ...PAYMENT, status: 'PENDING' as const, provider: 'stripe' };
  const booking = { ...BOOKING, status: 'PENDING' as const, paymentStatus: 'PENDING' as const };

  test('is kept until its buyer has paid, so that a reload gets the same client secret', async () => {
    const journal = journalIn(memoryStorage());
    const { calls } = server(pending, [booking]);
    const withSecret: CheckoutCalls = {
      ...calls,
      checkOut: async (attempt) => ({ ...(await calls.checkOut(attempt)), clientSecret: 'secret' }),
    };
    expect(await checkOut(ATTEMPT, withSecret, journal)).toMatchObject({
      kind: 'pending',
      clientSecret: 'secret',
    });
    expect(journal.read('u1', 'e1')).toEqual(ATTEMPT);
    expect(await checkOut(ATTEMPT, server().calls, journal)).toMatchObject({ kind: 'booked' });
    expect(journal.read('u1', 'e1')).toBeNull();
  });

  test('whose provider has not answered is asked for again', async () => {
    const journal = journalIn(memoryStorage());
    const { calls } = server(pending, [booking]);
    expect(await checkOut(ATTEMPT, calls, journal)).toEqual({ kind: 'unanswered', retryAfterMs: 0 });
    expect(journal.read('u1', 'e1')).toEqual(ATTEMPT);
  });
});
