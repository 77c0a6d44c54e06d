import { describe, expect, test } from 'vitest';
import { codeOf, NOW, refusalOf } from '../test/support/booking-fixtures.js';
import { encodeCursor, PAGE_SIZE_MAX, pageRequest } from './page.js';

const text = (plain: string) => Buffer.from(plain).toString('base64url');

describe('a page', () => {
  test.each([
    [-1, 'BAD_USER_INPUT'],
    [0, 'done'],
    [PAGE_SIZE_MAX, 'done'],
    [PAGE_SIZE_MAX + 1, 'BAD_USER_INPUT'],
  ])('of %i nodes: %s', (first, code) => expect(codeOf(() => pageRequest(first, null))).toBe(code));

  test.each([[null], [undefined]])('after %s is the first one', (after) => {
    expect(pageRequest(20, after)).toEqual({ first: 20, after: null });
  });

  test.each([
    ['a time of today', NOW],
    ['a time before 1970', new Date(-1)],
    ['the last time there is', new Date(8.64e15)],
  ])('goes on exactly where its cursor says: %s', (_, at) => {
    const position = { at, id: 'lock_event0000000_a' };
    expect(pageRequest(1, encodeCursor(position)).after).toEqual(position);
  });

  test.each([
    ['empty', ''],
    ['no cursor', '!'],
    ['without an id', text('1:')],
    ['without a time', text(':a')],
    ['with a time that is no number', text('x:a')],
    ['with a time beyond the last', text('8640000000000001:a')],
    ['with an id that is none', text('1:A')],
    ['with an operator for an id', text('1:{"$gt":""}')],
    ['with more behind it', text('1:a b')],
    ['too long', text(`1:${'a'.repeat(200)}`)],
  ])('after a cursor that is %s is BAD_USER_INPUT', (_, cursor) => {
    const { code, details } = refusalOf(() => pageRequest(1, cursor));
    expect([code, details.field]).toEqual(['BAD_USER_INPUT', 'after']);
  });

  test('that is refused for its size says how large it may be', () => {
    expect(refusalOf(() => pageRequest(101, null)).details).toEqual({ field: 'first', max: 100 });
  });
});

test('a cursor of the greatest length is taken and a longer one is not', () => {
  const ofLength = (length: number) => text(`1:${'a'.repeat((length / 4) * 3 - 2)}`);
  expect(ofLength(200)).toHaveLength(200);
  expect(codeOf(() => pageRequest(1, ofLength(200)))).toBe('done');
  expect(codeOf(() => pageRequest(1, ofLength(204)))).toBe('BAD_USER_INPUT');
});
