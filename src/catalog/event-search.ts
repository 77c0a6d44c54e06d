import { badUserInput } from '../core/errors.js';

export const SEARCH_CHARS_MAX = 100;
export const SEARCH_WORDS_MAX = 8;

/** In which order upcoming events are listed. */
export type EventOrder = 'soonest' | 'newest' | 'seatsLeft';

/** Which upcoming events a list has. */
export interface EventSearch {
  /** Each is in the name, the venue or the description; case does not matter. */
  readonly words: readonly string[];
  /** Only events that begin at or after it; null: all upcoming ones. */
  readonly from: Date | null;
  /** Only events that begin before it. */
  readonly to: Date | null;
  readonly order: EventOrder;
}

/** Whether the database reads all upcoming events for a page: no index has the words of texts, or the other orders. */
export const readsAllEvents = ({ words, order }: EventSearch): boolean =>
  words.length > 0 || order !== 'soonest';

export interface EventSearchInput {
  readonly search?: string | null | undefined;
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
  readonly orderBy?: EventOrder | null | undefined;
}

/** @throws BAD_USER_INPUT */
export function eventSearch({ search, from = null, to = null, orderBy }: EventSearchInput): EventSearch {
  // Names have no control characters, and MongoDB refuses some of them.
  const text = (search ?? '')
    .normalize('NFC')
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  if ([...text].length > SEARCH_CHARS_MAX) {
    const max = SEARCH_CHARS_MAX;
    throw badUserInput('search', `A search has at most ${max} characters.`, { max });
  }
  const words = text === '' ? [] : text.split(/\s+/);
  if (words.length > SEARCH_WORDS_MAX) {
    const max = SEARCH_WORDS_MAX;
    throw badUserInput('search', `A search has at most ${max} words.`, { max });
  }
  if (from !== null && to !== null && to <= from) throw badUserInput('to', '`to` is after `from`.');
  return { words, from, to, order: orderBy ?? 'soonest' };
}
