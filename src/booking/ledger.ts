import type { Event } from '../catalog/event.js';
import type { Command } from './commands.js';
import { isLive, type Lock } from './lock.js';
import { type SeatState, seatState } from './seat-state.js';
import type { Changes, WorkingSet } from './working-set.js';

/** What happened to a seat. */
export type SeatEventKind =
  | 'locked'
  /** Its lock got a later end. */
  | 'extended'
  | 'released'
  /** Its lock ended by time. */
  | 'expired'
  /** Booked, and paid. */
  | 'booked'
  /** Booked, while the payment is not settled. */
  | 'pending'
  /** The payment of a pending or timed-out booking was settled. */
  | 'confirmed'
  | 'cancelled'
  /** Its pending booking was cancelled as overdue. */
  | 'timedOut'
  /** Its lock or booking got another user, as a guest logged in. */
  | 'transferred';

/** Who did it. What time did, such as an expiry, is recorded by a job, whatever command found it. */
export type Actor = 'buyer' | 'organizer' | 'job' | 'provider';

/** One thing that happened to one seat. The entries of an event, applied in order, give its seat map at each version. */
export interface LedgerEntry {
  readonly seatNumber: number;
  readonly kind: SeatEventKind;
  readonly before: SeatState['status'];
  readonly after: SeatState['status'];
  /** When the lock ends; null unless the seat is locked after it. */
  readonly lockedUntil: Date | null;
  readonly actor: Actor;
  readonly lockId: string;
  readonly bookingId: string | null;
  /** Of the call that did it; null for jobs. */
  readonly correlationId: string | null;
}

/**
 * What a command did to seats, in order.
 *
 * @param set as it was before the command
 */
export function ledgerEntriesOf(set: WorkingSet, command: Command, changes: Changes): LedgerEntry[] {
  const bookings = new Map(changes.bookings.map((booking) => [booking.id, booking]));
  const actor = actorOf(set.event, command);
  const entries: LedgerEntry[] = [];
  const add = (kind: SeatEventKind, before: Lock | undefined, after: Lock): void => {
    const isByTime = kind === 'expired' || kind === 'timedOut';
    const { status, lockedUntil } = stateOf(after);
    entries.push({
      seatNumber: after.seatNumber,
      kind,
      before: before === undefined ? 'available' : stateOf(before).status,
      after: status,
      lockedUntil,
      actor: isByTime ? 'job' : actor,
      lockId: after.id,
      bookingId: after.bookingId,
      correlationId: command.correlationId ?? null,
    });
  };
  const listed = new Set<string>();
  for (const after of changes.locks) {
    const before = set.lock(after.id);
    const booking = after.bookingId === null ? undefined : bookings.get(after.bookingId);
    const kind = kindOf(before, after, booking?.status === 'pending');
    if (kind === null) continue;
    add(kind, before, after);
    if (booking !== undefined) listed.add(booking.id);
  }
  for (const booking of changes.bookings) {
    if (listed.has(booking.id) || booking.status !== 'confirmed') continue;
    if (set.booking(booking.id)?.status !== 'pending') continue;
    const lock = set.lock(booking.lockId);
    if (lock !== undefined) add('confirmed', lock, lock);
  }
  return entries;
}

const stateOf = (lock: Lock): SeatState => seatState(lock.seatNumber, isLive(lock) ? lock : undefined);

/** Null if nothing happened to the seat. */
function kindOf(before: Lock | undefined, after: Lock, isPending: boolean): SeatEventKind | null {
  if (before === undefined) return 'locked';
  if (before.status === after.status) {
    if (!isLive(after)) return null;
    if (before.userId !== after.userId) return 'transferred';
    return before.expiresAt.getTime() === after.expiresAt.getTime() ? null : 'extended';
  }
  if (after.status === 'used')
    return before.status === 'expired' ? 'confirmed' : isPending ? 'pending' : 'booked';
  const wasBooked = before.status === 'used';
  if (after.status === 'expired') return wasBooked ? 'timedOut' : 'expired';
  if (!isLive(before)) return null;
  return wasBooked ? 'cancelled' : 'released';
}

function actorOf({ organizerId }: Event, command: Command): Actor {
  switch (command.kind) {
    case 'expireLocks':
    case 'expireBookings':
    case 'expirePayments':
      return 'job';
    case 'endReservations':
      return 'organizer';
    case 'settlePayment':
      if (command.userId === null) return 'provider';
      return command.userId === organizerId ? 'organizer' : 'buyer';
    default:
      return 'buyer';
  }
}
