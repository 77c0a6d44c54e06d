import { describe, expect, test } from 'vitest';
import { DomainError } from '../core/errors.js';
import { EVENT_ID } from '../test/booking-fixtures.js';
import { lockSeatsCommand } from './lock-seats.js';
import { type LookAtSeats, withSuggestions } from './suggest-seats.js';

const TOTAL_SEATS = 10_000;

/** An event in which these seats alone are free. */
const free =
  (...seatNumbers: number[]): LookAtSeats =>
  async (eventId, see) =>
    eventId === EVENT_ID
      ? see({ totalSeats: TOTAL_SEATS, isAvailable: (seatNumber) => seatNumbers.includes(seatNumber) })
      : null;

const lostSeats = (seatNumbers: number[]) =>
  Promise.reject(new DomainError('SEAT_UNAVAILABLE', 'Taken.', { seatNumbers }));

const detailsOf = (asked: number[], lost: number[], look: LookAtSeats) =>
  withSuggestions(lostSeats(lost), lockSeatsCommand('ann', EVENT_ID, asked), look).catch(
    (error) => error.details,
  );

describe('a lost seat', () => {
  test.each<[what: string, free: number[], suggestedSeats: number[]]>([
    [
      'is answered with the nearest, the lower one first',
      [4_998, 5_001, 4_999, 5_003],
      [4_999, 5_001, 4_998, 5_003],
    ],
    [
      'is answered with five at most',
      [4_999, 5_001, 4_998, 5_002, 4_997, 5_003],
      [4_999, 5_001, 4_998, 5_002, 4_997],
    ],
    ['is answered with one as far away as is looked', [2_500, 7_501], [2_500]],
    ['is answered with none that is farther', [2_499, 7_501], []],
  ])('%s', async (_, seatNumbers, suggestedSeats) => {
    const details = await detailsOf([5_000], [5_000], free(...seatNumbers));
    expect(details).toEqual({ seatNumbers: [5_000], suggestedSeats });
  });

  test('is not answered with one that was asked for beside it', async () => {
    expect(await detailsOf([5_000, 5_001], [5_000], free(5_001, 5_002))).toEqual({
      seatNumbers: [5_000],
      suggestedSeats: [5_002],
    });
  });

  test.each<[what: string, look: LookAtSeats]>([
    ['is not there any more', async () => null],
    ['cannot be looked at', () => Promise.reject(new Error('broken'))],
  ])('is lost all the same when the event %s', async (_, look) => {
    expect(await detailsOf([5_000], [5_000], look)).toEqual({ seatNumbers: [5_000], suggestedSeats: [] });
  });
});

const never: LookAtSeats = () => Promise.reject(new Error('Nobody is to look.'));

test.each([
  ['another refusal', new DomainError('EVENT_CLOSED', 'Closed.')],
  ['a fault', new Error('broken')],
])('%s passes through untouched', async (_, error) => {
  const answer = withSuggestions(Promise.reject(error), lockSeatsCommand('ann', EVENT_ID, [1]), never);
  await expect(answer).rejects.toBe(error);
});

test('an answer passes through untouched', async () => {
  const answer = withSuggestions(Promise.resolve([]), lockSeatsCommand('ann', EVENT_ID, [1]), never);
  await expect(answer).resolves.toEqual([]);
});
