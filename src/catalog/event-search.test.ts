import { expect, test } from 'vitest';
import { eventSearch } from './event-search.js';

test.each([
  ['  Gala\u00a0night\n', ['Gala', 'night']],
  // MongoDB refuses a regular expression with this character.
  ['Gala\u0000night', ['Gala', 'night']],
  ['\u0000', []],
  ['e\u0301t\u00e9', ['\u00e9t\u00e9']],
])('a search for %j is for the words %j', (search, words) => {
  expect(eventSearch({ search }).words).toEqual(words);
});
