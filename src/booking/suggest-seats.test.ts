import { describe, expect, test } from 'vitest';
import { derivedPlan } from '../catalog/seating-plan.js';
import { DomainError } from '../core/errors.js';
import { EVENT_ID, eventOf, MIXED_SECTIONS } from '../test/support/booking-fixtures.js';
import { lockSeatsCommand, SeatsTaken } from './lock-seats.js';
import { type ReadFreeSeats, withSuggestions } from './suggest-seats.js';

/** Seats 1 to 4 cost 15.00, seats 5 to 8 cost 10.00, and seats 9 to 20 have no price; each section is one row. */
const event = eventOf({ sections: MIXED_SECTIONS });
const usd = (amount: number) => ({ amount, currency: 'USD' });

const plan = async () => derivedPlan(event.sections, event.totalSeats);

/** An event in which these seats alone are free. */
const free =
  (...seatNumbers: number[]): ReadFreeSeats =>
  async (eventId, see) =>
    eventId === EVENT_ID ? see({ isAvailable: (seatNumber) => seatNumbers.includes(seatNumber) }) : null;

const detailsOf = (wanted: number[], taken: number[], read: ReadFreeSeats) =>
  withSuggestions(
    Promise.reject(new SeatsTaken(taken, event)),
    lockSeatsCommand('ann', EVENT_ID, wanted),
    read,
    plan,
  ).catch((error) => error.details);

describe('a taken seat', () => {
  test('is answered with free seats near it and with what each costs, the same price first', async () => {
    expect(await detailsOf([6], [6], free(2, 5, 8, 14))).toEqual({
      seatNumbers: [6],
      suggestedSeats: [5, 8, 2, 14],
      suggestions: [
        { seatNumber: 5, label: 'Circle, row A, seat 1', price: usd(1_000) },
        { seatNumber: 8, label: 'Circle, row A, seat 4', price: usd(1_000) },
        { seatNumber: 2, label: 'Stalls, row A, seat 2', price: usd(1_500) },
        { seatNumber: 14, label: 'Lawn, row A, seat 6', price: null },
      ],
    });
  });

  test.each([
    [[6], 'Circle, row A, seat 2 is taken.'],
    [[6, 7], 'These seats are taken: Circle, row A, seat 2; Circle, row A, seat 3.'],
  ])('%j is named by its place', async (taken, message) => {
    const answer = Promise.reject(new SeatsTaken(taken, event));
    const refused = withSuggestions(answer, lockSeatsCommand('ann', EVENT_ID, taken), free(), plan);
    await expect(refused).rejects.toThrow(message);
  });

  test('is answered with five at most', async () => {
    const { suggestedSeats } = await detailsOf([12], [12], free(9, 10, 11, 13, 14, 15, 16));
    expect(suggestedSeats).toEqual([11, 13, 10, 14, 9]);
  });

  test('is not answered with a seat that the same call wanted', async () => {
    const { suggestedSeats } = await detailsOf([12, 13], [12], free(13, 14));
    expect(suggestedSeats).toEqual([14]);
  });

  test.each<[what: string, read: ReadFreeSeats]>([
    ['is not there any more', async () => null],
    ['cannot be read', () => Promise.reject(new Error('broken'))],
  ])('is refused without suggestions if the event %s', async (_, read) => {
    expect(await detailsOf([5], [5], read)).toEqual({
      seatNumbers: [5],
      suggestedSeats: [],
      suggestions: [],
    });
  });
});

const never: ReadFreeSeats = () => Promise.reject(new Error('This must not be read.'));

test.each([
  ['another refusal', new DomainError('EVENT_CLOSED', 'Closed.')],
  ['a fault', new Error('broken')],
])('%s passes through untouched', async (_, error) => {
  const answer = withSuggestions(Promise.reject(error), lockSeatsCommand('ann', EVENT_ID, [1]), never, plan);
  await expect(answer).rejects.toBe(error);
});

test('an answer passes through untouched', async () => {
  const answer = withSuggestions(Promise.resolve([]), lockSeatsCommand('ann', EVENT_ID, [1]), never, plan);
  await expect(answer).resolves.toEqual([]);
});
