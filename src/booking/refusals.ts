import { type Event, eventStatus, isClosed, isVisibleTo } from '../catalog/event.js';
import { DomainError } from '../core/errors.js';
import type { Booking } from './booking.js';
import { type Lock, statusAt } from './lock.js';

/** Refusals that several rules share. "Not found" and "belongs to another user" are exactly the same. */
export const eventNotFound = () =>
  new DomainError('EVENT_NOT_FOUND', 'There is no event with this id.', { field: 'eventId' });

export const lockNotFound = (field = 'lockId') =>
  new DomainError('LOCK_NOT_FOUND', 'You have no lock with this id.', { field });

export const paymentNotFound = () =>
  new DomainError('PAYMENT_NOT_FOUND', 'You have no payment with this id.', { field: 'paymentId' });

export const paymentProviderOther = () =>
  new DomainError('PAYMENT_PROVIDER_OTHER', 'Payments are not simulated on this server.');

export const bookingNotFound = () =>
  new DomainError('BOOKING_NOT_FOUND', 'You have no booking with this id.', { field: 'id' });

/** @throws EVENT_NOT_FOUND for another user's draft */
export function requireVisible(event: Event, userId: string): void {
  if (!isVisibleTo(event, userId)) throw eventNotFound();
}

/** @throws EVENT_NOT_FOUND for an event of another user */
export function requireOrganizer(event: Event, userId: string): void {
  if (event.organizerId !== userId) throw eventNotFound();
}

/** @throws EVENT_CLOSED for an event that its organizer has cancelled */
export function requireNotCancelled({ cancellation }: Event): void {
  if (cancellation !== null) throw new DomainError('EVENT_CLOSED', 'The event is cancelled.');
}

/** @throws EVENT_NOT_FOUND, EVENT_CLOSED, SALE_NOT_OPEN, SALE_PAUSED if the user cannot lock a seat now */
export function requireOnSale(event: Event, userId: string, now: Date): void {
  requireVisible(event, userId);
  requireNotCancelled(event);
  const status = eventStatus(event, now);
  if (status === 'draft') throw new DomainError('SALE_NOT_OPEN', 'The event is not published yet.');
  if (status === 'paused') {
    throw new DomainError(
      'SALE_PAUSED',
      'The organizer has paused the sale. Seats that are held can be paid.',
    );
  }
  if (status === 'ended') {
    const message = isClosed(event, now) ? 'The event has started' : 'The sale has ended';
    throw new DomainError('EVENT_CLOSED', `${message}; no seat can be locked.`);
  }
  if (status === 'scheduled') {
    throw new DomainError('SALE_NOT_OPEN', 'The sale has not started yet.', { opensAt: event.salesStartAt });
  }
}

/**
 * @returns the booking, if it is the user's, or an invitation to an event of the user
 * @throws BOOKING_NOT_FOUND
 */
export function requireOwnBooking(event: Event, booking: Booking | undefined, userId: string): Booking {
  if (booking?.userId === userId || (booking?.isInvitation && event.organizerId === userId)) return booking;
  throw bookingNotFound();
}

/** @throws EVENT_CLOSED from the event's start on, and once it is cancelled */
export function requireNotStarted(event: Event, now: Date, what: 'paid' | 'booked' | 'held back'): void {
  requireNotCancelled(event);
  if (isClosed(event, now))
    throw new DomainError('EVENT_CLOSED', `The event has started; nothing can be ${what}.`);
}

/**
 * @returns the lock, if it is the user's and still holds its seat
 * @throws LOCK_NOT_FOUND, LOCK_ALREADY_USED, LOCK_EXPIRED (also for a released lock; `details.status` tells which)
 */
export function requireActive(lock: Lock | undefined, userId: string, now: Date, field = 'lockId'): Lock {
  if (lock === undefined || lock.userId !== userId) throw lockNotFound(field);
  const status = statusAt(lock, now);
  if (status === 'active') return lock;
  const details = { lockId: lock.id, seatNumber: lock.seatNumber, status: status.toUpperCase() };
  if (status === 'used') {
    throw new DomainError('LOCK_ALREADY_USED', 'The lock has already become a booking.', {
      ...details,
      bookingId: lock.bookingId,
    });
  }
  throw new DomainError('LOCK_EXPIRED', 'The lock has ended; the seat has to be locked again.', details);
}

/**
 * `requireActive` for several locks. Each kind of refusal is checked for all locks before the next kind, so that the answer
 * does not depend on their order.
 */
export function requireAllActive(
  lockIds: readonly string[],
  find: (id: string) => Lock | undefined,
  userId: string,
  now: Date,
  field: string,
): Lock[] {
  const locks = lockIds.map((id) => {
    const lock = find(id);
    if (lock === undefined || lock.userId !== userId) throw lockNotFound(field);
    return lock;
  });
  const usedFirst = [...locks].sort((a, b) => Number(b.status === 'used') - Number(a.status === 'used'));
  for (const lock of usedFirst) requireActive(lock, userId, now, field);
  return locks;
}
