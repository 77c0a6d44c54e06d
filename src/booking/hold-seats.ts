import { badUserInput, type DomainError } from '../core/errors.js';
import { isEventId, newLockId } from '../core/ids.js';
import type { Held, HoldSeats } from './commands.js';
import type { Draft } from './draft.js';
import { isReplay, type Request, requestKey } from './idempotent-request.js';
import type { Lock } from './lock.js';
import { SEATS_PER_CALL_MAX } from './lock-seats.js';
import { eventNotFound, requireOnSale } from './refusals.js';
import type { Rules } from './rules.js';
import { requirePlacesOfWish, type SeatRefusal, type SeatWish, seatsOfWish } from './seat-wish.js';
import { holdingLocks, isHeldBy, seatLimitRefusal, takeSeats } from './take-seats.js';

/** Wishes that one call may have. */
export const WISHES_MAX = 5;

/** @throws EVENT_NOT_FOUND, BAD_USER_INPUT */
export function holdSeatsCommand(
  userId: string,
  eventId: string,
  wishes: readonly SeatWish[],
  requestId: string | null,
): HoldSeats {
  if (!isEventId(eventId)) throw eventNotFound();
  if (wishes.length < 1 || wishes.length > WISHES_MAX) {
    throw badUserInput('wishes', `Name 1 to ${WISHES_MAX} wishes.`, { max: WISHES_MAX });
  }
  const seatCounts = wishes.map((wish, index) => checkWish(wish, `wishes[${index}]`));
  const request = requestId === null ? null : requestKey(userId, 'holdSeats', requestId, [eventId, wishes]);
  const newLockIds = Array.from({ length: Math.max(...seatCounts) }, () => newLockId(eventId));
  return { kind: 'holdSeats', eventId, userId, wishes, newLockIds, request };
}

/** @returns how many seats the wish is for */
function checkWish(wish: SeatWish, field: string): number {
  if ('seatNumbers' in wish) {
    requireCount(`${field}.seatNumbers`, wish.seatNumbers.length);
    if (new Set(wish.seatNumbers).size !== wish.seatNumbers.length) {
      throw badUserInput(`${field}.seatNumbers`, 'A seat is named twice.');
    }
    return wish.seatNumbers.length;
  }
  const { quantity, sectionIds, priceMax, wheelchairs } = wish.best;
  requireCount(`${field}.best.quantity`, quantity);
  if (sectionIds !== null && sectionIds.length === 0) {
    throw badUserInput(`${field}.best.sectionIds`, 'Name a section, or leave this out for any section.');
  }
  if (priceMax !== null && priceMax < 0) {
    throw badUserInput(`${field}.best.priceMax`, 'This is a whole number from 0, in minor units.');
  }
  if (wheelchairs < 0 || wheelchairs > quantity) {
    throw badUserInput(`${field}.best.wheelchairs`, 'This is a whole number from 0 to the quantity.');
  }
  return quantity;
}

function requireCount(field: string, seats: number): void {
  if (seats >= 1 && seats <= SEATS_PER_CALL_MAX) return;
  throw badUserInput(field, `A wish is for 1 to ${SEATS_PER_CALL_MAX} seats.`, { max: SEATS_PER_CALL_MAX });
}

/**
 * Locks the seats of the first wish that can be had, all or none of them.
 *
 * @throws IDEMPOTENCY_CONFLICT, EVENT_NOT_FOUND, EVENT_CLOSED, SALE_NOT_OPEN, SALE_PAUSED, BAD_USER_INPUT, SEAT_LIMIT_REACHED if every wish is for
 *   more seats than the user may have
 */
export function holdSeats(draft: Draft, command: HoldSeats, now: Date, rules: Rules): Held {
  const { userId, wishes, newLockIds, request } = command;
  const earlier = request === null ? undefined : draft.request(request.id);
  if (request !== null && isReplay(earlier, request)) return replayed(draft, userId, earlier, now);
  requireOnSale(draft.event, userId, now);
  const { occupancy } = draft;
  if (occupancy === null) throw new Error('The occupancy of the event was not loaded.');

  wishes.forEach((wish, index) => {
    requirePlacesOfWish(draft.event, wish, `wishes[${index}]`);
  });
  let refusal: (() => SeatRefusal) | null = null;
  let limitRefusal: DomainError | null = null;
  for (const [wishIndex, wish] of wishes.entries()) {
    // Before the search, which costs the more the more seats it is for.
    const chosenOverLimit =
      'best' in wish ? seatLimitRefusal(draft, userId, wish.best.quantity, now, rules) : null;
    if (chosenOverLimit !== null) {
      limitRefusal ??= chosenOverLimit;
      continue;
    }
    const result = seatsOfWish(draft, occupancy, userId, wish, now);
    if ('refusal' in result) {
      refusal ??= result.refusal;
      continue;
    }
    const { seatNumbers, adjacency } = result;
    const newSeats = seatNumbers.filter((seat) => !isHeldBy(draft, userId, seat, now)).length;
    const overLimit = seatLimitRefusal(draft, userId, newSeats, now, rules);
    if (overLimit !== null) {
      limitRefusal ??= overLimit;
      continue;
    }
    const locks = takeSeats(draft, userId, seatNumbers, newLockIds, now, rules);
    if (request !== null) {
      const resultIds = locks.map(({ id }) => id);
      draft.putRequest({ resultIds, served: { wishIndex, adjacency }, createdAt: now, ...request });
    }
    return { locks, wishIndex, adjacency, refusal: null, ...heldNow(draft, userId, now) };
  }
  if (refusal === null && limitRefusal !== null) throw limitRefusal;
  return {
    locks: [],
    wishIndex: null,
    adjacency: null,
    refusal: refusal?.() ?? null,
    ...heldNow(draft, userId, now),
  };
}

const heldNow = (draft: Draft, userId: string, now: Date) => ({
  event: draft.event,
  hold: holdOf(draft, userId, now),
});

/** All that the user holds of the event, oldest first. */
export function holdOf(draft: Draft, userId: string, now: Date): Lock[] {
  return holdingLocks(draft, userId, now)
    .filter(({ status }) => status === 'active')
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.seatNumber - b.seatNumber);
}

function replayed(draft: Draft, userId: string, { resultIds, served }: Request, now: Date): Held {
  const locks = resultIds.flatMap((id) => draft.lock(id) ?? []);
  const { wishIndex = null, adjacency = null } = served ?? {};
  return { locks, wishIndex, adjacency, refusal: null, ...heldNow(draft, userId, now) };
}
