import { expect, test } from 'vitest';
import { statusLabel } from './booking-status.js';

test.each([
  ['a booking that waits for its payment', 'PENDING', 'PENDING', false, 'Payment pending'],
  ['a booking', 'CONFIRMED', 'COMPLETED', false, 'Booked'],
  ['a cancelled one', 'CANCELLED', 'REFUNDED', false, 'Cancelled, paid back'],
  ['one whose card was declined', 'CANCELLED', 'FAILED', false, 'Cancelled, card declined'],
  ['a cancelled invitation, for which nothing was paid', 'CANCELLED', 'REFUNDED', true, 'Cancelled'],
] as const)('%s is called what it is', (_, status, paymentStatus, isInvitation, label) => {
  expect(statusLabel({ status, paymentStatus, isInvitation })).toBe(label);
});
