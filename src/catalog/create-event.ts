import type { Clock } from '../core/clock.js';
import { isCurrency } from '../core/currencies.js';
import { badUserInput } from '../core/errors.js';
import { eventIdOfRequest, newEventId } from '../core/ids.js';
import { checkRequestId, idempotencyConflict } from '../core/request-id.js';
import { nameFrom, nameKey } from '../core/text.js';
import { type Event, SEATS_PER_EVENT_MAX, type Section } from './event.js';
import type { Events } from './events.js';
import { AMOUNT_MAX, type Money } from './money.js';
import { checkTimeZone, DEFAULT_TIME_ZONE } from './time-zone.js';

export const EVENT_NAME_CODE_POINTS_MAX = 200;
export const SECTIONS_PER_EVENT_MAX = 200;
export const SECTION_NAME_CODE_POINTS_MAX = 100;
const DEFAULT_SEATS_PER_ROW = 20;
const DEFAULT_SECTION_NAME = 'Main';

export interface NewSection {
  readonly name: string;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly price?: Money | null | undefined;
}

export interface NewEvent {
  readonly name: string;
  readonly eventDate: Date;
  /** IANA name of the venue's time zone. Default: UTC. */
  readonly timeZone?: string | null | undefined;
  readonly totalSeats?: number | null | undefined;
  readonly sections?: readonly NewSection[] | null | undefined;
  readonly price?: Money | null | undefined;
  /** If given, the same call twice creates one event. */
  readonly requestId?: string | null | undefined;
}

/**
 * Creates an event whose organizer is the caller. With a requestId, the event's id is derived from it: the second of two
 * equal calls, even concurrent ones, finds the first one's event and answers with it.
 *
 * @throws BAD_USER_INPUT with the name of the invalid field
 * @throws IDEMPOTENCY_CONFLICT if the requestId was used with other input
 */
export async function createEvent(
  events: Events,
  clock: Clock,
  organizerId: string,
  input: NewEvent,
): Promise<Event> {
  const { requestId } = input;
  if (requestId == null) {
    const event = planEvent(newEventId(), organizerId, input, clock.now());
    if (await events.insert(event)) return event;
    throw new Error(`Two events got the id ${event.id}`);
  }
  checkRequestId(requestId);
  const id = eventIdOfRequest(organizerId, requestId);
  const earlier = await events.find(id);
  if (earlier !== null) return replayOf(earlier, input);
  const event = planEvent(id, organizerId, input, clock.now());
  if (await events.insert(event)) return event;
  return replayOf((await events.find(id)) as Event, input);
}

/** @throws IDEMPOTENCY_CONFLICT unless the input describes the earlier event; what was sold since does not matter */
function replayOf(earlier: Event, input: NewEvent): Event {
  // Planned for the year 1970, as the event's date may have passed since the first call.
  const requested = planEvent(earlier.id, earlier.organizerId, input, new Date(0));
  if (fingerprint(requested) === fingerprint(earlier)) return earlier;
  throw idempotencyConflict();
}

/** The organizer's input as one text, without anything that has happened since. */
function fingerprint({ name, eventDate, timeZone, totalSeats, sections, price }: Event): string {
  const money = (of: Money | null) => of && [of.amount, of.currency];
  const rows = sections.map((each) => [each.name, each.rows, each.seatsPerRow, money(each.price)]);
  // An event of an earlier release may have its names in another form than NFC.
  return JSON.stringify([name, eventDate.getTime(), timeZone, totalSeats, rows, money(price)]).normalize(
    'NFC',
  );
}

/** The event that the input describes; pure, so that its rules can be tested without a database. */
export function planEvent(id: string, organizerId: string, input: NewEvent, now: Date): Event {
  const name = nameFrom('name', input.name, EVENT_NAME_CODE_POINTS_MAX);
  if (input.eventDate <= now) throw badUserInput('eventDate', 'The event must take place in the future.');
  const timeZone = checkTimeZone(input.timeZone ?? DEFAULT_TIME_ZONE);
  checkPrices(input);
  const sections = planSections(input);
  const totalSeats = countSeats(input);
  return {
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
    organizerId,
    createdAt: now,
  };
}

function countSeats(input: NewEvent): number {
  const inSections = input.sections?.reduce((sum, section) => sum + section.rows * section.seatsPerRow, 0);
  const totalSeats = input.totalSeats ?? inSections;
  if (totalSeats === undefined) throw badUserInput('totalSeats', 'Give totalSeats or sections.');
  if (totalSeats < 1 || totalSeats > SEATS_PER_EVENT_MAX) {
    const field = input.totalSeats == null ? 'sections' : 'totalSeats';
    throw badUserInput(field, `An event has 1 to ${SEATS_PER_EVENT_MAX} seats.`, {
      max: SEATS_PER_EVENT_MAX,
    });
  }
  if (inSections !== undefined && inSections !== totalSeats) {
    throw badUserInput(
      'totalSeats',
      `totalSeats is ${totalSeats}, but the sections hold ${inSections} seats.`,
    );
  }
  return totalSeats;
}

function planSections(input: NewEvent): Section[] {
  if (input.sections == null) {
    const totalSeats = countSeats(input);
    const rows = Math.ceil(totalSeats / DEFAULT_SEATS_PER_ROW);
    const price = input.price ?? null;
    const seatsPerRow = DEFAULT_SEATS_PER_ROW;
    return [{ kind: 'seated', name: DEFAULT_SECTION_NAME, firstSeatNumber: 1, rows, seatsPerRow, price }];
  }
  if (input.sections.length < 1 || input.sections.length > SECTIONS_PER_EVENT_MAX) {
    throw badUserInput('sections', `Give 1 to ${SECTIONS_PER_EVENT_MAX} sections, or leave them out.`);
  }
  const names = new Set<string>();
  let firstSeatNumber = 1;
  return input.sections.map((section, index) => {
    const field = `sections[${index}]`;
    const name = nameFrom(`${field}.name`, section.name, SECTION_NAME_CODE_POINTS_MAX);
    if (names.has(nameKey(name))) throw badUserInput(`${field}.name`, `Two sections are called "${name}".`);
    names.add(nameKey(name));
    checkCount(`${field}.rows`, section.rows);
    checkCount(`${field}.seatsPerRow`, section.seatsPerRow);
    const planned: Section = {
      kind: 'seated',
      name,
      firstSeatNumber,
      rows: section.rows,
      seatsPerRow: section.seatsPerRow,
      price: section.price ?? input.price ?? null,
    };
    firstSeatNumber += section.rows * section.seatsPerRow;
    return planned;
  });
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

function checkCount(field: string, value: number): void {
  if (value < 1 || value > SEATS_PER_EVENT_MAX) {
    throw badUserInput(field, `This is a whole number from 1 to ${SEATS_PER_EVENT_MAX}.`);
  }
}
