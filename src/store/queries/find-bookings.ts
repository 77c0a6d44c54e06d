import type { Booking } from '../../booking/booking.js';
import type { BookingSearch } from '../../booking/booking-search.js';
import type { Page, PageRequest } from '../../core/page.js';
import type { Database } from '../database.js';
import { bookingFrom } from '../documents.js';
import type { BookingDocument } from '../models/booking.model.js';
import type { PaymentDocument } from '../models/payment.model.js';

/** Of the payments that match, so many are looked at. Each pays for at most 100 seats. */
const PAYMENTS_FOUND_MAX = 200;
/** Bookings of the seats that match: a seat can have been cancelled many times. */
const BOOKINGS_OF_SEATS_MAX = 1_000;
/** Sorts after every character that an address can have. */
const LAST_CHARACTER = '\uFFFF';

/**
 * The bookings of an event that match a search, newest first. Each way to match has an index; together they match few
 * bookings, which are sorted here.
 *
 * @param bookingsOfLocks reads the bookings that were made of these locks
 */
export async function findBookings(
  database: Database,
  eventId: string,
  { bookingId, reference, emailStart, seatNumbers }: BookingSearch,
  { first, after }: PageRequest,
  bookingsOfLocks: (lockIds: readonly string[]) => Promise<Booking[]>,
): Promise<Page<Booking>> {
  const bookings = (filter: object) =>
    database.bookings
      .find({ eventId, ...filter })
      .limit(BOOKINGS_OF_SEATS_MAX)
      .lean<BookingDocument[]>()
      .exec();
  const paymentsWith = (filter: object) =>
    database.payments
      .find({ eventId, ...filter }, { lockIds: 1 })
      .limit(PAYMENTS_FOUND_MAX)
      .lean<Pick<PaymentDocument, 'lockIds'>[]>()
      .exec();
  const [byId, bySeat, byReference, byEmail] = await Promise.all([
    bookingId === null ? [] : bookings({ _id: bookingId }),
    seatNumbers.length === 0 ? [] : bookings({ seatNumber: { $in: [...seatNumbers] } }),
    reference === null ? [] : paymentsWith({ reference }),
    emailStart === null
      ? []
      : paymentsWith({ contactEmail: { $gte: emailStart, $lt: emailStart + LAST_CHARACTER } }),
  ]);
  const paid = await bookingsOfLocks([...byReference, ...byEmail].flatMap(({ lockIds }) => lockIds));
  const found = new Map([...[...byId, ...bySeat].map(bookingFrom), ...paid].map((each) => [each.id, each]));
  const nodes = [...found.values()]
    .sort(newestFirst)
    .filter((each) => after === null || newestFirst({ id: after.id, createdAt: after.at }, each) < 0);
  return { nodes: nodes.slice(0, first), hasNextPage: nodes.length > first };
}

type Listed = Pick<Booking, 'id' | 'createdAt'>;
const newestFirst = (a: Listed, b: Listed): number =>
  b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
