import { describe, expect, test } from 'vitest';
import { REQUEST_ID_LENGTH_MAX } from '../core/request-id.js';
import { codeOf, NOW, refusalOf } from '../test/support/booking-fixtures.js';
import { isReplay, requestKey } from './idempotent-request.js';

describe('a requestId', () => {
  test.each([
    ['of no character', '', 'BAD_USER_INPUT'],
    ['of one', 'r', 'done'],
    ['as long as it may be', 'r'.repeat(REQUEST_ID_LENGTH_MAX), 'done'],
    ['one longer', 'r'.repeat(REQUEST_ID_LENGTH_MAX + 1), 'BAD_USER_INPUT'],
    ['with a whole one beyond the basic plane is taken', 'whole \u{1f3ad}', 'done'],
  ])('%s', (_, requestId, code) => {
    expect(codeOf(() => requestKey('ann', 'confirmBooking', requestId, []))).toBe(code);
  });

  test('that is refused names its field and the limit', () => {
    const details = { field: 'requestId', max: REQUEST_ID_LENGTH_MAX };
    expect(refusalOf(() => requestKey('ann', 'confirmBooking', '', [])).details).toEqual(details);
  });

  test('is one key for each user and operation', () => {
    const keys = [
      requestKey('ann', 'confirmBooking', 'r', []),
      requestKey('bob', 'confirmBooking', 'r', []),
      requestKey('ann', 'simulatePayment', 'r', []),
      requestKey('ann', 'confirmBooking', 's', []),
    ];
    expect(new Set(keys.map((key) => key.id)).size).toBe(4);
    expect(requestKey('ann', 'confirmBooking', 'r', ['other input']).id).toBe(keys[0]?.id);
  });

  // If two inputs had one hash, another call would pass as a repetition.
  test.each<[first: unknown[], second: unknown[]]>([
    [
      [['a', 'b'], 'c'],
      [['a'], 'b', 'c'],
    ],
    [[['a', 'b']], [['b', 'a']]],
    [[['a,b']], [['a', 'b']]],
    [[1], ['1']],
  ])('distinguishes the input %j from %j', (first, second) => {
    const [one, other] = [first, second].map((input) => requestKey('ann', 'pay', 'r', input).inputHash);
    expect(one).not.toBe(other);
  });
});

describe('a call', () => {
  const key = requestKey('ann', 'pay', 'r', [1]);
  const earlier = { ...key, resultIds: ['p'], createdAt: NOW };

  test('is no replay if its requestId is new', () => expect(isReplay(undefined, key)).toBe(false));
  test('is a replay if it was made before with the same input', () =>
    expect(isReplay(earlier, key)).toBe(true));
  test('is IDEMPOTENCY_CONFLICT if it was made before with other input', () => {
    const other = requestKey('ann', 'pay', 'r', [2]);
    expect(codeOf(() => isReplay(earlier, other))).toBe('IDEMPOTENCY_CONFLICT');
  });
});
