import { expect, test } from 'vitest';
import { filterFrom, queryOf, variablesOf } from './event-filter.js';

const ALL = { search: '', from: '', to: '', orderBy: 'SOONEST' } as const;

test('a filter is the query string of its list, and a usual one has none', () => {
  const filter = {
    search: 'jazz & blues',
    from: '2026-12-01',
    to: '2026-12-24',
    orderBy: 'SEATS_LEFT',
  } as const;
  expect(filterFrom(new URLSearchParams(queryOf(filter)))).toEqual(filter);
  expect(queryOf(ALL)).toBe('');
});

test('what is no filter in an address is left out', () => {
  expect(filterFrom(new URLSearchParams('from=tomorrow&to=2026-13-45&orderBy=cheapest&page=2'))).toEqual(ALL);
});

test('the last day is included, in the visitor’s own time', () => {
  const { from, to } = variablesOf({ ...ALL, from: '2026-12-31', to: '2026-12-31' });
  expect(from).toBe(new Date(2026, 11, 31).toISOString());
  expect(to).toBe(new Date(2027, 0, 1).toISOString());
  expect(variablesOf(ALL)).toEqual({ search: null, from: null, to: null, orderBy: 'SOONEST' });
});
