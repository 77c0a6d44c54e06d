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
  arrivesAfterMs: 0,
  seats: 1,
  takesSuggestion: true,
  extends: false,
  changesMind: false,
  lapses: null,
  cards: ['SUCCESS'],
  settlement: 'COMPLETED',
  cancels: false,
};

type Input = Readonly<Record<string, unknown>>;
type Answer = (input: Input) => unknown;

/** Does what a server does for one fan, apart from what a test has it do instead. */
class FakeApi implements Api {
  readonly asked: { readonly field: string; readonly input: Input }[] = [];
  readonly #answers: Record<string, Answer> = {
    event: () => ({ seatMap: { statuses: 'AAAA' } }),
    lockSeat: ({ seatNumber }) => lock(`lock-${seatNumber}`, Number(seatNumber)),
    lockSeats: ({ seatNumbers }) => (seatNumbers as number[]).map((seat) => lock(`lock-${seat}`, seat)),
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
    const field = /\) \{ (\w+)/.exec(operation)?.[1] ?? '';
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

/** Chance that always, or never, brings a double click and a lost connection. */
class Luck extends SeededRandom {
  constructor(private readonly comesAlways: boolean) {
    super(1);
  }

  override chance(): boolean {
    return this.comesAlways;
  }
}

/** Nobody waits in a test: neither to think nor for a lock to lapse. */
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
  const account = { token: 'token', seats: new Set<number>(), asked: 0 };
  const sale = { api, eventId: 'event', price: 100, currency: 'USD', deadline, record };
  const [one] = record.visits as [(typeof record.visits)[number]];
  await new Fan(sale, account, { ...HABITS, ...habits }, new Luck(trouble)).visit(one);
  return { record, visit: one, account };
}

describe('a fan', () => {
  test('buys, and keeps what was acknowledged', async () => {
    const { record, visit: own } = await visit(new FakeApi(), { seats: 2 });
    expect(own.ending).toBe('booked');
    expect(record.acknowledged.size).toBe(2);
    expect(record.breachCount).toBe(0);
  });

  test('repeats a payment and a confirmation under the same requestId, however often they are sent', async () => {
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

  test('takes a new requestId for another card', async () => {
    const status = (cardStatus: unknown) => (cardStatus === 'SUCCESS' ? 'COMPLETED' : 'FAILED');
    const api = new FakeApi({
      simulatePayment: ({ requestId, cardStatus }) => ({
        paymentId: `pay-${requestId}`,
        status: status(cardStatus),
        retryable: true,
      }),
    });
    const { visit: own } = await visit(api, { cards: ['DECLINED', 'SUCCESS'] });
    expect(own.ending).toBe('booked');
    expect(new Set(api.inputsOf('simulatePayment').map(({ requestId }) => requestId)).size).toBe(2);
  });

  test('takes what is suggested for a lost seat', async () => {
    let lost: unknown;
    const api = new FakeApi({
      lockSeat: ({ seatNumber }) => {
        if (lost !== undefined) return lock(`lock-${seatNumber}`, Number(seatNumber));
        lost = seatNumber;
        throw new Refusal('SEAT_UNAVAILABLE', { seatNumbers: [seatNumber], suggestedSeats: [77] });
      },
    });
    const { visit: own, account } = await visit(api);
    expect(own.ending).toBe('booked');
    expect(api.inputsOf('lockSeat').map(({ seatNumber }) => seatNumber)).toEqual([lost, 77]);
    expect([...account.seats]).toEqual([77]);
  });

  test('gives the seat back when the card is of no use', async () => {
    const api = new FakeApi({
      simulatePayment: () => ({ paymentId: 'pay', status: 'FAILED', retryable: false }),
    });
    const { visit: own } = await visit(api);
    expect(own.ending).toBe('cardRefused');
    expect(api.inputsOf('releaseLock')).toHaveLength(1);
  });

  test('goes home from a hall that stays full', async () => {
    const api = new FakeApi({ event: () => ({ seatMap: { statuses: 'BBBB' } }) });
    const { visit: own } = await visit(api);
    expect(own.ending).toBe('withoutSeat');
    expect(api.inputsOf('event')).toHaveLength(3);
    expect(api.inputsOf('lockSeat')).toHaveLength(0);
  });

  test('goes home from a limit that the account has reached', async () => {
    const { record, visit: own } = await visit(new FakeApi({ lockSeats: limitOf(1) }), { seats: 2 });
    expect(own.ending).toBe('withoutSeat');
    expect(record.breachCount).toBe(0);
  });

  test('whose cancellation gets lost knows that the booking may be over', async () => {
    const api = new FakeApi({
      cancelBooking: () => {
        throw new Refusal('INTERNAL_SERVER_ERROR', {});
      },
    });
    const { record, visit: own } = await visit(api, { cancels: true });
    expect(own.ending).toBeUndefined();
    expect([...record.acknowledged.values()]).toMatchObject([{ mayBeCancelled: true, isCancelled: false }]);
  });

  test('who hears nothing until the deadline is left without an answer', async () => {
    const api: Api = {
      ask: async () => {
        throw new NoAnswer('other side closed');
      },
    };
    const { visit: own } = await visit(api, {}, false, new Deadline(20));
    expect(own).toMatchObject({ arrived: true, ending: undefined });
    expect(own.reason).toContain('deadline');
  });
});

describe('a seat that is told as taken', () => {
  const taken = ({ seatNumber }: Input) =>
    new Refusal('SEAT_UNAVAILABLE', { seatNumbers: [seatNumber], suggestedSeats: [] });

  test('is noted where nobody had it: a server that gives no seat to anybody', async () => {
    const api = new FakeApi({
      lockSeat: (input) => {
        throw taken(input);
      },
    });
    const { record, visit: own } = await visit(api);
    expect(own.ending).toBe('withoutSeat');
    expect(record.breachCount).toBe(0);
    const asked = new Set(api.inputsOf('lockSeat').map(({ seatNumber }) => seatNumber));
    expect(record.toldSeats.reportedWithoutOwner).toEqual([...asked].sort());
  });

  test('is noted where nobody had it: a map that is full from the beginning', async () => {
    const { record } = await visit(new FakeApi({ event: () => ({ seatMap: { statuses: 'LBA' } }) }), {
      seats: 2,
    });
    expect(record.toldSeats.reportedWithoutOwner).toEqual([1, 2]);
  });

  test('is explained by a fan who was given it, before or after', async () => {
    const { record } = await visit(new FakeApi({ event: () => ({ seatMap: { statuses: 'LAAL' } }) }));
    expect(record.toldSeats.reportedWithoutOwner).toEqual([1, 4]);
    const others = record.toldSeats.noting(new FakeApi());
    await others.ask(LOCK_SEATS, { input: { seatNumbers: [1, 4] } });
    expect(record.toldSeats.reportedWithoutOwner).toEqual([]);
  });

  test.each([
    ['by an answer that was lost', new NoAnswer('other side closed'), false],
    ['by one that nobody knows', new Refusal('OUTCOME_UNKNOWN', {}), false],
    ['not by one that had to be asked for again', new Refusal('TOO_BUSY', {}), true],
  ])('is explained %s', async (_how, first, isNoted) => {
    let tries = 0;
    const api = new FakeApi({
      event: () => ({ seatMap: { statuses: 'A' } }),
      lockSeat: (input) => {
        throw tries++ === 0 ? first : taken(input);
      },
    });
    const { record } = await visit(api);
    expect(tries).toBeGreaterThan(1);
    expect(record.toldSeats.reportedWithoutOwner, 'while nobody was given any seat').toEqual([1]);
    await record.toldSeats.noting(new FakeApi()).ask(LOCK_SEATS, { input: { seatNumbers: [2] } });
    expect(record.toldSeats.reportedWithoutOwner).toEqual(isNoted ? [1] : []);
  });
});

describe('an answer that the contract rules out is told:', () => {
  test('a seat limit that the account cannot have reached', async () => {
    const { record, visit: own } = await visit(new FakeApi({ lockSeats: limitOf(2) }), { seats: 2 });
    expect(own.ending).toBe('withoutSeat');
    expect(record.breaches).toEqual(['lock: SEAT_LIMIT_REACHED at 2 seats of 2']);
  });

  test('an error that belongs to no step', async () => {
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

  test('two bookings for one click, and both are held against the truth', async () => {
    let bookings = 0;
    const api = new FakeApi({
      confirmBooking: ({ lockId }) => ({ ...booking(String(lockId)), id: `booking-${bookings++}` }),
    });
    const { record } = await visit(api, {}, true);
    expect(record.breaches).toEqual([expect.stringContaining('confirm: two answers to one click')]);
    expect([...record.acknowledged.keys()].sort()).toEqual(['booking-1', 'booking-2']);
  });

  test('a payment for a lock that has lapsed', async () => {
    const api = new FakeApi({ lockSeat: ({ seatNumber }) => lock('lock-1', Number(seatNumber), 0) });
    const { record } = await visit(api, { lapses: 'before paying' });
    expect(record.breaches).toContain('pay: the lock had lapsed');
  });

  test('a confirmation of a lock that has lapsed', async () => {
    const api = new FakeApi({ lockSeat: ({ seatNumber }) => lock('lock-1', Number(seatNumber), 0) });
    const { record } = await visit(api, { lapses: 'after paying' });
    expect(record.breaches).toContain('confirm: the lock had lapsed');
  });

  test('a booking of another seat', async () => {
    const api = new FakeApi({
      confirmBooking: ({ lockId }) => ({ ...booking(String(lockId)), seatNumber: 99 }),
    });
    const { record } = await visit(api);
    expect(record.breaches).toEqual([expect.stringContaining('confirm: seats 99')]);
  });

  test('a lost seat that is not named', async () => {
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
