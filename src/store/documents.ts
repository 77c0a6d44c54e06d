import type { Booking } from '../booking/booking.js';
import type { Change } from '../booking/change.js';
import { type Request, requestIdsBeginWith } from '../booking/idempotent-request.js';
import type { Lock } from '../booking/lock.js';
import { awaitsSettlement, type Payment, SIMULATED } from '../booking/payment.js';
import { paymentReference } from '../booking/payment-reference.js';
import type { Event, EventSettings } from '../catalog/event.js';
import { DEFAULT_TIME_ZONE } from '../catalog/time-zone.js';
import type { BookingDocument } from './models/booking.model.js';
import type { ChangeDocument } from './models/change.model.js';
import type { EventDocument } from './models/event.model.js';
import type { PaymentDocument } from './models/payment.model.js';
import type { RequestDocument } from './models/request.model.js';
import type { SeatLockDocument } from './models/seat-lock.model.js';

/** Maps stored documents to the domain's records and back. Both are plain objects: nothing is hydrated. */

/** Stands for the creation date of events of earlier releases, which stored none. */
export const UNKNOWN_CREATION = new Date(0);

/** Leaves out the fields of an event that only batches use. */
export const EVENT_FIELDS = { turn: 0, turnsAwaited: 0, claimedAt: 0, recentBatchIds: 0 } as const;

export function eventFrom(document: Omit<EventDocument, 'recentBatchIds'>): Event {
  const { _id, turn, turnsAwaited, claimedAt, recentBatchIds, ...stored } = document as EventDocument;
  const { availableSeats, sections, ...rest } = stored;
  return {
    ...OF_EARLIER_RELEASES,
    ...rest,
    id: _id,
    unbookedSeats: availableSeats,
    sections: sections.map((section) => ({ ...section, kind: section.kind ?? 'seated' })),
  };
}

/** What events of earlier releases have not stored. */
const OF_EARLIER_RELEASES = {
  timeZone: DEFAULT_TIME_ZONE,
  heldBackSeats: 0,
  amountPaid: 0,
  createdAt: UNKNOWN_CREATION,
  planId: null,
  salesStartAt: null,
  salesEndAt: null,
  orphanRule: 'off',
  seatsPerViewerMax: null,
  isDraft: false,
  isPaused: false,
  cancellation: null,
  dateNotice: null,
  refundUntil: null,
  venue: null,
  description: null,
  imageUrl: null,
  inputHash: null,
  revision: 1,
} as const satisfies Partial<Event>;

/** What batches write of an event besides its figures. */
export const settingsDocument = ({
  sections,
  cancellation,
  ...rest
}: EventSettings): Partial<EventDocument> => ({
  ...rest,
  cancellation: cancellation && { ...cancellation, refunded: [...cancellation.refunded] },
  sections: [...sections],
});

export function lockFrom({
  _id,
  version = null,
  endedAt = null,
  bookingId = null,
  paymentId = null,
  ...rest
}: SeatLockDocument): Lock {
  return { id: _id, version, endedAt, bookingId, paymentId, ...rest };
}

export function lockDocument(lock: Lock): SeatLockDocument {
  if (lock.status === 'heldBack') return heldBackDocument(lock);
  const { id, ...rest } = lock;
  return { _id: id, ...rest };
}

/** One call may write thousands of these, so they have no more fields than they need. */
function heldBackDocument(lock: Lock): SeatLockDocument {
  const { id, eventId, seatNumber, userId, status, createdAt, expiresAt, label = '' } = lock;
  return { _id: id, eventId, seatNumber, userId, status, createdAt, expiresAt, label };
}

export function paymentFrom(document: PaymentDocument): Payment {
  const { paymentId, eventId, userId, shares, amount, refundedAmount, currency } = document;
  // Earlier releases simulated every payment and stored neither a provider nor an address.
  const {
    contactEmail = null,
    provider = SIMULATED,
    status,
    reason,
    retryable,
    createdAt,
    processedAt,
  } = document;
  return {
    id: paymentId,
    eventId,
    userId,
    shares,
    amount,
    refundedAmount,
    currency,
    contactEmail,
    provider,
    status,
    reason,
    retryable,
    createdAt,
    processedAt,
  };
}

/** The document of a new payment. Updates set only some of its fields. */
export function paymentDocument(payment: Payment): PaymentDocument {
  const { id, shares, ...rest } = payment;
  const isRefused = payment.status === 'failed' && !awaitsSettlement(payment);
  return {
    paymentId: id,
    reference: paymentReference(id),
    lockIds: shares.map((share) => share.lockId),
    shares: [...shares],
    ...rest,
    ...(isRefused && payment.processedAt !== null && { refusedAt: payment.processedAt }),
  };
}

export function bookingFrom(document: BookingDocument): Booking {
  const { _id, ticketIssue, checkedInAt, isInvitation, ...rest } = document;
  return {
    id: _id,
    ticketIssue: ticketIssue ?? 1,
    checkedInAt: checkedInAt ?? null,
    isInvitation: isInvitation ?? false,
    ...rest,
  };
}

export function bookingDocument({ id, ...rest }: Booking): BookingDocument {
  return { _id: id, ...rest };
}

export function requestFrom({ _id, ...rest }: RequestDocument): Request {
  return { id: _id, ...rest };
}

/** All requests of a user: their ids are in the range of texts that begin with the user's, up to the next character after the colon. */
export function requestsOfUser(userId: string) {
  const prefix = requestIdsBeginWith(userId);
  return { _id: { $gte: prefix, $lt: `${prefix.slice(0, -1)};` } };
}

export function requestDocument({ id, resultIds, served, checkIn, ...rest }: Request): RequestDocument {
  return {
    _id: id,
    resultIds: [...resultIds],
    ...rest,
    ...(served && { served }),
    ...(checkIn && { checkIn }),
  };
}

export function changeDocument({ correlationIds = [], ...change }: Change): ChangeDocument {
  return {
    ...change,
    ...(correlationIds.length > 0 && { correlationIds: [...correlationIds] }),
    seats: [...change.seats],
    reservations: change.reservations.map(({ userId, lockIds, bookingIds }) => ({
      userId,
      lockIds: [...lockIds],
      bookingIds: [...bookingIds],
    })),
  };
}
