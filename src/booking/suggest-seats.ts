import { DomainError } from '../core/errors.js';
import { nearestFreeSeats, SUGGESTED_SEATS_MAX } from './availability.js';
import type { LockSeats } from './commands.js';
import type { Lock } from './lock.js';
import type { BookingReads } from './reads.js';

/** Farther from a lost seat nobody is offered one: a nearly sold-out hall is not searched from end to end. */
const REACH_MAX = 2_500;
/** How far around a lost seat the database is asked, near first. */
const REACHES = [25, 250, REACH_MAX] as const;

/** A map in memory that can tell free seats without the database. */
export interface FreeSeats {
  readonly totalSeats: number;
  isAvailable(seatNumber: number): boolean;
}

/**
 * Answers a lost seat with the free ones nearest to it. After the decision and outside of it: a suggestion is worth
 * no transaction, and may be gone by the time it is read.
 */
export async function withSuggestions(
  answer: Promise<readonly Lock[]>,
  command: LockSeats,
  reads: BookingReads,
  watchedMap: FreeSeats | undefined,
  now: Date,
): Promise<readonly Lock[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'SEAT_UNAVAILABLE') throw error;
    const lost = error.details.seatNumbers as readonly number[];
    // Whatever keeps the suggestions from being read, the seat is lost all the same, and that is the answer.
    const suggestedSeats = await suggest(command, lost, reads, watchedMap, now).catch(() => []);
    throw new DomainError(error.code, error.message, { ...error.details, suggestedSeats });
  }
}

async function suggest(
  { eventId, seatNumbers }: LockSeats,
  lost: readonly number[],
  reads: BookingReads,
  watchedMap: FreeSeats | undefined,
  now: Date,
): Promise<number[]> {
  const notThese = new Set(seatNumbers);
  if (watchedMap !== undefined) {
    const isFree = (seatNumber: number) => watchedMap.isAvailable(seatNumber);
    return nearestFreeSeats(lost, watchedMap.totalSeats, isFree, notThese, REACH_MAX);
  }
  const [availability] = await reads.availability([eventId], now);
  if (availability == null || availability.availableSeats === 0) return [];
  const { totalSeats } = availability;
  let suggested: number[] = [];
  for (const reach of REACHES) {
    const held = new Set<number>();
    for (const { from, to } of around(lost, reach, totalSeats)) {
      for (const seatNumber of await reads.heldSeats(eventId, from, to, now)) held.add(seatNumber);
    }
    suggested = nearestFreeSeats(lost, totalSeats, (seat) => !held.has(seat), notThese, reach);
    if (suggested.length >= Math.min(SUGGESTED_SEATS_MAX, availability.availableSeats)) return suggested;
  }
  return suggested;
}

/** The ranges of seats that lie within reach of the lost ones, without overlap. */
function around(lost: readonly number[], reach: number, totalSeats: number): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const seatNumber of [...lost].sort((a, b) => a - b)) {
    const from = Math.max(1, seatNumber - reach);
    const to = Math.min(totalSeats, seatNumber + reach);
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else ranges.push({ from, to });
  }
  return ranges;
}
