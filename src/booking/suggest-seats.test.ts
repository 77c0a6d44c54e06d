import { describe, expect, test } from 'vitest';
import { DomainError } from '../core/errors.js';
import { EVENT_ID, NOW } from '../test/booking-fixtures.js';
import { seatAvailability } from './availability.js';
import { lockSeatsCommand } from './lock-seats.js';
import type { BookingReads } from './reads.js';
import { withSuggestions } from './suggest-seats.js';

/** Reads of an event in which these seats alone are free; every range that is asked for is kept. */
function readsOf(totalSeats: number, isFree: (seatNumber: number) => boolean) {
  const ranges: [from: number, to: number][] = [];
  const all = Array.from({ length: totalSeats }, (_, index) => index + 1);
  const reads: Pick<BookingReads, 'availability' | 'heldSeats'> = {
    availability: async () => [seatAvailability(totalSeats, all.filter((seat) => !isFree(seat)).length, 0)],
    heldSeats: async (_, from, to) => {
      ranges.push([from, to]);
      return all.filter((seat) => seat >= from && seat <= to && !isFree(seat));
    },
  };
  return { reads: reads as BookingReads, ranges };
}

const lostSeats = (seatNumbers: number[]) =>
  Promise.reject(new DomainError('SEAT_UNAVAILABLE', 'Taken.', { seatNumbers }));

async function suggested(answer: Promise<never>, totalSeats: number, isFree: (seat: number) => boolean) {
  const command = lockSeatsCommand('ann', EVENT_ID, [5_000]);
  const { reads, ranges } = readsOf(totalSeats, isFree);
  const asked = withSuggestions(answer, command, reads, undefined, NOW).catch((error) => error.details);
  return { details: await asked, ranges };
}

describe('a lost seat', () => {
  test.each<[what: string, free: number[], suggestedSeats: number[], ranges: number]>([
    ['near free ones is answered from its neighbourhood', [4_975, 5_025], [4_975, 5_025], 1],
    ['near too few is answered from farther as well', [4_975, 5_025, 5_026], [4_975, 5_025, 5_026], 2],
    ['with none near is answered from farther', [4_750, 5_250], [4_750, 5_250], 2],
    ['with none in the wider circle is answered from the widest', [2_500, 7_501], [2_500], 3],
    ['with none in the widest is answered with none', [2_499, 7_501], [], 3],
  ])('%s', async (_, free, suggestedSeats, asked) => {
    const { details, ranges } = await suggested(lostSeats([5_000]), 10_000, (seat) => free.includes(seat));
    expect(details).toEqual({ seatNumbers: [5_000], suggestedSeats });
    expect(ranges.length).toBe(asked);
  });

  test('of a sold-out event costs no look at its seats', async () => {
    const { details, ranges } = await suggested(lostSeats([5_000]), 10_000, () => false);
    expect(details.suggestedSeats).toEqual([]);
    expect(ranges).toEqual([]);
  });

  test('beside another one asks for every seat once', async () => {
    const { ranges } = await suggested(lostSeats([90, 10, 60, 5]), 100, (seat) => seat === 11 || seat === 95);
    expect(ranges).toEqual([[1, 100]]);
    const apart = await suggested(lostSeats([100, 10]), 120, (seat) => seat === 11);
    expect(apart.ranges).toEqual([
      [1, 35],
      [75, 120],
    ]);
  });

  test.each([
    [2_500, [2_500]],
    [2_499, []],
  ])(
    'is answered from a watched map, to the same reach, without the database: seat %i',
    async (free, found) => {
      const map = { totalSeats: 10_000, isAvailable: (seat: number) => seat === free };
      const command = lockSeatsCommand('ann', EVENT_ID, [5_000]);
      const refusal = await withSuggestions(lostSeats([5_000]), command, {} as BookingReads, map, NOW).catch(
        (error) => error,
      );
      expect(refusal).toMatchObject({ code: 'SEAT_UNAVAILABLE', details: { suggestedSeats: found } });
    },
  );
});

test.each([
  ['another refusal', new DomainError('EVENT_CLOSED', 'Closed.')],
  ['a fault', new Error('broken')],
])('%s passes through untouched', async (_, error) => {
  const command = lockSeatsCommand('ann', EVENT_ID, [1]);
  const answer = withSuggestions(Promise.reject(error), command, {} as BookingReads, undefined, NOW);
  await expect(answer).rejects.toBe(error);
});

test('an answer passes through untouched', async () => {
  const command = lockSeatsCommand('ann', EVENT_ID, [1]);
  const answer = withSuggestions(Promise.resolve([]), command, {} as BookingReads, undefined, NOW);
  await expect(answer).resolves.toEqual([]);
});
