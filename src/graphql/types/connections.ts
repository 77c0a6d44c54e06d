import type { Booking } from '../../booking/booking.js';
import type { HistoryEntry } from '../../booking/booking-reads.js';
import type { Payment } from '../../booking/payment.js';
import { type Event, seatsLeft } from '../../catalog/event.js';
import type { EventOrder } from '../../catalog/event-search.js';
import type { Page, PageRequest } from '../../core/page.js';
import { connectionOf } from './connections.type.js';
import { historyEntryType } from './history.type.js';
import { paymentType } from './payment.type.js';

/** Where a cursor says that an event is in a list of this order. */
const POSITION: Readonly<Record<EventOrder, (event: Event) => Date>> = {
  soonest: ({ eventDate }) => eventDate,
  newest: ({ createdAt }) => createdAt,
  seatsLeft: (event) => new Date(event.cancellation === null ? seatsLeft(event) : 0),
};

export const eventConnection = (page: Page<Event>, request: PageRequest, order: EventOrder) =>
  connectionOf(
    page,
    request,
    (event) => ({ at: POSITION[order](event), id: event.id }),
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
