import { expect, test } from 'vitest';
import { auditBooks, type Books } from './books-audit.js';

/** Two seats at 2,500: one is confirmed, the other was given back. */
const RIGHT = {
  payments: [
    {
      paymentId: 'p',
      amount: 5_000,
      refundedAmount: 2_500,
      status: 'completed',
      shares: [
        { lockId: 'a', amount: 2_500, refunded: false },
        { lockId: 'b', amount: 2_500, refunded: true },
      ],
    },
  ],
  bookings: [
    { seatNumber: 1, status: 'confirmed', paymentId: 'p' },
    { seatNumber: 2, status: 'cancelled', paymentId: 'p' },
  ],
  price: 2_500,
  intents: [
    {
      id: 'pi_1',
      amount: 5_000,
      amount_received: 5_000,
      currency: 'eur',
      status: 'succeeded',
      client_secret: 's',
      metadata: { paymentId: 'p' },
    },
  ],
  refunds: [
    {
      id: 're_1',
      payment_intent: 'pi_1',
      amount: 2_500,
      status: 'succeeded',
      metadata: { messageId: 'p:refund:b' },
    },
  ],
  failedMessages: [],
} satisfies Books;

const first = <Value>(values: readonly Value[]) => values[0] as Value;
const payment = first(RIGHT.payments);
const intent = first(RIGHT.intents);
const refund = first(RIGHT.refunds);
const confirmed = first(RIGHT.bookings);

test.each<[what: string, books: Partial<Books>, found: RegExp]>([
  ['nothing', {}, /^$/],
  ['a payment that was started twice', { intents: [intent, { ...intent, id: 'pi_2' }] }, /started 2 times/],
  ['a refund that was made twice', { refunds: [refund, { ...refund, id: 're_2' }] }, /made 2 times/],
  ['a refund that was not made', { refunds: [] }, /p:refund:b of 2500 was not made/],
  [
    'a refund of a seat that is kept',
    { refunds: [{ ...refund, metadata: { messageId: 'p:refund:a' } }] },
    /kept/,
  ],
  [
    'money for a failed payment',
    { payments: [{ ...payment, status: 'failed' }] },
    /we keep 0, the provider 2500/,
  ],
  ['a seat that is not paid', { payments: [{ ...payment, status: 'pending' }] }, /confirmed and not paid/],
  ['a seat that was sold twice', { bookings: [confirmed, confirmed] }, /two confirmed bookings/],
  ['a cent too much', { refunds: [{ ...refund, amount: 2_499 }] }, /the provider keeps 2501 for 1 seats/],
  ['a payment that we do not have', { payments: [] }, /pi_1 is of a payment that we do not have/],
  ['a message that was given up', { failedMessages: ['p:refund:b'] }, /given up/],
])('the audit of the books finds %s', (_what, books, found) => {
  expect(auditBooks({ ...RIGHT, ...books }).join('\n')).toMatch(found);
});
