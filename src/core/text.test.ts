import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf } from '../test/support/booking-fixtures.js';
import { nameFrom, nameKey, requireWellFormed } from './text.js';

describe('a value with half a surrogate pair', () => {
  test.each<[field: string, value: unknown, at: string]>([
    ['token', 'x\ud800', 'token'],
    ['id', '\udc00x', 'id'],
    ['ids', ['a', 'b\ud800'], 'ids[1]'],
    ['', { name: 'a', sections: [{ name: 'b' }, { name: '\ud800' }] }, 'sections[1].name'],
    ['list', [{ name: '\ud83c' }], 'list[0].name'],
  ])('%s is refused, and the refusal names the place %#', (field, value, at) => {
    const { code, details } = refusalOf(() => requireWellFormed(field, value));
    expect([code, details.field]).toEqual(['BAD_USER_INPUT', at]);
  });

  test.each([['🎟'], ['שלום'], [''], [null], [undefined], [7], [{ a: [true, null, 'é'] }]])(
    'is not what %j is',
    (value) => expect(codeOf(() => requireWellFormed('x', value))).toBe('done'),
  );

  test('is found however deep it lies', () => {
    let value: unknown = '\ud800';
    for (let depth = 0; depth < 30_000; depth++) value = [value];
    expect(codeOf(() => requireWellFormed('x', value))).toBe('BAD_USER_INPUT');
  });
});

describe('a name', () => {
  test.each([
    ['nothing', ''],
    ['spaces', ' \u00a0\u3000'],
    ['a zero-width space', '\u200b'],
    ['a word joiner', '\u2060'],
    ['a byte order mark', '\ufeff'],
    ['a Hangul filler', '\u3164'],
    ['a braille blank', '\u2800'],
    ['a direction mark and a joiner', '\u200f\u200d'],
    ['an object replacement character', '\ufffc'],
    ['a combining mark alone', '\u0301'],
    ['a line break', 'Gala\nnight'],
    ['a line break at its end', 'Gala\r\n'],
    ['a next-line control', 'Gala\u0085night'],
    ['a line separator', 'Gala\u2028night'],
    ['a paragraph separator', 'Gala\u2029night'],
    ['NUL', 'Gala\0'],
    ['a tab', 'Gala\tnight'],
    ['an escape', '\u001b[31mGala'],
    ['DEL', 'Gala\u007f'],
    ...[
      '\u202a',
      '\u202b',
      '\u202c',
      '\u202d',
      '\u202e',
      '\u2066',
      '\u2067',
      '\u2068',
      '\u2069',
      '\u206a',
    ].map((control) => [`U+${control.codePointAt(0)?.toString(16)}`, `${control}Gala`] as [string, string]),
    ['half a surrogate pair', 'Gala \ud800'],
    ['a private-use character', 'Gala \uf8ff'],
    ['a noncharacter', 'Gala \uffff'],
    ['101 characters', 'x'.repeat(101)],
  ])('of %s is BAD_USER_INPUT', (_, text) => {
    const { code, details } = refusalOf(() => nameFrom('sections[3].name', text, 100));
    expect([code, details.field]).toEqual(['BAD_USER_INPUT', 'sections[3].name']);
  });

  test.each([
    ['Hebrew', 'יציע מזרחי'],
    ['Arabic', 'المدرج الشرقي'],
    ['Persian with a non-joiner', 'می\u200cخواهم'],
    ['Hindi with a joiner', 'क्\u200dष'],
    ['Thai with zero-width spaces', 'ที่นั่ง\u200bชั้นหนึ่ง'],
    ['a right-to-left mark', 'יציע (A)\u200f'],
    ['an emoji family', '👨‍👩‍👧 family'],
    ['a flag', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    ['a heart', '❤️'],
    ['a digit', '1'],
    ['Japanese with a wide space', '東\u3000スタンド'],
    ['100 characters outside the basic plane', '🎟'.repeat(100)],
    ['markup', '<script>alert(1)</script> & "co"'],
  ])('in %s is kept as it is', (_, text) => expect(nameFrom('name', text, 100)).toBe(text));

  test('is stored in NFC, without the spaces around it', () => {
    expect(nameFrom('name', ' \u00a0Cafe\u0301\u3000', 4)).toBe('Caf\u00e9');
  });

  test.each([
    ['Caf\u00e9', 'Cafe\u0301', true],
    ['Stalls', 'Sta\u200blls', true],
    ['Upper  circle', 'Upper\u00a0circle', true],
    ['Stalls', 'stalls', false],
    ['A', 'B', false],
  ])('%j looks the same as %j: %s', (one, other, same) => {
    const key = (name: string) => nameKey(nameFrom('name', name, 100));
    expect(key(one) === key(other)).toBe(same);
  });
});
