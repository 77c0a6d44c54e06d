import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { Fan } from './fan.js';
import type { Habits } from './fan-behaviour.js';
import { LOCK_SEATS } from './operations.js';
import { Deadline } from './retry.js';
import { SaleRecord } from './sale-record.js';
import { type Api, type Data, NoAnswer, Refusal } from './server-api.js';

const AN_HOUR_MS = 3_600_000;

const HABITS: Habits = {
  checksOut: false,
  arrivesAfterMs: 0,
  seats: 1,
  takesSuggestion: true,
  extends: false,
  changesMind: false,
  waitsForExpiry: null,
  cards: ['SUCCESS'],
  settlement: 'COMPLETED',
  cancels: false,
};

type Input = Readonly<Record<string, unknown>>;
type Answer = (input: Input) => unknown;

/** Answers like a server, except for the answers that a test replaces. */
class FakeApi implements Api {
  readonly asked: { readonly field: string; readonly input: Input }[] = [];
  readonly #answers: Record<string, Answer> = {
    event: () => ({ seatMap: { statuses: 'AAAA' } }),
    lockSeat: ({ seatNumber }) => lock(`lock-${seatNumber}`, Number(seatNumber)),
    lockSeats: ({ seatNumbers }) => (seatNumbers as number[]).map((seat) => lock(`lock-${seat}`, seat)),
    holdSeats: ({ wishes }) => {
      const [{ seatNumbers }] = wishes as [{ seatNumbers: number[] }];
      return { locks: seatNumbers.map((seat) => lock(`lock-${seat}`, seat)), refusal: null };
    },
    checkOut: ({ seatNumbers, requestId }) => ({
      payment: { paymentId: `pay-${requestId}`, status: 'COMPLETED', retryable: null },
      bookings: (seatNumbers as number[]).map((seat) => booking(`lock-${seat}`)),
    }),
    simulatePayment: ({ requestId }) => ({
      paymentId: `pay-${requestId}`,
      status: 'COMPLETED',
      retryable: null,
    }),
    confirmBooking: ({ lockId }) => booking(String(lockId)),
    confirmBookings: ({ lockIds }) => (lockIds as string[]).map(booking),
    releaseLock: ({ lockId }) => ({ id: lockId }),
    cancelBooking: ({ id }) => ({ ...booking(String(id).replace('booking-', '')), status: 'CANCELLED' }),
  };

  constructor(answers: Record<string, Answer> = {}) {
    Object.assign(this.#answers, answers);
  }

  async ask(operation: string, variables: object, _token?: string, dropped?: AbortSignal): Promise<Data> {
    const field = /\) \{\s+(\w+)/.exec(operation)?.[1] ?? '';
    const { input, ...others } = variables as { input?: Input };
    this.asked.push({ field, input: input ?? others });
    const answer = this.#answers[field]?.(input ?? others);
    if (dropped !== undefined) throw new NoAnswer('the connection was cut');
    return { [field]: answer };
  }

  inputsOf = (name: string): Input[] =>
    this.asked.filter(({ field }) => field === name).map(({ input }) => input);
}

const lock = (id: string, seatNumber: number, remainingMs = 60_000) => ({
  id,
  seatNumber,
  createdAt: '2026-11-22T21:00:00.000Z',
  expiresAt: '2026-11-22T21:01:00.000Z',
  remainingMs,
});

const booking = (lockId: string) => ({
  id: `booking-${lockId}`,
  seatNumber: Number(lockId.replace('lock-', '')),
  status: 'CONFIRMED',
  expiresAt: null,
});

const limitOf = (limit: number): Answer => {
  return () => {
    throw new Refusal('SEAT_LIMIT_REACHED', { limit });
  };
};

/** Random numbers that always, or never, cause a double click and a lost connection. */
class Luck extends SeededRandom {
  constructor(private readonly comesAlways: boolean) {
    super(1);
  }

  override chance(): boolean {
    return this.comesAlways;
  }
}

/** Tests do not wait for pauses and expiries. */
class NoWaiting extends Deadline {
  override pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
}

async function visit(
  api: Api,
  habits: Partial<Habits> = {},
  trouble = false,
  deadline: Deadline = new NoWaiting(AN_HOUR_MS),
) {
  const record = new SaleRecord(1);
  const account = { token: 'token', seats: new Set<number>(), requested: 0 };
  const sale = { api, eventId: 'event', price: 100, currency: 'USD', deadline, record };
  const [one] = record.visits as [(typeof record.visits)[number]];
  await new Fan(sale, account, { ...HABITS, ...habits }, new Luck(trouble)).visit(one);
  return { record, visit: one, account };
}

describe('a fan', () => {
  test('sends a payment and a confirmation under one requestId, also after double clicks and lost connections', async () => {
    const api = new FakeApi();
    const { record, visit: own } = await visit(api, {}, true);
    expect(own.ending).toBe('booked');
    expect(record).toMatchObject({ dropped: 0, doubleClicks: 3, breachCount: 0 });
    for (const field of ['simulatePayment', 'confirmBooking']) {
      const inputs = api.inputsOf(field);
      expect(inputs).toHaveLength(3);
      expect(new Set(inputs.map((input) => JSON.stringify(input))).size).toBe(1);
    }
  });

  test('checks out under one requestId, also after double clicks and lost connections', async () => {
    const api = new FakeApi();
    const { record, visit: own } = await visit(api, { checksOut: true, seats: 2 }, true);
    expect(own.ending).toBe('booked');
    expect(record).toMatchObject({ dropped: 0, doubleClicks: 2, breachCount: 0 });
    const inputs = api.inputsOf('checkOut');
    expect(inputs).toHaveLength(3);
    expect(new Set(inputs.map((input) => JSON.stringify(input))).size).toBe(1);
    expect(record.acknowledged.size).toBe(2);
  });

  test('tries the next card with another requestId at a check-out, and lets the seats go after the last one', async () => {
    const refused = (retryable: boolean) => ({
      payment: { paymentId: 'pay-1', status: 'FAILED', retryable },
      bookings: [],
    });
    const api = new FakeApi({ checkOut: ({ simulatedCard }) => refused(simulatedCard === 'DECLINED') });
    const cards = ['DECLINED', 'EXPIRED'] as const;
    const { record, visit: own } = await visit(api, { checksOut: true, cards });
    expect([own.ending, record.breachCount]).toEqual(['cardRefused', 0]);
    const inputs = api.inputsOf('checkOut');
    expect(inputs.map(({ simulatedCard }) => simulatedCard)).toEqual(cards);
    expect(new Set(inputs.map(({ requestId }) => requestId)).size).toBe(2);
    expect(api.inputsOf('releaseLock')).toHaveLength(1);
  });

  test('whose cancellation is not answered accepts either state of the booking', async () => {
    const api = new FakeApi({
      cancelBooking: () => {
        throw new Refusal('INTERNAL_SERVER_ERROR', {});
      },
    });
    const { record, visit: own } = await visit(api, { cancels: true });
    expect(own.ending).toBeUndefined();
    expect([...record.acknowledged.values()]).toMatchObject([{ mayBeCancelled: true, isCancelled: false }]);
  });

  test('without an answer until the deadline counts as unanswered', async () => {
    const api: Api = {
      ask: async () => {
        throw new NoAnswer('other side closed');
      },
    };
    const { visit: own } = await visit(api, {}, false, new Deadline(500));
    expect(own).toMatchObject({ arrived: true, ending: undefined });
    expect(own.reason).toContain('deadline');
  });
});

describe('a seat that is reported as taken', () => {
  const taken = ({ seatNumber }: Input) =>
    new Refusal('SEAT_UNAVAILABLE', { seatNumbers: [seatNumber], suggestedSeats: [] });

  test('is found if nobody had it: a server that locks no seat for anybody', async () => {
    const api = new FakeApi({
      lockSeat: (input) => {
        throw taken(input);
      },
    });
    const { record, visit: own } = await visit(api);
    expect(own.ending).toBe('withoutSeat');
    expect(record.breachCount).toBe(0);
    const asked = new Set(api.inputsOf('lockSeat').map(({ seatNumber }) => seatNumber));
    expect(record.reportedSeats.reportedWithoutOwner).toEqual([...asked].sort());
  });

  test('is found if nobody had it: a map that is full from the start', async () => {
    const { record } = await visit(new FakeApi({ event: () => ({ seatMap: { statuses: 'LBA' } }) }), {
      seats: 2,
    });
    expect(record.reportedSeats.reportedWithoutOwner).toEqual([1, 2]);
  });

  test('is explained by a fan who got it, before or after', async () => {
    const { record } = await visit(new FakeApi({ event: () => ({ seatMap: { statuses: 'LAAL' } }) }));
    expect(record.reportedSeats.reportedWithoutOwner).toEqual([1, 4]);
    const others = record.reportedSeats.record(new FakeApi());
    await others.ask(LOCK_SEATS, { input: { seatNumbers: [1, 4] } });
    expect(record.reportedSeats.reportedWithoutOwner).toEqual([]);
  });

  test.each([
    ['by a lost answer', new NoAnswer('other side closed'), false],
    ['by an unknown outcome', new Refusal('OUTCOME_UNKNOWN', {}), false],
    ['not by TOO_BUSY', new Refusal('TOO_BUSY', {}), true],
  ])('is explained %s', async (_how, first, isFound) => {
    let tries = 0;
    const api = new FakeApi({
      event: () => ({ seatMap: { statuses: 'A' } }),
      lockSeat: (input) => {
        throw tries++ === 0 ? first : taken(input);
      },
    });
    const { record } = await visit(api);
    expect(tries).toBeGreaterThan(1);
    expect(record.reportedSeats.reportedWithoutOwner, 'while nobody got any seat').toEqual([1]);
    await record.reportedSeats.record(new FakeApi()).ask(LOCK_SEATS, { input: { seatNumbers: [2] } });
    expect(record.reportedSeats.reportedWithoutOwner).toEqual(isFound ? [1] : []);
  });
});

describe('an answer that breaks the contract is found:', () => {
  test('a seat limit that the account cannot have reached', async () => {
    const { record, visit: own } = await visit(new FakeApi({ lockSeats: limitOf(2) }), { seats: 2 });
    expect(own.ending).toBe('withoutSeat');
    expect(record.breaches).toEqual(['lock: SEAT_LIMIT_REACHED at 2 seats of 2']);
  });

  test('an unexpected error', async () => {
    const api = new FakeApi({
      simulatePayment: () => {
        throw new Refusal('INTERNAL_SERVER_ERROR', {});
      },
    });
    const { record, visit: own } = await visit(api);
    expect(record.breaches).toEqual(['pay: INTERNAL_SERVER_ERROR']);
    expect(own.ending).toBeUndefined();
  });

  test('two payments for one click', async () => {
    let payments = 0;
    const api = new FakeApi({
      simulatePayment: () => ({ paymentId: `pay-${payments++}`, status: 'COMPLETED', retryable: null }),
    });
    const { record } = await visit(api, {}, true);
    expect(record.breaches).toEqual([expect.stringContaining('pay: two answers to one click')]);
  });

  test('two bookings for one click, and both are audited', async () => {
    let bookings = 0;
    const api = new FakeApi({
      confirmBooking: ({ lockId }) => ({ ...booking(String(lockId)), id: `booking-${bookings++}` }),
    });
    const { record } = await visit(api, {}, true);
    expect(record.breaches).toEqual([expect.stringContaining('confirm: two answers to one click')]);
    expect([...record.acknowledged.keys()].sort()).toEqual(['booking-1', 'booking-2']);
  });

  test('a payment for an expired lock', async () => {
    const api = new FakeApi({ lockSeat: ({ seatNumber }) => lock('lock-1', Number(seatNumber), 0) });
    const { record } = await visit(api, { waitsForExpiry: 'before paying' });
    expect(record.breaches).toContain('pay: the lock had expired');
  });

  test('a confirmation of an expired lock', async () => {
    const api = new FakeApi({ lockSeat: ({ seatNumber }) => lock('lock-1', Number(seatNumber), 0) });
    const { record } = await visit(api, { waitsForExpiry: 'after paying' });
    expect(record.breaches).toContain('confirm: the lock had expired');
  });

  test('a check-out of an expired hold', async () => {
    const api = new FakeApi({
      holdSeats: ({ wishes }) => ({
        locks: [lock('lock-1', Number((wishes as [{ seatNumbers: number[] }])[0].seatNumbers[0]), 0)],
        refusal: null,
      }),
    });
    const { record } = await visit(api, { checksOut: true, waitsForExpiry: 'before paying' });
    expect(record.breaches).toContain('checkOut: the lock had expired');
  });

  test('two check-outs for one click', async () => {
    let payments = 0;
    const payment = () => ({ paymentId: `pay-${payments++}`, status: 'COMPLETED', retryable: null });
    const api = new FakeApi({
      checkOut: ({ seatNumbers }) => ({
        payment: payment(),
        bookings: (seatNumbers as number[]).map((seat) => booking(`lock-${seat}`)),
      }),
    });
    const { record } = await visit(api, { checksOut: true }, true);
    expect(record.breaches).toEqual([expect.stringContaining('checkOut: two answers to one click')]);
  });

  test('a check-out that books fewer seats than were held', async () => {
    const payment = { paymentId: 'pay-1', status: 'COMPLETED', retryable: null };
    const api = new FakeApi({ checkOut: () => ({ payment, bookings: [booking('lock-1')] }) });
    const { record } = await visit(api, { checksOut: true, seats: 2 });
    expect(record.breaches).toEqual([expect.stringContaining('checkOut: seats 1 were booked')]);
  });

  test('a booking of another seat', async () => {
    const api = new FakeApi({
      confirmBooking: ({ lockId }) => ({ ...booking(String(lockId)), seatNumber: 99 }),
    });
    const { record } = await visit(api);
    expect(record.breaches).toEqual([expect.stringContaining('confirm: seats 99')]);
  });

  test('a refusal without the lost seats', async () => {
    const api = new FakeApi({
      lockSeat: () => {
        throw new Refusal('SEAT_UNAVAILABLE', {});
      },
    });
    const { record, visit: own } = await visit(api);
    expect(record.breachCount).toBe(1);
    expect(own.ending).toBeUndefined();
  });
});
