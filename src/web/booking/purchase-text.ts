import type { Seating } from '../map/seating.js';
import { formatMoney } from '../text/money.js';
import type { Outcome, Purchase } from './checkout.js';
import { completeTotalOf, totalOf } from './total.js';

/** Sentences about a purchase beside its bookings: lost seats, and what becomes of the money. */
export function purchaseText(
  { payment, bookings, lost, wasPaidBefore }: Purchase,
  seating: Seating,
): string[] {
  const sentences: string[] = [];
  if (wasPaidBefore) {
    const sum = formatMoney({ amount: payment.amount, currency: payment.currency });
    sentences.push(`${sum} had been paid for these seats already; nothing was paid twice.`);
  }
  if (lost.length === 0) return sentences;
  const names = lost.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ');
  sentences.push(`Not booked: ${names}. ${causeOf(lost)}`);
  const part = completeTotalOf(
    totalOf(
      lost.map(({ seatNumber }) => seatNumber),
      seating,
    ),
  );
  const all = bookings.length === 0 ? { amount: payment.amount, currency: payment.currency } : null;
  const money = all ?? part;
  const sum = money === null ? 'What was paid for it' : formatMoney(money);
  sentences.push(
    payment.status === 'PENDING'
      ? `${sum} goes back to your card if the card network accepts the payment.`
      : `${sum} goes back to your card.`,
  );
  return sentences;
}

/** The refusal, and what becomes of money paid before it. */
export function refusedText({ message, paid }: Extract<Outcome, { kind: 'refused' }>): string {
  if (paid === null) return message;
  const { amount, currency } = paid;
  return `${message} ${formatMoney({ amount, currency })} was paid; what is not booked goes back to your card when the hold ends.`;
}

function causeOf(lost: Purchase['lost']): string {
  const [it, its] = lost.length === 1 ? ['it', 'Its'] : ['them', 'Their'];
  if (lost.every(({ wasGivenBack }) => wasGivenBack)) return `You had given ${it} up.`;
  if (lost.every(({ wasGivenBack }) => !wasGivenBack)) return `${its} time was over.`;
  return 'They were no longer held.';
}
