import type { HistoryEntry } from '../../booking/booking-reads.js';
import type { LedgerEntry } from '../../booking/ledger.js';
import { badUserInput } from '../../core/errors.js';
import type { Page, PageRequest } from '../../core/page.js';
import type { Database } from '../database.js';

/** Where an entry is: its batch, its place in the batch's list, and its place in a list of seats, null for a single seat. */
interface Position {
  readonly turn: number;
  readonly index: number;
  readonly seatIndex: number | null;
}

interface EntryRow extends Position {
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
  const lockId = '$entries.lockId';
  const rows = await database.ledger
    .aggregate<EntryRow>([
      { $match: { eventId, ...ofSeat, ...(last && { turn: { $lte: last.turn } }) } },
      { $sort: { turn: -1 } },
      { $unwind: { path: '$entries', includeArrayIndex: 'index' } },
      { $match: ofSeat },
      // An entry of a single seat, or of none, stays as it is.
      {
        $unwind: {
          path: '$entries.seatNumber',
          includeArrayIndex: 'seatIndex',
          preserveNullAndEmptyArrays: true,
        },
      },
      { $match: { ...ofSeat, ...(last && isAfter(last)) } },
      { $limit: first + 1 },
      {
        $set: {
          'entries.lockId': {
            $cond: [{ $isArray: lockId }, { $arrayElemAt: [lockId, '$seatIndex'] }, lockId],
          },
        },
      },
    ])
    .exec();
  const nodes = rows.slice(0, first).map(({ version, at, entries, ...position }) => ({
    ...entries,
    id: idOf(position),
    version,
    at,
  }));
  return { nodes, hasNextPage: rows.length > first };
}

/** A batch's first entry is the last one that happened, and so is the first seat of a list. */
const isAfter = ({ turn, index, seatIndex }: Position) => ({
  $or: [
    { turn: { $lt: turn } },
    { turn, index: { $gt: index } },
    ...(seatIndex === null ? [] : [{ turn, index, seatIndex: { $gt: seatIndex } }]),
  ],
});

const idOf = ({ turn, index, seatIndex }: Position): string =>
  [turn, index, ...(seatIndex === null ? [] : [seatIndex])].join('_');

/** @throws BAD_USER_INPUT for a cursor of another list */
function positionOf(id: string): Position {
  const match = /^(\d{1,15})_(\d{1,9})(?:_(\d{1,9}))?$/.exec(id);
  if (match === null) throw badUserInput('after', 'This cursor belongs to another list.');
  const [, turn, index, seatIndex] = match;
  return {
    turn: Number(turn),
    index: Number(index),
    seatIndex: seatIndex === undefined ? null : Number(seatIndex),
  };
}
