import type { EventSettingsFragment } from '../graphql/generated/graphql.js';
import { formatDate } from '../text/time.js';

type Sale = Pick<EventSettingsFragment, 'status' | 'salesStartAt' | 'timeZone'>;

/** Why nothing can be held at present, for the event's page; null if seats can be held. */
export function whyNotOnSale({ status, salesStartAt, timeZone }: Sale): string | null {
  switch (status) {
    case 'DRAFT':
      return 'This is a draft. You alone see it, and nothing is sold before you publish it.';
    case 'SCHEDULED':
      return salesStartAt == null
        ? 'The sale has not started yet.'
        : `The sale starts on ${formatDate(salesStartAt, timeZone)}.`;
    case 'PAUSED':
      return 'The sale is paused. Seats that you hold can be paid.';
    case 'CANCELLED':
      return 'This event is cancelled. Every booking is paid back.';
    case 'ENDED':
      return 'The sale has ended. Seats that you hold can be paid.';
    default:
      return null;
  }
}

/** The same in a word or two, for lists. */
export function saleLabel({ status, salesStartAt, timeZone }: Sale): string | null {
  switch (status) {
    case 'DRAFT':
      return 'Draft';
    case 'SCHEDULED':
      return salesStartAt == null ? null : `On sale from ${formatDate(salesStartAt, timeZone, 'short')}`;
    case 'PAUSED':
      return 'Sale paused';
    case 'CANCELLED':
      return 'Cancelled';
    case 'ENDED':
      return 'Sale ended';
    default:
      return null;
  }
}
