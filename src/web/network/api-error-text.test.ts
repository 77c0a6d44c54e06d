import type { ErrorCode } from 'seat-map';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../core/errors.js';
import { apiErrorText } from './api-error-text.js';

/** Details as the server sends them with its codes. */
const DETAILS = {
  limit: 10,
  total: { amount: 9_000, currency: 'USD' },
  expectedAmount: 9_000,
  currency: 'USD',
  reason: 'Card was declined',
  correlationId: 'x1',
};

test.each(ERROR_CODES.filter((code) => code !== 'BAD_USER_INPUT'))(
  '%s has a text of the page without technical terms',
  (code) => {
    const text = apiErrorText({ code, message: 'The server’s message.', details: DETAILS });
    expect(text).not.toBe('The server’s message.');
    expect(text).not.toMatch(/\block(s|ed)?\b|requestId|paymentId|[A-Z]+_[A-Z]+|pay_|undefined/i);
    expect(text.replace(/: x1$/, '.')).toMatch(/^[A-Z].*\.$/);
  },
);

test('a code without a text of the page shows the server’s message', () => {
  const textOf = (code: string) =>
    apiErrorText({ code: code as ErrorCode, message: 'The name is too long.', details: {} });
  expect(['BAD_USER_INPUT', 'SOMETHING_NEW', 'AMOUNT_MISMATCH', 'PAYMENT_FAILED'].map(textOf)).toEqual(
    Array(4).fill('The name is too long.'),
  );
});

test('money and limits come from the details', () => {
  const textOf = (code: ErrorCode, details: object) =>
    apiErrorText({ code, message: '', details: { ...details } });
  expect([
    textOf('AMOUNT_MISMATCH', { expectedAmount: 9_000, currency: 'USD', atLeast: false }),
    textOf('AMOUNT_MISMATCH', { expectedAmount: 4_501, currency: 'USD', atLeast: true }),
    textOf('SEAT_LIMIT_REACHED', { limit: 1 }),
    textOf('SEAT_LIMIT_REACHED', { limit: 10 }),
  ]).toEqual([
    'These seats cost $90.00.',
    'These seats cost at least $45.01.',
    'One person can have 1 seat of this event.',
    'One person can have at most 10 seats of this event.',
  ]);
});
