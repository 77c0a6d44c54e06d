import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearestFreeSeats, SUGGESTED_SEATS_MAX, seatAvailability } from './availability.js';

test('available, locked and booked seats are all seats', () => {
  expect(seatAvailability(100, 7, 20)).toEqual({
    totalSeats: 100,
    availableSeats: 73,
    lockedSeats: 7,
    bookedSeats: 20,
  });
});

describe('the free seats nearest to a lost one', () => {
  test.each<
    [
      what: string,
      lost: number[],
      total: number,
      taken: number[],
      asked: number[],
      reach: number,
      found: number[],
    ]
  >([
    ['are on both sides of it, the lower one first', [10], 20, [], [], 20, [9, 11, 8, 12, 7]],
    ['are no more than are suggested', [50], 100, [], [], 100, [49, 51, 48, 52, 47]],
    ['begin at the first seat', [1], 20, [], [], 20, [2, 3, 4, 5, 6]],
    ['end at the last seat', [20], 20, [], [], 20, [19, 18, 17, 16, 15]],
    ['are free', [10], 20, [9, 12, 13], [], 20, [11, 8, 7, 6, 14]],
    ['are not those that were asked for', [10], 20, [], [10, 9, 11], 20, [8, 12, 7, 13, 6]],
    ['are fewer where there are no more', [2], 4, [4], [], 4, [1, 3]],
    ['are none where all are taken', [2], 3, [1, 3], [], 3, []],
    ['are none in an event of one seat', [1], 1, [], [], 1, []],
    ['lie within reach', [10], 20, [], [], 2, [9, 11, 8, 12]],
    ['are sought around every lost seat', [5, 15], 20, [], [5, 15], 20, [4, 6, 14, 16, 3]],
    ['are sought past its lost neighbours', [5, 6, 7], 20, [], [5, 6, 7], 20, [4, 8, 3, 9, 2]],
    ['are found once where two lost seats are as near', [5, 7], 20, [], [5, 7], 20, [4, 6, 8, 3, 9]],
    ['do not depend on the order of the lost', [15, 5], 20, [], [5, 15], 20, [4, 6, 14, 16, 3]],
    ['are sought past seats of the caller’s own', [10], 20, [], [10, 11, 12], 20, [9, 8, 7, 13, 6]],
  ])('%s', (_, lost, total, taken, asked, reach, found) => {
    const isFree = (seat: number) => !taken.includes(seat) && !lost.includes(seat);
    expect(nearestFreeSeats(lost, total, isFree, new Set(asked), reach)).toEqual(found);
    expect(found.length).toBeLessThanOrEqual(SUGGESTED_SEATS_MAX);
  });

  test('are those that a look at all of the seats would find', () => {
    const seats = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 25 });
    fc.assert(
      fc.property(seats, seats, fc.integer({ min: 1, max: 30 }), (lost, taken, reach) => {
        const isFree = (seat: number) => !taken.includes(seat);
        const away = (seat: number) => Math.min(...lost.map((each) => Math.abs(each - seat)));
        const all = Array.from({ length: 30 }, (_, index) => index + 1);
        const near = all.filter((seat) => isFree(seat) && !lost.includes(seat) && away(seat) <= reach);
        const nearest = near.sort((a, b) => away(a) - away(b) || a - b).slice(0, SUGGESTED_SEATS_MAX);
        expect(nearestFreeSeats(lost, 30, isFree, new Set(lost), reach)).toEqual(nearest);
      }),
    );
  });

  test('are sought without looking at any seat twice, however many were lost', () => {
    const lost = Array.from({ length: 100 }, (_, index) => 500 * (index + 1));
    let looks = 0;
    const isFree = () => {
      looks += 1;
      return false;
    };
    expect(nearestFreeSeats(lost, 100_000, isFree, new Set(lost), 100_000)).toEqual([]);
    expect(looks).toBe(100_000 - lost.length);
  });
});
