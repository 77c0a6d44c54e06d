import type { Sales } from '../../booking/booking-reads.js';
import {
  type HourSales,
  moneyOf,
  type PaidAndRefunded,
  paidAndRefunded,
  QUARTER_MINUTES,
  QUARTERS_PER_HOUR,
  type Quarter,
  type SumsOfCurrency,
  salesOfHours,
} from '../../booking/sales-figures.js';
import type { Database } from '../database.js';
import type { BookingDocument } from '../models/booking.model.js';

/** Payments that brought money. Those of invitations have none. */
const PAID = { status: { $in: ['completed', 'refunded'] }, amount: { $gt: 0 } };

export async function readSales(database: Database, eventId: string): Promise<Sales> {
  const [counts, invitedSeats, sums] = await Promise.all([
    database.bookings
      .aggregate<{ _id: BookingDocument['status']; seats: number }>([
        { $match: { eventId } },
        { $group: { _id: '$status', seats: { $sum: 1 } } },
      ])
      .exec(),
    database.bookings.countDocuments({ eventId, isInvitation: true, status: 'confirmed' }).exec(),
    database.payments
      .aggregate<SumsOfCurrency>([
        { $match: { eventId, ...PAID } },
        {
          $group: {
            _id: '$currency',
            amount: { $sum: '$amount' },
            refunded: { $sum: '$refundedAmount' },
          },
        },
        { $sort: { _id: 1 } },
        { $project: { _id: 0, currency: '$_id', amount: 1, refunded: 1 } },
      ])
      .exec(),
  ]);
  const seats = (status: BookingDocument['status']) => counts.find(({ _id }) => _id === status)?.seats ?? 0;
  return {
    bookedSeats: seats('confirmed') + seats('pending'),
    invitedSeats,
    pendingSeats: seats('pending'),
    cancelledBookings: seats('cancelled'),
    revenue: moneyOf(sums, ({ amount, refunded }) => amount - refunded),
    refunded: paidAndRefunded(sums).refunded,
  };
}

/** @param firstSeatNumbers of the sections, in their order. @returns one entry for each section, in the same order */
export async function readSalesBySection(
  database: Database,
  eventId: string,
  firstSeatNumbers: readonly number[],
): Promise<PaidAndRefunded[]> {
  const sums = await database.payments
    .aggregate<SumsOfCurrency & { section: number }>([
      { $match: { eventId, ...PAID } },
      { $project: { currency: 1, shares: 1 } },
      { $unwind: '$shares' },
      {
        $group: {
          _id: { section: sectionOf('$shares.seatNumber', firstSeatNumbers), currency: '$currency' },
          amount: { $sum: '$shares.amount' },
          refunded: { $sum: { $cond: ['$shares.refunded', '$shares.amount', 0] } },
        },
      },
      { $sort: { '_id.currency': 1 } },
      { $project: { _id: 0, section: '$_id.section', currency: '$_id.currency', amount: 1, refunded: 1 } },
    ])
    .exec();
  return firstSeatNumbers.map((_, index) => paidAndRefunded(sums.filter(({ section }) => section === index)));
}

export async function readSalesByHour(
  database: Database,
  eventId: string,
  timeZone: string,
  hours: number,
  before: Date | null,
): Promise<HourSales[]> {
  // The database may not know the newest time zones, so it counts by quarters, with which the hours of every zone begin.
  const quarters = await database.payments
    .aggregate<Quarter>([
      { $match: { eventId, ...PAID, ...(before && { processedAt: { $lt: before } }) } },
      {
        $group: {
          _id: {
            at: { $dateTrunc: { date: '$processedAt', unit: 'minute', binSize: QUARTER_MINUTES } },
            currency: '$currency',
          },
          amount: { $sum: '$amount' },
          refunded: { $sum: '$refundedAmount' },
        },
      },
      { $sort: { '_id.currency': 1 } },
      {
        $group: {
          _id: '$_id.at',
          sums: { $push: { currency: '$_id.currency', amount: '$amount', refunded: '$refunded' } },
        },
      },
      { $sort: { _id: -1 } },
      { $limit: hours * QUARTERS_PER_HOUR },
      { $project: { _id: 0, at: '$_id', sums: 1 } },
    ])
    .exec();
  return salesOfHours(quarters, timeZone, hours);
}

/** A search in the sorted numbers, as an expression: an event may have 200 sections. */
function sectionOf(seatNumber: string, firstSeatNumbers: readonly number[], from = 0): unknown {
  if (firstSeatNumbers.length <= 1) return { $literal: from };
  const middle = firstSeatNumbers.length >> 1;
  return {
    $cond: [
      { $lt: [seatNumber, firstSeatNumbers[middle]] },
      sectionOf(seatNumber, firstSeatNumbers.slice(0, middle), from),
      sectionOf(seatNumber, firstSeatNumbers.slice(middle), from + middle),
    ],
  };
}
