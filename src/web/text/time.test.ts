import { describe, expect, test } from 'vitest';
import { fromNow, waitWords } from './time.js';

describe('how far away a time is', () => {
  const nowMs = new Date(2031, 4, 1, 20, 0).getTime();
  test.each([
    ['in a day and a half, which is the day after tomorrow', new Date(2031, 4, 3, 2, 0), 'in 2 days'],
    ['in a day', new Date(2031, 4, 2, 21, 0), 'tomorrow'],
    ['two days ago by the calendar', new Date(2031, 3, 29, 23, 0), '2 days ago'],
    ['in less than a day', new Date(2031, 4, 2, 10, 0), 'in 14 hours'],
    ['in minutes', new Date(2031, 4, 1, 20, 12), 'in 12 minutes'],
  ])('%s', (_name, then, words) => {
    expect(fromNow(then.toISOString(), nowMs)).toBe(words);
  });
});

test.each([
  [0, 'in 1 second'],
  [11_001, 'in 12 seconds'],
  [90_001, 'in 2 minutes'],
  [3_600_001, 'in 2 hours'],
])('a wait of %i ms is never said to be shorter than it is', (ms, words) => {
  expect(waitWords(ms)).toBe(words);
});
