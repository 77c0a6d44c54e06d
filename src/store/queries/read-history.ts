import type { HistoryEntry } from '../../booking/booking-reads.js';
import type { LedgerEntry } from '../../booking/ledger.js';
import { badUserInput } from '../../core/errors.js';
import type { Page, PageRequest } from '../../core/page.js';
import type { Database } from '../database.js';

/** An entry, its batch, and its place in the batch's list, whose first entry is the last one that happened. */
interface EntryRow {
  readonly turn: number;
  readonly index: number;
  readonly version: number;
  readonly at: Date;
  readonly entries: LedgerEntry;
}

/**
 * What happened to the seats of an event, newest first. MongoDB stops reading batches once the page is full.
 *
 * @param seatNumber null for all seats
 * @throws BAD_USER_INPUT for a cursor of another list
 */
export async function readHistory(
  database: Database,
  eventId: string,
  seatNumber: number | null,
  { first, after }: PageRequest,
): Promise<Page<HistoryEntry>> {
  const last = after && positionOf(after.id);
  const ofSeat = seatNumber === null ? {} : { 'entries.seatNumber': seatNumber };
  const isAfter = last && {
    $or: [{ turn: { $lt: last.turn } }, { turn: last.turn, index: { $gt: last.index } }],
  };
  const rows = await database.ledger
    .aggregate<EntryRow>([
      { $match: { eventId, ...ofSeat, ...(last && { turn: { $lte: last.turn } }) } },
      { $sort: { turn: -1 } },
      { $unwind: { path: '$entries', includeArrayIndex: 'index' } },
      { $match: { ...ofSeat, ...isAfter } },
      { $limit: first + 1 },
    ])
    .exec();
  const nodes = rows.slice(0, first).map(({ turn, index, version, at, entries }) => ({
    ...entries,
    id: `${turn}_${index}`,
    version,
    at,
  }));
  return { nodes, hasNextPage: rows.length > first };
}

function positionOf(id: string): { readonly turn: number; readonly index: number } {
  const match = /^(\d{1,15})_(\d{1,9})$/.exec(id);
  if (match === null) throw badUserInput('after', 'This cursor belongs to another list.');
  return { turn: Number(match[1]), index: Number(match[2]) };
}
