import type { BookingStatus, SeatMapAnswer } from './operations.js';
import type { Acknowledged, Visit } from './sale-record.js';

/** Examples kept for each kind of finding. */
const EXAMPLES_MAX = 5;

/** The API's answers after the sale. */
export interface Truth {
  readonly seatMap: SeatMapAnswer;
  /** Every booking of the event, as its organizer sees it. */
  readonly bookings: readonly {
    readonly id: string;
    readonly seatNumber: number;
    readonly status: BookingStatus;
    /** Nobody paid for it. */
    readonly isInvitation?: boolean;
  }[];
  /** Payments minus refunds, in the currency's minor unit. */
  readonly revenue: number;
  /** When it was read; milliseconds since 1970. */
  readonly readMs: number;
}

/** A watcher's map when the truth was read. */
export interface Watched {
  readonly watcher: number;
  readonly version: number | null;
  /** Seats that differ from the truth. */
  readonly differences: readonly number[];
  readonly errors: readonly string[];
}

/** The sale's side of the audit. */
export interface Recorded {
  readonly visits: readonly Pick<Visit, 'fan' | 'ending' | 'reason'>[];
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  readonly reportedSeats: { readonly reportedWithoutOwner: readonly number[] };
  /** The first ones. */
  readonly breaches: readonly string[];
  readonly breachCount: number;
}

export const CHECKS = {
  soldTwice: 'seats sold twice',
  missing: 'acknowledged bookings missing',
  watchersWrong: 'watchers whose map differs from the truth',
  unanswered: 'fans without an answer',
  takenByNobody: 'seats reported as taken that nobody had',
  mapWrong: 'seats at which map and bookings differ',
  moneyWrong: 'money without a seat, or seats without money',
  breaches: 'answers that break the contract',
} as const;
export type Check = keyof typeof CHECKS;

export interface Finding {
  /** 0 when all is well. */
  readonly count: number;
  readonly examples: readonly string[];
}
export type Findings = Readonly<Record<Check, Finding>>;

/**
 * Compares the answers to fans and the watchers' maps with the API. Every count must be 0.
 *
 * @param price of each seat, in the currency's minor unit
 */
export function audit(
  recorded: Recorded,
  price: number,
  truth: Truth,
  watched: readonly Watched[],
): Findings {
  const bookings = new Map(truth.bookings.map((booking) => [booking.id, booking]));
  const live = [...bookings.values()].filter(({ status }) => status !== 'CANCELLED');
  return {
    soldTwice: finding(soldTwice(live)),
    missing: finding(missing(recorded.acknowledged.values(), bookings, truth.readMs)),
    watchersWrong: finding(watched.flatMap((each) => wrongWatcher(each, truth))),
    unanswered: finding(
      recorded.visits
        .filter(({ ending }) => ending === undefined)
        .map(({ fan, reason }) => `fan ${fan}: ${reason ?? 'no answer until the deadline'}`),
    ),
    takenByNobody: finding(recorded.reportedSeats.reportedWithoutOwner.map((seat) => `seat ${seat}`)),
    mapWrong: finding(mapAgainstBookings(truth.seatMap, live)),
    moneyWrong: finding(moneyAgainstSeats(truth, price)),
    breaches: { count: recorded.breachCount, examples: recorded.breaches.slice(0, EXAMPLES_MAX) },
  };
}

export const isClean = (findings: Findings): boolean =>
  Object.values(findings).every(({ count }) => count === 0);

function soldTwice(live: Truth['bookings']): string[] {
  const idsOfSeat = new Map<number, string[]>();
  for (const { id, seatNumber } of live) {
    idsOfSeat.set(seatNumber, [...(idsOfSeat.get(seatNumber) ?? []), id]);
  }
  return [...idsOfSeat]
    .filter(([, ids]) => ids.length > 1)
    .map(([seatNumber, ids]) => `seat ${seatNumber}: ${ids.join(', ')}`);
}

/** Bookings that were acknowledged to a fan and differ in the organizer's list. */
function missing(
  acknowledged: Iterable<Acknowledged>,
  bookings: ReadonlyMap<string, Truth['bookings'][number]>,
  readMs: number,
): string[] {
  const wrong: string[] = [];
  for (const { bookingId, seatNumber, expiresMs, mayBeCancelled, isCancelled } of acknowledged) {
    const booking = bookings.get(bookingId);
    if (booking === undefined || booking.seatNumber !== seatNumber) {
      wrong.push(`${bookingId} for seat ${seatNumber} is missing`);
    } else if (isCancelled !== (booking.status === 'CANCELLED')) {
      const timedOut = expiresMs !== null && expiresMs <= readMs;
      if (isCancelled) wrong.push(`${bookingId} was cancelled and is ${booking.status}`);
      else if (!mayBeCancelled && !timedOut)
        wrong.push(`${bookingId} is CANCELLED, and nobody requested that`);
    }
  }
  return wrong;
}

function wrongWatcher({ watcher, version, differences, errors }: Watched, { seatMap }: Truth): string[] {
  const [seat] = differences;
  const where =
    version !== seatMap.version
      ? `is at version ${version ?? 'none'} of ${seatMap.version}`
      : seat !== undefined
        ? `differs at ${differences.length} seats, seat ${seat} among them`
        : errors[0];
  return where === undefined ? [] : [`watcher ${watcher} ${where}`];
}

function mapAgainstBookings({ statuses }: SeatMapAnswer, live: Truth['bookings']): string[] {
  const booked = new Set(live.map(({ seatNumber }) => seatNumber));
  return [...statuses].flatMap((letter, index) => {
    const seat = index + 1;
    if (booked.has(seat) === (letter === 'B')) return [];
    return [`seat ${seat} is ${letter} and has ${booked.has(seat) ? 'a' : 'no'} booking`];
  });
}

/** Each confirmed seat was paid once. Locked seats may be paid. One finding for each wrong price. */
function moneyAgainstSeats({ bookings, seatMap, revenue }: Truth, price: number): string[] {
  const sold = bookings.filter(({ status, isInvitation }) => status === 'CONFIRMED' && !isInvitation).length;
  const locked = [...seatMap.statuses].filter((letter) => letter === 'L').length;
  const least = sold * price;
  const most = (sold + locked) * price;
  const wrong = revenue < least ? least - revenue : Math.max(0, revenue - most);
  const what = `${revenue} was paid for ${sold} confirmed and ${locked} locked seats at ${price}`;
  return Array.from({ length: Math.ceil(wrong / price) }, () => what);
}

/** A finding as lines of text. */
export const findingLines = ({ count, examples }: Finding, what: string): string[] => [
  `${String(count).padStart(7)}  ${what}`,
  ...examples.map((example) => `           ${example}`),
];

export const finding = (all: readonly string[]): Finding => ({
  count: all.length,
  examples: [...new Set(all)].slice(0, EXAMPLES_MAX),
});
