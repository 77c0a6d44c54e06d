import { nanoid } from 'nanoid';
import type {
  BookingDetailsFragment,
  CardStatus,
  PaymentDetailsFragment,
} from '../graphql/generated/graphql.js';
import { apiErrorOf, isSessionEnded, retryAfterMsOf } from '../network/api-error.js';
import { messageOf } from '../network/api-error-text.js';
import { isRetryable, type RetryOptions, untilAnswered } from '../network/retry.js';

/**
 * Pays for locked seats and books them, over a network that may lose any call or its answer.
 *
 * An attempt is stored before its first call and removed once its outcome is known. If anything interrupts it (a lost
 * answer, a closed laptop, a reload), the same attempt is repeated from its beginning. Its payment has its own requestId. The
 * booking's requestId is derived from the payment, so it is the same on every device. So each step takes effect once.
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

/** A seat that was paid for and not booked, because it was no longer held. */
export interface LostSeat {
  readonly seatNumber: number;
  /** Released by the viewer, here or on another device; false if the hold expired. */
  readonly wasGivenBack: boolean;
}

/** The result of one payment. */
export interface Purchase {
  readonly payment: PaymentDetailsFragment;
  readonly bookings: readonly BookingDetailsFragment[];
  /** Their part of the payment is refunded. */
  readonly lost: readonly LostSeat[];
  /** True if another tab or device had paid, so that this attempt charged nothing. */
  readonly wasPaidBefore: boolean;
}

export type Outcome =
  | ({ readonly kind: 'booked' } & Purchase)
  /** Booked until the card network has answered. */
  | ({ readonly kind: 'pending' } & Purchase)
  /** Paid, but none of its seats was held any more. The whole payment is refunded. */
  | ({ readonly kind: 'lost' } & Purchase)
  /** The seats are still held. */
  | { readonly kind: 'declined'; readonly reason: string; readonly retryable: boolean }
  | {
      readonly kind: 'refused';
      readonly message: string;
      /** A payment made before, which is refunded when the hold ends; null if there is none. */
      readonly paid: PaymentDetailsFragment | null;
    }
  /** The attempt is kept, and repeated once its user has signed in again. */
  | { readonly kind: 'session ended' }
  /**
   * The attempt is kept and must be repeated, because it may have succeeded. If the server has asked for a pause, not before
   * that.
   */
  | { readonly kind: 'unanswered'; readonly retryAfterMs: number };

/** The calls of the API. */
export interface CheckoutCalls {
  pay(attempt: Attempt): Promise<PaymentDetailsFragment>;
  payment(paymentId: string): Promise<PaymentDetailsFragment>;
  confirm(
    paymentId: string,
    lockIds: readonly string[],
    requestId: string,
  ): Promise<readonly BookingDetailsFragment[]>;
  booking(id: string): Promise<BookingDetailsFragment>;
  /** The user of the current session; null without one. */
  viewerId(): Promise<string | null>;
}

/** Stores an attempt until its outcome is known. */
export interface Journal {
  read(userId: string, eventId: string): Attempt | null;
  write(attempt: Attempt): void;
  remove(attempt: Attempt): void;
}

/** @param retryOptions for each of the calls */
export async function checkOut(
  attempt: Attempt,
  calls: CheckoutCalls,
  journal: Journal,
  retryOptions?: RetryOptions,
): Promise<Outcome> {
  journal.write(attempt);
  let paid: PaymentDetailsFragment | null = null;
  try {
    const { payment, wasPaidBefore } = await paymentFor(attempt, calls, retryOptions);
    if (payment.status !== 'FAILED') paid = payment;
    const outcome = await outcomeOf(payment, wasPaidBefore, calls, retryOptions);
    journal.remove(attempt);
    return outcome;
  } catch (error) {
    if (isRetryable(error)) return { kind: 'unanswered', retryAfterMs: retryAfterMsOf(error) };
    if (isSessionEnded(error)) return { kind: 'session ended' };
    // Another account may have signed in meanwhile, in another tab. Its refusal says nothing about this attempt.
    const viewerId = await calls.viewerId().catch(() => undefined);
    if (viewerId === undefined) return { kind: 'unanswered', retryAfterMs: 0 };
    if (viewerId !== attempt.userId) return { kind: 'session ended' };
    journal.remove(attempt);
    return { kind: 'refused', message: messageOf(error), paid };
  }
}

/** The current state of an outcome: a pending one ends when the card network answers. @param known the current bookings */
export function settled(outcome: Outcome, known: readonly BookingDetailsFragment[]): Outcome {
  if (outcome.kind !== 'pending') return outcome;
  const bookings = outcome.bookings.map((then) => known.find(({ id }) => id === then.id) ?? then);
  if (bookings.some(({ status }) => status === 'PENDING')) return { ...outcome, bookings };
  const confirmed = bookings.filter(({ status }) => status === 'CONFIRMED');
  const cancelled = bookings.filter(({ status }) => status === 'CANCELLED');
  if (confirmed.length > 0) {
    const lost = cancelled.map(({ seatNumber }) => ({ seatNumber, wasGivenBack: true }));
    return { ...outcome, kind: 'booked', bookings: confirmed, lost: [...outcome.lost, ...lost] };
  }
  const [first] = cancelled;
  return { kind: 'refused', message: CANCELLED_TEXTS[first?.paymentStatus ?? 'PENDING'], paid: null };
}

/** For cancelled bookings that were pending, by the status of their payment. */
const CANCELLED_TEXTS: Readonly<Record<BookingDetailsFragment['paymentStatus'], string>> = {
  FAILED:
    'The card network declined the payment after all. Nothing was paid, and the seats are no longer yours.',
  REFUNDED: 'The payment came too late and was paid back. The seats are no longer yours.',
  COMPLETED: 'The booking was cancelled. What was paid goes back to your card.',
  PENDING: 'The booking was cancelled before the payment had come through.',
};

/** What to do after a declined card. */
export function adviceOn({ retryable }: Extract<Outcome, { kind: 'declined' }>): string {
  return retryable ? 'Try again, or take another card.' : 'This card cannot be used; take another one.';
}

/** The same for a payment on every device, and every time that all of it is confirmed. */
export const confirmRequestId = (paymentId: string) => `confirm ${paymentId}`;

async function outcomeOf(
  payment: PaymentDetailsFragment,
  wasPaidBefore: boolean,
  calls: CheckoutCalls,
  retryOptions?: RetryOptions,
): Promise<Outcome> {
  if (payment.status === 'FAILED') {
    return {
      kind: 'declined',
      reason: payment.reason ?? 'The card was refused',
      retryable: payment.retryable ?? false,
    };
  }
  const purchase = { payment, wasPaidBefore, ...(await book(payment, calls, retryOptions)) };
  if (purchase.bookings.length === 0) return { kind: 'lost', ...purchase };
  const isPending = purchase.bookings.some(({ status }) => status === 'PENDING');
  return { kind: isPending ? 'pending' : 'booked', ...purchase };
}

/**
 * Books the paid seats without those that are no longer held. The server books all requested seats or none, and names one
 * seat at a time that it cannot book.
 */
async function book(
  payment: PaymentDetailsFragment,
  calls: CheckoutCalls,
  retryOptions?: RetryOptions,
): Promise<Pick<Purchase, 'bookings' | 'lost'>> {
  const lost: LostSeat[] = [];
  /** Ids of bookings that another tab or device made with the same payment. */
  const bookedElsewhere: string[] = [];
  const booked = async (): Promise<readonly BookingDetailsFragment[]> => {
    let lockIds = payment.lockIds;
    while (lockIds.length > 0) {
      const isComplete = lockIds.length === payment.lockIds.length;
      const requestId = isComplete ? confirmRequestId(payment.id) : nanoid();
      try {
        return await untilAnswered(() => calls.confirm(payment.id, lockIds, requestId), retryOptions);
      } catch (error) {
        const refusal = apiErrorOf(error);
        const { lockId, seatNumber, status, bookingId } = refusal?.details ?? {};
        if (refusal?.code === 'LOCK_EXPIRED' && typeof seatNumber === 'number') {
          lost.push({ seatNumber, wasGivenBack: status === 'RELEASED' });
        } else if (refusal?.code === 'LOCK_ALREADY_USED' && typeof bookingId === 'string') {
          bookedElsewhere.push(bookingId);
        } else throw error;
        const rest = lockIds.filter((id) => id !== lockId);
        if (rest.length === lockIds.length) throw error;
        lockIds = rest;
      }
    }
    return [];
  };
  const here = await booked();
  const elsewhere = await Promise.all(
    bookedElsewhere.map((id) => untilAnswered(() => calls.booking(id), retryOptions)),
  );
  const bookings = [...here, ...elsewhere].sort((a, b) => a.seatNumber - b.seatNumber);
  // A repeated call returns the original bookings, some of which may be cancelled by now.
  const cancelled = bookings.filter(({ status }) => status === 'CANCELLED');
  return {
    bookings: bookings.filter((booking) => !cancelled.includes(booking)),
    lost: [...lost, ...cancelled.map(({ seatNumber }) => ({ seatNumber, wasGivenBack: true }))],
  };
}

async function paymentFor(
  attempt: Attempt,
  calls: CheckoutCalls,
  retryOptions?: RetryOptions,
): Promise<Pick<Purchase, 'payment' | 'wasPaidBefore'>> {
  try {
    return { payment: await untilAnswered(() => calls.pay(attempt), retryOptions), wasPaidBefore: false };
  } catch (error) {
    const paymentId = await earlierPaymentId(error, calls, retryOptions);
    if (paymentId === undefined) throw error;
    return {
      payment: await untilAnswered(() => calls.payment(paymentId), retryOptions),
      wasPaidBefore: true,
    };
  }
}

/** The payment of another tab or device, which may have booked the seats as well; undefined if there is none. */
async function earlierPaymentId(
  error: unknown,
  calls: CheckoutCalls,
  retryOptions?: RetryOptions,
): Promise<string | undefined> {
  const refusal = apiErrorOf(error);
  const { paymentId, bookingId } = refusal?.details ?? {};
  if (refusal?.code === 'LOCK_ALREADY_PAID' && typeof paymentId === 'string') return paymentId;
  if (refusal?.code !== 'LOCK_ALREADY_USED' || typeof bookingId !== 'string') return undefined;
  return (await untilAnswered(() => calls.booking(bookingId), retryOptions)).paymentId;
}

/** With sessionStorage an attempt survives a reload and belongs to one tab. */
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
        // No space left: the attempt lasts as long as the page.
      }
    },
    remove({ userId, eventId, requestId }) {
      // The user may have started another attempt meanwhile, which must stay.
      if (this.read(userId, eventId)?.requestId === requestId) storage.removeItem(keyOf(userId, eventId));
    },
  };
}
