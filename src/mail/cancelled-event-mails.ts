import type { BookingReads } from '../booking/booking-reads.js';
import type { EndedPayment, MailCancelledEvent } from '../booking/mail-messages.js';
import { awaitsSettlement, type Payment, type Share } from '../booking/payment.js';
import type { Event } from '../catalog/event.js';
import { sumsByCurrency } from '../catalog/money.js';
import { placeOf } from '../catalog/place.js';
import type { BookingMailsOptions } from './booking-mails.js';
import { addressOf } from './buyer-address.js';
import { type MailContent, type MailLine, mailOf } from './mail-content.js';
import { eventLines, moneyText, paymentLine } from './mail-words.js';

/** What was ended of one payment. */
interface Ended {
  readonly payment: Payment;
  readonly cancelled: readonly Share[];
  readonly refunded: readonly Share[];
}

/** Mails buyers that an event is cancelled, why, and what they get back. */
export class CancelledEventMails {
  constructor(
    private readonly options: Pick<BookingMailsOptions, 'events' | 'users' | 'mailer'> & {
      readonly reads: Pick<BookingReads, 'payments'>;
    },
  ) {}

  async send({ id, eventId, payments }: MailCancelledEvent): Promise<void> {
    const { reads, events, users, mailer } = this.options;
    const event = await events.find(eventId);
    const stored = await reads.payments(payments.map(({ paymentId }) => paymentId));
    const ended = payments.flatMap((each, index) => endedOf(each, stored[index] ?? null));
    const to = ended[0] === undefined ? null : await addressOf(ended[0].payment, users);
    if (event === null || to === null) return;
    await mailer.send(mailOf(id, to, await this.#contentOf(event, ended)));
  }

  async #contentOf(event: Event, ended: readonly Ended[]): Promise<MailContent> {
    const plan = await this.options.events.seatingPlan(event);
    const places = ended
      .flatMap(({ cancelled }) => cancelled)
      .map(({ seatNumber }) => placeOf(event, plan, seatNumber)?.label ?? `Seat ${seatNumber}`);
    const refunds = ended.flatMap(({ payment: { currency }, refunded }) =>
      refunded.map(({ amount }) => ({ amount, currency })),
    );
    const reason = event.cancellation?.reason ?? null;
    const paragraphs: MailLine[][] = [
      eventLines(event),
      ['The organizer has cancelled this event.'],
      ...(reason === null ? [] : [reason.split('\n')]),
      ...(places.length === 0
        ? []
        : [['Your bookings are cancelled, and their tickets are void:', ...places]]),
      ...sumsByCurrency(refunds).map((sum) => [`You get ${moneyText(sum)} back.`]),
      ...(ended.some(({ payment }) => awaitsSettlement(payment))
        ? [['Your payment is not settled. If money is taken all the same, you get it back.']]
        : []),
      ended.map(({ payment }) => paymentLine(payment)),
    ];
    return { subject: `Cancelled: ${event.name}`, paragraphs };
  }
}

function endedOf({ cancelled, refunded }: EndedPayment, payment: Payment | null): Ended[] {
  if (payment === null) return [];
  const sharesOf = (lockIds: readonly string[]) =>
    payment.shares.filter(({ lockId }) => lockIds.includes(lockId));
  return [{ payment, cancelled: sharesOf(cancelled), refunded: sharesOf(refunded) }];
}
