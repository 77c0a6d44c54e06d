import { expect, test } from 'vitest';
import type { EventEntry, LedgerEntry, SeatEntry } from '../booking/ledger.js';
import { ledgerDocument, ledgerEntriesFrom } from './ledger-documents.js';

const batch = { eventId: 'e', turn: 1, version: 1, at: new Date(0) };
const heldBack = (seatNumber: number): SeatEntry => ({
  seatNumber,
  kind: 'heldBack',
  before: 'available',
  after: 'offSale',
  lockedUntil: new Date(1),
  actor: 'organizer',
  lockId: `lock ${seatNumber}`,
  bookingId: null,
  correlationId: 'call',
});
const updated: EventEntry = {
  ...heldBack(1),
  seatNumber: null,
  kind: 'updated',
  before: null,
  after: null,
  lockedUntil: null,
  lockId: null,
};

test('the same done to many seats is one stored entry, and is read seat by seat in its order', () => {
  const entries = [7, 3, 5].map(heldBack);
  const document = ledgerDocument(batch, entries);
  expect(document.entries).toMatchObject([
    { seatNumber: [5, 3, 7], lockId: ['lock 5', 'lock 3', 'lock 7'], kind: 'heldBack' },
  ]);
  expect(ledgerEntriesFrom(document)).toEqual(entries);
});

test.each<Partial<SeatEntry>>([
  { kind: 'locked' },
  { before: 'locked' },
  { after: 'locked' },
  { lockedUntil: null },
  { lockedUntil: new Date(2) },
  { actor: 'job' },
  { bookingId: 'booking' },
  { correlationId: 'another' },
])('entries that differ in %o stay apart', (difference) => {
  const entries: LedgerEntry[] = [
    heldBack(1),
    { ...heldBack(2), ...difference },
    heldBack(3),
    updated,
    updated,
  ];
  const document = ledgerDocument(batch, entries);
  expect(document.entries).toEqual([...entries].reverse());
  expect(ledgerEntriesFrom(document)).toEqual(entries);
});
