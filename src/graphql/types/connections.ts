import type { Booking } from '../../booking/booking.js';
import type { HistoryEntry } from '../../booking/booking-reads.js';
import type { Payment } from '../../booking/payment.js';
import type { Event } from '../../catalog/event.js';
import type { Page, PageRequest } from '../../core/page.js';
import { connectionOf } from './connections.type.js';
import { historyEntryType } from './history.type.js';
import { paymentType } from './payment.type.js';

/** @param sortedBy the date by which the page is sorted */
export const eventConnection = (
  page: Page<Event>,
  request: PageRequest,
  sortedBy: 'eventDate' | 'createdAt',
) =>
  connectionOf(
    page,
    request,
    (event) => ({ at: event[sortedBy], id: event.id }),
    (event) => event,
  );

export const bookingConnection = (page: Page<Booking>, request: PageRequest) =>
  connectionOf(
    page,
    request,
    ({ createdAt, id }) => ({ at: createdAt, id }),
    (booking) => booking,
  );

export const paymentConnection = (page: Page<Payment>, request: PageRequest) =>
  connectionOf(page, request, ({ createdAt, id }) => ({ at: createdAt, id }), paymentType);

export const historyConnection = (page: Page<HistoryEntry>, request: PageRequest) =>
  connectionOf(page, request, ({ at, id }) => ({ at, id }), historyEntryType);
