import { expect, test } from 'vitest';
import { faultText, readVenueFile, sectionInputs, sizeText } from './venue-file.js';

test('a file makes sections as the API takes them, and a plan for the preview', () => {
  const read = readVenueFile(
    'section,row,seat,x,y,price,features\nBoxes,A,2,1,1,45,restricted view\nFloor,,300,0..9,4..8,,',
    'EUR',
  );
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  expect(sizeText(read.plan)).toBe('2 sections, 1 row, 301 seats');
  expect(sectionInputs(read.sections)).toEqual([
    {
      name: 'Boxes',
      price: { amount: 4_500, currency: 'EUR' },
      area: { x: 0.5, y: 0.5, width: 1, height: 1 },
      rowList: [
        {
          label: 'A',
          seats: 1,
          seatLabels: ['2'],
          features: [{ seat: 1, feature: 'RESTRICTED_VIEW' }],
          position: { x: 0.5, y: 0.5, angle: 0, curve: 0 },
        },
      ],
    },
    { name: 'Floor', kind: 'STANDING', capacity: 300, area: { x: 0, y: 4, width: 9, height: 4 } },
  ]);
});

test('a fault says its line and column', () => {
  const read = readVenueFile('section,row,seat\nStalls,A,', 'EUR');
  expect('faults' in read && read.faults.map(faultText)).toEqual(['Line 2, seat: This is empty.']);
});
