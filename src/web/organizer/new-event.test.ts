import { describe, expect, test } from 'vitest';
import {
  createEventInput,
  dateProblem,
  formField,
  type NewEventForm,
  priceAsRead,
  saleProblem,
  seatsOf,
  sectionProblem,
} from './new-event.js';

const section = { name: 'Stalls', rows: '8', seatsPerRow: '20', price: '95.50' };

const form: NewEventForm = {
  name: ' Opening night ',
  date: '2026-12-24T19:30',
  timeZone: 'Europe/Vienna',
  whichOfTwo: '',
  venue: '',
  description: '',
  imageUrl: '',
  currency: 'usd',
  seatsFrom: 'sections',
  sections: [section, { ...section, name: 'Circle', price: '' }],
  salesStart: '',
  salesEnd: '',
  seatsPerPerson: '',
  forbidsOrphans: false,
  isDraft: false,
};

describe('a new event', () => {
  test('is sent in whole numbers, minor units and UTC', () => {
    expect(createEventInput(form)).toEqual({
      name: 'Opening night',
      eventDate: '2026-12-24T18:30:00.000Z',
      timeZone: 'Europe/Vienna',
      sections: [
        { name: 'Stalls', rows: 8, seatsPerRow: 20, price: { amount: 9_550, currency: 'USD' } },
        { name: 'Circle', rows: 8, seatsPerRow: 20 },
      ],
    });
  });

  test('has what is written about it, if anything is', () => {
    const about = { venue: ' Opera ', description: 'Two\nacts', imageUrl: 'https://a.b/c' };
    expect(createEventInput({ ...form, ...about })).toMatchObject({ ...about, venue: 'Opera' });
    expect(['venue', 'imageUrl'].map(formField)).toEqual(['venue', 'imageUrl']);
  });

  test.each([
    ['first', '2027-10-31T00:30:00.000Z'],
    ['second', '2027-10-31T01:30:00.000Z'],
  ] as const)('at the %s of two equal times is at that instant', (whichOfTwo, eventDate) => {
    expect(createEventInput({ ...form, date: '2027-10-31T02:30', whichOfTwo }).eventDate).toBe(eventDate);
  });

  test('is on the list at once, unless it is to be a draft', () => {
    expect(createEventInput(form)).not.toHaveProperty('draft');
    expect(createEventInput({ ...form, isDraft: true })).toMatchObject({ draft: true });
  });

  test('has a sale with a time at the venue and rules of its own, and the sections of a file', () => {
    const sale = {
      salesStart: '2026-10-25T02:30',
      salesEnd: '2026-10-25T02:30',
      seatsPerPerson: ' 4 ',
      forbidsOrphans: true,
    };
    const fromFile = [{ name: 'Floor', kind: 'STANDING' as const, capacity: 300 }];
    expect(createEventInput({ ...form, ...sale }, fromFile)).toMatchObject({
      sections: fromFile,
      // Clocks show this time twice that night.
      salesStartAt: '2026-10-25T00:30:00.000Z',
      salesEndAt: '2026-10-25T01:30:00.000Z',
      seatsPerViewerMax: 4,
      orphanRule: 'REFUSE',
    });
  });

  test.each([
    ['a sale that starts at a time that clocks skip', { salesStart: '2027-03-28T02:30' }, 'salesStart'],
    ['a sale that ends at a time that clocks skip', { salesEnd: '2027-03-28T02:30' }, 'salesEnd'],
    ['no seat for a person', { seatsPerPerson: '0' }, 'seatsPerPerson'],
    ['nothing about its sale', {}, undefined],
  ])('with %s has a problem there, or none', (_, change, field) =>
    expect(saleProblem({ ...form, ...change })?.field).toBe(field),
  );

  const now = Date.parse('2026-12-24T18:00:00Z');
  test.each([
    ['a time to come', {}, undefined],
    ['no time', { date: '' }, 'Name a date and a time.'],
    [
      'a time that clocks skip',
      { date: '2027-03-28T02:30' },
      'There is no such time in Europe/Vienna: clocks go forward then. Take an earlier or a later one.',
    ],
    ['a time that occurs twice', { date: '2027-10-31T02:30' }, undefined],
    ['a time that has passed at the venue', { timeZone: 'Asia/Tokyo' }, 'A date that is still to come.'],
  ])('with %s', (_, change, problem) => expect(dateProblem({ ...form, ...change }, now)).toBe(problem));

  test('is not checked against a clock that may be wrong', () => {
    expect(dateProblem({ ...form, date: '2001-01-01T10:00' }, undefined)).toBeUndefined();
  });

  test.each([
    [{ ...section, name: ' ' }, 'name'],
    [{ ...section, rows: '0' }, 'rows'],
    [{ ...section, rows: '2.5' }, 'rows'],
    [{ ...section, seatsPerRow: '' }, 'seatsPerRow'],
    [{ ...section, price: '1.005' }, 'price'],
    [{ ...section, price: '0' }, 'price'],
    [{ ...section, price: '30,000,000' }, 'price'],
    [{ ...section, price: '' }, undefined],
    [section, undefined],
  ])('%j has its problem at %s', (typed, field) => expect(sectionProblem(typed, 'USD')?.field).toBe(field));

  test.each([
    ['1,000', 'KWD', 'KWD 1,000.000'],
    ['45000', 'huf', 'HUF 45,000.00'],
    ['1.000', 'KWD', undefined],
    ['', 'USD', undefined],
    ['45', 'DOLLAR', undefined],
  ])('shows its price of %j %s as %s', (price, currency, text) => {
    expect(priceAsRead({ ...section, price }, currency)?.replaceAll(/\s/g, ' ')).toBe(text);
  });

  test('its seats are counted once its sections are filled in', () => {
    expect(seatsOf([section, { ...section, rows: '2' }])).toBe(200);
    expect(seatsOf([section, { ...section, rows: '' }])).toBeNaN();
  });
});

test.each([
  ['name', 'name'],
  ['eventDate', 'date'],
  ['timeZone', 'timeZone'],
  ['sections[2].name', 'sections.2.name'],
  ['sections[0].price.amount', 'sections.0.price'],
  ['sections', undefined],
  ['requestId', undefined],
  [undefined, undefined],
])('a refusal of %s is shown at %s of the form', (field, at) => expect(formField(field)).toBe(at));
