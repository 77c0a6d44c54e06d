import { expect, test } from 'vitest';
import { saleLabel, whyNotOnSale } from './sale-status.js';

const sale = { salesStartAt: null, timeZone: 'UTC' };

test('every status in which nothing can be held is explained, and no other', () => {
  for (const status of ['DRAFT', 'SCHEDULED', 'PAUSED', 'ENDED', 'CANCELLED'] as const)
    expect(whyNotOnSale({ ...sale, status })).toMatch(/\.$/);
  for (const status of ['ON_SALE', 'SOLD_OUT'] as const) {
    expect(whyNotOnSale({ ...sale, status })).toBeNull();
    expect(saleLabel({ ...sale, status })).toBeNull();
  }
});

test('the start of a sale is shown in the time zone of the venue', () => {
  const scheduled = {
    status: 'SCHEDULED',
    salesStartAt: '2026-12-01T09:00:00Z',
    timeZone: 'Asia/Tokyo',
  } as const;
  expect(whyNotOnSale(scheduled)).toMatch(/6:00.PM/);
  expect(saleLabel(scheduled)).toMatch(/^On sale from .*6:00.PM/);
});
