import type { Outcome, Purchase } from 'seat-map/check-out';
import { formatMoney, type Seating } from 'seat-map/map';

const namesOf = (seatNumbers: readonly number[], seating: Seating): string =>
  seatNumbers.map((seatNumber) => seating.nameOf(seatNumber)).join('; ');

/** Sentences about a purchase beside its bookings: cancelled seats, and what becomes of the money. */
export function purchaseText({ payment, cancelled }: Purchase, seating: Seating): string[] {
  if (cancelled.length === 0) return [];
  const amount = cancelled.reduce((sum, { price }) => sum + price.amount, 0);
  const sum = formatMoney({ amount, currency: payment.currency });
  const seats = cancelled.map(({ seatNumber }) => seatNumber);
  const condition = payment.status === 'PENDING' ? ' if the card network accepts the payment' : '';
  return [`Cancelled since: ${namesOf(seats, seating)}.`, `${sum} goes back to your card${condition}.`];
}

/** What became of the seats that were to be paid for, and of those that are left. */
export function lostText(
  { lost, booked }: Pick<Extract<Outcome, { kind: 'lost' }>, 'lost' | 'booked'>,
  hasOthers: boolean,
  seating: Seating,
): string {
  const sentences: string[] = [];
  if (booked.length > 0)
    sentences.push(`Booked already: ${namesOf(booked, seating)}. Nothing was paid twice.`);
  if (lost.length > 0) sentences.push(`No longer held for you: ${namesOf(lost, seating)}. Nothing was paid.`);
  if (booked.length === 0 && lost.length === 0)
    sentences.push('The seats are no longer held for you. Nothing was paid.');
  if (hasOthers) sentences.push('Your other seats are still held.');
  return sentences.join(' ');
}
