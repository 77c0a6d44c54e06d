import { expect, test } from 'vitest';
import { isolated } from './isolated.js';

test.each([
  ['Hebrew', 'יציע'],
  ['Arabic', 'المدرج'],
  ['both directions', 'Tribune יציע'],
  ['a right-to-left mark alone', 'A\u200f'],
  ['Adlam', '\u{1e900}\u{1e922}'],
])('text in %s is isolated', (_, text) => expect(isolated(text)).toBe(`\u2068${text}\u2069`));

test.each([['Stalls'], ['Café 🎟'], ['東スタンド'], ['Row 3 (left)'], ['']])(
  'text that turns nothing stays as it is: %j',
  (text) => expect(isolated(text)).toBe(text),
);

test.each([['\u202eStalls'], ['Stalls\u2069'], ['\u2067Sta\u202clls']])(
  'direction controls of a name of an earlier release reach nothing else: %j',
  (text) => expect(isolated(text)).toBe('\u2068Stalls\u2069'),
);
