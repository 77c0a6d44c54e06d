import type { Booking } from '../booking/booking.js';
import type { BookingReads } from '../booking/booking-reads.js';
import type { MailNewDate } from '../booking/mail-messages.js';
import type { Event } from '../catalog/event.js';
import { placeOf } from '../catalog/place.js';
import type { BookingMailsOptions } from './booking-mails.js';
import { addressOf } from './buyer-address.js';
import { type MailLine, mailOf } from './mail-content.js';
import { dateText, eventLines } from './mail-words.js';

/** Mails buyers that an event has another date, and until when they can give their bookings back; guests of invitations, too. */
export class NewDateMails {
  constructor(
    private readonly options: Pick<BookingMailsOptions, 'events' | 'users' | 'mailer' | 'publicUrl'> & {
      readonly reads: Pick<BookingReads, 'booking' | 'bookingsOf' | 'bookingsOfLocks' | 'payments'>;
    },
  ) {}

  /** As everything is now: a mail that is late has the newest date, and nothing that was cancelled meanwhile. */
  async send({ id, eventId, userId: buyerId, bookingId, invitationId }: MailNewDate): Promise<void> {
    const { reads, events, users, mailer } = this.options;
    // A guest who was the buyer may be merged into an account since.
    const booking = bookingId === undefined ? null : await reads.booking(bookingId);
    const userId = booking?.userId ?? buyerId;
    const event = await events.find(eventId);
    const all =
      invitationId === undefined
        ? await reads.bookingsOf(userId, eventId)
        : await this.#bookingsOfInvitation(invitationId);
    const bookings = all.filter(({ status }) => status === 'confirmed');
    const newest = bookings.at(-1);
    if (event === null || event.cancellation !== null || newest === undefined) return;
    const [payment] = await reads.payments([newest.paymentId]);
    const to = await addressOf({ contactEmail: payment?.contactEmail ?? null, userId }, users);
    if (to === null) return;
    const plan = await events.seatingPlan(event);
    const places = bookings.map(
      ({ seatNumber }) => placeOf(event, plan, seatNumber)?.label ?? `Seat ${seatNumber}`,
    );
    const paragraphs: MailLine[][] = [
      eventLines(event),
      ['The organizer has moved this event to the date above. Your tickets stay valid:', ...places],
      // A guest has no booking on the page, and nothing to get back.
      ...(invitationId === undefined ? [this.#howToCancel(event)] : []),
    ];
    // Two mails that reach the same buyer because of a merge are copies.
    await mailer.send(
      mailOf(id.replace(buyerId, userId), to, { subject: `New date: ${event.name}`, paragraphs }),
    );
  }

  async #bookingsOfInvitation(paymentId: string): Promise<Booking[]> {
    const { reads } = this.options;
    const [payment] = await reads.payments([paymentId]);
    return payment ? reads.bookingsOfLocks(payment.shares.map(({ lockId }) => lockId)) : [];
  }

  #howToCancel(event: Event): MailLine[] {
    const until = dateText(lastDayToCancel(event), event.timeZone);
    return [
      `If you cannot come, you can cancel until ${until}, and get all your money back:`,
      { text: 'Your bookings', url: `${this.options.publicUrl()}/bookings` },
    ];
  }
}

const lastDayToCancel = ({ eventDate, refundUntil }: Event): Date =>
  refundUntil !== null && refundUntil > eventDate ? refundUntil : eventDate;
