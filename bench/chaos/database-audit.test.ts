import { describe, expect, test } from 'vitest';
import type { Acknowledged } from '../rush/sale-record.js';
import {
  auditDatabase,
  type DatabaseState,
  finalsOf,
  type Repeated,
  type ReportedCounts,
  SEATS_PER_VIEWER_MAX,
} from './database-audit.js';

/** Three seats: the first booked, the second locked, the third free; and everybody was told so. */
function sold() {
  const at = new Date(1_000);
  const books = {
    event: { _id: 'e', totalSeats: 3, bookedSeats: 1, availableSeats: 2, version: 3 },
    locks: [
      lock('l1', 1, { status: 'used', bookingId: 'b1', paymentId: 'p1' }),
      lock('l2', 2, { expiresAt: new Date(9_000) }),
    ],
    bookings: [
      { _id: 'b1', seatNumber: 1, lockId: 'l1', paymentId: 'p1', requestId: 'r1', status: 'confirmed' },
    ],
    payments: [
      {
        paymentId: 'p1',
        status: 'completed',
        amount: 100,
        refundedAmount: 0,
        shares: [{ lockId: 'l1', seatNumber: 1, amount: 100, refunded: false }],
      },
    ],
    changes: [
      { version: 1, seats: [{ seatNumber: 1, status: 'locked', lockedUntil: at }] },
      { version: 2, seats: [{ seatNumber: 1, status: 'booked', lockedUntil: null }] },
      { version: null, seats: [] },
      { version: 3, seats: [{ seatNumber: 2, status: 'locked', lockedUntil: at }] },
    ],
    fromMs: 4_000,
    toMs: 5_000,
  };
  const told: ReportedCounts = {
    totalSeats: 3,
    availableSeats: 1,
    lockedSeats: 1,
    bookedSeats: 1,
    version: 3,
    statuses: 'BLA',
  };
  const acknowledged = [{ bookingId: 'b1', seatNumber: 1 }] as Acknowledged[];
  const repeated: Repeated[] = [
    { requestId: 'r1', lockIds: ['l1'], bookingIds: ['b1'], refusal: null, earlierIds: ['b1'] },
    { requestId: 'r9', lockIds: ['l9'], bookingIds: null, refusal: 'LOCK_EXPIRED', earlierIds: null },
  ];
  return { books, told, acknowledged, repeated };
}

function lock(_id: string, seatNumber: number, more: object) {
  return {
    _id,
    seatNumber,
    userId: 'u',
    status: 'active',
    expiresAt: new Date(2_000),
    bookingId: null as string | null,
    paymentId: null as string | null,
    ...more,
  };
}

/** @returns the checks that found something, after the sale was changed behind everybody's back */
function found(change: (sale: ReturnType<typeof sold>) => void): string[] {
  const sale = sold();
  change(sale);
  const findings = auditDatabase(
    sale.books as unknown as DatabaseState,
    sale.acknowledged,
    sale.repeated,
    sale.told,
  );
  return Object.entries(findings).flatMap(([check, all]) => (all.length > 0 ? [check] : []));
}

const first = <Item>(items: readonly Item[]): Item => items[0] as Item;

test('nothing is found where nothing is wrong', () => {
  expect(found(() => undefined)).toEqual([]);
});

describe('an acknowledged booking', () => {
  test('that is gone', () => {
    expect(found(({ books }) => books.bookings.pop())).toContain('lost');
  });
  test('whose payment is gone', () => {
    expect(found(({ books }) => books.payments.pop())).toEqual(['lost']);
  });
  test('whose payment is for something else', () => {
    expect(
      found(({ books }) => {
        first(first(books.payments).shares).lockId = 'l7';
      }),
    ).toContain('lost');
  });
  test('whose lock is not used', () => {
    expect(
      found(({ books }) => {
        first(books.locks).status = 'expired';
      }),
    ).toContain('lost');
  });
});

describe('a request that was repeated', () => {
  test('and made a second booking', () => {
    expect(found(({ books }) => books.bookings.push({ ...first(books.bookings), _id: 'b2' }))).toContain(
      'repeated',
    );
  });
  test('and was answered otherwise than before', () => {
    expect(
      found(({ repeated }) => repeated.splice(0, 1, { ...first(repeated), earlierIds: ['b0'] })),
    ).toEqual(['repeated']);
  });
  test('and was refused though it had been done', () => {
    const refused = { bookingIds: null, refusal: 'LOCK_EXPIRED' };
    expect(found(({ repeated }) => repeated.splice(0, 1, { ...first(repeated), ...refused }))).toEqual([
      'repeated',
    ]);
  });
});

test('two owners of one seat', () => {
  expect(found(({ books }) => books.locks.push(lock('l3', 2, {})))).toContain('owners');
});

test('one person with more seats than one may have; a lapsed lock is none of them', () => {
  const more = (lastExpiresMs: number) =>
    found(({ books }) => {
      for (let seat = 4; seat <= SEATS_PER_VIEWER_MAX + 2; seat++) {
        books.locks.push(lock(`l${seat}`, seat, { expiresAt: new Date(seat === 4 ? lastExpiresMs : 9_000) }));
      }
    });
  expect(more(9_000)).toContain('limit');
  expect(more(4_500)).not.toContain('limit');
});

describe('counts', () => {
  test('that the event has wrong', () => {
    expect(
      found(({ books }) => {
        books.event.bookedSeats = 2;
      }),
    ).toEqual(['sums']);
  });
  test('that were told wrong', () => {
    expect(found(({ told }) => Object.assign(told, { lockedSeats: 2, availableSeats: 0 }))).toEqual(['sums']);
  });
  test('of a lock whose time is over: it is free', () => {
    expect(
      found(({ books, told }) => {
        Object.assign(books.locks[1] ?? {}, { expiresAt: new Date(4_500) });
        Object.assign(told, { lockedSeats: 0, availableSeats: 2, statuses: 'BAA' });
      }),
    ).toEqual([]);
  });
});

describe('money', () => {
  test('that is kept for a lock that is over', () => {
    expect(
      found(({ books }) => {
        Object.assign(first(books.locks), { status: 'expired' });
        books.bookings.pop();
      }),
    ).toContain('money');
  });
  test('that was given back while the seat was kept', () => {
    expect(
      found(({ books }) => {
        first(first(books.payments).shares).refunded = true;
      }),
    ).toContain('money');
  });
});

test('a used lock without a booking, and a booking without a lock', () => {
  expect(found(({ books }) => books.bookings.splice(0, 1))).toContain('halves');
  expect(found(({ books }) => books.locks.splice(0, 1))).toContain('halves');
});

describe('versions', () => {
  test('with a hole', () => {
    expect(found(({ books }) => books.changes.splice(1, 1))).toEqual(['versions']);
  });
  test('that do not add up to the seats', () => {
    expect(found(({ books }) => Object.assign(books.changes[3]?.seats[0] ?? {}, { seatNumber: 3 }))).toEqual([
      'versions',
    ]);
  });
});

test('the end of each seat is what the database has: a lapsed lock is nobody’s', () => {
  const { books } = sold();
  Object.assign(books.locks[1] ?? {}, { expiresAt: new Date(4_500) });
  expect(
    finalsOf(books as unknown as DatabaseState)
      .seats.map(({ letter }) => letter)
      .join(''),
  ).toBe('BAA');
});
