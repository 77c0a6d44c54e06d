import type { PipelineStage } from 'mongoose';
import type { EventOrder, EventSearch } from '../../catalog/event-search.js';
import type { PagePosition } from '../../core/page.js';
import { EVENT_FIELDS, UNKNOWN_CREATION } from '../documents.js';

/** Events that have not begun, within the dates of a search, with all its words. */
export function upcomingMatch(now: Date, { words, from, to }: EventSearch): object {
  const eventDate = { $gt: now, ...(from !== null && { $gte: from }), ...(to !== null && { $lt: to }) };
  const hasWord = (word: string) => {
    const matches = { $regex: word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), $options: 'i' };
    return { $or: [{ name: matches }, { venue: matches }, { description: matches }] };
  };
  return { eventDate, ...(words.length > 0 && { $and: words.map(hasWord) }) };
}

/**
 * Computed keys, for orders without an index: MongoDB sorts all events of the search, and keeps only those of the page.
 * A cursor has an instant and an id, so a number of seats is an instant, too. While seats are sold between two pages, an
 * event may be on both or on none.
 */
const COMPUTED_KEYS: Readonly<Partial<Record<EventOrder, object>>> = {
  // Events of earlier releases have no creation date.
  newest: { $ifNull: ['$createdAt', UNKNOWN_CREATION] },
  // Nobody can have the seats of a cancelled event.
  seatsLeft: {
    $toDate: {
      $toLong: {
        $cond: [
          { $ifNull: ['$cancellation', false] },
          0,
          { $subtract: ['$availableSeats', { $ifNull: ['$heldBackSeats', 0] }] },
        ],
      },
    },
  },
};

/** Sorts events, and takes those of one page. */
export function pageStages(
  order: EventOrder,
  after: PagePosition | null,
  limit: number,
): PipelineStage.FacetPipelineStage[] {
  const computed = COMPUTED_KEYS[order];
  const [key, direction, beyond] =
    computed === undefined ? (['eventDate', 1, '$gt'] as const) : (['sortKey', -1, '$lt'] as const);
  const isAfter = after && {
    $or: [{ [key]: { [beyond]: after.at } }, { [key]: after.at, _id: { [beyond]: after.id } }],
  };
  return [
    ...(computed === undefined ? [] : [{ $addFields: { sortKey: computed } }]),
    ...(isAfter ? [{ $match: isAfter }] : []),
    { $sort: { [key]: direction, _id: direction } },
    { $limit: limit },
    { $project: { ...EVENT_FIELDS, sortKey: 0 } },
  ];
}
