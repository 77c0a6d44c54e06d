import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../core/errors.js';
import { refusalWords } from './api-error-text.js';

/** What the server gives with its codes. */
const DETAILS = {
  limit: 10,
  expectedAmount: 9_000,
  currency: 'USD',
  reason: 'Card was declined',
  correlationId: 'x1',
};

test.each(ERROR_CODES.filter((code) => code !== 'BAD_USER_INPUT'))(
  '%s is said in the page’s own words, none of which is a developer’s',
  (code) => {
    const words = refusalWords({ code, message: 'The server’s message.', details: DETAILS });
    expect(words).not.toBe('The server’s message.');
    expect(words).not.toMatch(/\block(s|ed)?\b|requestId|paymentId|[A-Z]+_[A-Z]+|pay_|undefined/i);
    expect(words.replace(/: x1$/, '.')).toMatch(/^[A-Z].*\.$/);
  },
);

test('what the page has no words for is said in the server’s', () => {
  const said = (code: string) => refusalWords({ code, message: 'The name is too long.', details: {} });
  expect(['BAD_USER_INPUT', 'SOMETHING_NEW', 'AMOUNT_MISMATCH', 'PAYMENT_FAILED'].map(said)).toEqual(
    Array(4).fill('The name is too long.'),
  );
});

test('money and limits are said as the details have them', () => {
  const said = (code: string, details: object) =>
    refusalWords({ code, message: '', details: { ...details } });
  expect([
    said('AMOUNT_MISMATCH', { expectedAmount: 9_000, currency: 'USD', atLeast: false }),
    said('AMOUNT_MISMATCH', { expectedAmount: 4_501, currency: 'USD', atLeast: true }),
    said('SEAT_LIMIT_REACHED', { limit: 1 }),
    said('SEAT_LIMIT_REACHED', { limit: 10 }),
  ]).toEqual([
    'These seats cost $90.00.',
    'These seats cost at least $45.01.',
    'One person can have 1 seat of this event.',
    'One person can have at most 10 seats of this event.',
  ]);
});
