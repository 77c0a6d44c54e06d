import type { Users } from '../account/user.js';
import type { BookingReads } from '../booking/booking-reads.js';
import type { MailBookings } from '../booking/mail-messages.js';
import type { Payment, Share } from '../booking/payment.js';
import { ticketOf } from '../booking/ticket.js';
import type { Event } from '../catalog/event.js';
import type { Events } from '../catalog/events.js';
import { placeOf } from '../catalog/place.js';
import type { TicketCodes } from '../tickets/ticket-codes.js';
import { ticketPageUrl } from '../tickets/ticket-urls.js';
import { addressOf } from './buyer-address.js';
import type { Mailer } from './mail.js';
import { type MailContent, type MailLine, mailOf } from './mail-content.js';
import { eventLines, moneyText, paymentLine } from './mail-words.js';

export interface BookingMailsOptions {
  readonly reads: Pick<BookingReads, 'payment' | 'bookingsOfLocks'>;
  readonly events: Pick<Events, 'find' | 'seatingPlan'>;
  readonly users: Pick<Users, 'find'>;
  readonly codes: TicketCodes;
  readonly mailer: Mailer;
  /** The base of links, without a slash at its end. */
  readonly publicUrl: () => string;
}

/** A ticket's place, and the link to it. */
interface TicketLink {
  readonly label: string;
  readonly url: string;
}

/** What a mail about bookings says, in words and amounts. */
interface News {
  readonly event: Event;
  readonly payment: Payment;
  readonly tickets: readonly TicketLink[];
  /** In place of earlier ones, which are void. */
  readonly newTickets: readonly TicketLink[];
  readonly cancelledPlaces: readonly string[];
  /** Paid for, and never booked. */
  readonly unbookedPlaces: readonly string[];
  readonly refundedAmount: number;
}

/** Mails buyers what became of their bookings and their money. */
export class BookingMails {
  constructor(private readonly options: BookingMailsOptions) {}

  async send(message: MailBookings): Promise<void> {
    const { reads, events, mailer } = this.options;
    if (mailer.takesBookingMail?.() === false) return;
    const payment = await reads.payment(message.paymentId);
    const to = payment && (await addressOf(payment, this.options.users));
    const event = payment && (await events.find(payment.eventId));
    if (payment === null || event === null || to === null) return;
    const news = await this.#newsOf(message, payment, event);
    const { tickets, newTickets, cancelledPlaces, refundedAmount } = news;
    if (tickets.length + newTickets.length + cancelledPlaces.length + refundedAmount === 0) return;
    await mailer.send(mailOf(message.id, to, contentOf(news)));
  }

  async #newsOf(
    { confirmed, cancelled, refunded, reissued = [] }: MailBookings,
    payment: Payment,
    event: Event,
  ): Promise<News> {
    const plan = await this.options.events.seatingPlan(event);
    const sharesOf = (lockIds: readonly string[]): Share[] =>
      payment.shares.filter(({ lockId }) => lockIds.includes(lockId));
    const labelOf = (seatNumber: number) => placeOf(event, plan, seatNumber)?.label ?? `Seat ${seatNumber}`;
    const placesOf = (lockIds: readonly string[]) =>
      sharesOf(lockIds).map(({ seatNumber }) => labelOf(seatNumber));
    return {
      event,
      payment,
      tickets: await this.#ticketsOf(confirmed, labelOf),
      newTickets: await this.#ticketsOf(reissued, labelOf),
      cancelledPlaces: placesOf(cancelled),
      unbookedPlaces: placesOf(refunded.filter((lockId) => !cancelled.includes(lockId))),
      refundedAmount: sharesOf(refunded).reduce((sum, { amount }) => sum + amount, 0),
    };
  }

  /** As they are now: a mail that is late has no ticket that was cancelled meanwhile. */
  async #ticketsOf(
    lockIds: readonly string[],
    labelOf: (seatNumber: number) => string,
  ): Promise<TicketLink[]> {
    const { reads, codes, publicUrl } = this.options;
    const bookings = lockIds.length === 0 ? [] : await reads.bookingsOfLocks(lockIds);
    const links = bookings.map(async (booking) => {
      const ticket = ticketOf(booking);
      if (ticket === null) return [];
      const path = ticketPageUrl(booking.id, await codes.codeOf(ticket));
      return [{ label: labelOf(booking.seatNumber), url: `${publicUrl()}${path}` }];
    });
    return (await Promise.all(links)).flat();
  }
}

function contentOf(news: News): MailContent {
  const { event, payment, tickets, newTickets, cancelledPlaces, unbookedPlaces, refundedAmount } = news;
  const linksTo = (links: readonly TicketLink[]) => links.map(({ label, url }) => ({ text: label, url }));
  const { currency } = payment;
  const paragraphs: MailLine[][] = [eventLines(event)];
  if (tickets.length > 0)
    paragraphs.push(['Your seats are booked. Show each ticket at the entrance:'], linksTo(tickets));
  if (newTickets.length > 0)
    paragraphs.push(
      ['Your ticket was replaced. The earlier one is void. Show the new one:'],
      linksTo(newTickets),
    );
  if (tickets.length + newTickets.length > 0)
    paragraphs.push(['Whoever has a link has the ticket, so keep this mail to yourself.']);
  if (cancelledPlaces.length > 0)
    paragraphs.push(['These bookings are cancelled, and their tickets are void:', ...cancelledPlaces]);
  if (unbookedPlaces.length > 0) paragraphs.push(['You do not have these places:', ...unbookedPlaces]);
  if (refundedAmount > 0)
    paragraphs.push([`You get ${moneyText({ amount: refundedAmount, currency })} back.`]);
  paragraphs.push([paymentLine(payment)]);
  return { subject: `${subjectOf(news)}: ${event.name}`, paragraphs };
}

function subjectOf({ tickets, newTickets, cancelledPlaces }: News): string {
  if (tickets.length > 0) return tickets.length === 1 ? 'Your ticket' : 'Your tickets';
  if (newTickets.length > 0) return 'Your new ticket';
  return cancelledPlaces.length > 0 ? 'Cancelled' : 'Paid back';
}
