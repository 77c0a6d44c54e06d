import { expect, test } from 'vitest';
import { reasonInvalid } from './ticket-validity.js';

const ticket = { svgUrl: '/tickets/1.svg', icsUrl: '/tickets/1.ics', checkedInAt: null };
const onSale = { status: 'ON_SALE' } as const;

test('a ticket is valid while its booking is confirmed and the event takes place', () => {
  expect(reasonInvalid({ status: 'CONFIRMED', event: onSale, ticket })).toBeNull();
});

test.each([
  [
    'of a cancelled event, also before its booking is cancelled',
    'CONFIRMED',
    'CANCELLED',
    ticket,
    'event is cancelled',
  ],
  ['of a cancelled booking', 'CANCELLED', 'ON_SALE', null, 'booking was cancelled'],
  ['that is not paid yet', 'PENDING', 'ON_SALE', null, 'pending'],
  ['that was replaced', 'CONFIRMED', 'ON_SALE', null, 'replaced by a newer one'],
] as const)('a ticket %s is not valid, and says why', (_, status, eventStatus, shown, reason) => {
  expect(reasonInvalid({ status, event: { status: eventStatus }, ticket: shown })).toContain(reason);
});
