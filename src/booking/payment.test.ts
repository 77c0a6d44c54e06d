import { expect, test } from 'vitest';
import { BoxOffice, NO_LOCK_ID } from '../test/support/booking-fixtures.js';
import { refundShare } from './payment.js';

test('a share is refunded once, however often that is done', () => {
  const box = new BoxOffice();
  const [first, second] = box.lock('ann', [1, 5]);
  const payment = box.pay('ann', [first, second]);
  const refunded = refundShare(payment, first.id);
  expect(refunded).toMatchObject({ status: 'completed', refundedAmount: 1_500 });
  expect(refundShare(refunded, first.id)).toBe(refunded);
  expect(refundShare(refunded, second.id)).toMatchObject({ status: 'refunded', refundedAmount: 2_500 });
});

test.each(['processing', 'declined'] as const)(
  'a payment without money (%s) is not refunded',
  (cardStatus) => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const payment = box.pay('ann', [lock], { cardStatus });
    expect(refundShare(payment, lock.id)).toBe(payment);
  },
);

test('a payment for other locks is not refunded', () => {
  const box = new BoxOffice();
  const payment = box.pay('ann', box.lock('ann', [1]));
  expect(refundShare(payment, NO_LOCK_ID)).toBe(payment);
});
