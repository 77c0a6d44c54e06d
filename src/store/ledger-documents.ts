import { isOfSeat, type LedgerEntry, type SeatEntry } from '../booking/ledger.js';
import type { LedgerDocument, LedgerEntryDocument } from './models/ledger.model.js';

/**
 * What a batch did, as it is stored: the last entry first. Entries that follow each other and differ in nothing but their
 * seat and lock are stored as one, with a list of both. Thousands of held-back seats then take a quarter of the bytes.
 *
 * @param entries in the order in which they happened
 */
export function ledgerDocument(
  batch: Omit<LedgerDocument, 'entries'>,
  entries: readonly LedgerEntry[],
): LedgerDocument {
  const groups: [LedgerEntry, ...LedgerEntry[]][] = [];
  for (const entry of [...entries].reverse()) {
    const last = groups.at(-1);
    if (last !== undefined && isSameButSeat(last[0], entry)) last.push(entry);
    else groups.push([entry]);
  }
  return { ...batch, entries: groups.map(merged) };
}

/** The entries of a batch, in the order in which they happened. */
export function ledgerEntriesFrom({ entries }: Pick<LedgerDocument, 'entries'>): LedgerEntry[] {
  return entries.flatMap(separated).reverse();
}

function merged(group: readonly [LedgerEntry, ...LedgerEntry[]]): LedgerEntryDocument {
  const [first, ...others] = group;
  if (others.length === 0) return first;
  const ofSeats = group as readonly LedgerEntry[] as readonly SeatEntry[];
  return {
    ...first,
    seatNumber: ofSeats.map(({ seatNumber }) => seatNumber),
    lockId: ofSeats.map(({ lockId }) => lockId),
  };
}

function separated(stored: LedgerEntryDocument): LedgerEntry[] {
  const { seatNumber, lockId } = stored;
  if (!Array.isArray(seatNumber) || !Array.isArray(lockId)) return [stored as LedgerEntry];
  return seatNumber.map(
    (seat, index) => ({ ...stored, seatNumber: seat, lockId: lockId[index] }) as SeatEntry,
  );
}

const isSameButSeat = (one: LedgerEntry, other: LedgerEntry): boolean =>
  isOfSeat(one) &&
  isOfSeat(other) &&
  one.kind === other.kind &&
  one.before === other.before &&
  one.after === other.after &&
  one.lockedUntil?.getTime() === other.lockedUntil?.getTime() &&
  one.actor === other.actor &&
  one.bookingId === other.bookingId &&
  one.correlationId === other.correlationId;
