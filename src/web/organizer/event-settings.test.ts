import { expect, test } from 'vitest';
import type { EventSettingsFragment } from '../graphql/generated/graphql.js';
import { changesOf, settingsField, settingsProblem, valuesOf } from './event-settings.js';

const event: EventSettingsFragment = {
  id: 'e',
  name: 'Gala',
  eventDate: '2026-12-24T18:30:45.000Z',
  timeZone: 'Europe/Vienna',
  status: 'ON_SALE',
  revision: 3,
  salesStartAt: null,
  salesEndAt: '2026-12-24T17:00:00.000Z',
  venue: null,
  description: null,
  cancellation: null,
};

test('the form shows times as clocks at the venue do', () => {
  expect(valuesOf(event)).toEqual({
    name: 'Gala',
    venue: '',
    date: '2026-12-24T19:30',
    salesStart: '',
    salesEnd: '2026-12-24T18:00',
  });
});

test('only what was changed is sent: a date that is left keeps its seconds, and an emptied time is removed', () => {
  const values = valuesOf(event);
  expect(changesOf(values, event)).toEqual({});
  expect(changesOf({ ...values, name: 'Great gala', venue: 'Opera', salesEnd: '' }, event)).toEqual({
    name: 'Great gala',
    venue: 'Opera',
    salesEndAt: null,
  });
  expect(changesOf({ ...values, date: '2026-12-25T20:00', salesStart: '2026-12-01T09:00' }, event)).toEqual({
    eventDate: '2026-12-25T19:00:00.000Z',
    salesStartAt: '2026-12-01T08:00:00.000Z',
  });
});

test('where clocks show a time twice, the sale ends at the second one', () => {
  const values = { ...valuesOf(event), salesStart: '2026-10-25T02:30', salesEnd: '2026-10-25T02:30' };
  expect(changesOf(values, event)).toEqual({
    salesStartAt: '2026-10-25T00:30:00.000Z',
    salesEndAt: '2026-10-25T01:30:00.000Z',
  });
});

test('a time that clocks skip is named, and a refusal finds its field', () => {
  const values = { ...valuesOf(event), salesStart: '2027-03-28T02:30' };
  expect(settingsProblem(values, 'Europe/Vienna')?.field).toBe('salesStart');
  expect(settingsProblem({ ...values, salesStart: '', date: '' }, 'Europe/Vienna')?.field).toBe('date');
  expect(settingsProblem(valuesOf(event), 'Europe/Vienna')).toBeNull();
  expect(['eventDate', 'salesEndAt', 'venue', 'revision'].map(settingsField)).toEqual([
    'date',
    'salesEnd',
    'venue',
    undefined,
  ]);
});
