import type { Seating } from '../map/seating.js';
import { formatMoney } from '../text/money.js';
import type { Outcome, Purchase } from './checkout.js';
import { totalOf, wholeOf } from './total.js';

/** What a person is told of a purchase beside its bookings, sentence by sentence: seats that it lost, and where the money is. */
export function purchaseWords(
  { payment, bookings, lost, wasPaidBefore }: Purchase,
  seating: Seating,
): string[] {
  const words: string[] = [];
  if (wasPaidBefore) {
    const whole = formatMoney({ amount: payment.amount, currency: payment.currency });
    words.push(`${whole} had been paid for these seats already; nothing was paid twice.`);
  }
  if (lost.length === 0) return words;
  const names = lost.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ');
  words.push(`Not booked: ${names}. ${causeOf(lost)}`);
  const part = wholeOf(
    totalOf(
      lost.map(({ seatNumber }) => seatNumber),
      seating,
    ),
  );
  const all = bookings.length === 0 ? { amount: payment.amount, currency: payment.currency } : null;
  const money = all ?? part;
  const sum = money === null ? 'What was paid for it' : formatMoney(money);
  words.push(
    payment.status === 'PENDING'
      ? `${sum} goes back to your card if the card network accepts the payment.`
      : `${sum} goes back to your card.`,
  );
  return words;
}

/** What was paid before an attempt was refused. */
export function refusedWords({ message, paid }: Extract<Outcome, { kind: 'refused' }>): string {
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
