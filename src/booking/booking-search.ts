import type { SeatingPlan } from '../catalog/seating-plan.js';
import { seatsNamed } from '../catalog/seats-named.js';
import { badUserInput } from '../core/errors.js';
import { eventInBookingId } from '../core/ids.js';
import { referenceFrom } from './payment-reference.js';

export const SEARCH_CHARS_MAX = 300;
/** Shorter beginnings of an address match too many. */
const EMAIL_START_CHARS_MIN = 3;

/** What an organizer looks for among the bookings of an event. A booking that matches one of these is found. */
export interface BookingSearch {
  readonly bookingId: string | null;
  /** Of the payment. */
  readonly reference: string | null;
  /** How the address for the tickets begins. */
  readonly emailStart: string | null;
  readonly seatNumbers: readonly number[];
}

/**
 * @param text the id of a booking, the reference of a payment, the beginning of an address, a place or a seat number
 * @returns null if the text is empty: then every booking is listed
 * @throws BAD_USER_INPUT
 */
export function bookingSearch(text: string, plan: SeatingPlan): BookingSearch | null {
  const wanted = text.normalize('NFC').trim();
  if (wanted.length > SEARCH_CHARS_MAX) {
    const max = SEARCH_CHARS_MAX;
    throw badUserInput('search', `A search has at most ${max} characters.`, { max });
  }
  if (wanted === '') return null;
  const isWord = !/\s/.test(wanted) && wanted.length >= EMAIL_START_CHARS_MIN;
  return {
    bookingId: eventInBookingId(wanted) === undefined ? null : wanted,
    reference: referenceFrom(wanted),
    // Addresses are stored in lower case.
    emailStart: isWord ? wanted.toLowerCase() : null,
    seatNumbers: seatsNamed(plan, wanted),
  };
}
