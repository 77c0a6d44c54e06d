import { isDeepStrictEqual } from 'node:util';
import { type Event, type EventSettings, settingsOf } from '../catalog/event.js';
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
  | 'transferred'
  /** The organizer took it off sale, or changed for whom or until when. */
  | 'heldBack'
  /** The organizer booked it without payment. */
  | 'invited';

/** What an organizer did that concerns no single seat. */
export type EventChangeKind = 'published' | 'updated' | 'salePaused' | 'saleResumed' | 'eventCancelled';

/** Who did it. What time did, such as an expiry, is recorded by a job, whatever command found it. */
export type Actor = 'buyer' | 'organizer' | 'job' | 'provider';

interface Entry {
  readonly actor: Actor;
  readonly bookingId: string | null;
  /** Of the call that did it; null for jobs. */
  readonly correlationId: string | null;
}

/** One thing that happened to one seat. The entries of an event, applied in order, give its seat map at each version. */
export interface SeatEntry extends Entry {
  readonly seatNumber: number;
  readonly kind: SeatEventKind;
  readonly before: SeatState['status'];
  readonly after: SeatState['status'];
  /** When the seat becomes available by itself after it; null if it does not. */
  readonly lockedUntil: Date | null;
  readonly lockId: string;
}

/** One change of the event itself. */
export interface EventEntry extends Entry {
  readonly seatNumber: null;
  readonly kind: EventChangeKind;
  readonly before: null;
  readonly after: null;
  readonly lockedUntil: null;
  readonly lockId: null;
}

export type LedgerEntry = SeatEntry | EventEntry;

export const isOfSeat = (entry: LedgerEntry): entry is SeatEntry => entry.seatNumber !== null;

/**
 * What a command did to seats and to the event, in order.
 *
 * @param set as it was before the command
 */
export function ledgerEntriesOf(set: WorkingSet, command: Command, changes: Changes): LedgerEntry[] {
  const bookings = new Map(changes.bookings.map((booking) => [booking.id, booking]));
  const actor = actorOf(set.event, command);
  const entries: LedgerEntry[] = eventChangesOf(set.event, command, changes.settings);
  const add = (kind: SeatEventKind, before: Lock | undefined, after: Lock): void => {
    const isOfInvitation = actor === 'buyer' && bookings.get(after.bookingId ?? '')?.isInvitation;
    const isByTime = kind === 'expired' || kind === 'timedOut';
    const { status, lockedUntil } = stateOf(after);
    entries.push({
      seatNumber: after.seatNumber,
      kind,
      before: before === undefined ? 'available' : stateOf(before).status,
      after: status,
      lockedUntil,
      actor: isByTime ? 'job' : isOfInvitation ? 'organizer' : actor,
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

/** @param settings after the command; null if it left them as they were */
function eventChangesOf(event: Event, command: Command, settings: EventSettings | null): EventEntry[] {
  const entry = (kind: EventChangeKind): EventEntry => ({
    seatNumber: null,
    kind,
    before: null,
    after: null,
    lockedUntil: null,
    actor: 'organizer',
    lockId: null,
    bookingId: null,
    correlationId: command.correlationId ?? null,
  });
  if (settings === null) return [];
  if (command.kind === 'cancelEvent') return [entry('eventCancelled')];
  if (command.kind === 'setSalePaused') return [entry(settings.isPaused ? 'salePaused' : 'saleResumed')];
  if (command.kind !== 'updateEvent') return [];
  const isPublished = event.isDraft && !settings.isDraft;
  const { isDraft, revision } = settings;
  const isUpdated = !isDeepStrictEqual({ ...settingsOf(event), isDraft, revision }, settings);
  return [...(isUpdated ? [entry('updated')] : []), ...(isPublished ? [entry('published')] : [])];
}

const stateOf = (lock: Lock): SeatState => seatState(lock.seatNumber, isLive(lock) ? lock : undefined);

/** Null if nothing happened to the seat. */
function kindOf(before: Lock | undefined, after: Lock, isPending: boolean): SeatEventKind | null {
  if (before === undefined) {
    if (after.status === 'active') return 'locked';
    return after.status === 'heldBack' ? 'heldBack' : 'invited';
  }
  if (before.status === after.status) {
    if (!isLive(after)) return null;
    if (after.status === 'heldBack') return 'heldBack';
    if (before.userId !== after.userId) return 'transferred';
    return before.expiresAt.getTime() === after.expiresAt.getTime() ? null : 'extended';
  }
  if (after.status === 'used' && before.status === 'heldBack') return 'invited';
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
    case 'updateEvent':
    case 'cancelEvent':
    case 'setSalePaused':
    case 'holdBackSeats':
    case 'releaseHeldBackSeats':
    case 'bookHeldBackSeats':
      return 'organizer';
    case 'settlePayment':
      if (command.userId === null) return 'provider';
      return command.userId === organizerId ? 'organizer' : 'buyer';
    default:
      return 'buyer';
  }
}
