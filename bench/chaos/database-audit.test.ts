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

/** Three seats: the first booked, the second locked, the third free. All answers agree. */
function validSale() {
  const at = new Date(1_000);
  const state = {
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
    ledger: [
      { turn: 1, version: 1, entries: [{ seatNumber: 1, after: 'locked' }] },
      { turn: 3, version: 2, entries: [{ seatNumber: 1, after: 'booked' }] },
      { turn: 4, version: 3, entries: [{ seatNumber: 2, after: 'locked' }] },
    ],
    fromMs: 4_000,
    toMs: 5_000,
  };
  const reported: ReportedCounts = {
    totalSeats: 3,
    availableSeats: 1,
    lockedSeats: 1,
    bookedSeats: 1,
    offSaleSeats: 0,
    version: 3,
    statuses: 'BLA',
  };
  const acknowledged = [{ bookingId: 'b1', seatNumber: 1 }] as Acknowledged[];
  const repeated: Repeated[] = [
    { requestId: 'r1', wanted: ['l1'], bookingIds: ['b1'], refusal: null, earlierIds: ['b1'] },
    { requestId: 'r9', wanted: ['l9'], bookingIds: null, refusal: 'LOCK_EXPIRED', earlierIds: null },
  ];
  return { state, reported, acknowledged, repeated };
}

function lock(_id: string, seatNumber: number, overrides: object) {
  return {
    _id,
    seatNumber,
    userId: 'u',
    status: 'active',
    expiresAt: new Date(2_000),
    bookingId: null as string | null,
    paymentId: null as string | null,
    ...overrides,
  };
}

/** Changes the sale, audits it, and returns the checks that found something. */
function checksWithFindings(change: (sale: ReturnType<typeof validSale>) => void): string[] {
  const sale = validSale();
  change(sale);
  const findings = auditDatabase(
    sale.state as unknown as DatabaseState,
    sale.acknowledged,
    sale.repeated,
    sale.reported,
  );
  return Object.entries(findings).flatMap(([check, all]) => (all.length > 0 ? [check] : []));
}

const first = <Item>(items: readonly Item[]): Item => items[0] as Item;

test('nothing is found if nothing is wrong', () => {
  expect(checksWithFindings(() => undefined)).toEqual([]);
});

describe('an acknowledged booking', () => {
  test('that is missing is found', () => {
    expect(checksWithFindings(({ state }) => state.bookings.pop())).toContain('lost');
  });
  test('whose payment is missing is found', () => {
    expect(checksWithFindings(({ state }) => state.payments.pop())).toEqual(['lost']);
  });
  test('whose payment is for something else is found', () => {
    expect(
      checksWithFindings(({ state }) => {
        first(first(state.payments).shares).lockId = 'l7';
      }),
    ).toContain('lost');
  });
  test('whose lock is not used is found', () => {
    expect(
      checksWithFindings(({ state }) => {
        first(state.locks).status = 'expired';
      }),
    ).toContain('lost');
  });
});

describe('a repeated request', () => {
  test('that made a second booking is found', () => {
    expect(
      checksWithFindings(({ state }) => state.bookings.push({ ...first(state.bookings), _id: 'b2' })),
    ).toContain('repeated');
  });
  test('with another answer than before is found', () => {
    expect(
      checksWithFindings(({ repeated }) => repeated.splice(0, 1, { ...first(repeated), earlierIds: ['b0'] })),
    ).toEqual(['repeated']);
  });
  test('that was refused although it had been executed is found', () => {
    const refused = { bookingIds: null, refusal: 'LOCK_EXPIRED' };
    expect(
      checksWithFindings(({ repeated }) => repeated.splice(0, 1, { ...first(repeated), ...refused })),
    ).toEqual(['repeated']);
  });
});

test('a seat with two owners is found', () => {
  expect(checksWithFindings(({ state }) => state.locks.push(lock('l3', 2, {})))).toContain('owners');
});

describe('a user with too many seats', () => {
  /** @param lastExpiresMs when the lock expires that exceeds the limit */
  const checksWithTooManyLocks = (lastExpiresMs: number) =>
    checksWithFindings(({ state }) => {
      for (let seat = 4; seat <= SEATS_PER_VIEWER_MAX + 2; seat++) {
        state.locks.push(lock(`l${seat}`, seat, { expiresAt: new Date(seat === 4 ? lastExpiresMs : 9_000) }));
      }
    });
  test('is found', () => {
    expect(checksWithTooManyLocks(9_000)).toContain('limit');
  });
  test('is not found if one of the locks has expired', () => {
    expect(checksWithTooManyLocks(4_500)).not.toContain('limit');
  });
});

describe('counts', () => {
  test('that are wrong in the event are found', () => {
    expect(
      checksWithFindings(({ state }) => {
        state.event.bookedSeats = 2;
      }),
    ).toEqual(['sums']);
  });
  test('that the API reports wrongly are found', () => {
    expect(
      checksWithFindings(({ reported }) => Object.assign(reported, { lockedSeats: 2, availableSeats: 0 })),
    ).toEqual(['sums']);
  });
  test('held-back seats count until their end, and entries without a seat change no map', () => {
    expect(
      checksWithFindings(({ state, reported }) => {
        const heldBack = { ...state.locks[1], _id: 'l3', seatNumber: 3, status: 'heldBack' } as const;
        (state.locks as object[]).push({ ...heldBack, expiresAt: new Date(9_000) });
        (state.changes as object[]).push({
          version: 4,
          seats: [{ seatNumber: 3, status: 'offSale', lockedUntil: new Date(9_000) }],
        });
        (state.ledger as object[]).push(
          { turn: 5, version: 4, entries: [{ seatNumber: [3], lockId: ['l3'], after: 'offSale' }] },
          { turn: 6, version: 4, entries: [{ seatNumber: null, after: null }] },
        );
        Object.assign(state.event, { version: 4, heldBackSeats: 1 });
        Object.assign(reported, { version: 4, statuses: 'BLX', availableSeats: 0, offSaleSeats: 1 });
      }),
    ).toEqual([]);
    expect(checksWithFindings(({ state }) => Object.assign(state.event, { heldBackSeats: 1 }))).toEqual([
      'sums',
    ]);
  });
  test('an expired lock counts as a free seat', () => {
    expect(
      checksWithFindings(({ state, reported }) => {
        Object.assign(state.locks[1] ?? {}, { expiresAt: new Date(4_500) });
        Object.assign(reported, { lockedSeats: 0, availableSeats: 2, statuses: 'BAA' });
      }),
    ).toEqual([]);
  });
});

describe('money', () => {
  test('that is kept for an expired lock is found', () => {
    expect(
      checksWithFindings(({ state }) => {
        Object.assign(first(state.locks), { status: 'expired' });
        state.bookings.pop();
      }),
    ).toContain('money');
  });
  test('that was refunded while the seat was kept is found', () => {
    expect(
      checksWithFindings(({ state }) => {
        first(first(state.payments).shares).refunded = true;
      }),
    ).toContain('money');
  });
});

test('a used lock without a booking, and a booking without a lock, are found', () => {
  expect(checksWithFindings(({ state }) => state.bookings.splice(0, 1))).toContain('counterparts');
  expect(checksWithFindings(({ state }) => state.locks.splice(0, 1))).toContain('counterparts');
});

describe('versions', () => {
  test('with a gap are found', () => {
    expect(checksWithFindings(({ state }) => state.changes.splice(1, 1))).toEqual(['versions', 'history']);
  });
  test('that differ from the seats are found', () => {
    expect(
      checksWithFindings(({ state }) => Object.assign(state.changes[3]?.seats[0] ?? {}, { seatNumber: 3 })),
    ).toEqual(['versions', 'history']);
  });
  test('of which the ledger has another map are found', () => {
    expect(checksWithFindings(({ state }) => state.ledger.splice(1, 1))).toEqual(['history']);
  });
});

test('the final state of each seat comes from the database: an expired lock has no owner', () => {
  const { state } = validSale();
  Object.assign(state.locks[1] ?? {}, { expiresAt: new Date(4_500) });
  expect(
    finalsOf(state as unknown as DatabaseState)
      .seats.map(({ letter }) => letter)
      .join(''),
  ).toBe('BAA');
});
