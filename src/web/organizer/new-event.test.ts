import { describe, expect, test } from 'vitest';
import { createEventInput, seatsOf, sectionFault } from './new-event.js';

const section = { name: 'Stalls', rows: '8', seatsPerRow: '20', price: '95.50' };

describe('a new event', () => {
  test('is sent in whole numbers, minor units and UTC', () => {
    const date = '2026-12-24T19:30';
    expect(
      createEventInput({
        name: ' Opening night ',
        date,
        currency: 'usd',
        sections: [section, { ...section, name: 'Circle', price: '' }],
      }),
    ).toEqual({
      name: 'Opening night',
      eventDate: new Date(date).toISOString(),
      sections: [
        { name: 'Stalls', rows: 8, seatsPerRow: 20, price: { amount: 9_550, currency: 'USD' } },
        { name: 'Circle', rows: 8, seatsPerRow: 20 },
      ],
    });
  });

  test.each([
    [{ ...section, name: ' ' }, 'name'],
    [{ ...section, rows: '0' }, 'rows'],
    [{ ...section, rows: '2.5' }, 'rows'],
    [{ ...section, seatsPerRow: '' }, 'seatsPerRow'],
    [{ ...section, price: '1.005' }, 'price'],
    [{ ...section, price: '0' }, 'price'],
    [{ ...section, price: '' }, undefined],
    [section, undefined],
  ])('%j has its fault at %s', (typed, field) => expect(sectionFault(typed, 'USD')?.field).toBe(field));

  test('its seats are counted, once they can be', () => {
    expect(seatsOf([section, { ...section, rows: '2' }])).toBe(200);
    expect(seatsOf([section, { ...section, rows: '' }])).toBeNaN();
  });
});
