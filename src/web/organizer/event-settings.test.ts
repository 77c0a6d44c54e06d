import { expect, test } from 'vitest';
import {
  type ChangeableEvent,
  changesOf,
  settingsField,
  settingsProblem,
  valuesOf,
} from './event-settings.js';

const section = (id: string, amount: number | null) =>
  ({
    id,
    name: id,
    price: amount === null ? null : { amount, currency: 'EUR' },
  }) as ChangeableEvent['sections'][0];
const event: ChangeableEvent = {
  name: 'Gala',
  eventDate: '2026-12-24T18:30:45.000Z',
  timeZone: 'Europe/Vienna',
  salesStartAt: null,
  salesEndAt: '2026-12-24T17:00:00.000Z',
  refundUntil: null,
  venue: null,
  description: null,
  imageUrl: null,
  sections: [section('stalls', 4_500), section('circle', 2_000), section('lawn', null)],
};
const values = valuesOf(event);

test('the form shows times as clocks at the venue do, and prices in whole units', () => {
  expect(values).toEqual({
    name: 'Gala',
    venue: '',
    description: '',
    imageUrl: '',
    date: '2026-12-24T19:30',
    refundUntil: '',
    salesStart: '',
    salesEnd: '2026-12-24T18:00',
    currency: 'EUR',
    prices: ['45.00', '20.00', ''],
  });
});

test('only what was changed is sent: a date that is left keeps its seconds, and an emptied time is removed', () => {
  expect(changesOf(values, event)).toEqual({});
  const texts = { name: 'Great gala', venue: 'Opera', description: 'Two\nacts', imageUrl: ' https://a.b/c ' };
  expect(changesOf({ ...values, ...texts, salesEnd: '' }, event)).toEqual({
    ...texts,
    imageUrl: 'https://a.b/c',
    salesEndAt: null,
  });
  const times = { date: '2026-12-25T20:00', salesStart: '2026-12-01T09:00', refundUntil: '2026-12-26T10:00' };
  expect(changesOf({ ...values, ...times }, event)).toEqual({
    eventDate: '2026-12-25T19:00:00.000Z',
    salesStartAt: '2026-12-01T08:00:00.000Z',
    refundUntil: '2026-12-26T09:00:00.000Z',
  });
});

test('only changed prices are sent, and a refused one finds its field', () => {
  const changes = changesOf({ ...values, prices: ['45', '25.50', '10'] }, event);
  const price = (amount: number) => ({ amount, currency: 'EUR' });
  expect(changes).toEqual({
    sectionPrices: [
      { sectionId: 'circle', price: price(2_550) },
      { sectionId: 'lawn', price: price(1_000) },
    ],
  });
  expect(settingsField('sectionPrices[1].price', changes, event)).toBe('prices.2');
});

test('where clocks show a time twice, the sale ends at the second one', () => {
  const twice = { ...values, salesStart: '2026-10-25T02:30', salesEnd: '2026-10-25T02:30' };
  expect(changesOf(twice, event)).toEqual({
    salesStartAt: '2026-10-25T00:30:00.000Z',
    salesEndAt: '2026-10-25T01:30:00.000Z',
  });
});

test.each([
  ['nothing', {}, undefined],
  ['a time that clocks skip', { salesStart: '2027-03-28T02:30' }, 'salesStart'],
  ['an empty date', { date: '' }, 'date'],
  ['a price that is removed', { prices: ['', '20', ''] }, 'prices.0'],
  ['a price that is no number', { prices: ['45', '20', 'much'] }, 'prices.2'],
  ['a price of 0', { prices: ['45', '0', ''] }, 'prices.1'],
  ['an unknown currency', { currency: 'XXQ' }, 'currency'],
])('%s is a problem of the right field', (_what, changed, field) =>
  expect(settingsProblem({ ...values, ...changed }, event)?.field).toBe(field),
);

test('a refusal finds its field', () => {
  const fields = ['eventDate', 'salesEndAt', 'refundUntil', 'imageUrl', 'venue', 'revision'];
  expect(fields.map((field) => settingsField(field, {}, event))).toEqual([
    'date',
    'salesEnd',
    'refundUntil',
    'imageUrl',
    'venue',
    undefined,
  ]);
});
