import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { isCurrency } from '../core/currencies.js';
import { badUserInput } from '../core/errors.js';
import { eventIdOfRequest, newEventId } from '../core/ids.js';
import { checkRequestId, idempotencyConflict } from '../core/request-id.js';
import { nameFrom } from '../core/text.js';
import type { Event, OrphanRule } from './event.js';
import type { Events } from './events.js';
import { AMOUNT_MAX, type Money } from './money.js';
import { type NewSeating, seatingFrom } from './seating.js';
import type { SeatingPlan } from './seating-plan.js';
import { checkTimeZone, DEFAULT_TIME_ZONE } from './time-zone.js';

export const EVENT_NAME_CODE_POINTS_MAX = 200;

export interface NewEvent extends NewSeating {
  readonly name: string;
  readonly eventDate: Date;
  /** IANA name of the venue's time zone. Default: UTC. */
  readonly timeZone?: string | null | undefined;
  readonly salesStartAt?: Date | null | undefined;
  readonly salesEndAt?: Date | null | undefined;
  /** Default: off. */
  readonly orphanRule?: OrphanRule | null | undefined;
  /** Default: the server's limit. */
  readonly seatsPerViewerMax?: number | null | undefined;
  /** If given, the same call twice creates one event. */
  readonly requestId?: string | null | undefined;
}

/**
 * Creates an event whose organizer is the caller. With a requestId, the event's id is derived from it: the second of two
 * equal calls, even concurrent ones, finds the first one's event and answers with it.
 *
 * @param seatsPerViewerMax the server's limit, which the event's own may not exceed
 * @throws BAD_USER_INPUT with the name of the invalid field
 * @throws IDEMPOTENCY_CONFLICT if the requestId was used with other input
 */
export async function createEvent(
  events: Events,
  clock: Clock,
  organizerId: string,
  input: NewEvent,
  seatsPerViewerMax: number,
): Promise<Event> {
  const { requestId } = input;
  if (requestId == null) {
    checkSeatLimit(input, seatsPerViewerMax);
    const { event, plan } = planEvent(newEventId(), organizerId, input, clock.now());
    if (await events.insert(event, plan)) return event;
    throw new Error(`Two events got the id ${event.id}`);
  }
  checkRequestId(requestId);
  const id = eventIdOfRequest(organizerId, requestId);
  const earlier = await events.find(id);
  if (earlier !== null) return replayOf(earlier, input);
  checkSeatLimit(input, seatsPerViewerMax);
  const { event, plan } = planEvent(id, organizerId, input, clock.now());
  if (await events.insert(event, plan)) return event;
  return replayOf((await events.find(id)) as Event, input);
}

/** @throws IDEMPOTENCY_CONFLICT unless the input describes the earlier event; what was sold since does not matter */
function replayOf(earlier: Event, input: NewEvent): Event {
  // Planned for the year 1970, as the event's date may have passed since the first call.
  const { event: requested } = planEvent(earlier.id, earlier.organizerId, input, new Date(0));
  if (fingerprint(requested) === fingerprint(earlier)) return earlier;
  throw idempotencyConflict();
}

/** The organizer's input as one text, without anything that has happened since. */
function fingerprint(event: Event): string {
  const { name, eventDate, timeZone, totalSeats, sections, price } = event;
  const { planId, salesStartAt, salesEndAt, orphanRule, seatsPerViewerMax } = event;
  const money = (of: Money | null) => of && [of.amount, of.currency];
  const rows = sections.map((each) => [
    each.kind,
    each.name,
    each.firstSeatNumber,
    each.rows,
    each.seatsPerRow,
    money(each.price),
  ]);
  const sale = [salesStartAt, salesEndAt, orphanRule, seatsPerViewerMax];
  const all = [name, eventDate.getTime(), timeZone, totalSeats, planId, rows, money(price), sale];
  // An event of an earlier release may have its names in another form than NFC.
  return JSON.stringify(all).normalize('NFC');
}

/** An event, and its seating plan where that must be stored. */
export interface PlannedEvent {
  readonly event: Event;
  readonly plan: SeatingPlan | null;
}

/** The event that the input describes; pure, so that its rules can be tested without a database. */
export function planEvent(id: string, organizerId: string, input: NewEvent, now: Date): PlannedEvent {
  const name = nameFrom('name', input.name, EVENT_NAME_CODE_POINTS_MAX);
  if (input.eventDate <= now) throw badUserInput('eventDate', 'The event must take place in the future.');
  const timeZone = checkTimeZone(input.timeZone ?? DEFAULT_TIME_ZONE);
  checkSalesWindow(input);
  checkPrices(input);
  const { sections, plan, isDerived } = seatingFrom(input);
  const { totalSeats } = plan;
  const event = {
    id,
    name,
    eventDate: input.eventDate,
    timeZone,
    totalSeats,
    bookedSeats: 0,
    unbookedSeats: totalSeats,
    amountPaid: 0,
    version: 0,
    sections,
    price: input.price ?? null,
    planId: isDerived ? null : planIdOf(plan),
    salesStartAt: input.salesStartAt ?? null,
    salesEndAt: input.salesEndAt ?? null,
    orphanRule: input.orphanRule ?? 'off',
    seatsPerViewerMax: input.seatsPerViewerMax ?? null,
    revision: 1,
    organizerId,
    createdAt: now,
  };
  return { event, plan: isDerived ? null : plan };
}

/** The same for the same arrangement, so that events share its plan. */
export const planIdOf = (plan: SeatingPlan): string =>
  createHash('sha256').update(JSON.stringify(plan)).digest('base64url');

function checkSalesWindow({ eventDate, salesStartAt, salesEndAt }: NewEvent): void {
  if (salesStartAt != null && salesStartAt >= eventDate) {
    throw badUserInput('salesStartAt', 'The sale must start before the event begins.');
  }
  if (salesEndAt != null && salesEndAt > eventDate) {
    throw badUserInput('salesEndAt', 'The sale must end before the event begins, or when it does.');
  }
  if (salesStartAt != null && salesEndAt != null && salesEndAt <= salesStartAt) {
    throw badUserInput('salesEndAt', 'The sale must end after its start.');
  }
}

function checkSeatLimit({ seatsPerViewerMax }: NewEvent, max: number): void {
  if (seatsPerViewerMax != null && (seatsPerViewerMax < 1 || seatsPerViewerMax > max)) {
    throw badUserInput('seatsPerViewerMax', `This is a whole number from 1 to ${max}.`, { max });
  }
}

function checkPrices(input: NewEvent): void {
  const prices: [field: string, price: Money | null | undefined][] = [['price', input.price]];
  input.sections?.forEach((section, index) => {
    prices.push([`sections[${index}].price`, section.price]);
  });
  let currency: string | undefined;
  for (const [field, price] of prices) {
    if (price == null) continue;
    if (price.amount < 1 || price.amount > AMOUNT_MAX) {
      throw badUserInput(`${field}.amount`, `A price is 1 to ${AMOUNT_MAX} minor units.`, {
        max: AMOUNT_MAX,
      });
    }
    if (!isCurrency(price.currency)) {
      throw badUserInput(
        `${field}.currency`,
        'The currency must be an ISO 4217 code in capitals, such as USD.',
      );
    }
    currency ??= price.currency;
    if (price.currency !== currency) {
      throw badUserInput(
        `${field}.currency`,
        `An event has one currency, and this one has ${currency} already.`,
      );
    }
  }
}
