import type { Event } from '../catalog/event.js';
import { assertNever } from '../core/errors.js';
import type { Command } from './commands.js';
import { isRequestOf, requestIdOf } from './idempotent-request.js';

/**
 * What must be loaded before a batch can be decided. The records that these refer to are loaded as well: a request's
 * results; a booking's lock and payment; a settled payment's locks with their bookings, their seats, and its payer's live
 * locks; the payment of every lock that may end (expired, named in `endingLockIds`, or of a user in `endingUserIds`). A
 * pending payment may end with its last lock or booking, or because it is overdue; then its locks and their bookings are
 * loaded, too. Of users whose reservations are transferred everything is loaded, up to a limit.
 */
export interface Needs {
  readonly requestIds: Set<string>;
  readonly lockIds: Set<string>;
  /** Locks that a command may end; a part of lockIds. */
  readonly endingLockIds: Set<string>;
  /** Seats whose live lock is needed. */
  readonly seatNumbers: Set<number>;
  /** Users whose live locks are all needed. */
  readonly userIds: Set<string>;
  /** Users whose locks that have lapsed of late are needed as well; a part of userIds. */
  readonly lapsedUserIds: Set<string>;
  /** Users whose live locks a command may end; a part of userIds. */
  readonly endingUserIds: Set<string>;
  readonly paymentIds: Set<string>;
  /** Payments that a command may settle; a part of paymentIds. */
  readonly settledPaymentIds: Set<string>;
  /** Whose records are transferred to whom: each guest has one account, of which nothing is transferred. */
  readonly transfers: Map<string, string>;
  readonly bookingIds: Set<string>;
  /** Bookings that a command may end; a part of bookingIds. */
  readonly endingBookingIds: Set<string>;
  expiredLocks: boolean;
  overdueBookings: boolean;
  overduePayments: boolean;
  /** Live locks of the event, whoever has them: some in seat order, and others of the same users. All of them may end. */
  liveLocks: boolean;
}

export function needsOf(commands: readonly Command[]): Needs {
  const needs: Needs = {
    requestIds: new Set(),
    lockIds: new Set(),
    endingLockIds: new Set(),
    seatNumbers: new Set(),
    userIds: new Set(),
    lapsedUserIds: new Set(),
    endingUserIds: new Set(),
    paymentIds: new Set(),
    settledPaymentIds: new Set(),
    transfers: new Map(),
    bookingIds: new Set(),
    endingBookingIds: new Set(),
    expiredLocks: false,
    overdueBookings: false,
    overduePayments: false,
    liveLocks: false,
  };
  for (const command of commands) addNeeds(needs, command);
  // A request that is made in this batch may be transferred in it, to a user who has used the same requestId.
  for (const [from, to] of needs.transfers) {
    for (const id of [...needs.requestIds]) {
      if (isRequestOf(from, { id })) needs.requestIds.add(requestIdOf(to, { id }));
    }
  }
  return needs;
}

function addNeeds(needs: Needs, command: Command): void {
  switch (command.kind) {
    case 'lockSeats':
      for (const seatNumber of command.seatNumbers) needs.seatNumbers.add(seatNumber);
      needs.userIds.add(command.userId);
      return;
    case 'holdSeats':
      needs.userIds.add(command.userId);
      for (const wish of command.wishes) {
        if ('seatNumbers' in wish)
          for (const seatNumber of wish.seatNumbers) needs.seatNumbers.add(seatNumber);
      }
      if (command.request !== null) needs.requestIds.add(command.request.id);
      return;
    case 'extendHold':
      needs.userIds.add(command.userId);
      return;
    case 'releaseHold':
      needs.userIds.add(command.userId);
      needs.endingUserIds.add(command.userId);
      return;
    case 'releaseLock':
      needs.lockIds.add(command.lockId);
      needs.endingLockIds.add(command.lockId);
      return;
    case 'extendLock':
      needs.lockIds.add(command.lockId);
      return;
    case 'simulatePayment':
      for (const lockId of command.lockIds) needs.lockIds.add(lockId);
      if (command.request !== null) needs.requestIds.add(command.request.id);
      return;
    case 'settlePayment':
      needs.paymentIds.add(command.paymentId);
      needs.settledPaymentIds.add(command.paymentId);
      return;
    case 'confirmBookings':
      for (const lockId of command.lockIds) needs.lockIds.add(lockId);
      needs.paymentIds.add(command.paymentId);
      needs.requestIds.add(command.request.id);
      return;
    case 'checkOut':
      // What else the user has does not matter if the seats are named.
      if (command.seatNumbers === null) {
        needs.userIds.add(command.userId);
        needs.lapsedUserIds.add(command.userId);
      } else for (const seatNumber of command.seatNumbers) needs.seatNumbers.add(seatNumber);
      needs.requestIds.add(command.request.id);
      return;
    case 'cancelBooking':
      needs.bookingIds.add(command.bookingId);
      needs.endingBookingIds.add(command.bookingId);
      return;
    case 'reissueTicket':
      needs.bookingIds.add(command.bookingId);
      return;
    case 'checkIn':
      if (command.ticket?.eventId === command.eventId) needs.bookingIds.add(command.ticket.bookingId);
      needs.requestIds.add(command.request.id);
      return;
    case 'expireLocks':
      needs.expiredLocks = true;
      return;
    case 'expireBookings':
      needs.overdueBookings = true;
      return;
    case 'expirePayments':
      needs.overduePayments = true;
      return;
    case 'endReservations':
      needs.liveLocks = true;
      return;
    case 'transferReservations':
      needs.transfers.set(command.fromUserId, command.toUserId);
      // Other commands of the batch may count the receiver's seats after the transfer.
      needs.userIds.add(command.toUserId);
      return;
    case 'holdBackSeats':
    case 'releaseHeldBackSeats':
      for (const seatNumber of command.seatNumbers) needs.seatNumbers.add(seatNumber);
      return;
    case 'bookHeldBackSeats':
      for (const seatNumber of command.seatNumbers) needs.seatNumbers.add(seatNumber);
      needs.requestIds.add(command.request.id);
      return;
    // The claim loads the event.
    case 'updateEvent':
    case 'setSalePaused':
    case 'cancelEvent':
      return;
    default:
      assertNever(command);
  }
}

/** Whether a command asks which seats of the event are free. */
export const needsOccupancy = (event: Event, commands: readonly Command[]): boolean =>
  commands.some(({ kind }) => kind === 'holdSeats' || (kind === 'lockSeats' && hasPickRules(event)));

/** Whether some free seats may not be picked. Only a stored plan has companion seats. */
const hasPickRules = ({ orphanRule, planId }: Event): boolean => orphanRule === 'refuse' || planId !== null;
