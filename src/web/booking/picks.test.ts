import { describe, expect, test } from 'vitest';
import { forgetLost, keepOthers, lose, NO_PICKS, offers, PICKS_MAX, replaceLost, toggle } from './picks.js';

const picked = (...seats: number[]) => seats.reduce(toggle, NO_PICKS);

describe('picks', () => {
  test('a second pick of a seat removes it', () => {
    expect(picked(3, 5).seats).toEqual([3, 5]);
    expect(picked(3, 5, 3).seats).toEqual([5]);
  });

  test('are at most as many as one call can lock', () => {
    const many = picked(...Array.from({ length: PICKS_MAX + 1 }, (_, index) => index + 1));
    expect(many.seats.length).toBe(PICKS_MAX);
  });

  test('lose seats that others take; one tap replaces them by seats nearby and keeps the rest', () => {
    const picks = lose(picked(3, 5, 8), [5], ([lost = 0]) => [lost + 1, lost + 2]);
    expect(picks).toEqual({ seats: [3, 8], lost: [5], suggested: [6, 7] });
    expect(offers(picks)).toEqual([[6], [7]]);
    expect(replaceLost(picks, [7])).toEqual({ seats: [3, 8, 7], lost: [], suggested: [] });
    expect(forgetLost(picks)).toEqual({ seats: [3, 8], lost: [], suggested: [] });
  });

  test('for several lost seats as many are offered together, or fewer if there are not enough', () => {
    expect(offers(lose(picked(3, 5), [5, 3], () => [1, 2, 6]))).toEqual([[1, 2]]);
    expect(offers(lose(picked(3, 5), [5, 3], () => [1]))).toEqual([[1]]);
    expect(offers(lose(picked(3, 5), [5, 3], () => []))).toEqual([]);
  });

  test('a seat that another tab of the viewer holds is neither picked nor lost', () => {
    const picks = lose(picked(3, 5, 8), [5], () => [6]);
    expect(keepOthers(picks, (seat) => seat === 5)).toEqual({ seats: [3, 8], lost: [], suggested: [] });
    expect(keepOthers(picks, (seat) => seat === 3)).toEqual({ seats: [8], lost: [5], suggested: [6] });
    expect(keepOthers(picks, () => false)).toBe(picks);
  });

  test('picked and lost seats are not offered', () => {
    const seen: boolean[] = [];
    lose(picked(3, 5), [5], (_seat, isExcluded) => {
      seen.push(isExcluded(3), isExcluded(5), isExcluded(4));
      return [];
    });
    expect(seen).toEqual([true, true, false]);
  });
});
