import type {
  BookingDetailsFragment,
  CardStatus,
  PaymentDetailsFragment,
} from '../graphql/generated/graphql.js';
import { isSessionOver, type Refusal, refusalOf, retryAfterMsOf } from '../network/refusal.js';
import { mayPass, type Repeating, untilAnswered } from '../network/retry.js';

/**
 * Paying for locked seats and booking them, over a network that may lose any call or its answer.
 *
 * An attempt is written down before its first call and struck out once its outcome is known. Whatever happens in
 * between (a lost answer, a closed laptop, a reload), the same attempt is gone through again from its beginning: its
 * payment has a requestId of its own, and what is booked with a payment is booked under a requestId made from that
 * payment, the same on every device. So each step happens once, however often it is sent.
 */

export interface Attempt {
  readonly userId: string;
  readonly eventId: string;
  readonly lockIds: readonly string[];
  readonly amount: number;
  readonly currency: string;
  readonly card: CardStatus;
  readonly requestId: string;
}

export type Outcome =
  | { readonly kind: 'booked'; readonly bookings: readonly BookingDetailsFragment[] }
  /** Booked until the card network has answered. */
  | {
      readonly kind: 'pending';
      readonly bookings: readonly BookingDetailsFragment[];
      readonly paymentId: string;
    }
  /** The seats are still held. */
  | { readonly kind: 'declined'; readonly reason: string; readonly retryable: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The attempt is kept: whoever made it goes through it again once they have signed in. */
  | { readonly kind: 'session over' }
  /**
   * The attempt is kept: it may have gone through, and is to be gone through again, where the server has asked for a pause
   * not before that.
   */
  | { readonly kind: 'unanswered'; readonly retryAfterMs: number };

/** The server's part of it. */
export interface CheckoutCalls {
  pay(attempt: Attempt): Promise<PaymentDetailsFragment>;
  payment(paymentId: string): Promise<PaymentDetailsFragment>;
  confirm(payment: PaymentDetailsFragment, requestId: string): Promise<readonly BookingDetailsFragment[]>;
  /** Whose session the calls are made in, as of now; null in nobody's. */
  viewerId(): Promise<string | null>;
}

/** Where an attempt is kept until its outcome is known. */
export interface Journal {
  read(userId: string, eventId: string): Attempt | null;
  write(attempt: Attempt): void;
  strike(attempt: Attempt): void;
}

/** @param repeating how each call is sent again */
export async function checkOut(
  attempt: Attempt,
  calls: CheckoutCalls,
  journal: Journal,
  repeating?: Repeating,
): Promise<Outcome> {
  journal.write(attempt);
  try {
    const outcome = await payAndConfirm(attempt, calls, repeating);
    journal.strike(attempt);
    return outcome;
  } catch (error) {
    if (mayPass(error)) return { kind: 'unanswered', retryAfterMs: retryAfterMsOf(error) };
    if (isSessionOver(error)) return { kind: 'session over' };
    // Another account may have been signed in to meanwhile, in another tab: what it is refused says nothing of the attempt.
    const viewerId = await calls.viewerId().catch(() => undefined);
    if (viewerId === undefined) return { kind: 'unanswered', retryAfterMs: 0 };
    if (viewerId !== attempt.userId) return { kind: 'session over' };
    journal.strike(attempt);
    return { kind: 'refused', refusal: refusalOf(error) as Refusal };
  }
}

/** What has become of an outcome since: a pending one ends when the card network answers. @param known bookings as they are now */
export function settled(outcome: Outcome, known: readonly BookingDetailsFragment[]): Outcome {
  if (outcome.kind !== 'pending') return outcome;
  const bookings = outcome.bookings.map((then) => known.find(({ id }) => id === then.id) ?? then);
  if (bookings.some(({ status }) => status === 'PENDING')) return { ...outcome, bookings };
  if (bookings.every(({ status }) => status === 'CONFIRMED')) return { kind: 'booked', bookings };
  const message =
    bookings[0]?.paymentStatus === 'FAILED'
      ? 'The card network declined the payment after all. Nothing was paid, and the seats are no longer yours.'
      : 'The booking was cancelled before the payment had come through.';
  return { kind: 'refused', refusal: { code: 'PAYMENT_FAILED', message, details: {} } };
}

/** What to do about a card that was refused. */
export function adviceOn({ retryable }: Extract<Outcome, { kind: 'declined' }>): string {
  return retryable ? 'Try again, or take another card.' : 'This card cannot be used; take another one.';
}

/** The same for a payment, wherever and however often it is confirmed. */
export const confirmRequestId = (paymentId: string) => `confirm ${paymentId}`;

async function payAndConfirm(
  attempt: Attempt,
  calls: CheckoutCalls,
  repeating?: Repeating,
): Promise<Outcome> {
  const payment = await paymentFor(attempt, calls, repeating);
  if (payment.status === 'FAILED') {
    return {
      kind: 'declined',
      reason: payment.reason ?? 'The card was refused',
      retryable: payment.retryable ?? false,
    };
  }
  const bookings = await untilAnswered(() => calls.confirm(payment, confirmRequestId(payment.id)), repeating);
  const isPending = bookings.some(({ status }) => status === 'PENDING');
  return isPending ? { kind: 'pending', bookings, paymentId: payment.id } : { kind: 'booked', bookings };
}

async function paymentFor(
  attempt: Attempt,
  calls: CheckoutCalls,
  repeating?: Repeating,
): Promise<PaymentDetailsFragment> {
  try {
    return await untilAnswered(() => calls.pay(attempt), repeating);
  } catch (error) {
    // Paid by another of the user's tabs or devices, which never came to confirm it: this one does.
    const paymentId = refusalOf(error)?.details.paymentId;
    if (refusalOf(error)?.code !== 'LOCK_ALREADY_PAID' || typeof paymentId !== 'string') throw error;
    return await untilAnswered(() => calls.payment(paymentId), repeating);
  }
}

/** In sessionStorage: it outlives a reload, and another tab's attempt is another's. */
export function journalIn(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Journal {
  const keyOf = (userId: string, eventId: string) => `checkout ${userId} ${eventId}`;
  return {
    read(userId, eventId) {
      const text = storage.getItem(keyOf(userId, eventId));
      return text === null ? null : (JSON.parse(text) as Attempt);
    },
    write(attempt) {
      try {
        storage.setItem(keyOf(attempt.userId, attempt.eventId), JSON.stringify(attempt));
      } catch {
        // There is no room: the attempt lives as long as the page does.
      }
    },
    strike({ userId, eventId, requestId }) {
      // The page may have been left and come back to: another attempt, made since, is not struck with it.
      if (this.read(userId, eventId)?.requestId === requestId) storage.removeItem(keyOf(userId, eventId));
    },
  };
}
