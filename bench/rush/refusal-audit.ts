import type { Version } from '../wishes/event-history.js';
import type { PlainHall } from '../wishes/plain-hall.js';

/** What one call for a party was answered: its seats, or the code of the refusal. */
export type PartyAnswer = { readonly seatNumbers: readonly number[] } | { readonly refusal: string };

/** Which calls one batch decided, in this order, as the server logged it. */
export interface LoggedBatch {
  /** The event's version after it; that of the batch before if it changed nothing. */
  readonly version: number;
  readonly correlationIds: readonly string[];
}

export const REFUSAL_CHECKS = {
  refusedWithoutNeed: 'parties refused while a fitting block was free at their decision',
  givenTwice: 'seats given to two parties',
  unlikeHistory: 'versions whose changes are not what the parties were answered',
  notDecided: 'answers of calls that no batch decided',
} as const;
export type RefusalFindings = Readonly<Record<keyof typeof REFUSAL_CHECKS, readonly string[]>>;

/**
 * Replays a sale without releases, call by call, in the order of the batches and of the calls in them, and judges each answer
 * by the seats that were free at that moment. What a batch took must be what `changes` says of its version.
 *
 * @param answers by the calls' correlation ids
 */
export function auditRefusals(
  hall: PlainHall,
  partySize: number,
  batches: readonly LoggedBatch[],
  history: readonly Version[],
  answers: ReadonlyMap<string, PartyAnswer>,
): RefusalFindings {
  const refusedWithoutNeed: string[] = [];
  const givenTwice: string[] = [];
  const unlikeHistory: string[] = [];
  const decided = new Set<string>();
  const changedBy = new Map(history.map(({ version, takenSeats }) => [version, takenSeats]));
  for (const { version, correlationIds } of [...batches].sort((a, b) => a.version - b.version)) {
    const taken: number[] = [];
    for (const id of correlationIds) {
      const answer = answers.get(id);
      if (answer === undefined) continue;
      decided.add(id);
      if ('refusal' in answer) {
        if (hall.hasBlock(partySize))
          refusedWithoutNeed.push(`${id} at version ${version}: ${answer.refusal}`);
        continue;
      }
      for (const seat of answer.seatNumbers) if (!hall.isFree(seat)) givenTwice.push(`seat ${seat} to ${id}`);
      hall.take(answer.seatNumbers);
      taken.push(...answer.seatNumbers);
    }
    // A batch that only refused has the version of the one before.
    if (taken.length === 0) continue;
    if (!areSame(taken, changedBy.get(version) ?? [])) unlikeHistory.push(`version ${version}`);
    changedBy.delete(version);
  }
  unlikeHistory.push(
    ...[...changedBy.keys()].map((version) => `version ${version}, which nobody was answered`),
  );
  const notDecided = [...answers.keys()].filter((id) => !decided.has(id));
  return { refusedWithoutNeed, givenTwice, unlikeHistory, notDecided };
}

const areSame = (some: readonly number[], others: readonly number[]): boolean =>
  some.length === others.length && new Set([...some, ...others]).size === some.length;
