import type { SeatUpdateAnswer } from '../rush/operations.js';

/** The operation, and the message that every contender sends for a change. */

/** `version` and `previousVersion` come first, so that the watchers find them quickly. */
const watch = (otherFields = '') => `subscription($eventId: ID!, $since: Int) {
  seatAvailabilityChanged(eventId: $eventId, since: $since) {
    kind version previousVersion seats { seatNumber status lockedUntil } serverTime ${otherFields}
  }
}`;
export const WATCH = watch();
export const WATCH_WITH_DIGEST = watch('digest');

/** Every client uses the same operation id, so that every watcher's message has the same bytes. */
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

/** Odd versions lock five seats, even versions release them. */
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

/** The update as a message of `graphql-transport-ws`. */
export const messageOf = (update: SeatUpdate): string =>
  JSON.stringify({
    id: OPERATION_ID,
    type: 'next',
    payload: { data: { seatAvailabilityChanged: update } },
  });
