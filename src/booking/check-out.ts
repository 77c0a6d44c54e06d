import type { Money } from '../catalog/money.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { isEventId, newPaymentId } from '../core/ids.js';
import { type Bill, billOf, checkNamedSum } from './bill.js';
import { bookLocks, replayedBooking } from './book-locks.js';
import type { CheckedOut, CheckOut } from './commands.js';
import type { Draft } from './draft.js';
import { holdOf } from './hold-seats.js';
import { isReplay, requestKey } from './idempotent-request.js';
import { type Lock, statusAt } from './lock.js';
import { putNewPayment, replayedPayment, requireUnpaid } from './new-payment.js';
import { CARD_ANSWERS, type CardStatus, NOT_ANSWERED, SIMULATED } from './payment.js';
import { eventNotFound, requireNotCancelled, requireNotStarted, requireVisible } from './refusals.js';
import { LOCKS_PER_CALL_MAX } from './route.js';
import type { Rules } from './rules.js';
import { holdingLocks } from './take-seats.js';

/** How long a lapsed lock counts as part of a hold. Longer than that the rest of a hold hardly ever lasts. */
export const LAPSED_LOCKS_COUNT_MS = 15 * 60 * 1000;

export interface CheckOutInput {
  readonly eventId: string;
  /** Default: all that is held. */
  readonly seatNumbers?: readonly number[] | null | undefined;
  /** What the caller was shown. */
  readonly expectedTotal?: Money | null | undefined;
  /** How a simulated card answers. Default: it pays. */
  readonly simulatedCard?: CardStatus | null | undefined;
  /** Needed where a seat has no price. */
  readonly amount?: Money | null | undefined;
  readonly requestId: string;
}

/**
 * @param provider who takes the money
 * @throws EVENT_NOT_FOUND, BAD_USER_INPUT
 */
export function checkOutCommand(
  userId: string,
  input: CheckOutInput,
  contactEmail: string,
  provider: string,
  now: Date,
): CheckOut {
  const { eventId, seatNumbers = null, expectedTotal = null, amount = null, requestId } = input;
  const cardStatus = input.simulatedCard ?? 'success';
  if (!isEventId(eventId)) throw eventNotFound();
  if (seatNumbers !== null) checkSeatNumbers(seatNumbers);
  checkNamedSum({ amount: amount?.amount ?? null, currency: amount?.currency ?? null });
  const sums = [expectedTotal, amount].map((sum) => sum && [sum.amount, sum.currency]);
  return {
    kind: 'checkOut',
    eventId,
    userId,
    seatNumbers,
    expectedTotal,
    amount,
    provider,
    cardStatus,
    contactEmail,
    newPaymentId: newPaymentId(eventId, now),
    requestId,
    request: requestKey(userId, 'checkOut', requestId, [
      eventId,
      seatNumbers,
      ...sums,
      cardStatus,
      contactEmail,
    ]),
  };
}

function checkSeatNumbers(seatNumbers: readonly number[]): void {
  if (seatNumbers.length < 1 || seatNumbers.length > LOCKS_PER_CALL_MAX) {
    const max = LOCKS_PER_CALL_MAX;
    throw badUserInput('seatNumbers', `Name 1 to ${max} seats, or leave them out for all.`, { max });
  }
  if (new Set(seatNumbers).size !== seatNumbers.length) {
    throw badUserInput('seatNumbers', 'A seat is named twice.');
  }
}

/**
 * Pays for what the user holds and books it, all or none. If the card is refused, the answer is a FAILED payment without
 * bookings, and the seats are still held.
 *
 * @throws IDEMPOTENCY_CONFLICT, EVENT_NOT_FOUND, EVENT_CLOSED once it is cancelled, HOLD_EXPIRED, LOCK_ALREADY_PAID, EVENT_CLOSED,
 *   AMOUNT_MISMATCH, TOTAL_CHANGED, BAD_USER_INPUT, checked in this order; PAYMENT_NOT_FOUND for a repeated call whose payment has
 *   been deleted
 */
export function checkOut(draft: Draft, command: CheckOut, now: Date, rules: Rules): CheckedOut {
  const { event } = draft;
  const { request, userId, amount, provider, contactEmail } = command;
  const earlier = draft.request(request.id);
  if (isReplay(earlier, request)) {
    const bookings = earlier.resultIds.slice(1).map((id) => replayedBooking(draft, id));
    return { payment: replayedPayment(draft, earlier), bookings };
  }

  requireVisible(event, userId);
  // Its locks end step by step, and the reason should not depend on how far that is.
  requireNotCancelled(event);
  const locks = requireHold(draft, command, now);
  requireUnpaid(locks);
  requireNotStarted(event, now, 'booked');
  const bill = billOf(event, locks, { amount: amount?.amount ?? null, currency: amount?.currency ?? null });
  requireExpectedTotal(command, bill);
  requireChargeable(command, bill, rules);

  const answer = provider === SIMULATED ? CARD_ANSWERS[command.cardStatus] : NOT_ANSWERED;
  const payment = putNewPayment(
    draft,
    { id: command.newPaymentId, userId, bill, provider, answer, contactEmail },
    now,
  );
  const bookings =
    payment.status === 'failed' ? [] : bookLocks(draft, locks, payment, command.requestId, now, rules);
  const resultIds = [payment.id, ...bookings.map(({ id }) => id)];
  draft.putRequest({ resultIds, createdAt: now, ...request });
  return { payment, bookings };
}

/** @returns what is to be paid, in seat order @throws HOLD_EXPIRED, BAD_USER_INPUT */
function requireHold(draft: Draft, { userId, seatNumbers }: CheckOut, now: Date): Lock[] {
  const held = holdOf(draft, userId, now);
  const wanted = seatNumbers === null ? held : held.filter((lock) => seatNumbers.includes(lock.seatNumber));
  const lost =
    seatNumbers === null
      ? lapsedSeats(draft, userId, held, now)
      : seatNumbers.filter((seat) => !wanted.some((lock) => lock.seatNumber === seat));
  if (wanted.length === 0 || lost.length > 0) throw holdExpired(draft, userId, lost);
  if (wanted.length > LOCKS_PER_CALL_MAX) {
    const max = LOCKS_PER_CALL_MAX;
    throw badUserInput('seatNumbers', `More than ${max} seats are held: name up to ${max}.`, { max });
  }
  return wanted.sort((a, b) => a.seatNumber - b.seatNumber);
}

/** Seats that the user held together with what is left of the hold, until their locks lapsed. */
function lapsedSeats(draft: Draft, userId: string, held: readonly Lock[], now: Date): number[] {
  const since = Math.max(
    now.getTime() - LAPSED_LOCKS_COUNT_MS,
    ...held.slice(0, 1).map(({ createdAt }) => createdAt.getTime()),
  );
  const lapsed = draft
    .locksOfUser(userId)
    .filter(
      (lock) =>
        statusAt(lock, now) === 'expired' && lock.bookingId === null && lock.expiresAt.getTime() > since,
    );
  const seats = new Set(lapsed.map(({ seatNumber }) => seatNumber));
  // The user may have taken it again.
  for (const { seatNumber } of holdingLocks(draft, userId, now)) seats.delete(seatNumber);
  return [...seats].sort((a, b) => a - b);
}

function holdExpired(draft: Draft, userId: string, seatNumbers: readonly number[]): DomainError {
  const isBooked = (seat: number) =>
    draft.locksOfUser(userId).some((lock) => lock.seatNumber === seat && lock.status === 'used');
  return new DomainError('HOLD_EXPIRED', 'You no longer hold all of these seats; nothing was paid.', {
    seatNumbers,
    // The caller may have booked them on another device.
    bookedSeatNumbers: seatNumbers.filter(isBooked),
  });
}

/** @throws TOTAL_CHANGED */
function requireExpectedTotal({ expectedTotal }: CheckOut, { amount, currency }: Money): void {
  if (expectedTotal === null) return;
  if (expectedTotal.amount === amount && expectedTotal.currency === currency) return;
  const details = { total: { amount, currency } };
  throw new DomainError(
    'TOTAL_CHANGED',
    `These seats cost ${amount} ${currency}; nothing was paid.`,
    details,
  );
}

/**
 * A sum that the provider would refuse is refused here, before the seats are booked.
 *
 * @throws BAD_USER_INPUT
 */
function requireChargeable({ amount, provider }: CheckOut, bill: Bill, { amountProblem }: Rules): void {
  const problem = provider === SIMULATED ? null : amountProblem(bill);
  if (problem !== null) throw badUserInput(amount === null ? 'seatNumbers' : 'amount.amount', problem);
}
