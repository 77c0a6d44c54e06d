import type { BookingReads } from '../booking/booking-reads.js';
import type { MailNewDate } from '../booking/mail-messages.js';
import type { Event } from '../catalog/event.js';
import { placeOf } from '../catalog/place.js';
import type { BookingMailsOptions } from './booking-mails.js';
import { addressOf } from './buyer-address.js';
import { type MailLine, mailOf } from './mail-content.js';
import { dateText, eventLines } from './mail-words.js';

/** Mails buyers that an event has another date, and until when they can give their bookings back. */
export class NewDateMails {
  constructor(
    private readonly options: Pick<BookingMailsOptions, 'events' | 'users' | 'mailer' | 'publicUrl'> & {
      readonly reads: Pick<BookingReads, 'bookingsOf' | 'payments'>;
    },
  ) {}

  /** As everything is now: a mail that is late has the newest date, and nothing that was cancelled meanwhile. */
  async send({ id, eventId, userId }: MailNewDate): Promise<void> {
    const { reads, events, users, mailer } = this.options;
    const event = await events.find(eventId);
    const all = await reads.bookingsOf(userId, eventId);
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
      [
        `If you cannot come, you can cancel until ${dateText(lastDayToCancel(event), event.timeZone)}, and get all your money back:`,
        { text: 'Your bookings', url: `${this.options.publicUrl()}/bookings` },
      ],
    ];
    await mailer.send(mailOf(id, to, { subject: `New date: ${event.name}`, paragraphs }));
  }
}

const lastDayToCancel = ({ eventDate, refundUntil }: Event): Date =>
  refundUntil !== null && refundUntil > eventDate ? refundUntil : eventDate;
