import { newlyRefunded } from './payment.js';
import type { WorkingSet } from './working-set.js';

/** A mail that is to be sent. */
export type MailMessage = MailBookings | MailCancelledEvent | MailNewDate | MailResetLink;

export const MAIL_KINDS: ReadonlySet<string> = new Set<MailMessage['kind']>([
  'mailBookings',
  'mailCancelledEvent',
  'mailNewDate',
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
  /** … ticket was replaced. Messages of earlier releases do not have it. */
  readonly reissued?: readonly string[];
}

/**
 * What one batch ended for one buyer of a cancelled event. It is one mail, however many payments these are, unless the
 * buyer had more seats than one batch ends.
 */
export interface MailCancelledEvent {
  readonly id: string;
  readonly kind: 'mailCancelledEvent';
  readonly eventId: string;
  readonly payments: readonly EndedPayment[];
}

export interface EndedPayment extends Pick<BookingNews, 'cancelled' | 'refunded'> {
  readonly paymentId: string;
}

/** That the event has another date, for one buyer, or for the guest of one invitation. */
export interface MailNewDate {
  readonly id: string;
  readonly kind: 'mailNewDate';
  readonly eventId: string;
  readonly userId: string;
  /** The payment of an invitation: all invitations have the same user, and each its own address. */
  readonly invitationId?: string;
  /** One of the buyer's bookings: after a merge it says who that is now. Messages of earlier releases do not have it. */
  readonly bookingId?: string;
}

/** @param revision of the event with the new date: each recipient gets one mail about it */
export const newDateMail = (
  eventId: string,
  revision: number,
  recipient: Pick<MailNewDate, 'userId' | 'invitationId' | 'bookingId'>,
): MailNewDate => ({
  id: `${eventId}:date:${revision}:${recipient.invitationId ?? recipient.userId}`,
  kind: 'mailNewDate',
  eventId,
  ...recipient,
});

/** A link to set a new password, for whoever has an account with the address. */
export interface MailResetLink {
  readonly id: string;
  readonly kind: 'mailResetLink';
  /** As typed. */
  readonly email: string;
  readonly requestedAt: Date;
}

/** The mails that follow from what a batch changed, found as `messagesOf` finds what payments need. */
export function mailsOf(set: WorkingSet): (MailBookings | MailCancelledEvent | MailNewDate)[] {
  const isCancelled = set.event.cancellation !== null;
  const newsOf = new Map<string, Record<keyof BookingNews, string[]>>();
  const names = new Map<string, string>();
  const add = (paymentId: string, kind: keyof BookingNews, lockIds: readonly string[], issue?: number) => {
    const [lockId] = lockIds;
    if (lockId === undefined) return;
    const news = newsOf.get(paymentId) ?? { confirmed: [], cancelled: [], refunded: [], reissued: [] };
    news[kind].push(...lockIds);
    newsOf.set(paymentId, news);
    // Each lock's booking is confirmed, cancelled and refunded once, and gets each issue of its ticket once.
    if (!names.has(paymentId)) names.set(paymentId, [kind, lockId, ...(issue ? [issue] : [])].join(':'));
  };
  for (const { before, after } of set.changedBookings()) {
    const { paymentId, lockId, ticketIssue } = after;
    if (after.status === 'confirmed' && before?.status !== 'confirmed') add(paymentId, 'confirmed', [lockId]);
    // Nobody was told of a booking that was never confirmed, but its buyer must know that the event is cancelled.
    const wasKnown = before?.status === 'confirmed' || (isCancelled && before?.status === 'pending');
    if (after.status === 'cancelled' && wasKnown) add(paymentId, 'cancelled', [lockId]);
    if (!isCancelled && before !== undefined && ticketIssue > before.ticketIssue)
      add(paymentId, 'reissued', [lockId], ticketIssue);
  }
  for (const { before, after } of set.changedPayments()) {
    const refunded = newlyRefunded(before, after).map(({ lockId }) => lockId);
    add(after.id, 'refunded', refunded);
  }
  if (isCancelled) return cancelledEventMails(set, newsOf, names);
  const ofBookings = [...newsOf].map(
    ([paymentId, news]): MailBookings => ({
      id: `${paymentId}:mail:${names.get(paymentId)}`,
      kind: 'mailBookings',
      paymentId,
      ...news,
    }),
  );
  return [...ofBookings, ...newDateMailsAfterMerge(set)];
}

/**
 * While the buyers are mailed about a new date, in the order of their ids, bookings can get an owner who had his turn. So
 * he is mailed here. If he has, or gets, the same mail anyway, it is written once.
 */
function newDateMailsAfterMerge(set: WorkingSet): MailNewDate[] {
  const { dateNotice } = set.event;
  if (dateNotice === null) return [];
  const mails = new Map<string, MailNewDate>();
  for (const { before, after } of set.changedBookings()) {
    if (after.status !== 'confirmed' || before === undefined || before.userId === after.userId) continue;
    const recipient = { userId: after.userId, bookingId: after.id };
    mails.set(after.userId, newDateMail(set.event.id, dateNotice.revision, recipient));
  }
  return [...mails.values()];
}

function cancelledEventMails(
  set: WorkingSet,
  newsOf: ReadonlyMap<string, BookingNews>,
  names: ReadonlyMap<string, string>,
): MailCancelledEvent[] {
  const eventId = set.event.id;
  const buyers = new Map<string, EndedPayment[]>();
  for (const [paymentId, { cancelled, refunded }] of newsOf) {
    const { userId, contactEmail } = set.payment(paymentId) ?? {};
    const buyer = JSON.stringify([userId, contactEmail]);
    buyers.set(buyer, [...(buyers.get(buyer) ?? []), { paymentId, cancelled, refunded }]);
  }
  return [...buyers.values()].map((payments) => {
    const [first] = payments as [EndedPayment];
    const id = `${first.paymentId}:mail:event-${names.get(first.paymentId)}`;
    return { id, kind: 'mailCancelledEvent', eventId, payments };
  });
}
