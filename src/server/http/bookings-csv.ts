import Papa from 'papaparse';
import type { Booking } from '../../booking/booking.js';
import { type Payment, shareOf } from '../../booking/payment.js';
import { paymentReference } from '../../booking/payment-reference.js';
import type { Event } from '../../catalog/event.js';
import { placeOf } from '../../catalog/place.js';
import type { SeatingPlan } from '../../catalog/seating-plan.js';
import { decimalOf, minorUnitDigits } from '../../core/currencies.js';

/**
 * What spreadsheets may read as the beginning of a formula (OWASP, "CSV injection"), also behind spaces, which some of
 * them remove. Such a cell gets an apostrophe in front.
 */
const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/;
/** Excel reads a file without it as an old Windows encoding. Other spreadsheets ignore it. */
const BYTE_ORDER_MARK = '\uFEFF';
const LINE_END = '\r\n';

/** Writes the bookings of one event as lines of a CSV file (RFC 4180). */
export class BookingsCsv {
  readonly #event: Event;
  readonly #plan: SeatingPlan;
  readonly #time: Intl.DateTimeFormat;

  constructor(event: Event, plan: SeatingPlan) {
    this.#event = event;
    this.#plan = plan;
    // Sweden writes 2026-12-24 19:30:00, which every spreadsheet takes for a time.
    this.#time = new Intl.DateTimeFormat('sv-SE', {
      timeZone: event.timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
  }

  get header(): string {
    const { timeZone } = this.#event;
    const names = [
      'booking id',
      'seat number',
      'place',
      'section',
      'row',
      'status',
      'price',
      'refunded',
      'currency',
      `paid at (${timeZone})`,
      'contact email',
      'reference',
      `checked in at (${timeZone})`,
      'invitation',
    ];
    return BYTE_ORDER_MARK + linesOf([names]);
  }

  /** @param payments by their ids, at least those of the bookings */
  lines(bookings: readonly Booking[], payments: ReadonlyMap<string, Payment>): string {
    return linesOf(bookings.map((booking) => this.#cells(booking, payments.get(booking.paymentId))));
  }

  #cells(booking: Booking, payment: Payment | undefined): string[] {
    const place = placeOf(this.#event, this.#plan, booking.seatNumber);
    const share = payment && shareOf(payment, booking.lockId);
    const currency = payment?.currency ?? '';
    const amount = (ofShare: number) => (share === undefined ? '' : decimalText(ofShare, currency));
    const isPaid = payment?.status === 'completed' || payment?.status === 'refunded';
    return [
      booking.id,
      String(booking.seatNumber),
      place?.label ?? '',
      this.#plan.sections[place?.section ?? -1]?.name ?? '',
      place?.rowLabel ?? '',
      booking.status,
      amount(share?.amount ?? 0),
      amount(share?.refunded ? share.amount : 0),
      currency,
      this.#timeText(isPaid ? payment.processedAt : null),
      payment?.contactEmail ?? '',
      payment === undefined ? '' : paymentReference(payment.id),
      this.#timeText(booking.checkedInAt),
      booking.isInvitation ? 'yes' : '',
    ];
  }

  #timeText(at: Date | null): string {
    return at === null ? '' : this.#time.format(at);
  }
}

/** "45.00" for 4500 and USD, "4500" for JPY. */
function decimalText(amount: number, currency: string): string {
  const digits = minorUnitDigits(currency) ?? 0;
  return digits === 0 ? String(amount) : decimalOf(amount, digits);
}

function linesOf(rows: readonly string[][]): string {
  if (rows.length === 0) return '';
  return Papa.unparse(rows as string[][], { newline: LINE_END, escapeFormulae: FORMULA }) + LINE_END;
}
