import type { SeatUpdateAnswer } from '../rush/operations.js';

/** What every contender sends for a change: the operation, the size of a change, and its shape. */

/** `version` and `previousVersion` come first, so that a client finds them at once. */
export const WATCH = `subscription($eventId: ID!, $since: Int) {
  seatAvailabilityChanged(eventId: $eventId, since: $since) {
    kind version previousVersion seats { seatNumber status lockedUntil } serverTime
  }
}`;

/** Clients name their operations; with the same name everywhere, every watcher's message has the same bytes. */
export const OPERATION_ID = '1';

export const SEATS_PER_CHANGE = 5;
const LOCK_MS = 300_000;

export interface SeatState {
  readonly seatNumber: number;
  readonly status: 'AVAILABLE' | 'LOCKED' | 'BOOKED';
  readonly lockedUntil: Date | null;
}

export interface SeatUpdate extends Omit<SeatUpdateAnswer, 'seats' | 'serverTime'> {
  readonly seats: readonly SeatState[];
  readonly serverTime: Date;
}

/** A change of seats that are locked by every other version and given back by the next. */
export function seatUpdate(version: number, now = new Date()): SeatUpdate {
  const isLocked = version % 2 === 1;
  return {
    kind: 'CHANGES',
    version,
    previousVersion: version - 1,
    seats: Array.from({ length: SEATS_PER_CHANGE }, (_, index) => ({
      seatNumber: index + 1,
      status: isLocked ? 'LOCKED' : 'AVAILABLE',
      lockedUntil: isLocked ? new Date(now.getTime() + LOCK_MS) : null,
    })),
    serverTime: now,
  };
}

/** The same as a message of `graphql-transport-ws`. */
export const messageOf = (update: SeatUpdate): string =>
  JSON.stringify({
    id: OPERATION_ID,
    type: 'next',
    payload: { data: { seatAvailabilityChanged: update } },
  });
