import { describe, expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  EVENT_ID,
  eventOf,
  later,
  MINUTE_MS,
  NOW,
  RULES,
  refusalOf,
} from '../test/support/booking-fixtures.js';
import { lockSeatsCommand, SEATS_PER_CALL_MAX } from './lock-seats.js';

const seats = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

describe('a call that names seats', () => {
  test.each([
    ['no seat', EVENT_ID, [], 'BAD_USER_INPUT'],
    ['one seat', EVENT_ID, [1], 'done'],
    ['as many seats as a call may name', EVENT_ID, seats(1, SEATS_PER_CALL_MAX), 'done'],
    ['one more', EVENT_ID, seats(1, SEATS_PER_CALL_MAX + 1), 'BAD_USER_INPUT'],
    ['a seat twice', EVENT_ID, [3, 4, 3], 'BAD_USER_INPUT'],
    ['an event whose id no event can have', 'EVENT', [1], 'EVENT_NOT_FOUND'],
  ] as const)('with %s', (_, eventId, seatNumbers, code) => {
    expect(codeOf(() => lockSeatsCommand('ann', eventId, seatNumbers))).toBe(code);
  });

  test('contains an id for each lock that it may make', () => {
    const { newLockIds } = lockSeatsCommand('ann', EVENT_ID, [1, 2, 3]);
    expect(new Set(newLockIds).size).toBe(3);
  });
});

describe('a lock', () => {
  test('is active for the lock time, unpaid and unused', () => {
    const box = new BoxOffice();
    expect(box.lockOne('ann', 7)).toEqual({
      id: expect.stringMatching(/^lock_event0000000_/),
      eventId: EVENT_ID,
      seatNumber: 7,
      userId: 'ann',
      status: 'active',
      createdAt: NOW,
      expiresAt: later(RULES.lockTtlMs),
      endedAt: null,
      bookingId: null,
      paymentId: null,
      version: 1,
      price: { amount: 1_000, currency: 'USD' },
    });
  });

  test('keeps its seat from others until its last millisecond, and from expiresAt on the seat is anybody’s', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.wait(RULES.lockTtlMs - 1);
    expect(refusalOf(() => box.lock('bob', [1]))).toMatchObject({
      code: 'SEAT_UNAVAILABLE',
      details: { seatNumbers: [1] },
    });
    box.wait(1);
    expect(box.lockOne('bob', 1)).toMatchObject({ userId: 'bob', createdAt: box.now });
    expect(box.lockNow(lock)).toMatchObject({ status: 'expired', endedAt: lock.expiresAt });
  });

  test('that is taken over long after its time ended at its expiry', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.wait(3 * RULES.lockTtlMs);
    box.lock('bob', [1]);
    expect(box.lockNow(lock).endedAt).toEqual(lock.expiresAt);
  });

  test('that is taken over after its time is refunded', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1, 2]);
    const payment = box.pay('ann', locks);
    box.wait(RULES.lockTtlMs);
    box.lock('bob', [2]);
    expect(box.paymentNow(payment)).toMatchObject({ status: 'completed', refundedAmount: 1_500 });
    box.lock('bob', [1]);
    expect(box.paymentNow(payment)).toMatchObject({ status: 'refunded', refundedAmount: 3_000 });
  });

  test('asked for again is the same lock with the same end, and nothing is announced', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.wait(RULES.lockTtlMs - 1);
    expect(box.lockOne('ann', 1)).toEqual(lock);
    expect(box.announced.at(-1)).toBeNull();
  });

  test('asked for again after its time is a new lock', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.wait(RULES.lockTtlMs);
    const second = box.lockOne('ann', 1);
    expect(second.id).not.toBe(lock.id);
    expect(second.expiresAt).toEqual(later(RULES.lockTtlMs, box.now));
    expect(box.lockNow(lock).status).toBe('expired');
  });

  test.each([
    ['a confirmed', 'success'],
    ['a PENDING', 'processing'],
  ] as const)(
    'of %s booking keeps its seat from everybody, its own user too, whatever the time',
    (_, cardStatus) => {
      const box = new BoxOffice();
      box.book('ann', [1], { cardStatus });
      box.wait(60 * MINUTE_MS);
      for (const user of ['ann', 'bob']) expect(codeOf(() => box.lock(user, [1]))).toBe('SEAT_UNAVAILABLE');
    },
  );

  test.each([
    [0, 'SEAT_NOT_FOUND'],
    [1, 'done'],
    [20, 'done'],
    [21, 'SEAT_NOT_FOUND'],
  ])('of seat %i of an event with 20 seats: %s', (seatNumber, code) => {
    expect(codeOf(() => new BoxOffice().lock('ann', [seatNumber]))).toBe(code);
  });

  test.each([
    ['a millisecond before', DAY_MS - 1, 'done'],
    ['from', DAY_MS, 'EVENT_CLOSED'],
  ] as const)('asked for %s the event’s date: %s', (_, waitMs, code) => {
    const box = new BoxOffice();
    box.wait(waitMs);
    expect(codeOf(() => box.lock('ann', [1]))).toBe(code);
  });
});

describe('several seats in one call', () => {
  test('are locked in the order of the call', () => {
    const locks = new BoxOffice().lock('ann', [9, 2, 5]);
    expect(locks.map((lock) => lock.seatNumber)).toEqual([9, 2, 5]);
  });

  test('are locked all or none, and every taken one is named', () => {
    const box = new BoxOffice();
    box.lock('bob', [2]);
    box.book('cat', [4]);
    expect(refusalOf(() => box.lock('ann', [1, 4, 3, 2])).details).toEqual({ seatNumbers: [4, 2] });
    expect(codeOf(() => box.lock('dan', [1, 3]))).toBe('done');
  });

  test('may hold seats that the caller has locked already', () => {
    const box = new BoxOffice();
    const first = box.lockOne('ann', 2);
    box.wait(MINUTE_MS);
    expect(box.lock('ann', [1, 2]).map((lock) => lock.expiresAt)).toEqual([
      later(RULES.lockTtlMs, box.now),
      first.expiresAt,
    ]);
  });
});

describe('the seats that one user may have', () => {
  const box = () => new BoxOffice(eventOf(), { ...RULES, seatsPerViewerMax: 3 });

  test.each([
    ['at the limit', 3, 'done'],
    ['one past it', 4, 'SEAT_LIMIT_REACHED'],
  ] as const)('in one call, %s', (_, count, code) => {
    expect(codeOf(() => box().lock('ann', seats(1, count)))).toBe(code);
  });

  test.each<[what: string, code: string, before: (box: BoxOffice) => void]>([
    ['active locks count', 'SEAT_LIMIT_REACHED', (box) => box.lock('ann', [1, 2, 3])],
    ['a used lock counts', 'SEAT_LIMIT_REACHED', (box) => [box.book('ann', [1]), box.lock('ann', [2, 3])]],
    [
      'a PENDING booking counts',
      'SEAT_LIMIT_REACHED',
      (box) => [box.book('ann', [1], { cardStatus: 'processing' }), box.lock('ann', [2, 3])],
    ],
    ['another user’s seats do not', 'done', (box) => box.lock('bob', [1, 2, 3])],
    ['a released lock does not', 'done', (box) => box.release('ann', box.lock('ann', [1, 2, 3])[0])],
    [
      'a cancelled booking does not',
      'done',
      (box) => [box.lock('ann', [1, 2]), box.cancel('ann', box.bookOne('ann', 3).booking)],
    ],
    ['an expired lock does not', 'done', (box) => [box.lock('ann', [1, 2, 3]), box.wait(RULES.lockTtlMs)]],
    [
      'one that is in its last millisecond does',
      'SEAT_LIMIT_REACHED',
      (box) => [box.lock('ann', [1, 2, 3]), box.wait(RULES.lockTtlMs - 1)],
    ],
  ])('%s', (_, code, before) => {
    const office = box();
    before(office);
    expect(codeOf(() => office.lock('ann', [9]))).toBe(code);
  });

  test('do not refuse a seat that the user already holds, unless its lock has expired', () => {
    const office = box();
    office.lock('ann', [1]);
    office.wait(RULES.lockTtlMs - 1);
    office.lock('ann', [2, 3]);
    expect(codeOf(() => office.lock('ann', [1, 2, 3]))).toBe('done');
    expect(refusalOf(() => office.lock('ann', [1, 2, 3, 4]))).toMatchObject({
      code: 'SEAT_LIMIT_REACHED',
      details: { limit: 3 },
    });
    office.wait(1);
    expect(codeOf(() => office.lock('ann', [1, 2, 3]))).toBe('done');
    expect(codeOf(() => office.lock('ann', [4]))).toBe('SEAT_LIMIT_REACHED');
  });

  test.each([['ann'], ['bob']])('count a seat whose expired lock (%s’s) is not recorded yet', (user) => {
    const office = box();
    office.lock(user, [1]);
    office.wait(RULES.lockTtlMs);
    office.lock('ann', [2, 3, 4]);
    expect(codeOf(() => office.lock('ann', [1]))).toBe('SEAT_LIMIT_REACHED');
  });

  test('are no reason to refuse a seat that one holds already where the limit was lowered since', () => {
    const office = new BoxOffice(eventOf(), RULES);
    office.lock('ann', [1, 2, 3, 4]);
    Object.assign(office, { rules: { ...RULES, seatsPerViewerMax: 3 } });
    expect(codeOf(() => office.lock('ann', [4, 1]))).toBe('done');
  });
});

test('refusals have this order: closed, no such seat, seat taken, too many', () => {
  const codeWhen = (closed: boolean, noSeat: boolean, taken: boolean, tooMany: boolean) => {
    const box = new BoxOffice(eventOf(), { ...RULES, seatsPerViewerMax: tooMany ? 1 : 10 });
    box.lock('bob', [1]);
    if (closed) Object.assign(box.store, { event: { ...box.store.event, eventDate: NOW } });
    return codeOf(() => box.lock('ann', [2, 3, noSeat ? 21 : 4, taken ? 1 : 5]));
  };
  expect([
    codeWhen(true, true, true, true),
    codeWhen(false, true, true, true),
    codeWhen(false, false, true, true),
    codeWhen(false, false, false, true),
    codeWhen(false, false, false, false),
  ]).toEqual(['EVENT_CLOSED', 'SEAT_NOT_FOUND', 'SEAT_UNAVAILABLE', 'SEAT_LIMIT_REACHED', 'done']);
});

test('a seat that does not exist is named beside the number of seats', () => {
  const details = (seatNumbers: number[]) =>
    refusalOf(() => new BoxOffice().lock('ann', seatNumbers)).details;
  expect(details([21])).toEqual({ field: 'seatNumbers', seatNumbers: [21], totalSeats: 20 });
  expect(details([0, 1, 21])).toEqual({ field: 'seatNumbers', seatNumbers: [0, 21], totalSeats: 20 });
});
