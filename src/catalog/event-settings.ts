import { isCurrency } from '../core/currencies.js';
import { badUserInput, type DomainError } from '../core/errors.js';
import { nameFrom, paragraphsFrom } from '../core/text.js';
import type { Event } from './event.js';
import { AMOUNT_MAX, type Money } from './money.js';

/** What an organizer may set and change, and which values are valid. */

export const EVENT_NAME_CODE_POINTS_MAX = 200;
export const VENUE_CODE_POINTS_MAX = 200;
/** Every batch of the event reads it. */
export const DESCRIPTION_CODE_POINTS_MAX = 2_000;
export const IMAGE_URL_LENGTH_MAX = 1_000;

export const eventNameFrom = (name: string): string => nameFrom('name', name, EVENT_NAME_CODE_POINTS_MAX);

export interface EventTexts {
  readonly venue?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly imageUrl?: string | null | undefined;
}

/**
 * @returns the given texts as they are stored; null for an empty one
 * @throws BAD_USER_INPUT
 */
export function textsFrom({
  venue,
  description,
  imageUrl,
}: EventTexts): Partial<Pick<Event, 'venue' | 'description' | 'imageUrl'>> {
  return {
    ...(venue !== undefined && { venue: venue ? nameFrom('venue', venue, VENUE_CODE_POINTS_MAX) : null }),
    ...(description !== undefined && {
      description: description
        ? paragraphsFrom('description', description, DESCRIPTION_CODE_POINTS_MAX)
        : null,
    }),
    ...(imageUrl !== undefined && { imageUrl: imageUrl ? imageUrlFrom(imageUrl) : null }),
  };
}

function imageUrlFrom(text: string): string {
  const url = text.length <= IMAGE_URL_LENGTH_MAX && URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw badUserInput(
      'imageUrl',
      `This is an address that begins with https://, has no user name or password, and at most ${IMAGE_URL_LENGTH_MAX} characters.`,
      { max: IMAGE_URL_LENGTH_MAX },
    );
  }
  return url.href;
}

/** @throws BAD_USER_INPUT */
export function checkEventDate(eventDate: Date, now: Date): void {
  if (eventDate <= now) throw badUserInput('eventDate', 'The event must take place in the future.');
}

export interface SalesWindow {
  readonly eventDate: Date;
  readonly salesStartAt?: Date | null | undefined;
  readonly salesEndAt?: Date | null | undefined;
}

/** @throws BAD_USER_INPUT */
export function checkSalesWindow({ eventDate, salesStartAt, salesEndAt }: SalesWindow): void {
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

/**
 * @param max the server's limit
 * @throws BAD_USER_INPUT
 */
export function checkSeatLimit(seatsPerViewerMax: number | null | undefined, max: number): void {
  if (seatsPerViewerMax != null && (seatsPerViewerMax < 1 || seatsPerViewerMax > max)) {
    throw badUserInput('seatsPerViewerMax', `This is a whole number from 1 to ${max}.`, { max });
  }
}

/** A price, and its name as the client wrote it. */
export type NamedPrice = readonly [field: string, price: Money];

/**
 * @param currency of the event's other prices, if it has any
 * @throws BAD_USER_INPUT unless all have one currency
 */
export function checkPrices(prices: readonly NamedPrice[], currency?: string): void {
  let common = currency;
  for (const [field, price] of prices) {
    if (price.amount < 1 || price.amount > AMOUNT_MAX) {
      throw badUserInput(`${field}.amount`, `A price is 1 to ${AMOUNT_MAX} minor units.`, {
        max: AMOUNT_MAX,
      });
    }
    // A currency may be withdrawn while an event has it.
    if (price.currency !== currency && !isCurrency(price.currency)) throw noCurrency(field);
    common ??= price.currency;
    if (price.currency !== common) {
      throw badUserInput(
        `${field}.currency`,
        `An event has one currency, and this one has ${common} already.`,
      );
    }
  }
}

/** Says why nobody could take exactly this amount, or null. */
export type AmountProblem = (money: Money) => string | null;

/**
 * A price that is not taken exactly would leave a seat paid for too little, or too much.
 *
 * @throws BAD_USER_INPUT
 */
export function checkChargeable(prices: readonly NamedPrice[], amountProblem: AmountProblem): void {
  for (const [field, price] of prices) {
    const problem = amountProblem(price);
    if (problem !== null) throw badUserInput(`${field}.amount`, problem);
  }
}

const noCurrency = (field: string): DomainError =>
  badUserInput(`${field}.currency`, 'The currency must be an ISO 4217 code in capitals, such as USD.');
