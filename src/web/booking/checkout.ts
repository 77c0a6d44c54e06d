import { nanoid } from 'nanoid';
import type {
  BookingDetailsFragment,
  CardStatus,
  PaymentDetailsFragment,
} from '../graphql/generated/graphql.js';
import { apiErrorOf, isSessionEnded, messageOf, retryAfterMsOf } from '../network/api-error.js';
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

/** A seat that was paid for and is not booked: it was held no more by then. */
export interface LostSeat {
  readonly seatNumber: number;
  /** By the viewer, here or on another device; false where the hold ran out. */
  readonly wasGivenBack: boolean;
}

/** What one payment has bought. */
export interface Purchase {
  readonly payment: PaymentDetailsFragment;
  readonly bookings: readonly BookingDetailsFragment[];
  /** Its part of the payment goes back. */
  readonly lost: readonly LostSeat[];
  /** True where another tab or device had paid, so that this attempt took no money. */
  readonly wasPaidBefore: boolean;
}

export type Outcome =
  | ({ readonly kind: 'booked' } & Purchase)
  /** Booked until the card network has answered. */
  | ({ readonly kind: 'pending' } & Purchase)
  /** Paid, but no seat of it was held any more. The whole payment goes back. */
  | ({ readonly kind: 'lost' } & Purchase)
  /** The seats are still held. */
  | { readonly kind: 'declined'; readonly reason: string; readonly retryable: boolean }
  | {
      readonly kind: 'refused';
      readonly message: string;
      /** What was paid by then, and goes back as the hold ends; null where nothing was. */
      readonly paid: PaymentDetailsFragment | null;
    }
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
  confirm(
    paymentId: string,
    lockIds: readonly string[],
    requestId: string,
  ): Promise<readonly BookingDetailsFragment[]>;
  booking(id: string): Promise<BookingDetailsFragment>;
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
  let paid: PaymentDetailsFragment | null = null;
  try {
    const { payment, wasPaidBefore } = await paymentFor(attempt, calls, repeating);
    if (payment.status !== 'FAILED') paid = payment;
    const outcome = await outcomeOf(payment, wasPaidBefore, calls, repeating);
    journal.strike(attempt);
    return outcome;
  } catch (error) {
    if (mayPass(error)) return { kind: 'unanswered', retryAfterMs: retryAfterMsOf(error) };
    if (isSessionEnded(error)) return { kind: 'session over' };
    // Another account may have been signed in to meanwhile, in another tab: what it is refused says nothing of the attempt.
    const viewerId = await calls.viewerId().catch(() => undefined);
    if (viewerId === undefined) return { kind: 'unanswered', retryAfterMs: 0 };
    if (viewerId !== attempt.userId) return { kind: 'session over' };
    journal.strike(attempt);
    return { kind: 'refused', message: messageOf(error), paid };
  }
}

/** What has become of an outcome since: a pending one ends when the card network answers. @param known bookings as they are now */
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
  return { kind: 'refused', message: CANCELLED_WORDS[first?.paymentStatus ?? 'PENDING'], paid: null };
}

/** Of bookings that were pending, by what became of their payment. */
const CANCELLED_WORDS: Readonly<Record<BookingDetailsFragment['paymentStatus'], string>> = {
  FAILED:
    'The card network declined the payment after all. Nothing was paid, and the seats are no longer yours.',
  REFUNDED: 'The payment came too late and was paid back. The seats are no longer yours.',
  COMPLETED: 'The booking was cancelled. What was paid goes back to your card.',
  PENDING: 'The booking was cancelled before the payment had come through.',
};

/** What to do about a card that was refused. */
export function adviceOn({ retryable }: Extract<Outcome, { kind: 'declined' }>): string {
  return retryable ? 'Try again, or take another card.' : 'This card cannot be used; take another one.';
}

/** The same for a payment, wherever and however often all of it is confirmed. */
export const confirmRequestId = (paymentId: string) => `confirm ${paymentId}`;

async function outcomeOf(
  payment: PaymentDetailsFragment,
  wasPaidBefore: boolean,
  calls: CheckoutCalls,
  repeating?: Repeating,
): Promise<Outcome> {
  if (payment.status === 'FAILED') {
    return {
      kind: 'declined',
      reason: payment.reason ?? 'The card was refused',
      retryable: payment.retryable ?? false,
    };
  }
  const purchase = { payment, wasPaidBefore, ...(await book(payment, calls, repeating)) };
  if (purchase.bookings.length === 0) return { kind: 'lost', ...purchase };
  const isPending = purchase.bookings.some(({ status }) => status === 'PENDING');
  return { kind: isPending ? 'pending' : 'booked', ...purchase };
}

/**
 * Books what was paid for. A seat that is held no more is left out, and the others are booked: the server books all that
 * it is asked for or none, and names one seat at a time that it cannot book.
 */
async function book(
  payment: PaymentDetailsFragment,
  calls: CheckoutCalls,
  repeating?: Repeating,
): Promise<Pick<Purchase, 'bookings' | 'lost'>> {
  const lost: LostSeat[] = [];
  /** By another tab or device, with the same payment. */
  const bookedElsewhere: string[] = [];
  const booked = async (): Promise<readonly BookingDetailsFragment[]> => {
    let lockIds = payment.lockIds;
    while (lockIds.length > 0) {
      const isWhole = lockIds.length === payment.lockIds.length;
      const requestId = isWhole ? confirmRequestId(payment.id) : nanoid();
      try {
        return await untilAnswered(() => calls.confirm(payment.id, lockIds, requestId), repeating);
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
    bookedElsewhere.map((id) => untilAnswered(() => calls.booking(id), repeating)),
  );
  const bookings = [...here, ...elsewhere].sort((a, b) => a.seatNumber - b.seatNumber);
  // A repeated call answers with the bookings that it made then: some may have been cancelled since.
  const cancelled = bookings.filter(({ status }) => status === 'CANCELLED');
  return {
    bookings: bookings.filter((booking) => !cancelled.includes(booking)),
    lost: [...lost, ...cancelled.map(({ seatNumber }) => ({ seatNumber, wasGivenBack: true }))],
  };
}

async function paymentFor(
  attempt: Attempt,
  calls: CheckoutCalls,
  repeating?: Repeating,
): Promise<Pick<Purchase, 'payment' | 'wasPaidBefore'>> {
  try {
    return { payment: await untilAnswered(() => calls.pay(attempt), repeating), wasPaidBefore: false };
  } catch (error) {
    const paymentId = await earlierPaymentId(error, calls, repeating);
    if (paymentId === undefined) throw error;
    return {
      payment: await untilAnswered(() => calls.payment(paymentId), repeating),
      wasPaidBefore: true,
    };
  }
}

/** Of another of the user's tabs or devices, which may have booked the seats as well; undefined where nothing was paid. */
async function earlierPaymentId(
  error: unknown,
  calls: CheckoutCalls,
  repeating?: Repeating,
): Promise<string | undefined> {
  const refusal = apiErrorOf(error);
  const { paymentId, bookingId } = refusal?.details ?? {};
  if (refusal?.code === 'LOCK_ALREADY_PAID' && typeof paymentId === 'string') return paymentId;
  if (refusal?.code !== 'LOCK_ALREADY_USED' || typeof bookingId !== 'string') return undefined;
  return (await untilAnswered(() => calls.booking(bookingId), repeating)).paymentId;
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
