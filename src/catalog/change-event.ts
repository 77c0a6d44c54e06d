import { badUserInput } from '../core/errors.js';
import { sectionIndexIn } from '../core/ids.js';
import { currencyOf, type Event, type OrphanRule } from './event.js';
import {
  checkEventDate,
  checkPrices,
  checkSalesWindow,
  checkSeatLimit,
  type EventTexts,
  eventNameFrom,
  textsFrom,
} from './event-settings.js';
import type { Money } from './money.js';
import { checkTimeZone } from './time-zone.js';

/** New values of an event. What is undefined stays; null removes a value that an event need not have. */
export interface EventChanges extends EventTexts {
  readonly name?: string | null | undefined;
  readonly eventDate?: Date | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly salesStartAt?: Date | null | undefined;
  readonly salesEndAt?: Date | null | undefined;
  readonly seatsPerViewerMax?: number | null | undefined;
  readonly orphanRule?: OrphanRule | null | undefined;
  readonly published?: boolean | null | undefined;
  readonly refundUntil?: Date | null | undefined;
  readonly sectionPrices?: readonly SectionPrice[] | null | undefined;
}

export interface SectionPrice {
  readonly sectionId: string;
  readonly price: Money;
}

/**
 * The event with its new values. Takes no seat from anybody: new limits and prices are for new locks.
 *
 * @param seatsPerViewerMax the server's limit, which the event's own may not exceed
 * @throws BAD_USER_INPUT with the name of the invalid field
 */
export function changedEvent(
  event: Event,
  changes: EventChanges,
  now: Date,
  seatsPerViewerMax: number,
): Event {
  const { name, eventDate, timeZone, orphanRule, published, sectionPrices } = changes;
  if (eventDate != null) checkEventDate(eventDate, now);
  if (published === false && !event.isDraft) {
    throw badUserInput('published', 'The event is published, and cannot become a draft again.');
  }
  checkSeatLimit(changes.seatsPerViewerMax, seatsPerViewerMax);
  const changed = {
    ...event,
    ...(name != null && { name: eventNameFrom(name) }),
    ...(eventDate != null && { eventDate }),
    ...(timeZone != null && { timeZone: checkTimeZone(timeZone) }),
    ...(orphanRule != null && { orphanRule }),
    ...(published === true && { isDraft: false }),
    ...(sectionPrices != null && { sections: withPrices(event, sectionPrices) }),
    salesStartAt: orSame(changes.salesStartAt, event.salesStartAt),
    salesEndAt: orSame(changes.salesEndAt, event.salesEndAt),
    seatsPerViewerMax: orSame(changes.seatsPerViewerMax, event.seatsPerViewerMax),
    refundUntil: orSame(changes.refundUntil, event.refundUntil),
    ...textsFrom(changes),
  };
  checkSalesWindow(changed);
  return changed;
}

const orSame = <Value>(changed: Value | undefined, before: Value): Value =>
  changed === undefined ? before : changed;

function withPrices(event: Event, prices: readonly SectionPrice[]): Event['sections'] {
  const byIndex = new Map<number, Money>();
  for (const [at, { sectionId, price }] of prices.entries()) {
    const index = sectionIndexIn(event.id, sectionId);
    if (index === undefined || event.sections[index] === undefined) {
      throw badUserInput(`sectionPrices[${at}].sectionId`, 'The event has no section with this id.');
    }
    if (byIndex.has(index)) {
      throw badUserInput(`sectionPrices[${at}].sectionId`, 'A section is named twice.');
    }
    byIndex.set(index, price);
  }
  checkPrices(
    prices.map(({ price }, at) => [`sectionPrices[${at}].price`, price]),
    currencyOf(event),
  );
  return event.sections.map((section, index) => ({
    ...section,
    price: byIndex.get(index) ?? section.price,
  }));
}
