import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { eventIdOfRequest, newEventId } from '../core/ids.js';
import { checkRequestId, idempotencyConflict } from '../core/request-id.js';
import type { Event, OrphanRule } from './event.js';
import {
  type AmountProblem,
  checkChargeable,
  checkEventDate,
  checkPrices,
  checkSalesWindow,
  checkSeatLimit,
  type EventTexts,
  eventNameFrom,
  type NamedPrice,
  textsFrom,
} from './event-settings.js';
import type { Events } from './events.js';
import type { Money } from './money.js';
import { type NewSeating, seatingFrom } from './seating.js';
import type { SeatingPlan } from './seating-plan.js';
import { checkTimeZone, DEFAULT_TIME_ZONE } from './time-zone.js';

export interface NewEvent extends NewSeating, EventTexts {
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
  /** Default: published at once. */
  readonly draft?: boolean | null | undefined;
  /** If given, the same call twice creates one event. */
  readonly requestId?: string | null | undefined;
}

/**
 * Creates an event whose organizer is the caller. With a requestId, the event's id is derived from it: the second of two
 * equal calls, even concurrent ones, finds the first one's event and answers with it.
 *
 * @param seatsPerViewerMax the server's limit, which the event's own may not exceed
 * @param amountProblem why nobody could take exactly this price, or null
 * @throws BAD_USER_INPUT with the name of the invalid field
 * @throws IDEMPOTENCY_CONFLICT if the requestId was used with other input
 */
export async function createEvent(
  events: Events,
  clock: Clock,
  organizerId: string,
  input: NewEvent,
  seatsPerViewerMax: number,
  amountProblem: AmountProblem = () => null,
): Promise<Event> {
  const { requestId } = input;
  if (requestId != null) checkRequestId(requestId);
  const id = requestId == null ? newEventId() : eventIdOfRequest(organizerId, requestId);
  const earlier = requestId == null ? null : await events.find(id);
  if (earlier !== null) return replayOf(earlier, input);
  checkSeatLimit(input.seatsPerViewerMax, seatsPerViewerMax);
  const { event, plan } = planEvent(id, organizerId, input, clock.now());
  checkChargeable(namedPrices(input), amountProblem);
  if (await events.insert(event, plan)) return event;
  if (requestId == null) throw new Error(`Two events got the id ${id}`);
  return replayOf((await events.find(id)) as Event, input);
}

/** @throws IDEMPOTENCY_CONFLICT unless the input is that of the first call; what has happened since does not matter */
function replayOf(earlier: Event, input: NewEvent): Event {
  // Planned for the year 1970, as the event's date may have passed since the first call.
  const { event: requested } = planEvent(earlier.id, earlier.organizerId, input, new Date(0));
  if (requested.inputHash === (earlier.inputHash ?? inputHashOf(earlier))) return earlier;
  throw idempotencyConflict();
}

/** A hash of what the organizer's input has decided, whether a default was left out or given. */
function inputHashOf(event: Omit<Event, 'inputHash'>): string {
  const { name, eventDate, timeZone, totalSeats, sections, price } = event;
  const { planId, salesStartAt, salesEndAt, orphanRule, seatsPerViewerMax } = event;
  const { venue, description, imageUrl, isDraft } = event;
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
  const texts = [venue, description, imageUrl, isDraft];
  // An event of an earlier release may have its names in another form than NFC.
  return hashOf(JSON.stringify([...all, texts]).normalize('NFC'));
}

/** An event, and its seating plan where that must be stored. */
export interface PlannedEvent {
  readonly event: Event;
  readonly plan: SeatingPlan | null;
}

/** The event that the input describes; pure, so that its rules can be tested without a database. */
export function planEvent(id: string, organizerId: string, input: NewEvent, now: Date): PlannedEvent {
  const name = eventNameFrom(input.name);
  checkEventDate(input.eventDate, now);
  const timeZone = checkTimeZone(input.timeZone ?? DEFAULT_TIME_ZONE);
  checkSalesWindow(input);
  checkPrices(namedPrices(input));
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
    heldBackSeats: 0,
    amountPaid: 0,
    version: 0,
    sections,
    price: input.price ?? null,
    planId: isDerived ? null : planIdOf(plan),
    salesStartAt: input.salesStartAt ?? null,
    salesEndAt: input.salesEndAt ?? null,
    orphanRule: input.orphanRule ?? 'off',
    seatsPerViewerMax: input.seatsPerViewerMax ?? null,
    isDraft: input.draft ?? false,
    isPaused: false,
    cancellation: null,
    dateNotice: null,
    refundUntil: null,
    venue: null,
    description: null,
    imageUrl: null,
    ...textsFrom(input),
    revision: 1,
    organizerId,
    createdAt: now,
  };
  return { event: { ...event, inputHash: inputHashOf(event) }, plan: isDerived ? null : plan };
}

/** The same for the same arrangement, so that events share its plan. */
export const planIdOf = (plan: SeatingPlan): string => hashOf(JSON.stringify(plan));

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

function namedPrices(input: NewEvent): NamedPrice[] {
  const sections = input.sections?.map(
    (section, index) => [`sections[${index}].price`, section.price] as const,
  );
  return [['price', input.price] as const, ...(sections ?? [])].flatMap(([field, price]) =>
    price == null ? [] : [[field, price] as const],
  );
}
