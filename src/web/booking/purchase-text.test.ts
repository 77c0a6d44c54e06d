import { describe, expect, test } from 'vitest';
import type { BookingDetailsFragment, PaymentDetailsFragment } from '../graphql/generated/graphql.js';
import { Seating } from '../map/seating.js';
import type { Purchase } from './checkout.js';
import { purchaseText, refusedText } from './purchase-text.js';

const usd = (amount: number) => ({ amount, currency: 'USD' });
const seating = (price: { amount: number; currency: string } | null = usd(4_500)) =>
  new Seating([{ name: 'Stalls', firstSeatNumber: 1, rows: 1, seatsPerRow: 9, price }], 9);
const PAYMENT = { status: 'COMPLETED', amount: 9_000, currency: 'USD' } as PaymentDetailsFragment;
const purchase = (change: Partial<Purchase>): Purchase => ({
  payment: PAYMENT,
  bookings: [{ seatNumber: 1 } as BookingDetailsFragment],
  lost: [],
  wasPaidBefore: false,
  ...change,
});
const lost = (seatNumber: number, wasGivenBack = false) => ({ seatNumber, wasGivenBack });

describe('the text of a purchase', () => {
  test.each<[string, Partial<Purchase>, string[]]>([
    ['all booked', {}, []],
    [
      'one expired',
      { lost: [lost(2)] },
      ['Not booked: Stalls, row A, seat 2. Its time was over.', '$45.00 goes back to your card.'],
    ],
    [
      'paid before, one given back',
      { wasPaidBefore: true, lost: [lost(2, true)] },
      [
        '$90.00 had been paid for these seats already; nothing was paid twice.',
        'Not booked: Stalls, row A, seat 2. You had given it up.',
        '$45.00 goes back to your card.',
      ],
    ],
    [
      'nothing booked',
      { bookings: [], lost: [lost(1), lost(2, true)] },
      [
        'Not booked: Stalls, row A, seat 1; Stalls, row A, seat 2. They were no longer held.',
        '$90.00 goes back to your card.',
      ],
    ],
    [
      'pending',
      { payment: { ...PAYMENT, status: 'PENDING' }, lost: [lost(2)] },
      [
        'Not booked: Stalls, row A, seat 2. Its time was over.',
        '$45.00 goes back to your card if the card network accepts the payment.',
      ],
    ],
  ])('%s', (_what, change, sentences) => {
    expect(purchaseText(purchase(change), seating())).toEqual(sentences);
  });

  test('no sum is shown for a seat whose price the buyer named', () => {
    expect(purchaseText(purchase({ lost: [lost(2)] }), seating(null)).at(-1)).toBe(
      'What was paid for it goes back to your card.',
    );
  });

  test('a refusal says what becomes of money paid before', () => {
    const message = 'The event has begun: its seats are no longer sold.';
    expect(refusedText({ kind: 'refused', message, paid: null })).toBe(message);
    expect(refusedText({ kind: 'refused', message, paid: PAYMENT })).toBe(
      `${message} $90.00 was paid; what is not booked goes back to your card when the hold ends.`,
    );
  });
});
