import { expect, test } from 'vitest';
import { derivedPlan } from '../catalog/seating-plan.js';
import { codeOf, eventOf, NO_BOOKING_ID } from '../test/support/booking-fixtures.js';
import { bookingSearch } from './booking-search.js';
import { paymentReference } from './payment-reference.js';

const { sections, totalSeats } = eventOf();
const plan = derivedPlan(sections, totalSeats);
const nothing = { bookingId: null, reference: null, emailStart: null, seatNumbers: [] };
const reference = paymentReference('pay_1');
const typed = reference.replace('-', '').toLowerCase();

test.each([
  // Every word may be the beginning of an address as well.
  ['the id of a booking', NO_BOOKING_ID, { bookingId: NO_BOOKING_ID, emailStart: NO_BOOKING_ID }],
  ['a reference', reference, { reference, emailStart: reference.toLowerCase() }],
  ['a reference without its hyphen, in small letters', typed, { reference, emailStart: typed }],
  ['the beginning of an address', ' Ann@Exam', { emailStart: 'ann@exam' }],
  ['two letters, which are too few', 'an', {}],
  ['a seat number', '12', { seatNumbers: [12] }],
  ['a place', 'Circle A 2', { seatNumbers: [6] }],
])('%s', (_what, text, expected) => expect(bookingSearch(text, plan)).toEqual({ ...nothing, ...expected }));

test('nothing but spaces is no search, and a long text is refused', () => {
  expect(bookingSearch('  ', plan)).toBeNull();
  expect(codeOf(() => bookingSearch('x'.repeat(301), plan))).toBe('BAD_USER_INPUT');
});
