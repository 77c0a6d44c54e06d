import type { BookingStatus, SeatMapAnswer } from './operations.js';
import type { Acknowledged, Visit } from './sale-record.js';

/** Examples of one finding that are told; the count is of all. */
const EXAMPLES_MAX = 5;

/** What the API says once the sale is over. */
export interface Truth {
  readonly seatMap: SeatMapAnswer;
  /** Every booking of the event that its organizer sees. */
  readonly bookings: readonly {
    readonly id: string;
    readonly seatNumber: number;
    readonly status: BookingStatus;
  }[];
  /** What was paid and not given back, in the currency's minor unit. */
  readonly revenue: number;
  /** When it was read; milliseconds since 1970. */
  readonly readMs: number;
}

/** What a watcher's map said when the truth was read. */
export interface Watched {
  readonly watcher: number;
  readonly version: number | null;
  /** Seats at which it differs from the truth. */
  readonly differences: readonly number[];
  readonly faults: readonly string[];
}

/** The sale's side of the audit. */
export interface Recorded {
  readonly visits: readonly Pick<Visit, 'fan' | 'ending' | 'reason'>[];
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  readonly toldSeats: { readonly reportedWithoutOwner: readonly number[] };
  /** The first ones. */
  readonly breaches: readonly string[];
  readonly breachCount: number;
}

export const CHECKS = {
  soldTwice: 'seats sold twice',
  missing: 'acknowledged bookings missing',
  watchersWrong: 'watchers whose map differs from the truth',
  unanswered: 'fans left without an answer',
  takenByNobody: 'seats told as taken that nobody had',
  mapWrong: 'seats that the map and the bookings disagree on',
  moneyWrong: 'money without a seat, or seats without money',
  breaches: 'answers that the contract rules out',
} as const;
export type Check = keyof typeof CHECKS;

export interface Finding {
  /** 0 when all is well. */
  readonly count: number;
  readonly examples: readonly string[];
}
export type Findings = Readonly<Record<Check, Finding>>;

/**
 * Holds what the fans were told and what the watchers saw against what the API says. Every count has to be 0.
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
    takenByNobody: finding(recorded.toldSeats.reportedWithoutOwner.map((seat) => `seat ${seat}`)),
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

/** A fan was told of a booking, or of its end, and the organizer's list says another thing. */
function missing(
  acknowledged: Iterable<Acknowledged>,
  bookings: ReadonlyMap<string, Truth['bookings'][number]>,
  readMs: number,
): string[] {
  const wrong: string[] = [];
  for (const { bookingId, seatNumber, expiresMs, mayBeCancelled, isCancelled } of acknowledged) {
    const booking = bookings.get(bookingId);
    if (booking === undefined || booking.seatNumber !== seatNumber) {
      wrong.push(`${bookingId} for seat ${seatNumber} is not there`);
    } else if (isCancelled !== (booking.status === 'CANCELLED')) {
      const timedOut = expiresMs !== null && expiresMs <= readMs;
      if (isCancelled) wrong.push(`${bookingId} was cancelled and is ${booking.status}`);
      else if (!mayBeCancelled && !timedOut) wrong.push(`${bookingId} is CANCELLED, and nobody asked for it`);
    }
  }
  return wrong;
}

function wrongWatcher({ watcher, version, differences, faults }: Watched, { seatMap }: Truth): string[] {
  const [seat] = differences;
  const where =
    version !== seatMap.version
      ? `is at version ${version ?? 'none'} of ${seatMap.version}`
      : seat !== undefined
        ? `differs at ${differences.length} seats, seat ${seat} among them`
        : faults[0];
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

/** A confirmed seat was paid once; beside those only locked seats can have been paid for. One finding a seat's price. */
function moneyAgainstSeats({ bookings, seatMap, revenue }: Truth, price: number): string[] {
  const confirmed = bookings.filter(({ status }) => status === 'CONFIRMED').length;
  const locked = [...seatMap.statuses].filter((letter) => letter === 'L').length;
  const least = confirmed * price;
  const most = (confirmed + locked) * price;
  const wrong = revenue < least ? least - revenue : Math.max(0, revenue - most);
  const what = `${revenue} was taken for ${confirmed} confirmed and ${locked} locked seats at ${price}`;
  return Array.from({ length: Math.ceil(wrong / price) }, () => what);
}

const finding = (all: readonly string[]): Finding => ({
  count: all.length,
  examples: [...new Set(all)].slice(0, EXAMPLES_MAX),
});
