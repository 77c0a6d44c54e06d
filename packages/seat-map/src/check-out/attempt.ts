import { type ApiError, apiErrorOf, isSessionEnded, retryAfterMsOf, seatsIn } from '../core/api-error.js';
import type { BookedSeat, SeatPayment } from '../core/held-seats.js';
import { isRetryable, type RetryOptions, untilAnswered } from '../core/retry.js';
import type { Attempt, Journal } from './journal.js';

/**
 * Pays for held seats and books them, in one call over a network that may lose the call or its answer.
 *
 * An attempt is stored before its call and removed once its outcome is known. If anything interrupts it (a lost answer, a
 * closed laptop, a reload), the same call is repeated. It has a requestId, so it takes effect once.
 */

/** The result of one payment. */
export interface Purchase {
  readonly payment: SeatPayment;
  readonly bookings: readonly BookedSeat[];
  /** Those that have been cancelled since. */
  readonly cancelled: readonly BookedSeat[];
}

export type Outcome =
  | ({ readonly kind: 'booked' } & Purchase)
  /** Booked until the card network has answered. With a client secret the buyer must pay now, at the provider. */
  | ({ readonly kind: 'pending'; readonly clientSecret: string | null } & Purchase)
  /** The seats are still held. */
  | { readonly kind: 'declined'; readonly reason: string; readonly retryable: boolean }
  /** Nothing was paid: some of the seats are not held any more. */
  | {
      readonly kind: 'lost';
      readonly lost: readonly number[];
      /** Seats that the viewer has booked already, in another tab or on another device. */
      readonly booked: readonly number[];
    }
  /** All bookings of the payment have been cancelled since. */
  | { readonly kind: 'cancelled'; readonly paymentStatus: BookedSeat['paymentStatus'] }
  /** Nothing was paid: so little time is left that the seats could be lost meanwhile, and they cannot be held longer. */
  | { readonly kind: 'too late' }
  | { readonly kind: 'refused'; readonly error: ApiError | null }
  /** The attempt is kept, and repeated once its user has signed in again. */
  | { readonly kind: 'session ended' }
  /**
   * The attempt is kept and must be repeated, because it may have succeeded. If the server has asked for a pause, not before
   * that.
   */
  | { readonly kind: 'unanswered'; readonly retryAfterMs: number };

export interface CheckedOut {
  readonly payment: SeatPayment;
  readonly bookings: readonly BookedSeat[];
  readonly clientSecret?: string | null | undefined;
}

/** The calls of the API. */
export interface CheckoutCalls {
  checkOut(attempt: Attempt): Promise<CheckedOut>;
  /** Books the locks of a payment that another program made. */
  confirm(paymentId: string): Promise<CheckedOut>;
  /** The user of the current session; null without one. */
  viewerId(): Promise<string | null>;
}

/** @param retryOptions for each of the calls */
export async function checkOut(
  attempt: Attempt,
  calls: CheckoutCalls,
  journal: Journal,
  retryOptions?: RetryOptions,
): Promise<Outcome> {
  journal.write(attempt);
  try {
    const outcome = outcomeOf(await answerTo(attempt, calls, retryOptions));
    // Until the buyer has paid, the same call gives the client secret again, also after a reload.
    if (!awaitsBuyer(outcome) && outcome.kind !== 'unanswered') journal.remove(attempt);
    return outcome;
  } catch (error) {
    if (isRetryable(error)) return { kind: 'unanswered', retryAfterMs: retryAfterMsOf(error) };
    if (isSessionEnded(error)) return { kind: 'session ended' };
    // Another account may have signed in meanwhile, in another tab. Its refusal says nothing about this attempt.
    const viewerId = await calls.viewerId().catch(() => undefined);
    if (viewerId === undefined) return { kind: 'unanswered', retryAfterMs: 0 };
    if (viewerId !== attempt.userId) return { kind: 'session ended' };
    journal.remove(attempt);
    return refusalOf(error);
  }
}

async function answerTo(
  attempt: Attempt,
  calls: CheckoutCalls,
  retryOptions?: RetryOptions,
): Promise<CheckedOut> {
  try {
    return await untilAnswered(() => calls.checkOut(attempt), retryOptions);
  } catch (error) {
    const refusal = apiErrorOf(error);
    const { paymentId } = refusal?.details ?? {};
    if (refusal?.code !== 'LOCK_ALREADY_PAID' || typeof paymentId !== 'string') throw error;
    return untilAnswered(() => calls.confirm(paymentId), retryOptions);
  }
}

/** Whether the buyer has still to pay, at the provider. */
export const awaitsBuyer = (outcome: Outcome): boolean =>
  outcome.kind === 'pending' && outcome.clientSecret !== null;

function outcomeOf({ payment, bookings, clientSecret = null }: CheckedOut): Outcome {
  const { status, reason, retryable, provider } = payment;
  // The provider has not answered the server in time.
  if (status === 'PENDING' && provider !== 'simulated' && clientSecret === null)
    return { kind: 'unanswered', retryAfterMs: 0 };
  if (status === 'FAILED' && bookings.length === 0)
    return { kind: 'declined', reason: reason ?? 'The card was refused', retryable: retryable ?? false };
  return purchaseOf(payment, bookings, clientSecret);
}

/** A repeated call returns the bookings as they are by then: some of them may be cancelled. */
function purchaseOf(
  payment: SeatPayment,
  all: readonly BookedSeat[],
  clientSecret: string | null,
): Extract<Outcome, { kind: 'booked' | 'pending' | 'cancelled' }> {
  const cancelled = all.filter(({ status }) => status === 'CANCELLED');
  const bookings = all.filter(({ status }) => status !== 'CANCELLED');
  const [first] = cancelled;
  if (bookings.length === 0) {
    return { kind: 'cancelled', paymentStatus: first?.paymentStatus ?? 'PENDING' };
  }
  const purchase = { payment, bookings, cancelled };
  const isPending = bookings.some(({ status }) => status === 'PENDING');
  return isPending ? { kind: 'pending', clientSecret, ...purchase } : { kind: 'booked', ...purchase };
}

function refusalOf(error: unknown): Outcome {
  const refusal = apiErrorOf(error);
  if (refusal?.code !== 'HOLD_EXPIRED') return { kind: 'refused', error: refusal };
  const booked = seatsIn(refusal, 'bookedSeatNumbers');
  const lost = seatsIn(refusal, 'seatNumbers').filter((seat) => !booked.includes(seat));
  return { kind: 'lost', lost, booked };
}

/** The current state of an outcome: a pending one ends when the card network answers. @param known the current bookings */
export function settled(outcome: Outcome, known: readonly BookedSeat[]): Outcome {
  if (outcome.kind !== 'pending') return outcome;
  const now = outcome.bookings.map((then) => known.find(({ id }) => id === then.id) ?? then);
  const present = purchaseOf(outcome.payment, now, outcome.clientSecret);
  if (present.kind === 'cancelled') return present;
  return { ...present, cancelled: [...outcome.cancelled, ...present.cancelled] };
}
