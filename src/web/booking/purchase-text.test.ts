import type { Purchase } from 'seat-map/check-out';
import { Seating } from 'seat-map/map';
import { describe, expect, test } from 'vitest';
import type { BookingDetailsFragment, PaymentDetailsFragment } from '../graphql/generated/graphql.js';
import { lostText, purchaseText } from './purchase-text.js';

const usd = (amount: number) => ({ amount, currency: 'USD' });
// The price has risen since: what was paid goes back.
const seating = new Seating(
  [{ name: 'Stalls', firstSeatNumber: 1, rows: 1, seatsPerRow: 9, price: usd(9_900) }],
  9,
);
const cancelled = [{ seatNumber: 2, price: usd(4_500) } as BookingDetailsFragment];
const PAYMENT = { status: 'COMPLETED', amount: 9_000, currency: 'USD' } as PaymentDetailsFragment;
const purchase = (change: Partial<Purchase>): Purchase => ({
  payment: PAYMENT,
  bookings: [{ seatNumber: 1 } as BookingDetailsFragment],
  cancelled: [],
  ...change,
});

describe('the text of a purchase', () => {
  test.each<[string, Partial<Purchase>, string[]]>([
    ['all booked', {}, []],
    [
      'one cancelled since',
      { cancelled },
      ['Cancelled since: Stalls, row A, seat 2.', '$45.00 goes back to your card.'],
    ],
    [
      'pending',
      { payment: { ...PAYMENT, status: 'PENDING' }, cancelled },
      [
        'Cancelled since: Stalls, row A, seat 2.',
        '$45.00 goes back to your card if the card network accepts the payment.',
      ],
    ],
  ])('%s', (_what, change, sentences) => {
    expect(purchaseText(purchase(change), seating)).toEqual(sentences);
  });
});

test.each([
  [
    [1],
    [],
    true,
    'No longer held for you: Stalls, row A, seat 1. Nothing was paid. Your other seats are still held.',
  ],
  [[], [2], false, 'Booked already: Stalls, row A, seat 2. Nothing was paid twice.'],
  [
    [1],
    [2],
    false,
    'Booked already: Stalls, row A, seat 2. Nothing was paid twice. No longer held for you: Stalls, row A, seat 1. Nothing was paid.',
  ],
  [[], [], false, 'The seats are no longer held for you. Nothing was paid.'],
])('of seats to pay for %j are lost, %j booked: the seats are named', (lost, booked, hasOthers, text) => {
  expect(lostText({ lost, booked }, hasOthers, seating)).toBe(text);
});
