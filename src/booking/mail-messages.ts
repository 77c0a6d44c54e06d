import { newlyRefunded } from './payment.js';
import type { WorkingSet } from './working-set.js';

/** A mail that is to be sent. */
export type MailMessage = MailBookings | MailResetLink;

export const MAIL_KINDS: ReadonlySet<string> = new Set<MailMessage['kind']>([
  'mailBookings',
  'mailResetLink',
]);

/** What one batch changed for the buyer of one payment. It is one mail, however many seats these are. */
export interface MailBookings extends BookingNews {
  readonly id: string;
  readonly kind: 'mailBookings';
  readonly paymentId: string;
}

/** The locks of the payment whose … */
interface BookingNews {
  /** … booking was confirmed. */
  readonly confirmed: readonly string[];
  /** … confirmed booking was cancelled. */
  readonly cancelled: readonly string[];
  /** … share of the payment was refunded. */
  readonly refunded: readonly string[];
}

/** A link to set a new password, for whoever has an account with the address. */
export interface MailResetLink {
  readonly id: string;
  readonly kind: 'mailResetLink';
  /** As typed. */
  readonly email: string;
  readonly requestedAt: Date;
}

/** The mails that follow from what a batch changed, found as `messagesOf` finds what payments need. */
export function mailsOf(set: WorkingSet): MailBookings[] {
  const newsOf = new Map<string, { confirmed: string[]; cancelled: string[]; refunded: string[] }>();
  const add = (paymentId: string, kind: keyof BookingNews, lockIds: readonly string[]) => {
    if (lockIds.length === 0) return;
    const news = newsOf.get(paymentId) ?? { confirmed: [], cancelled: [], refunded: [] };
    news[kind].push(...lockIds);
    newsOf.set(paymentId, news);
  };
  for (const { before, after } of set.changedBookings()) {
    const { paymentId, lockId } = after;
    if (after.status === 'confirmed' && before?.status !== 'confirmed') add(paymentId, 'confirmed', [lockId]);
    // Nobody was told of a booking that was never confirmed.
    if (after.status === 'cancelled' && before?.status === 'confirmed') add(paymentId, 'cancelled', [lockId]);
  }
  for (const { before, after } of set.changedPayments()) {
    const refunded = newlyRefunded(before, after).map(({ lockId }) => lockId);
    add(after.id, 'refunded', refunded);
  }
  return [...newsOf].map(([paymentId, news]) => ({
    id: `${paymentId}:mail:${nameOf(news)}`,
    kind: 'mailBookings',
    paymentId,
    ...news,
  }));
}

/** Of a payment, each lock's booking is confirmed once, cancelled once and refunded once: one of them names the mail. */
function nameOf(news: BookingNews): string {
  const kind = news.confirmed.length > 0 ? 'confirmed' : news.cancelled.length > 0 ? 'cancelled' : 'refunded';
  return `${kind}:${news[kind][0]}`;
}
