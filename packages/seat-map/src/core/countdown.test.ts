import { describe, expect, test } from 'vitest';
import { countdown, ENDING_MS } from './countdown.js';

describe('a countdown', () => {
  test.each([
    [300_000, '5:00', 'running'],
    [299_001, '5:00', 'running'],
    [ENDING_MS + 1, '1:01', 'running'],
    [ENDING_MS, '1:00', 'ending'],
    [1_000, '0:01', 'ending'],
    [1, '0:01', 'ending'],
    [0, '0:00', 'over'],
    [-5_000, '0:00', 'over'],
  ])('with %i ms left reads %s and is %s', (leftMs, text, phase) => {
    expect(countdown(1_000_000 + leftMs, 1_000_000)).toMatchObject({ text, phase });
  });
});
