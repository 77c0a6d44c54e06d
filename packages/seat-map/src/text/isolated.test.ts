import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
  'left-to-right text stays as it is: %j',
  (text) => expect(isolated(text)).toBe(text),
);

test.each([['\u202eStalls'], ['Stalls\u2069'], ['\u2067Sta\u202clls']])(
  'direction controls in a name of an earlier release are removed: %j',
  (text) => expect(isolated(text)).toBe('\u2068Stalls\u2069'),
);

test('every name of an event or a section is isolated everywhere on the page and in the package', () => {
  const folders = ['..', '../../../../src/web'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const files = folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|generated/.test(file));
  // An attribute with the name alone has no neighbouring text.
  const shown = /(<bdi>|=)?\{(?:event|section)\.name\}|\$\{(?:event|section)\.name\}/g;
  const bare = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(shown)]
      .filter(([, isolation]) => isolation === undefined)
      .map(([text]) => `${file}: ${text}`),
  );
  expect(bare).toEqual([]);
  expect(files.length).toBeGreaterThan(100);
});
